public import Rules

/// Every language in which recipients are spoken to.
public struct Languages: Sendable {
    /// One for each file, by tag.
    let all: [Texts]

    /// The language where nothing else is asked for or fits.
    static let last = "en"
    /// Languages that are read as another one which there is.
    private static let near = ["no": "nb", "nn": "nb", "nb": "no", "da": "nb"]
    /// Ranges of an Accept-Language field that are looked at; nobody reads more.
    static let rangesMax = 32

    /// Takes the texts of each language from a file named by its tag, as `nb.yaml`.
    ///
    /// Throws the first thing that is wrong, with file and name.
    public init(files: [(name: String, text: String)]) throws(FileError) {
        var all: [Texts] = []
        for (name, text) in files.sorted(by: { $0.name < $1.name }) {
            let tag = name.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? ""
            guard Slug(tag) != nil else {
                throw FileError(file: name, problem: "is not named by a language, as nb.yaml or en.yaml")
            }
            all.append(try Texts(WordFile(parsing: text, file: name), language: tag))
        }
        self.all = all
        guard !all.isEmpty else { throw FileError(file: "texts", problem: "there is no file of texts, as nb.yaml") }
        try Self.requireSameWordings(all, files.map(\.name).sorted())
    }

    /// The language of that tag.
    subscript(_ tag: String) -> Texts? { all.first { $0.language == tag } }

    /// The language to answer in: the one asked for, the best that the browser takes (RFC 9110 12.5.4), the company's
    /// first, or English.
    func chosen(_ asked: String?, accept: String?, of company: [String]) -> Texts {
        if let asked, let texts = self[asked] { return texts }
        for range in Self.ranges(accept ?? "") {
            if range == "*" { break }
            if let texts = best(range) { return texts }
        }
        for tag in company + [Self.last] {
            if let texts = best(tag.lowercased()) { return texts }
        }
        return all[0]
    }

    /// RFC 4647 3.4: the tag itself, then shorter and shorter; then one that its readers read too.
    private func best(_ range: String) -> Texts? {
        var parts = range.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        while !parts.isEmpty {
            let tag = parts.joined(separator: "-")
            if let texts = self[tag] ?? Self.near[tag].flatMap({ self[$0] }) { return texts }
            parts.removeLast()
        }
        return nil
    }

    /// The ranges that are wanted, best first; what is malformed or unwanted (`q=0`) is left out.
    static func ranges(_ field: String) -> [String] {
        var ranges: [(range: String, weight: Int, place: Int)] = []
        for (place, item) in field.split(separator: ",").prefix(rangesMax).enumerated() {
            let parts = item.split(separator: ";", omittingEmptySubsequences: false).map { part in
                part.filter { $0 != " " && $0 != "\t" }.lowercased()
            }
            guard let range = parts.first, isRange(range), parts.count <= 2 else { continue }
            guard let weight = parts.count == 2 ? weight(parts[1]) : 1_000, weight > 0 else { continue }
            ranges.append((range, weight, place))
        }
        return ranges.sorted { ($1.weight, $0.place) < ($0.weight, $1.place) }.map(\.range)
    }

    private static func isRange(_ range: String) -> Bool {
        if range == "*" { return true }
        let parts = range.split(separator: "-", omittingEmptySubsequences: false)
        return parts.allSatisfy { (1...8).contains($0.utf8.count) && $0.utf8.allSatisfy(isAlphanumeric) }
    }

    private static func isAlphanumeric(_ octet: UInt8) -> Bool {
        (0x61...0x7A).contains(octet) || (0x30...0x39).contains(octet)
    }

    /// Thousandths: `q=0.8` is 800. Nil for what is no weight.
    private static func weight(_ text: String) -> Int? {
        guard text.hasPrefix("q=") else { return nil }
        let parts = text.dropFirst(2).split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first, whole == "0" || whole == "1", parts.count <= 2 else { return nil }
        let digits = parts.count == 2 ? parts[1] : ""
        guard digits.utf8.count <= 3, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let thousandths = Int(digits + String(repeating: "0", count: 3 - digits.utf8.count)) ?? 0
        let weight = (whole == "1" ? 1_000 : 0) + thousandths
        return weight <= 1_000 ? weight : nil
    }

    /// A version must mean the same in every language, so it is there in all or in none.
    private static func requireSameWordings(_ all: [Texts], _ names: [String]) throws(FileError) {
        for (texts, name) in zip(all, names) {
            for (other, otherName) in zip(all, names) {
                guard let lacking = other.versions.subtracting(texts.versions).min() else { continue }
                throw FileError(
                    file: name, path: "wordings.\(lacking)", problem: "is missing; \(otherName) has it")
            }
        }
    }
}
