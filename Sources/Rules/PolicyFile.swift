extension Policy {
    /// The most purposes, grounds of a purpose, topics, controllers or recipients that a policy may have.
    public static let itemsMax = 256
    /// The most steps one question may take through grounds and the purposes they lean on.
    static let decisionStepsMax = 10_000

    /// Reads and checks one version of a policy.
    ///
    /// Throws the first thing that is wrong, with file, line, path and what is allowed.
    public convenience init(parsing text: String, file: String) throws(FileError) {
        let top = try YAMLValue.document(text, file: file, limits: .policy).mapping([
            "policy", "version", "effective", "controllers", "default-scope", "default-purpose", "aliases",
            "double-opt-in", "purposes", "recipients",
        ])
        let (purposes, places) = try Self.purposes(top.required("purposes"))
        self.init(
            name: try top.required("policy").slug(), version: try top.required("version").number(in: 1...1_000_000),
            effective: try top.required("effective").instant(),
            controllers: try Self.controllers(top.required("controllers")),
            defaultScope: try top.required("default-scope").word(Scope.self),
            defaultPurpose: try Self.defaultPurpose(top, among: purposes), purposes: purposes,
            recipients: try Self.recipients(top.optional("recipients")),
            doubleOptInKeep: try Self.doubleOptInKeep(top.optional("double-opt-in")),
            aliases: try top.optional("aliases")?.word(AliasRule.self) ?? .suppress)
        try Self.checkConditions(of: purposes, at: places)
    }

    private static func controllers(_ value: YAMLValue) throws(FileError) -> [Controller] {
        var controllers: [Controller] = []
        for item in try value.list(max: itemsMax) {
            let fields = try item.mapping([
                "id", "name", "number", "country", "time-zone", "authority", "languages", "contact",
            ])
            let id = try fields.required("id").slug()
            guard !controllers.contains(where: { $0.id == id }) else {
                throw item.error("controller '\(id)' stands twice")
            }
            var languages: [String] = []
            for language in try fields.optional("languages")?.list(max: itemsMax) ?? [] {
                languages.append(try language.languageTag())
            }
            controllers.append(
                Controller(
                    id: id, name: try fields.required("name").name(), number: try fields.optional("number")?.name(),
                    country: try fields.optional("country")?.country(),
                    timeZone: try fields.optional("time-zone")?.name(),
                    authority: try fields.optional("authority")?.name(), languages: languages,
                    contact: try fields.optional("contact")?.contact() ?? ControllerContact()))
        }
        guard !controllers.isEmpty else { throw value.error("a policy needs at least one controller") }
        return controllers
    }

    private static func recipients(_ value: YAMLValue?) throws(FileError) -> [Recipient] {
        guard let value else { return [] }
        var recipients: [Recipient] = []
        for item in try value.list(max: itemsMax) {
            let fields = try item.mapping(["id", "name", "country", "safeguard"])
            let id = try fields.required("id").slug()
            guard !recipients.contains(where: { $0.id == id }) else {
                throw item.error("recipient '\(id)' stands twice")
            }
            recipients.append(
                Recipient(
                    id: id, name: try fields.required("name").name(),
                    country: try fields.optional("country")?.country(),
                    safeguard: try fields.optional("safeguard")?.name()))
        }
        return recipients
    }

    private static func doubleOptInKeep(_ value: YAMLValue?) throws(FileError) -> Period {
        guard let value else { return .unconfirmedConsentDefault }
        return try value.mapping(["keep"]).required("keep").period()
    }

    private static func defaultPurpose(_ top: YAMLMapping, among purposes: [Purpose]) throws(FileError) -> Slug {
        guard let first = purposes.first(where: { $0.kind == .marketing }) else {
            throw try top.required("purposes").error("a policy needs at least one purpose of kind marketing")
        }
        guard let value = top.optional("default-purpose") else { return first.id }
        let id = try value.slug()
        guard purposes.contains(where: { $0.id == id }) else {
            throw value.error("unknown purpose '\(id)'; \(knownWords(purposes.map(\.id.text), insteadOf: id.text))")
        }
        return id
    }

    private static func purposes(_ value: YAMLValue) throws(FileError) -> ([Purpose], [Slug: [YAMLValue]]) {
        var purposes: [Purpose] = []
        var places: [Slug: [YAMLValue]] = [:]
        let entries = try value.fields()
        guard entries.count <= itemsMax else {
            throw value.error("has \(entries.count) purposes; at most \(itemsMax) are allowed")
        }
        for (key, item) in entries {
            guard let id = Slug(key) else { throw item.error("'\(key)' is no name: \(Slug.allowed)") }
            guard key != Relation.customer.rawValue, key != Relation.openQuestion.rawValue else {
                throw item.error("a purpose cannot be named '\(key)': 'while: \(key)' means the relation of that name")
            }
            let fields = try item.mapping(["kind", "topics", "grounds"])
            let grounds = try fields.required("grounds").list(max: itemsMax)
            places[id] = grounds
            purposes.append(
                Purpose(
                    id: id, kind: try fields.required("kind").word(Purpose.Kind.self),
                    topics: try topics(fields.optional("topics")),
                    grounds: try self.grounds(grounds, of: try fields.required("grounds"))))
        }
        return (purposes, places)
    }

    private static func topics(_ value: YAMLValue?) throws(FileError) -> [Slug] {
        var topics: [Slug] = []
        for item in try value?.list(max: itemsMax) ?? [] {
            let topic = try item.slug()
            guard !topics.contains(topic) else { throw item.error("topic '\(topic)' stands twice") }
            topics.append(topic)
        }
        return topics
    }

    private static func grounds(_ items: [YAMLValue], of list: YAMLValue) throws(FileError) -> [Ground] {
        guard !items.isEmpty else { throw list.error("a purpose needs at least one ground") }
        var grounds: [Ground] = []
        for item in items {
            let ground = try self.ground(item)
            guard !grounds.contains(where: { $0.id == ground.id }) else {
                throw item.error("ground '\(ground.id)' stands twice in this purpose")
            }
            grounds.append(ground)
        }
        return grounds
    }

    private static func ground(_ item: YAMLValue) throws(FileError) -> Ground {
        let fields = try item.mapping(["id", "basis", "while", "for", "from", "given"])
        let basis = try fields.required("basis").word(Basis.self)
        let condition: Ground.While? =
            switch try fields.optional("while")?.slug() {
            case nil: nil
            case .some(let id): Relation(rawValue: id.text).map(\.condition) ?? .purpose(id)
            }
        var given: [Ground.Given] = []
        for word in try fields.optional("given")?.list(max: itemsMax) ?? [] {
            given.append(try word.word(Ground.Given.self))
        }
        let window = try self.window(fields)
        if basis != .consent, window == nil, condition == nil {
            throw item.error(
                "a ground on \(basis.rawValue) needs an end: say how long with 'for' and 'from', or 'while'")
        }
        return Ground(
            id: try fields.required("id").slug(), basis: basis, condition: condition, window: window, given: given)
    }

    private static func window(_ fields: YAMLMapping) throws(FileError) -> Ground.Window? {
        switch (fields.optional("for"), fields.optional("from")) {
        case (nil, nil): return nil
        case (.some, nil): throw fields.place.error("'for' needs 'from': what the time runs from")
        case (nil, .some): throw fields.place.error("'from' needs 'for': how long the time is")
        case (.some(let period), .some(let from)):
            return Ground.Window(period: try period.period(), from: try from.word(Ground.Start.self))
        }
    }

    /// Refuses a `while` that names no purpose, runs in a circle, or makes one question too much work.
    private static func checkConditions(of purposes: [Purpose], at places: [Slug: [YAMLValue]]) throws(FileError) {
        var steps: [Slug: Int] = [:]
        var open: [Slug] = []

        func visit(_ purpose: Purpose) throws(FileError) -> Int {
            if let known = steps[purpose.id] { return known }
            open.append(purpose.id)
            var sum = 1
            for (ground, place) in zip(purpose.grounds, places[purpose.id] ?? []) {
                sum += 1
                guard case .purpose(let id) = ground.condition else { continue }
                guard let target = purposes.first(where: { $0.id == id }) else {
                    let known = Relation.allCases.map(\.rawValue) + purposes.map(\.id.text)
                    throw place.error("'while: \(id)' names nothing; \(knownWords(known, insteadOf: id.text))")
                }
                guard !open.contains(id) else {
                    throw place.error(
                        "'while: \(id)' runs in a circle: \((open + [id]).map(\.text).joined(separator: " → "))")
                }
                sum += try visit(target)
                guard sum <= decisionStepsMax else {
                    throw place.error("leans on too many other grounds: more than \(decisionStepsMax) steps")
                }
            }
            open.removeLast()
            steps[purpose.id] = sum
            return sum
        }
        for purpose in purposes { _ = try visit(purpose) }
    }

    /// The relations that `while` names beside purposes.
    private enum Relation: String, CaseIterable {
        case customer
        case openQuestion = "open-question"

        var condition: Ground.While {
            switch self {
            case .customer: .customer
            case .openQuestion: .openQuestion
            }
        }
    }
}

extension YAMLValue {
    fileprivate func contact() throws(FileError) -> ControllerContact {
        let fields = try mapping(["email", "address", "url", "privacy-policy"])
        return ControllerContact(
            email: try fields.optional("email")?.emailAddress(), address: try fields.optional("address")?.name(),
            url: try fields.optional("url")?.webAddress(),
            privacyPolicy: try fields.optional("privacy-policy")?.webAddress())
    }

    /// As it is written, once it is known to be an address.
    private func emailAddress() throws(FileError) -> String {
        let written = try name()
        do throws(AddressError) {
            _ = try Address(parsing: written)
            return written
        } catch {
            throw self.error("is no email address: \(error.sentence)")
        }
    }

    /// A link that recipients may be shown: nothing but https, and no letter that would end an attribute.
    private func webAddress() throws(FileError) -> String {
        let written = try name()
        let host = written.dropFirst(Self.webScheme.count)
        guard written.hasPrefix(Self.webScheme), host.first.map({ $0.isLetter || $0.isNumber }) ?? false,
            written.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !Self.webOctetsBarred.contains($0) })
        else { throw error("'\(written)' is no web address: https://HOST/PATH in ASCII, without spaces, is allowed") }
        return written
    }

    private static let webScheme = "https://"
    private static let webOctetsBarred = Array("\"'<>\\^`{|}".utf8)

    /// The longest name of a company, number or authority, in bytes.
    private static let nameBytesMax = 200

    fileprivate func name() throws(FileError) -> String {
        let name = try text()
        guard (1...Self.nameBytesMax).contains(name.utf8.count),
            !name.unicodeScalars.contains(where: { $0.value < 0x20 })
        else { throw error("must be 1 to \(Self.nameBytesMax) bytes of text on one line") }
        return name
    }

    fileprivate func country() throws(FileError) -> String {
        let code = try text()
        guard code.utf8.count == 2, code.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw error("'\(code)' is no country: two capital letters of ISO 3166-1, as SE, are allowed")
        }
        return code
    }

    fileprivate func languageTag() throws(FileError) -> String {
        let tag = try text()
        let parts = tag.split(separator: "-", omittingEmptySubsequences: false)
        let isTag = parts.allSatisfy { part in
            (1...8).contains(part.utf8.count) && part.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
        }
        guard isTag, let language = parts.first, (2...3).contains(language.utf8.count),
            language.utf8.allSatisfy({ (0x61...0x7A).contains($0) })
        else { throw error("'\(tag)' is no language: a tag of BCP 47, as nb or en-GB, is allowed") }
        return tag
    }

    private func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}
