import Formats
import Rules
import Store

/// Recipients: who was told what, and what still waits (Article 19).
enum RecipientAPI {
    static let routes = [
        Route(.get, "/v1/recipients", .key([.admin]), RecipientPages.list) {
            call async throws(Problem) in try await list(call)
        },
        Route(
            .get, "/v1/recipients/{recipient}/notices", .key([.admin]), query: ["state", "after", "limit"],
            RecipientPages.notices
        ) { call async throws(Problem) in try await notices(call) },
        Route(.post, "/v1/recipients/{recipient}/replay", .key([.admin]), RecipientPages.replay) {
            call async throws(Problem) in try await replay(call)
        },
        Route(
            .post, "/v1/recipients/{recipient}/discard", .key([.admin]), query: ["notice"], RecipientPages.discard
        ) { call async throws(Problem) in try await discard(call) },
    ]

    private static let noticesStandard = 100

    private static func list(_ call: Call) async throws(Problem) -> Answer {
        let states = try await states(call)
        return .json(200) { writer in
            writer.key("recipients")
            writer.beginArray()
            for state in states { state.write(to: &writer) }
            writer.endArray()
        }
    }

    private static func notices(_ call: Call) async throws(Problem) -> Answer {
        let state = try state(call.query["state"])
        let after = try number(call.query["after"], "after", in: 0...Int64.max, standard: 0)
        let limit = Int(
            try number(call.query["limit"], "limit", in: 1...Int64(noticePageMax), standard: Int64(noticesStandard)))
        let recipient = try await recipient(call)
        let access = try call.access()
        let page: [NoticeState]
        do throws(StoreError) {
            page = try await call.store.notices(of: recipient, in: state, after: after, limit: limit, by: access)
        } catch {
            throw Problem(error)
        }
        return .json(200) { writer in
            writer.key("notices")
            writer.beginArray()
            for notice in page { notice.write(to: &writer) }
            writer.endArray()
            writer.member("next", page.last?.id ?? after)
            writer.member("more", page.count == limit)
        }
    }

    private static func replay(_ call: Call) async throws(Problem) -> Answer {
        let recipient = try await recipient(call)
        return try await call.perform(.replayNotices(of: recipient)) { count in
            .json(200) { $0.member("replayed", count) }
        }
    }

    private static func discard(_ call: Call) async throws(Problem) -> Answer {
        let notice = try call.query["notice"].map { text throws(Problem) in
            try number(text, "notice", in: 1...Int64.max, standard: 0)
        }
        let recipient = try await recipient(call)
        return try await call.perform(.discardNotices(of: recipient, only: notice)) { count in
            .json(200) { $0.member("discarded", count) }
        }
    }

    private static func states(_ call: Call) async throws(Problem) -> [EndpointState] {
        let access = try call.access()
        do throws(StoreError) { return try await call.store.recipients(by: access) } catch { throw Problem(error) }
    }

    /// The recipient in the path, if the controller has it.
    private static func recipient(_ call: Call) async throws(Problem) -> Slug {
        let known = try await states(call).map(\.recipient)
        guard let text = call.parameters["recipient"], let name = Slug(text), known.contains(name) else {
            throw Problem(
                .notFound, "The policy names no such recipient; GET /v1/recipients lists them.",
                known: known.map(\.text))
        }
        return name
    }

    private static func state(_ text: String?) throws(Problem) -> NoticeState.State? {
        guard let text else { return nil }
        guard let state = NoticeState.State(rawValue: text) else {
            let known = NoticeState.State.allCases.map(\.rawValue)
            throw Problem(
                .invalidParameter, "“state” is one of \(known.joined(separator: ", ")).", parameter: "state",
                known: known)
        }
        return state
    }

    private static func number(
        _ text: String?, _ name: String, in range: ClosedRange<Int64>, standard: Int64
    ) throws(Problem) -> Int64 {
        guard let text else { return standard }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(text), range.contains(number)
        else {
            throw Problem(
                .invalidParameter, "“\(name)” is a whole number from \(range.lowerBound) to \(range.upperBound).",
                parameter: name)
        }
        return number
    }
}

extension EndpointState {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("recipient", recipient.text)
        writer.member("kind", kind?.rawValue)
        writer.member("url", url)
        writer.member("with-address", withAddress)
        writer.member("state", state.rawValue)
        writer.member("since", since)
        writer.member("failure", failure)
        writer.member("failing-since", failingSince)
        writer.member("waiting", waiting)
        writer.member("quarantined", quarantined)
        writer.member("undeliverable", undeliverable)
        writer.member("delivered", delivered)
        writer.member("oldest", oldest)
        writer.endObject()
    }
}

extension NoticeState {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("notice", id)
        writer.member("webhook-id", webhookID)
        writer.member("act", act)
        writer.member("event", word)
        writer.member("address-key", key.description)
        writer.member("state", state.rawValue)
        writer.member("attempts", attempts)
        writer.member("answer", answer)
        writer.member("posted-at", postedAt)
        writer.member("settled-at", settledAt)
        writer.endObject()
    }
}
