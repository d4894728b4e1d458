import Formats
import Rules
import Store
import Synchronization

/// A list on its way in, from the body of a request.
enum ImportUpload {
    static func answer(_ call: Call, _ streams: Streams) async throws(Problem) -> Answer {
        guard let stream = call.stream else { throw .ours("a stream without a body") }
        let order = try ImportRequest(call, stream)
        guard let place = streams.place(for: try call.access().controller.id) else {
            throw Problem(
                .tooManyStreams,
                "\(streams.underWay) streams are under way; send the same request again later.")
        }
        defer { withExtendedLifetime(place) {} }
        let access = try call.access()
        let reception: ImportReception
        do throws(StoreError) {
            reception = try await call.store.openImport(order.opening, worker: worker, by: access)
        } catch {
            throw Problem(error)
        }
        let (id, isRepeated) = try await take(
            reception, order, stream, call, secondsMax: streams.limits.stallSecondsMax)
        let record = try await ImportAPI.record(id, call)
        return .json(202) { writer in
            record.write(to: &writer)
            writer.member("repeated", isRepeated)
        }
    }

    /// Names who receives an upload, in the import's lease: the import itself is its own.
    private static let worker = "upload"

    private static func take(
        _ reception: ImportReception, _ order: ImportRequest, _ stream: BodyStream, _ call: Call, secondsMax: Int
    ) async throws(Problem) -> (ImportID, Bool) {
        let pace = StreamPace(seconds: secondsMax)
        let store = call.store
        let ended = Mutex<(ImportID, Bool)?>(nil)
        do {
            try await pace.watch(cut: stream.cut) {
                var flow = ImportFlow(order.list, now: call.now)
                let end = try await flow.run(
                    read: {
                        let piece = try await stream.upload.next()
                        pace.move(piece?.count ?? 0)
                        return piece
                    },
                    stage: { lines in
                        try await store.stage(lines, into: reception)
                        // A database that is slow to take them is no stall of the client.
                        pace.move(scrubStallBytesMin)
                    })
                let closed = try await store.closeReception(
                    reception, digest: end.digest, guess: end.guess.json, emptyLines: end.emptyLines,
                    repeated: order.repeated)
                ended.withLock { ended in
                    if case .same(let id) = closed { ended = (id, true) } else { ended = (reception.id, false) }
                }
            }
        } catch {
            let problem = problem(error, isStalled: pace.isStalled)
            // Should that fail too, the import is given up when its lease has run out.
            do throws(StoreError) { try await store.failReception(reception, why: problem.detail) } catch {}
            throw problem
        }
        guard let end = ended.withLock({ $0 }) else { throw .ours("an upload that did not end") }
        return end
    }

    private static func problem(_ error: any Error, isStalled: Bool) -> Problem {
        switch error {
        case let error as ListError: Problem(.invalidList, "\(error)")
        case let error as StoreError: Problem(error)
        default:
            isStalled
                ? Problem(.requestTimeout, "The list stood still for too long; nothing was stored.")
                : Problem(.malformedRequest, "The body breaks off or is not framed as HTTP says; nothing was stored.")
        }
    }
}

/// What the parameters of an upload ask for.
struct ImportRequest: Sendable {
    let opening: ImportOpening
    let list: ImportOrder
    let repeated: ImportRepeat

    static let parameters = [
        "kind", "source", "collected", "map", "name", "consent", "scope", "dialect", "again", "delimiter", "header",
    ]

    init(_ call: Call, _ stream: BodyStream) throws(Problem) {
        let kind = try call.parsed("kind", "leads, suppressions") { ImportKind(rawValue: $0) } ?? .leads
        var opening = ImportOpening(kind)
        opening.name = try call.short("name", bytesMax: ImportOpening.nameBytesMax)
        opening.source = try call.short("source", bytesMax: Lead.textBytesMax)
        opening.collectedAt = try call.parsed("collected", "a past date such as 2026-05-04, or a time with an offset") {
            guard let at = Self.date($0), at <= call.now else { return nil }
            return at
        }
        if kind == .suppressions {
            opening.scope =
                try call.parsed("scope", "controller, group") { Event.WideScope(rawValue: $0) } ?? .controller
        }
        for name in kind == .leads ? ["scope", "dialect"] : ["consent", "source", "collected"]
        where call.query[name] != nil {
            throw Problem(
                .invalidParameter, "“\(name)” does not belong to a list of \(kind.rawValue).", parameter: name)
        }
        opening.consentPurpose = try Self.purpose(call)
        let answers: [String: ImportRepeat] = ["true": .taken, "false": .refused]
        repeated = try call.parsed("again", "true, false") { answers[$0] } ?? .refused
        self.opening = opening
        let dialects = SuppressionDialect.allCases.map(\.rawValue).joined(separator: ", ")
        list = ImportOrder(
            kind, source: opening.source, collectedAt: opening.collectedAt, overrides: try Self.overrides(call, kind),
            options: try ScrubOrder.table(call, stream), readsConsent: opening.consentPurpose != nil,
            dialect: try call.parsed("dialect", dialects) { SuppressionDialect(rawValue: $0) })
    }

    private static func date(_ text: String) -> Instant? {
        do throws(DateTextError) { return Instant(microseconds: try DateText.microseconds(parsing: text)) } catch {
            return nil
        }
    }

    private static func purpose(_ call: Call) throws(Problem) -> Slug? {
        guard let name = call.query["consent"] else { return nil }
        guard let catalogue = call.caller?.catalogue else { throw .ours("an upload by a key that is not proven") }
        let access = try call.access()
        let policy: Policy
        do throws(StoreError) {
            policy = try catalogue.policy(of: access.controller, at: call.now)
        } catch {
            throw Problem(error)
        }
        guard let purpose = Slug(name), policy.purpose(purpose) != nil else {
            let known = policy.purposes.map(\.id.text)
            throw Problem(
                .unknownPurpose, "unknown purpose '\(excerpt(name))'; known are \(known.joined(separator: ", "))",
                parameter: "consent", known: known)
        }
        return purpose
    }

    /// `map=email=E-post,name=#2`.
    private static func overrides(_ call: Call, _ kind: ImportKind) throws(Problem) -> [LeadColumnOverride] {
        guard let text = call.query["map"] else { return [] }
        var overrides: [LeadColumnOverride] = []
        for part in text.split(separator: ",") {
            do throws(LeadColumnsError) {
                overrides.append(try LeadColumnOverride(parsing: String(part)))
            } catch {
                throw Problem(.invalidParameter, "“map”: \(error.description).", parameter: "map")
            }
        }
        guard kind == .leads || overrides.allSatisfy({ $0.field == .email }) else {
            throw Problem(
                .invalidParameter, "“map”: of a list of suppressions only email can be mapped.", parameter: "map")
        }
        return overrides
    }
}

extension Call {
    /// A text without NUL, of so many bytes at most; nil where it is not there.
    fileprivate func short(_ name: String, bytesMax: Int) throws(Problem) -> String? {
        try parsed(name, "1 to \(bytesMax) bytes without NUL") { text in
            (1...bytesMax).contains(text.utf8.count) && !text.utf8.contains(0) ? text : nil
        }
    }
}
