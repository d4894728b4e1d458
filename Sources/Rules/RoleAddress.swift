extension Address {
    /// Whether the address is a function's, not a person's: its local part, before any `+`, is one of ``roleLocalParts``.
    ///
    /// What a role address permits is the policy's business; where in doubt an address is a person's.
    public var isRole: Bool {
        var text = canonical
        return text.withUTF8 { Self.isRole(UnsafeBufferPointer(rebasing: $0[..<Int(localPartOctets)])) }
    }

    /// The same of a canonical local part.
    static func isRole(_ localPart: UnsafeBufferPointer<UInt8>) -> Bool {
        let stem = localPart.prefix { $0 != UInt8(ascii: "+") }
        guard stem.count <= roleOctetsMax, let first = stem.first, first.isASCIILetterOrDigit,
            roleInitials[stem.count] & 1 << UInt32(first & 31) != 0
        else { return false }
        return roleLocalParts.contains(String(decoding: stem, as: UTF8.self))
    }

    /// For each length, the first letters of those names: a bit each. Nearly every address ends here.
    private static let roleInitials: [UInt32] = {
        var initials = [UInt32](repeating: 0, count: roleOctetsMax + 1)
        for name in roleLocalParts {
            for first in name.utf8.prefix(1) { initials[name.utf8.count] |= 1 << UInt32(first & 31) }
        }
        return initials
    }()

    /// The mailbox names of RFC 2142 (sections 3 to 5), and those in use in the Nordic countries.
    static let roleLocalParts: Set<String> = [
        "info", "marketing", "sales", "support",
        "abuse", "noc", "security",
        "postmaster", "hostmaster", "usenet", "news", "webmaster", "www", "uucp", "ftp",
        "post", "firmapost", "postmottak", "kontakt", "contact", "kundeservice", "salg", "admin", "office",
        "faktura", "invoice", "hr", "jobb", "no-reply", "noreply",
    ]

    private static let roleOctetsMax = 12
}
