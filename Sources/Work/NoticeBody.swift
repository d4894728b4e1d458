import Formats
import Rules
import Store

/// What a recipient reads: a CloudEvent in JSON, the same bytes however often it is sent.
struct NoticeBody {
    let bytes: [UInt8]

    /// `controller` is the name of the company whose act it is.
    init(_ notice: ClaimedNotice, controller: Slug) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("specversion", "1.0")
        writer.member("id", notice.webhookID)
        writer.member("source", "/controllers/\(controller)")
        writer.member("type", "maysend.\(notice.act)")
        writer.member("subject", notice.key.description)
        writer.member("time", notice.recordedAt.description)
        writer.member("datacontenttype", "application/json")
        writer.key("data")
        writer.beginObject()
        writer.member("act", notice.act)
        writer.member("act-id", Int(notice.actID))
        writer.member("address-key", notice.key.description)
        if let address = notice.address { writer.member("address", address) }
        if let key = notice.newKey { writer.member("new-address-key", key.description) }
        if let address = notice.newAddress { writer.member("new-address", address) }
        if let domain = notice.domain { writer.member("domain", domain) }
        if let purpose = notice.purpose { writer.member("purpose", purpose.text) }
        if let topic = notice.topic { writer.member("topic", topic.text) }
        if let scope = notice.scope { writer.member("scope", scope.rawValue) }
        if let suppression = notice.suppression { writer.member("reason", suppression.rawValue) }
        writer.member("at", notice.at.description)
        writer.member("recorded-at", notice.recordedAt.description)
        writer.endObject()
        writer.endObject()
        bytes = writer.bytes
    }
}
