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

    /// What a proxy on this machine says of the client, with or without a port, else who is at the other end.
    static func peer(_ peer: String?, forwarded: String?) -> String? {
        guard isThisMachine(peer), let last = forwarded?.split(separator: ",").last else { return peer }
        let address = last.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
        return address.isEmpty || address.utf8.count > ipCharactersMax ? peer : String(address)
    }

    /// A socket that listens for both families says an IPv4 address in IPv6's clothes.
    private static func isThisMachine(_ peer: String?) -> Bool {
        guard let peer else { return true }
        return peer == "::1" || peer.hasPrefix("127.") || peer.hasPrefix("::ffff:127.")
    }
}

/// Bytes of the body of a form on a public page.
let formBytesMax = 16 * 1_024
/// Characters of an IP address, with a zone and a port.
private let ipCharactersMax = 64

extension HTTPField.Name {
    fileprivate static let forwardedFor = HTTPField.Name("X-Forwarded-For")
}

extension Visit {
    /// How an act at a page was made, for the ledger.
    func evidence(_ method: String, of link: Link, _ more: [(name: String, word: String)] = []) -> Evidence? {
        Visitor(peer: peer, userAgent: userAgent).evidence(method, of: link, more)
    }
}

/// Who is at a page, as far as the request says.
struct Visitor {
    /// From where; nil where that is not known.
    let peer: String?
    let userAgent: String?

    /// How their act was made: the method, of which link, from where by network, with what kind of program.
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
        let octets = userAgent.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        self = Self.words.first { Self.occurs($0.word, in: octets) }?.agent ?? .machine
    }

    /// The first that occurs tells, in whatever case.
    private static let words: [(word: [UInt8], agent: AgentClass)] = [
        (word("bot"), .machine), (word("proxy"), .machine), (word("crawler"), .machine), (word("scanner"), .machine),
        (word("firefox/"), .firefox), (word("edg"), .edge), (word("chrome/"), .chrome), (word("crios/"), .chrome),
        (word("safari/"), .safari), (word("mozilla/"), .browser),
    ]

    private static func word(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func occurs(_ word: [UInt8], in octets: [UInt8]) -> Bool {
        guard octets.count >= word.count else { return false }
        return (0...octets.count - word.count).contains { octets[$0...].starts(with: word) }
    }
}
