/// How an organisation is named: by its number in a register of companies or, without one, by its name.
public struct OrganisationName: Hashable, Sendable {
    public let number: String?
    public let name: String?

    /// Nil without any; spaces in a number count for nothing.
    public init?(number: String?, name: String?) {
        let number = number.map(Self.withoutSpaces).flatMap { $0.isEmpty ? nil : $0 }
        let name = name.flatMap { $0.isEmpty ? nil : $0 }
        guard number != nil || name != nil else { return nil }
        (self.number, self.name) = (number, name)
    }

    private static func withoutSpaces(_ number: String) -> String {
        number.utf8.allSatisfy { (0x21...0x7e).contains($0) } ? number : number.filter { !$0.isWhitespace }
    }

    /// What makes two names the same organisation.
    public var identity: String { organisationIdentity(number: number, name: name) }
}

/// What makes two mentions the same organisation: the number in a register of companies or, without one, the name in
/// whatever case and spelling of its letters.
public func organisationIdentity(number: String?, name: String?) -> String {
    number.map { "#" + $0 } ?? "=" + UnicodeForm.folded(name ?? "")
}
