extension Address {
    /// The domains at which Google delivers to one mailbox whatever dots stand before the `@`.
    private static let dotlessDomains = ["gmail.com", "googlemail.com"]

    /// The address without its tag, and at Gmail without its dots; equal to ``canonical`` for most addresses.
    ///
    /// The tag is all from the first `+` that has something before it; dots left at the end by cutting it go too.
    /// `googlemail.com` becomes `gmail.com`. The alias form of an alias form is itself.
    /// It may add a refusal and never lifts one: that two addresses share it proves no one owner.
    public var alias: String {
        let isDotless = Self.dotlessDomains.contains { $0 == domain }
        if !isDotless, !localPart.utf8.contains(UInt8(ascii: "+")) { return canonical }
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
