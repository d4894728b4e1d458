import Formats
import Rules
import Store

/// What persons ask for, by when it is due, and what was done with it.
enum RequestAPI {
    static let routes = [
        Route(.get, "/v1/requests", .key([.subject]), query: ["after", "limit"], RequestPages.list) {
            call async throws(Problem) in try await list(call)
        },
        Route(.post, "/v1/requests", .key([.subject]), body: .single, RequestPages.open) {
            call async throws(Problem) in try await open(call)
        },
        Route(.get, "/v1/requests/{id}", .key([.subject]), RequestPages.show) {
            call async throws(Problem) in try await show(call)
        },
        Route(.post, "/v1/requests/{id}/extend", .key([.subject]), body: .single, RequestPages.extend) {
            call async throws(Problem) in try await extend(call)
        },
        Route(.post, "/v1/requests/{id}/refuse", .key([.subject]), body: .single, RequestPages.refuse) {
            call async throws(Problem) in try await refuse(call)
        },
        Route(.post, "/v1/requests/{id}/complete", .key([.subject]), body: .single, RequestPages.complete) {
            call async throws(Problem) in try await complete(call)
        },
        Route(.post, "/v1/requests/{id}/told", .key([.subject]), body: .single, RequestPages.told) {
            call async throws(Problem) in try await told(call)
        },
    ]

    private static func list(_ call: Call) async throws(Problem) -> Answer {
        let limit = try limit(call.query["limit"])
        let after = try cursor(call.query["after"])
        let access = try call.access()
        let requests: [SubjectRequest]
        do throws(StoreError) {
            requests = try await call.store.openRequests(after: after, limit: limit, by: access)
        } catch {
            throw Problem(error)
        }
        return .json(200) { writer in
            writer.key("requests")
            writer.beginArray()
            for request in requests {
                writer.beginObject()
                request.write(to: &writer)
                writer.member("address", request.address)
                writer.endObject()
            }
            writer.endArray()
            writer.member("next", requests.last.map { "\($0.dueAt.microseconds).\($0.id)" } ?? call.query["after"])
            writer.member("more", requests.count == limit)
        }
    }

    private static func open(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let address = try fields.address()
        let kind: RequestKind = try fields.word("kind")
        let language = try fields.text("language", bytesMax: languageBytesMax)
        let receivedAt = try fields.time("received-at")
        let asksIdentity = try fields.truth("ask-identity") ?? false
        try fields.finish()
        var letter: IdentityLetter?
        if asksIdentity { letter = try await self.letter(call, language).written }
        let origin = RequestOrigin.staff(receivedAt: receivedAt, letter: letter)
        let verb = Verb<RequestOpening>.openRequest(kind, of: .address(address), language: language, from: origin)
        return try await call.perform(verb) { opening in
            .json(201) { writer in
                writer.member("request", opening.id)
                writer.member("kind", opening.kind.rawValue)
                writer.member("state", opening.state.rawValue)
                writer.member("received-at", opening.receivedAt)
                writer.member("due-at", opening.dueAt)
                writer.member("new", opening.isNew)
            }
        }
    }

    /// The letter to the address itself; there is none without links.
    private static func letter(_ call: Call, _ language: String?) async throws(Problem) -> RequestLetter {
        let access = try call.access()
        guard let links = call.links, let pages = call.pages else {
            throw Problem(
                .notAllowed, "There are no links here, so nobody can be asked who they are by one.",
                at: "/ask-identity")
        }
        let policy = try await call.policy()
        let frame = pages.frame(
            language: nil, accept: language, controller: policy.controller(access.controller.slug),
            group: policy.controllers)
        return RequestLetter(
            press: links.press, pages: pages, frame: frame, controller: access.controller, now: call.now)
    }

    private static func show(_ call: Call) async throws(Problem) -> Answer {
        let id = try number(call)
        let access = try call.access()
        let file: RequestFile
        do throws(StoreError) {
            file = try await call.store.request(id, by: access)
        } catch {
            throw Problem(error)
        }
        return .json(200) { writer in
            file.request.write(to: &writer)
            writer.member("address", file.request.address)
            writer.key("history")
            writer.beginArray()
            for step in file.steps {
                writer.beginObject()
                writer.member("step", step.step.rawValue)
                writer.member("at", step.at)
                writer.member("actor", step.actor)
                writer.member("note", step.note)
                writer.endObject()
            }
            writer.endArray()
        }
    }

    /// The letter that tells the person of the move; there is none without texts.
    private static func telling(of move: RequestMove, _ call: Call) async throws(Problem) -> MoveLetter {
        guard let pages = call.pages else { return { _, _ in nil } }
        return MoveNotice(
            move: move, pages: pages, controller: try call.access().controller, policy: try await call.policy()
        ).written
    }

    private static func extend(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let months = try fields.wholeNumber("months", in: 1...RequestClock.extensionMonthsMax)
        let reason = try reason(&fields)
        return try await move(call, .extend(months: months, reason: reason), fields)
    }

    private static func refuse(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let reason = try reason(&fields)
        return try await move(call, .refuse(reason: reason), fields)
    }

    private static func complete(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let note = try fields.text("note", bytesMax: Lead.textBytesMax)
        if let note { try requireNoAddress(note, at: "/note") }
        return try await move(call, .complete(note: note), fields)
    }

    private static func move(
        _ call: Call, _ move: RequestMove, _ fields: RequestFields
    ) async throws(Problem) -> Answer {
        try fields.finish()
        return try await answer(call, .move(try number(call), move, letter: telling(of: move, call)))
    }

    private static func told(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let method = try fields.requiredText("method", bytesMax: wordBytesMax)
        try requireNoAddress(method, at: "/method")
        try fields.finish()
        return try await answer(call, .told(try number(call), method: method))
    }

    /// The answer may be kept and given again, so the address is not in it.
    private static func answer(_ call: Call, _ verb: Verb<MovedRequest>) async throws(Problem) -> Answer {
        try await call.perform(verb) { moved in
            .json(200) { writer in
                moved.request.write(to: &writer)
                writer.member("told", moved.telling?.rawValue)
            }
        }
    }

    private static func reason(_ fields: inout RequestFields) throws(Problem) -> String {
        let reason = try fields.requiredText("reason", bytesMax: Lead.textBytesMax)
        try requireNoAddress(reason, at: "/reason")
        return reason
    }

    /// The history outlives an erasure.
    private static func requireNoAddress(_ text: String, at pointer: String) throws(Problem) {
        guard !text.utf8.contains(UInt8(ascii: "@")) else {
            throw Problem(.notAllowed, "The history outlives an erasure, so it may hold no address.", at: pointer)
        }
    }

    private static func number(_ call: Call) throws(Problem) -> Int64 {
        guard let text = call.parameters["id"], let id = Int64(text), id > 0 else {
            throw Problem(.unknownRequest, "A request is named by its number.")
        }
        return id
    }

    private static func cursor(_ text: String?) throws(Problem) -> (dueAt: Instant, id: Int64)? {
        guard let text else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let at = Int64(parts[0]), let id = Int64(parts[1]) else {
            throw Problem(.invalidParameter, "“after” is a “next” of an earlier page.", parameter: "after")
        }
        return (Instant(microseconds: at), id)
    }

    private static func limit(_ text: String?) throws(Problem) -> Int {
        guard let text else { return requestsPageStandard }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let limit = Int(text),
            (1...requestsPageMax).contains(limit)
        else {
            throw Problem(
                .invalidParameter, "“limit” is a whole number from 1 to \(requestsPageMax).", parameter: "limit")
        }
        return limit
    }
}

/// Requests on a page, unless the client asks for another number.
private let requestsPageStandard = 100
/// Bytes of a language's tag.
private let languageBytesMax = 35

extension SubjectRequest {
    /// As the API shows it, but for the address.
    func write(to writer: inout JSONWriter) {
        writer.member("request", id)
        writer.member("kind", kind.rawValue)
        writer.member("article", kind.article)
        writer.member("state", state.rawValue)
        writer.member("address-key", key.description)
        writer.member("language", language)
        writer.member("received-at", receivedAt)
        writer.member("due-at", dueAt)
        writer.member("extended-months", extendedMonths)
        writer.member("closed-at", closedAt)
    }
}
