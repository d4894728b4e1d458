import NIOHTTP1
import Rules
import Store

/// The one-click of RFC 8058, as the machine of a mailbox provider makes it.
enum OneClick {
    /// The body that the mail's own header field names (RFC 8058 3.2).
    static let body = Array("List-Unsubscribe=One-Click".utf8)
    /// How the ledger calls it.
    static let method = "one-click"
    static let pathPrefix = "/u/"
    private static let mediaType = "application/x-www-form-urlencoded"

    /// What stands in the path of such a URI.
    static func token(in uri: String) -> String { String(uri.dropFirst(pathPrefix.count)) }

    /// What the machine is told, from the receipt of the commit: it follows no link and presses no button.
    static func answer(_ receipt: LinkReceipt) -> Answer {
        let title = UnsubscribePage.stoppedTitle
        let since = receipt.entry.map { "since \($0.at.date) " } ?? ""
        let html = """
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="robots" content="noindex"><title>\(title)</title></head>
            <body><main><h1>\(title)</h1>
            <p>Stopped \(since)at \(LinkPageText.escaped(receipt.controller.name)).</p></main></body></html>

            """
        return Answer(200, LinkPageText.mediaType, Array(html.utf8), headers: LinkPageText.headers)
    }

    /// From where and with what program it comes, as the head of the request says.
    struct Head {
        private let forwarded: String?
        private let userAgent: String?

        /// Nil for a request that is in any way unusual: the long way reads those.
        init?(_ head: HTTPRequestHead) {
            guard !head.uri.utf8.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "%") }) else {
                return nil
            }
            var (isForm, forwarded, userAgent) = (false, String?.none, String?.none)
            for (name, value) in head.headers {
                switch name.lowercased() {
                case "content-type":
                    guard !isForm, value.lowercased() == OneClick.mediaType else { return nil }
                    isForm = true
                case "x-forwarded-for":
                    guard forwarded == nil else { return nil }
                    forwarded = value
                case "user-agent":
                    guard userAgent == nil else { return nil }
                    userAgent = value
                case "expect", "transfer-encoding": return nil
                default: break
                }
            }
            guard isForm else { return nil }
            (self.forwarded, self.userAgent) = (forwarded, userAgent)
        }

        /// The same, with who is at the other end of the connection.
        func visitor(at peer: String?) -> Visitor {
            Visitor(peer: Visit.peer(peer, forwarded: forwarded), userAgent: userAgent)
        }
    }
}
