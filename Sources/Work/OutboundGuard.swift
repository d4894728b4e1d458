/// Why a request does not go out: one sentence, without the URL.
public struct OutboundRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    /// Whether asking again later may help: the name could not be resolved now.
    public let isPassing: Bool

    init(_ description: String, isPassing: Bool = false) {
        (self.description, self.isPassing) = (description, isPassing)
    }
}

/// The parts of a URL that we send requests to, in the one spelling that is allowed.
public struct OutboundURL: Hashable, Sendable {
    /// The whole, its host in lower case: the name that was judged is the name that is used.
    public let text: String
    public let isSecure: Bool
    /// A name in lower case, or an address without brackets.
    public let host: String
    public let port: Int
    /// Set where the host is an address.
    public let address: OutboundAddress?

    /// The longest URL, in bytes.
    static let bytesMax = 2_000

    /// Reads an http or https URL. Refused is every spelling that two programs might understand in two ways: user names,
    /// numbers as hosts in any form but four decimal numbers, escapes and characters outside ASCII in the host (write the
    /// A-labels), a trailing dot, backslashes, blanks and control characters, a fragment, an empty port.
    public init(parsing text: String) throws(OutboundRefusal) {
        guard text.utf8.count <= Self.bytesMax else {
            throw OutboundRefusal("the URL is longer than \(Self.bytesMax) bytes")
        }
        guard text.utf8.allSatisfy({ (0x21..<0x7F).contains($0) && !Self.confusing.contains($0) }) else {
            throw OutboundRefusal(
                "the URL has a character in it that does not belong there; escape it, and write the host's A-labels")
        }
        let isSecure = text.hasPrefix("https://")
        guard isSecure || text.hasPrefix("http://") else {
            throw OutboundRefusal("the URL does not begin with https:// (in lower case)")
        }
        let rest = text.dropFirst(isSecure ? "https://".count : "http://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@") else { throw OutboundRefusal("the URL has a user name in it") }
        guard !text.contains("#") else { throw OutboundRefusal("the URL has a fragment") }
        let (host, port) = try Self.place(authority, standard: isSecure ? 443 : 80)
        self.text = (isSecure ? "https://" : "http://") + authority.lowercased() + rest.dropFirst(authority.count)
        (self.isSecure, self.port) = (isSecure, port)
        if authority.hasPrefix("[") {
            guard host.contains(":"), let address = OutboundAddress(parsing: host) else {
                throw OutboundRefusal("what stands in brackets is no IPv6 address")
            }
            (self.host, self.address) = (address.description, address)
        } else if let address = OutboundAddress(parsing: host) {
            guard address.octets.count == 4 else { throw OutboundRefusal("an IPv6 address stands in brackets") }
            (self.host, self.address) = (host, address)
        } else {
            try Self.checkName(host)
            (self.host, address) = (host.lowercased(), nil)
        }
    }

    private static let confusing = Set("\\\"<>^`{|}".utf8)

    private static func place(_ authority: Substring, standard: Int) throws(OutboundRefusal) -> (String, Int) {
        var host = authority
        var port: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw OutboundRefusal("a bracket is not closed") }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { throw OutboundRefusal("something follows the bracket") }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        guard let port else { return (String(host), standard) }
        guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            port.first != "0",
            let number = Int(port), number <= 65_535
        else { throw OutboundRefusal("the port is not a number from 1 to 65535") }
        return (String(host), number)
    }

    private static func checkName(_ host: String) throws(OutboundRefusal) {
        guard (1...253).contains(host.utf8.count) else { throw OutboundRefusal("the host is empty or too long") }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        for label in labels {
            let isLabel =
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == UInt8(ascii: "-")
                }
            guard isLabel else { throw OutboundRefusal("the host is no name of letters, digits and hyphens") }
        }
        // What ends in a number is an address in one of its odd spellings: decimal, octal, hexadecimal, shortened.
        guard let last = labels.last, let first = last.utf8.first, !(0x30...0x39).contains(first) else {
            throw OutboundRefusal("the host is a number in a spelling that is not allowed; write four decimal numbers")
        }
    }
}

/// Where a request may go: decided on the very address that it is then sent to.
public struct OutboundGuard: Sendable {
    /// Networks that are allowed beside the open Internet, with http and on every port.
    let allowed: [OutboundNetwork]
    private let resolve: @Sendable (_ host: String, _ port: Int) async -> OutboundAddress?

    /// Ports below 1024 that are those of web servers.
    private static let webPorts: Set<Int> = [80, 443]

    /// Asks the system's resolver.
    public init(allowed: [OutboundNetwork]) {
        let resolver = SystemResolver()
        self.init(allowed: allowed) { host, port in await resolver.address(of: host, port: port) }
    }

    init(
        allowed: [OutboundNetwork], resolve: @escaping @Sendable (_ host: String, _ port: Int) async -> OutboundAddress?
    ) {
        (self.allowed, self.resolve) = (allowed, resolve)
    }

    /// The address to connect to. It is resolved once: what is judged is what is used, whatever the name says a moment later.
    public func admit(_ url: OutboundURL) async throws(OutboundRefusal) -> OutboundAddress {
        var resolved = url.address
        if resolved == nil { resolved = await resolve(url.host, url.port) }
        guard let address = resolved else { throw OutboundRefusal("the host has no address", isPassing: true) }
        if allowed.contains(where: { $0.contains(address) }) { return address }
        guard address.isPublic else {
            throw OutboundRefusal(
                "the host is not on the open Internet; MAYSEND_OUTBOUND_ALLOW names networks that are allowed all the same"
            )
        }
        guard url.isSecure else {
            throw OutboundRefusal("https is needed outside of the networks that MAYSEND_OUTBOUND_ALLOW names")
        }
        guard url.port >= 1_024 || Self.webPorts.contains(url.port) else {
            throw OutboundRefusal("port \(url.port) is another service's; 443 or one from 1024 on is allowed")
        }
        return address
    }
}
