extension Address {
    /// Whether the address is a function's, not a person's: its local part, before any `+`, is one of ``roleLocalParts``.
    ///
    /// What a role address permits is the policy's business; where in doubt an address is a person's.
    public var isRole: Bool {
        let stem = localPart.utf8.prefix { $0 != UInt8(ascii: "+") }
        return stem.count <= Self.roleOctetsMax && Self.roleLocalParts.contains(String(Substring(stem)))
    }

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
