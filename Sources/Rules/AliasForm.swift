extension Address {
    /// The domains at which Google delivers to one mailbox whatever dots stand before the `@`.
    private static let dotlessDomains = ["gmail.com", "googlemail.com"]
    private static let gmail = Array("gmail.com".utf8)
    private static let googlemail = Array("googlemail.com".utf8)

    /// Whether the alias form of an address in canonical form may be another than itself; false is sure, and found without
    /// making any text.
    static func mayHaveAlias(_ canonical: UnsafeBufferPointer<UInt8>, localPartOctets: Int) -> Bool {
        let localPart = canonical[..<localPartOctets]
        if localPart.contains(UInt8(ascii: "+")) { return true }
        let domain = canonical[(localPartOctets + 1)...]
        if domain.count == gmail.count, domain.elementsEqual(gmail) {
            return localPart.contains(UInt8(ascii: ".")) || localPart.first == UInt8(ascii: "\"")
        }
        return domain.count == googlemail.count && domain.elementsEqual(googlemail)
    }

    /// The address without its tag, and at Gmail without its dots; equal to ``canonical`` for most addresses.
    ///
    /// The tag is all from the first `+` that has something before it; dots left at the end by cutting it go too.
    /// `googlemail.com` becomes `gmail.com`. The alias form of an alias form is itself.
    /// It may add a refusal and never lifts one: that two addresses share it proves no one owner.
    public var alias: String {
        var text = canonical
        let mayDiffer = text.withUTF8 { Self.mayHaveAlias($0, localPartOctets: Int(localPartOctets)) }
        if !mayDiffer { return canonical }
        let isDotless = Self.dotlessDomains.contains { $0 == domain }
        var content = LocalPart.content(ofCanonical: localPart)
        if let tag = content.dropFirst().firstIndex(of: UInt8(ascii: "+")) {
            var stem = content[..<tag]
            while stem.last == UInt8(ascii: ".") { stem.removeLast() }
            content = Array(stem.isEmpty ? content[..<tag] : stem)
        }
        if isDotless, content.contains(where: { $0 != UInt8(ascii: ".") }) {
            content.removeAll { $0 == UInt8(ascii: ".") }
        }
        let name = isDotless ? "gmail.com" : domain
        return String(decoding: LocalPart.spelled(content), as: UTF8.self) + "@" + name
    }
}
