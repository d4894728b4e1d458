/// An email address in the one form under which we know it; whoever holds one has a checked address.
///
/// The form is frozen: keys made of it outlive every release, so two texts that meet in one form, or stay apart, do so
/// for ever. A text that is an error today may get a form in a later release under the same version, because no key was
/// ever made of it; any other change needs a new ``formVersion``. Where the standards leave a doubt, a false match is
/// taken before a miss, and a text whose meaning is unsure is an error.
///
/// The text is personal data: it is reached by ``canonical``, ``localPart``, ``domain`` and ``alias`` alone, and
/// printing, interpolating, dumping or reflecting an `Address` shows none of it.
public struct Address: Hashable, Sendable {
    /// Names the rules by which ``canonical`` and ``alias`` are made.
    public static let formVersion = 1
    /// The octets of a canonical address, at most (RFC 5321 4.5.3.1.3, less the brackets of a path).
    public static let octetsMax = 254
    /// The octets of a canonical local part, its quotes included, at most (RFC 5321 4.5.3.1.1).
    public static let localPartOctetsMax = 64
    /// The octets of a text after trimming, at most; a longer one is refused unread.
    public static let inputOctetsMax = 1_024

    /// The address in canonical form: local part in NFC and lower case, quoted only where it must be, domain in A-labels.
    public let canonical: String

    /// The octets before the `@`; at most 64.
    let localPartOctets: UInt8

    /// Reads one address, with white space or one pair of angle brackets around it at most.
    public init(parsing text: String) throws(AddressError) {
        try self.init(reading: text.utf8Span)
    }

    /// Reads one address, with white space or one pair of angle brackets around it at most.
    public init(parsing text: Substring) throws(AddressError) {
        try self.init(parsing: String(text))
    }

    /// Reads one address from octets that come from outside; ones that are not UTF-8 are an error.
    public init(parsing octets: Span<UInt8>) throws(AddressError) {
        let text: UTF8Span
        do {
            text = try UTF8Span(validating: octets)
        } catch {
            throw .notUTF8
        }
        try self.init(reading: text)
    }

    /// Reads one address from octets that come from outside; ones that are not UTF-8 are an error.
    public init(parsing octets: UnsafeRawBufferPointer) throws(AddressError) {
        let octets = octets.bindMemory(to: UInt8.self)
        try self.init(parsing: octets.span)
    }

    /// What was read before, and is in canonical form.
    init(canonical: String, localPartOctets: UInt8) {
        (self.canonical, self.localPartOctets) = (canonical, localPartOctets)
    }

    private init(reading text: borrowing UTF8Span) throws(AddressError) {
        let written = try WrittenAddress(text.span)
        (canonical, localPartOctets) = try written.canonical(of: text.span)
    }

    /// The part before the `@`, with its quotes where it needs them.
    public var localPart: Substring {
        canonical.utf8.prefix(Int(localPartOctets)).asText
    }

    /// The domain, as A-labels in lower case without a trailing dot.
    public var domain: Substring {
        canonical.utf8.dropFirst(Int(localPartOctets) + 1).asText
    }
}

extension Substring.UTF8View {
    /// Cut only beside ASCII, so the cut never falls into a character.
    fileprivate var asText: Substring { Substring(self) }
}

extension Address: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Shows that there is an address, never which.
    public var description: String { "Address(redacted)" }
    /// Shows that there is an address, never which.
    public var debugDescription: String { description }
    /// Has no children, so that a dump shows none of the text.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
