import Formats
import Rules
import Store

/// Tells HubSpot, by its published API: Communication Preferences v4 and the GDPR deletion of CRM contacts v3.
///
/// HubSpot knows none of our purposes, so whatever stops any of them unsubscribes there from all: it may refuse too much and
/// never too little. 410 is no word of its for "tell me nothing more": everything but success is tried again.
///
/// That it unsubscribed is not believed: it is read back, and only then is it done. Of a deletion its description
/// promises no answer by which to tell, so it is written down as accepted.
struct HubSpotSender {
    let token: String
    let connection: OutboundConnection

    private static let unsubscribePath = "/communication-preferences/v4/statuses/batch/unsubscribe-all?channel=EMAIL"
    private static let readPath = "/communication-preferences/v4/statuses/batch/unsubscribe-all/read?channel=EMAIL"
    private static let deletePath = "/crm/v3/objects/contacts/gdpr-delete"

    /// Requests for one notice.
    static let requestsMax = 3

    func send(_ notice: ClaimedNotice) async -> NoticeResult {
        let todo = HubSpotTask(notice)
        guard todo != .nothing else { return .untellable(answer: Self.word(whyNothing: notice)) }
        guard let address = notice.address else { return .untellable(answer: "address unknown") }
        if todo != .delete {
            if let failure = await unsubscribe(address) { return failure }
        }
        if todo != .unsubscribe {
            if let failure = await delete(address) { return failure }
        }
        return .delivered(answer: todo == .unsubscribe ? "unsubscribed, read back" : "deletion accepted")
    }

    private static func word(whyNothing notice: ClaimedNotice) -> String {
        if notice.domain != nil { return "not applicable: a whole domain" }
        return notice.act == "rectified" ? "not applicable: correct it there by hand" : "not applicable"
    }

    private var headers: [(String, String)] { [("Authorization", "Bearer " + token), ("Accept", "application/json")] }

    private func unsubscribe(_ address: String) async -> NoticeResult? {
        let body = Self.inputs(address)
        guard let answer = await connection.post(Self.unsubscribePath, headers, body, reading: .body) else {
            return .noAnswer
        }
        guard answer.status == 200 else { return .failure(answer) }
        guard let read = await connection.post(Self.readPath, headers, body, reading: .body) else {
            return .noAnswer
        }
        guard read.status == 200 else { return .failure(read) }
        guard let isUnsubscribed = Self.isUnsubscribed(address, in: read) else {
            return .failed(answer: "unreadable answer", retryAfterSeconds: nil, isUnreachable: false)
        }
        guard isUnsubscribed else {
            return .failed(answer: "not unsubscribed when read back", retryAfterSeconds: nil, isUnreachable: false)
        }
        return nil
    }

    /// An address that HubSpot does not have is put on its blocklist by this, which is as good.
    private func delete(_ address: String) async -> NoticeResult? {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("objectId", address)
        writer.member("idProperty", "email")
        writer.endObject()
        guard let answer = await connection.post(Self.deletePath, headers, writer.bytes, reading: .body) else {
            return .noAnswer
        }
        return answer.status == 204 ? nil : .failure(answer)
    }

    private static func inputs(_ address: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("inputs")
        writer.beginArray()
        writer.value(address)
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    /// Whether the answer says so of this very address; nil where it cannot be read.
    static func isUnsubscribed(_ address: String, in answer: OutboundAnswer) -> Bool? {
        let document: JSON
        guard !answer.isCut else { return nil }
        do throws(JSONError) { document = try JSON(parsing: answer.body) } catch { return nil }
        guard case .object(let top) = document, case .array(let results)? = top["results"] else { return nil }
        for case .object(let result) in results {
            guard case .string(let subscriber)? = result["subscriberIdString"],
                subscriber.lowercased() == address.lowercased(),
                case .array(let statuses)? = result["wideStatuses"]
            else { continue }
            for case .object(let status) in statuses {
                if case .string("UNSUBSCRIBED")? = status["status"], case .string("EMAIL")? = status["channel"] {
                    return true
                }
            }
        }
        return false
    }
}

/// What an act asks of HubSpot.
enum HubSpotTask: Hashable {
    case unsubscribe, delete, unsubscribeAndDelete
    /// It has no word for it: a lifted restriction (nobody is subscribed but by their own act), a whole domain, a name.
    case nothing

    init(_ notice: ClaimedNotice) {
        guard notice.domain == nil else {
            self = .nothing
            return
        }
        self =
            switch notice.act {
            // Unsubscribed first: when the deletion fails half-way, nothing more is sent.
            case "erased": .unsubscribeAndDelete
            // The wrong address goes; the right one comes with the next list.
            case "rectified" where notice.newKey != nil: .unsubscribeAndDelete
            case "swept": .delete
            case "restriction-lifted", "rectified": .nothing
            default: .unsubscribe
            }
    }
}
