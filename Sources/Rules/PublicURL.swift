/// Where people reach the service: the part of every link before its path.
public struct PublicURL: Hashable, Sendable, CustomStringConvertible {
    /// As `https://opt.firma.example/mail`, without a slash at the end.
    public let text: String
    /// Scheme, host and port, as a browser's `Origin`: without the path.
    public let origin: String
    /// The path in front of the links' own; empty or beginning with a slash.
    public let path: String

    /// The longest, in bytes: a link with it must fit into one line of a mail (RFC 5322 2.1.1).
    public static let bytesMax = 200

    /// What it may look like, for messages.
    public static let allowed =
        "https://HOST, with a port or path if need be, \(bytesMax) bytes at most, in ASCII, without user, ? or #; http:// for this machine alone"

    /// Nil for anything that is not `allowed`. Plain HTTP is for `localhost`, 127.0.0.0/8 and `[::1]`.
    public init?(_ text: String) {
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        let isSecure = text.hasPrefix("https://")
        guard isSecure || text.hasPrefix("http://"), text.utf8.count <= Self.bytesMax,
            text.utf8.allSatisfy(Self.isPlain)
        else { return nil }
        let rest = text.dropFirst(isSecure ? "https://".count : "http://".count)
        let authority = rest.prefix { $0 != "/" }
        guard let host = Self.host(of: authority), isSecure || Self.isLoopback(host) else { return nil }
        self.text = text
        path = String(rest.dropFirst(authority.count))
        origin = String(text.dropLast(path.count))
    }

    /// As it was given, without a slash at the end.
    public var description: String { text }

    /// Letters, digits and what else a host, port or path needs; nothing that would end a URI in a header field.
    private static func isPlain(_ octet: UInt8) -> Bool {
        octet.isASCIIDigit || (0x61...0x7A).contains(octet | 0x20) || "-._~/:[]%".utf8.contains(octet)
    }

    /// The host of `host`, `host:port` or `[address]:port`; nil for anything else.
    private static func host(of authority: Substring) -> Substring? {
        let end: Substring.Index
        if authority.first == "[" {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            end = authority.index(after: bracket)
        } else {
            end = authority.firstIndex(of: ":") ?? authority.endIndex
        }
        let (host, port) = (authority[..<end], authority[end...])
        guard !host.isEmpty, host != "[]", host.first == "[" || !host.contains(where: { "[]:%".contains($0) }),
            port.isEmpty || (port.first == ":" && UInt16(port.dropFirst()) != nil)
        else { return nil }
        return host
    }

    private static func isLoopback(_ host: Substring) -> Bool {
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        let isIPv4 = numbers.count == 4 && numbers.first == "127" && numbers.allSatisfy { UInt8($0) != nil }
        return host == "localhost" || host == "[::1]" || isIPv4
    }
}
