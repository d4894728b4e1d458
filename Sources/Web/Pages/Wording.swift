import Rules

/// What a person says yes to, as it was shown: Article 7(1) asks for it later.
struct Wording: Hashable, Sendable {
    /// Its name in the texts, as `confirm-1`; the text of a version never changes.
    let version: String
    let language: String
    /// As it was shown, with the company and the purposes in it.
    let text: String

    /// By what a person says yes.
    enum Kind: String, CaseIterable, Sendable {
        /// A confirmed double opt-in.
        case confirm
        /// A choice on a page, an undone opt-out among them.
        case resume
    }

    /// The SHA-256 of the text's UTF-8, in hexadecimal.
    var digest: String { Digest(of: text).description }

    /// The kind of a version; nil where the name is none.
    static func kind(of version: String) -> Kind? {
        guard number(of: version) > 0 else { return nil }
        return version.split(separator: "-").first.flatMap { Kind(rawValue: String($0)) }
    }

    /// The number of a version; 0 where the name is none.
    static func number(of version: String) -> Int {
        let parts = version.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[1]), number > 0, String(number) == parts[1] else { return 0 }
        return number
    }
}
