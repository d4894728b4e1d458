import HTTPTypes
import Hummingbird
import Rules

/// A request of a person or of their mailbox provider at one of the public pages: no key, no cookie, a token in the path.
struct Visit: Sendable {
    /// The token as it came, without what a mail program may have escaped.
    let token: String
    /// The languages that the browser asks for, as it says them.
    let acceptLanguage: String?
    /// The parameters of the query, the first of each name.
    let query: [String: String]
    /// From where, cut to a network wherever it is kept; nil where that is not known.
    let peer: String?
    let userAgent: String?
    private let request: Request

    init(_ request: Request, in context: CallContext) {
        self.request = request
        let raw = context.parameters.get("token") ?? ""
        token = raw.utf8.contains(UInt8(ascii: "%")) ? LinkForm.decoded(raw.utf8) ?? raw : raw
        acceptLanguage = request.headers[.acceptLanguage]
        userAgent = request.headers[.userAgent]
        var query: [String: String] = [:]
        for (name, value) in request.uri.queryParameters where query[String(name)] == nil {
            query[String(name)] = String(value)
        }
        self.query = query
        peer = Self.peer(context.peer, forwarded: HTTPField.Name.forwardedFor.flatMap { request.headers[$0] })
    }

    /// The form in the body. Throws where there is none that can be read.
    func form() async throws(Problem) -> LinkForm {
        let type = request.headers[.contentType] ?? ""
        guard let kind = LinkForm.Kind(contentType: type) else {
            throw Problem(
                .unsupportedMediaType, "Send “application/x-www-form-urlencoded” or “multipart/form-data”.")
        }
        let bytes = try await RequestBytes.read(request, bytesMax: formBytesMax)
        guard let form = LinkForm(bytes, kind) else {
            throw Problem(.malformedRequest, "The form cannot be read.")
        }
        return form
    }

    /// What a proxy on this machine says of the client, else who is at the other end.
    private static func peer(_ peer: String?, forwarded: String?) -> String? {
        let isLocal = peer.map { $0 == "::1" || $0.hasPrefix("127.") } ?? true
        guard isLocal, let last = forwarded?.split(separator: ",").last else { return peer }
        let address = last.drop { $0 == " " }.prefix { $0 != " " }
        return address.isEmpty || address.utf8.count > ipCharactersMax ? peer : String(address)
    }
}

/// Bytes of the body of a form on a public page.
let formBytesMax = 16 * 1_024
/// Characters of an IP address, with a zone.
private let ipCharactersMax = 64

extension HTTPField.Name {
    fileprivate static let forwardedFor = HTTPField.Name("X-Forwarded-For")
}

extension Visit {
    /// How an act at a page was made, for the ledger: the method, of which link, from where by network, with what kind of
    /// program.
    func evidence(_ method: String, of link: Link, _ more: [(name: String, word: String)] = []) -> Evidence? {
        var fields = [(name: "method", word: method), (name: "link-day", word: link.day)]
        if let campaign = link.campaign { fields.append((name: "campaign", word: campaign.text)) }
        if let peer { fields.append((name: "ip", word: peer)) }
        fields.append((name: "agent", word: AgentClass(userAgent).rawValue))
        do throws(EvidenceError) { return try Evidence(fields + more) } catch { return nil }
    }
}

/// What kind of program asked, as far as it says: enough to tell a person's browser from a provider's machine.
enum AgentClass: String {
    case firefox, edge, chrome, safari, browser, machine, silent

    init(_ userAgent: String?) {
        guard let userAgent, !userAgent.isEmpty else {
            self = .silent
            return
        }
        let words: [(String, AgentClass)] = [
            ("bot", .machine), ("proxy", .machine), ("crawler", .machine), ("scanner", .machine),
            ("Firefox/", .firefox),
            ("Edg", .edge), ("Chrome/", .chrome), ("CriOS/", .chrome), ("Safari/", .safari), ("Mozilla/", .browser),
        ]
        let lower = userAgent.lowercased()
        self = words.first { lower.contains($0.0.lowercased()) }?.1 ?? .machine
    }
}
