import Formats
import Rules
import Store

/// Who is due the notice of Article 14.
enum DueNoticeAPI {
    static let routes = [
        Route(.get, "/v1/notices", .key([.subject]), query: ["overdue", "after"], DueNoticePages.list) {
            call async throws(Problem) in try await list(call)
        }
    ]

    private static func list(_ call: Call) async throws(Problem) -> Answer {
        let choices: [String: DueNoticeChoice] = ["true": .overdue, "false": .all]
        let choice = try call.parsed("overdue", "true, false") { choices[$0] } ?? .all
        let after = try call.parsed("after", "the “next” of an earlier page") { AddressKey(uuid: $0) }
        let access = try call.access()
        let page: DueNoticePage
        do throws(StoreError) {
            page = try await call.store.dueNotices(choice, after: after, by: access)
        } catch {
            throw Problem(error)
        }
        return .json(200) { writer in
            writer.key("notices")
            writer.beginArray()
            for notice in page.notices {
                writer.beginObject()
                writer.member("address", notice.address)
                writer.member("source", notice.source)
                writer.member("notice-due", notice.due)
                writer.endObject()
            }
            writer.endArray()
            writer.member("next", page.next?.description)
        }
    }
}
