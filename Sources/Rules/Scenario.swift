/// A file of scenarios: dated events, a question and what is expected, under one policy.
public struct ScenarioFile: Sendable {
    /// The policy that the file names.
    public let policy: Policy
    /// In the file's order.
    public let scenarios: [Scenario]

    /// The most scenarios in a file.
    public static let scenariosMax = 50_000
    /// The most events of one scenario.
    public static let eventsMax = 10_000

    /// Reads a scenario file.
    ///
    /// `policy` is called with the file's word for its policy: a shipped name or a path relative to the scenario file.
    ///
    /// Throws the first thing that is wrong, with file, line and path.
    public init(
        parsing text: String, file: String, policy load: (String) throws(FileError) -> Policy
    ) throws(FileError) {
        let top = try YAMLValue.document(text, file: file, limits: .scenarios).mapping(["policy", "scenarios"])
        policy = try load(try top.required("policy").text())
        var scenarios: [Scenario] = []
        for item in try top.required("scenarios").list(max: Self.scenariosMax) {
            scenarios.append(try Scenario(item, under: policy))
        }
        self.scenarios = scenarios
    }
}

/// One "what if": what happened, what is asked, and what is expected.
public struct Scenario: Sendable {
    /// What it shows, in the file's words.
    public let name: String
    /// In which line of its file it begins.
    public let line: Int
    private let timeline: [DatedEvent]
    private let ask: Ask
    private let expectations: [Expectation]

    private struct DatedEvent {
        let at: Instant
        let event: Event
        let controller: Slug
    }

    private struct Ask {
        let question: Question
        let controller: Slug
        let at: Instant
    }

    /// One key of `expect`; nil is `null`.
    private struct Expectation {
        let key: OutcomeKey
        let value: String?
    }

    fileprivate init(_ item: YAMLValue, under policy: Policy) throws(FileError) {
        let fields = try item.mapping(["name", "timeline", "ask", "expect"])
        name = try fields.required("name").text()
        line = item.line ?? 1
        var timeline: [DatedEvent] = []
        for event in try fields.required("timeline").list(max: ScenarioFile.eventsMax) {
            timeline.append(try Self.event(event, under: policy))
        }
        self.timeline = timeline
        ask = try Self.ask(try fields.required("ask"), under: policy)
        expectations = try Self.expectations(try fields.required("expect"))
    }

    private static func event(_ item: YAMLValue, under policy: Policy) throws(FileError) -> DatedEvent {
        var words: [String: String] = [:]
        var places: [String: YAMLValue] = [:]
        for (key, value) in try item.fields() {
            places[key] = value
            if !value.isNull { words[key] = try value.text() }
        }
        guard let name = places["event"] else { throw item.error("'event' is missing") }
        guard let at = places["at"] else { throw item.error("'at' is missing") }
        let controller = try places["controller"].map { value throws(FileError) in
            try self.controller(value, under: policy)
        }
        for own in ["at", "event", "controller"] { words[own] = nil }
        do {
            let event = try Event(name.word(Event.Name.self), fields: words, under: policy)
            return DatedEvent(at: try at.instant(), event: event, controller: controller ?? policy.controllers[0].id)
        } catch let error as EventError {
            throw (places[error.field] ?? item).error(error.problem)
        } catch let error as FileError {
            throw error
        } catch {
            throw item.error("cannot be read")
        }
    }

    private static func controller(_ value: YAMLValue, under policy: Policy) throws(FileError) -> Slug {
        let id = try value.slug()
        guard policy.controller(id) != nil else {
            let known = policy.controllers.map(\.id.text)
            throw value.error("unknown controller '\(id)'; \(knownWords(known, insteadOf: id.text))")
        }
        return id
    }

    private static func ask(_ item: YAMLValue, under policy: Policy) throws(FileError) -> Ask {
        let fields = try item.mapping(["purpose", "topic", "at", "address", "controller"])
        let text = try fields.optional("address")?.text() ?? defaultAddress
        let address: Address
        do {
            address = try Address(parsing: text)
        } catch {
            throw (fields.optional("address") ?? item).error(error.sentence)
        }
        let topic = try fields.optional("topic")?.slug()
        let purpose = try fields.required("purpose")
        let question: Question
        do {
            question = try Question(
                purpose: try purpose.slug(), topic: topic, address: address.isRole ? .role : .named, under: policy)
        } catch let error as UnknownName {
            let isTopic = if case .topic = error.what { true } else { false }
            throw (isTopic ? fields.optional("topic") ?? item : purpose).error(error.description)
        } catch let error as FileError {
            throw error
        } catch {
            throw item.error("cannot be read")
        }
        let controller = try fields.optional("controller").map { value throws(FileError) in
            try self.controller(value, under: policy)
        }
        return Ask(
            question: question, controller: controller ?? policy.controllers[0].id,
            at: try fields.required("at").instant())
    }

    private static let defaultAddress = "kari.nordmann@firma.example"

    private static func expectations(_ item: YAMLValue) throws(FileError) -> [Expectation] {
        let known = OutcomeKey.allCases.map(\.rawValue)
        let fields = try item.mapping(known)
        var expectations: [Expectation] = []
        for key in OutcomeKey.allCases {
            guard let value = fields.value(key.rawValue) else { continue }
            expectations.append(Expectation(key: key, value: value.isNull ? nil : try key.normalised(value)))
        }
        return expectations
    }
}

/// What a scenario may expect.
private enum OutcomeKey: String, CaseIterable {
    case eligible, reason, ground, basis, until, kept
    case keepUntil = "keep-until"

    /// The expected word in the form in which the outcome is written, or the error that says what is allowed.
    func normalised(_ value: YAMLValue) throws(FileError) -> String {
        switch self {
        case .eligible, .kept:
            guard ["true", "false"].contains(try value.text()) else { throw value.error("must be true or false") }
            return try value.text()
        case .until, .keepUntil: return try value.instant().description
        case .reason:
            let known = Verdict.Reason.allCodes
            guard known.contains(try value.text()) else {
                throw value.error("unknown reason; \(knownWords(known, insteadOf: try value.text()))")
            }
            return try value.text()
        case .basis:
            let known = Basis.allCases.map(\.article)
            guard known.contains(try value.text()) else {
                throw value.error("unknown basis; \(knownWords(known, insteadOf: try value.text()))")
            }
            return try value.text()
        case .ground: return try value.slug().text
        }
    }
}

extension Scenario {
    /// How a scenario came out.
    public enum Outcome: Hashable, Sendable {
        case passed
        /// What was expected and what came, key by key, only where they differ.
        case failed(expected: String, got: String)
    }

    /// Replays the events and compares the answer with what is expected.
    public func run(under policy: Policy) -> Outcome {
        let got = answer(under: policy)
        let wrong = expectations.filter { $0.value != got[$0.key] ?? nil }
        guard !wrong.isEmpty else { return .passed }
        return .failed(
            expected: wrong.map { "\($0.key.rawValue): \($0.value ?? "null")" }.joined(separator: ", "),
            got: wrong.map { "\($0.key.rawValue): \((got[$0.key] ?? nil) ?? "null")" }.joined(separator: ", "))
    }

    private func answer(under policy: Policy) -> [OutcomeKey: String?] {
        guard ask.at >= policy.effective else {
            return [.eligible: String(false), .reason: Verdict.Reason.noPolicyCode]
        }
        let facts = Facts(
            replaying: timeline.map { ($0.at, $0.event, $0.controller) }, for: ask.controller, under: policy)
        let verdict = decide(ask.question, from: facts, under: policy, at: ask.at)
        let keeping = keepUntil(facts, address: ask.question.address, under: policy, at: ask.at)
        return [
            .eligible: String(verdict.isEligible), .reason: verdict.reason.code, .ground: verdict.ground?.id.text,
            .basis: verdict.basis?.article, .until: verdict.until?.description, .kept: String(keeping.isKept),
            .keepUntil: keeping.until?.description,
        ]
    }
}

extension Facts {
    /// The facts at one controller of a policy, from events at all of its controllers: the controller's own, and the
    /// group-wide entries of every one.
    public init(
        replaying events: [(at: Instant, event: Event, controller: Slug)], for controller: Slug, under policy: Policy
    ) {
        self.init()
        for (at, event, origin) in events {
            for fact in event.facts(at: at, under: policy) {
                if fact.isGroupWide { group.append(fact) } else if origin == controller { own.append(fact) }
            }
        }
    }
}

extension Fact {
    /// Whether the fact binds every controller of the group: an entry of that scope.
    public var isGroupWide: Bool {
        if case .entry(let entry) = kind { entry.reach == .group } else { false }
    }
}

extension Verdict.Reason {
    /// What stands in the place of a reason before the policy's first date of effect: no answer.
    static let noPolicyCode = "no-policy"

    fileprivate static var allCodes: [String] {
        let others: [Verdict.Reason] = [
            .restricted, .leftOrganisation, .bounced, .groundHolds, .retentionExpired, .consentPending,
            .consentMissing, .noGround, .unknownAddress,
        ]
        return EntryReason.allCases.map(\.rawValue) + others.map(\.code) + [noPolicyCode]
    }
}
