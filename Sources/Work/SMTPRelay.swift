/// Why a text names no relay: one sentence, without the text.
public struct SMTPRelayError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}

/// The mail server that takes our letters on.
public struct SMTPRelay: Sendable {
    public let host: String
    public let port: Int
    let user: String?
    let password: String?
    let protection: Protection
    /// A PEM file of certificates to trust instead of the system's.
    let trustFile: String?

    /// How the connection is protected.
    enum Protection: String, Sendable, CaseIterable {
        /// By STARTTLS, or not at all used: RFC 3207.
        case required
        /// From the first byte (smtps).
        case immediate
        /// Not at all.
        case none
    }

    private static let submissionPort = 587
    private static let submissionsPort = 465

    /// Reads `smtp://[USER@]HOST[:PORT][?tls=required|none]` or `smtps://…`. Without `tls`, STARTTLS is required, unless the
    /// relay is this machine.
    public init(url: String, password: String?, trustFile: String? = nil) throws(SMTPRelayError) {
        let isImmediate = url.hasPrefix("smtps://")
        guard isImmediate || url.hasPrefix("smtp://") else { throw Self.form }
        let rest = url.dropFirst(isImmediate ? "smtps://".count : "smtp://".count)
        let halves = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var authority = halves[0]
        if authority.hasSuffix("/") { authority = authority.dropLast() }
        guard !authority.contains("/") else { throw Self.form }
        if let at = authority.lastIndex(of: "@") {
            guard let name = Self.unescaped(authority[..<at]), !name.isEmpty, !name.contains("\0") else {
                throw Self.form
            }
            guard !authority[..<at].contains(":") else {
                throw SMTPRelayError(
                    description: "a password does not belong into the URL: MAYSEND_SMTP_PASSWORD_FILE names its file")
            }
            user = name
            authority = authority[authority.index(after: at)...]
        } else {
            user = nil
        }
        (host, port) = try Self.place(authority, standard: isImmediate ? Self.submissionsPort : Self.submissionPort)
        protection = try Self.protection(halves.dropFirst().first, isImmediate: isImmediate, host: host)
        guard (user == nil) == (password == nil) else {
            throw SMTPRelayError(
                description: user == nil
                    ? "there is a password and no user: write smtp://USER@HOST"
                    : "there is a user and no password: MAYSEND_SMTP_PASSWORD_FILE names its file")
        }
        if let password, password.isEmpty || password.utf8.contains(where: { $0 < 0x20 }) {
            throw SMTPRelayError(description: "the password is empty or has control characters in it")
        }
        self.password = password
        self.trustFile = trustFile
    }

    private static func place(_ text: Substring, standard: Int) throws(SMTPRelayError) -> (String, Int) {
        var host = text
        var port = standard
        let isBracketed = text.hasPrefix("[")
        let end = isBracketed ? text.firstIndex(of: "]") : text.firstIndex(of: ":")
        if isBracketed, end == nil { throw form }
        if let end {
            host = isBracketed ? text[text.index(after: text.startIndex)..<end] : text[..<end]
            let rest = isBracketed ? text[text.index(after: end)...] : text[end...]
            if !rest.isEmpty {
                guard rest.first == ":", let number = Int(rest.dropFirst()), (1...65_535).contains(number) else {
                    throw SMTPRelayError(description: "the port must be a number from 1 to 65535")
                }
                port = number
            }
        }
        guard !host.isEmpty,
            host.utf8.allSatisfy({ octet in
                (0x30...0x39).contains(octet) || (0x61...0x7A).contains(octet | 0x20) || octet == UInt8(ascii: "-")
                    || octet == UInt8(ascii: ".") || (isBracketed && octet == UInt8(ascii: ":"))
            })
        else { throw form }
        return (String(host), port)
    }

    private static func protection(
        _ query: Substring?, isImmediate: Bool, host: String
    ) throws(SMTPRelayError) -> Protection {
        let isHere = host == "localhost" || host == "::1" || host.hasPrefix("127.")
        switch query {
        case nil: return isImmediate ? .immediate : isHere ? .none : .required
        case "tls=required" where !isImmediate: return .required
        case "tls=none" where !isImmediate: return .none
        default:
            throw SMTPRelayError(
                description: "after '?' only tls=required and tls=none are allowed, and only with smtp://")
        }
    }

    /// Percent escapes undone; nil for a broken one or no UTF-8.
    private static func unescaped(_ text: Substring) -> String? {
        var octets: [UInt8] = []
        var rest = text.utf8[...]
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "%") else {
                octets.append(octet)
                continue
            }
            guard let high = rest.popFirst(), let low = rest.popFirst(),
                let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
            else { return nil }
            octets.append(value)
        }
        return String(validating: octets, as: UTF8.self)
    }

    private static let form = SMTPRelayError(
        description:
            "is no relay; allowed are smtp://[USER@]HOST[:PORT][?tls=required|none] and smtps://[USER@]HOST[:PORT]")
}

extension SMTPRelay: CustomStringConvertible, CustomReflectable {
    /// Host and port, never user or password.
    public var description: String { "\(host):\(port)" }
    /// Has no children, so that a dump shows nothing of the password.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
