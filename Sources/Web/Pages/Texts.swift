import Rules

/// The words of one language, complete.
struct Texts: Sendable {
    /// Its tag, as `nb`.
    let language: String
    private let texts: [TextKey: String]
    private let names: [String: String]
    /// What people say yes to, by version.
    private let wordings: [String: String]
    /// The months from January.
    private let months: [String]

    /// The file's parts that hold names of a policy or versions, so that no list of theirs can be complete.
    private static let openParts = ["purposes.", "topics.", "wordings."]

    /// Checks a file whole.
    ///
    /// Throws for a text that is missing, unknown, or does not have exactly its words in braces.
    init(_ file: WordFile, language: String) throws(FileError) {
        self.language = language
        (texts, names, wordings) = try Self.sorted(file)
        months = (texts[.dateMonths] ?? "").split(separator: " ").map(String.init)
        guard months.count == 12 else {
            throw file.error(at: TextKey.dateMonths.rawValue, "has \(months.count) words; the 12 months are allowed")
        }
        for kind in Wording.Kind.allCases where current(kind) == nil {
            throw file.error(
                at: "wordings.\(kind.rawValue)-1", "is missing: without it nobody can say yes in this language")
        }
    }

    /// A text with what is filled in.
    func callAsFunction(_ key: TextKey, _ words: [TextKey.Word: String] = [:]) -> String {
        Self.fill(texts[key] ?? "") { word in TextKey.Word(rawValue: word).flatMap { words[$0] } }
    }

    /// The name of a purpose; one without a name is shown as the policy writes it.
    func purpose(_ id: Slug) -> String { names["purposes.\(id)"] ?? Self.readable(id) }

    /// The name of a topic.
    func topic(_ id: Slug) -> String { names["topics.\(id)"] ?? Self.readable(id) }

    /// `a, b and c`.
    func list(_ items: [String]) -> String {
        guard let last = items.last, items.count > 1 else { return items.first ?? "" }
        return self(.listAnd, [.first: items.dropLast().joined(separator: ", "), .last: last])
    }

    /// Names after a colon, each as it is: `a, b, c`.
    func purposes(_ ids: [Slug]) -> String { ids.map(purpose).joined(separator: ", ") }

    /// The day in that month, as people write it.
    func day(_ day: Int, month: Int, year: Int) -> String {
        guard months.indices.contains(month - 1) else { return "" }
        return self(.dateDay, [.day: String(day), .month: months[month - 1], .year: String(year)])
    }

    /// Every version of what people say yes to.
    var versions: Set<String> { Set(wordings.keys) }

    /// The newest version of what people say yes to.
    func current(_ kind: Wording.Kind) -> String? {
        wordings.keys.filter { Wording.kind(of: $0) == kind }.max { Wording.number(of: $0) < Wording.number(of: $1) }
    }

    /// The words of that version, with what they are about.
    func wording(_ version: String, controller: String, purposes: [Slug]) -> Wording? {
        wordings[version].map { text in
            let filled = Self.fill(text) { ["controller": controller, "purposes": self.purposes(purposes)][$0] }
            return Wording(version: version, language: language, text: filled)
        }
    }

    private static func readable(_ id: Slug) -> String { id.text.replacing("-", with: " ") }

    /// Fills in once, so that a brace in what is filled in stays a brace.
    private static func fill(_ text: String, _ value: (String) -> String?) -> String {
        var (filled, rest) = ("", text[...])
        while let place = firstBraces(in: rest) {
            filled += rest[..<place.lowerBound] + (value(place.word) ?? "{\(place.word)}")
            rest = rest[place.upperBound...]
        }
        return filled + rest
    }

    private static func braces(in text: String) -> Set<String> {
        var (words, rest): (Set<String>, Substring) = ([], text[...])
        while let place = firstBraces(in: rest) {
            words.insert(place.word)
            rest = rest[place.upperBound...]
        }
        return words
    }

    /// The first word in braces: from the opening one to behind the closing one.
    private static func firstBraces(
        in text: Substring
    ) -> (lowerBound: String.Index, upperBound: String.Index, word: String)? {
        guard let open = text.firstIndex(of: "{"), let close = text[open...].firstIndex(of: "}") else { return nil }
        return (open, text.index(after: close), String(text[text.index(after: open)..<close]))
    }
}

extension Texts {
    private typealias Sorted = ([TextKey: String], names: [String: String], wordings: [String: String])

    private static func sorted(_ file: WordFile) throws(FileError) -> Sorted {
        var sorted: Sorted = ([:], [:], [:])
        for line in file.lines {
            if let key = TextKey(rawValue: line.name) {
                try require(Set(key.words.map(\.rawValue)), in: line, of: file)
                sorted.0[key] = line.text
            } else if line.name.hasPrefix("wordings.") {
                try require(["controller", "purposes"], in: line, of: file)
                let version = String(line.name.dropFirst("wordings.".count))
                guard Wording.kind(of: version) != nil else {
                    let kinds = Wording.Kind.allCases.map { "\($0.rawValue)-NUMBER" }.joined(separator: " or ")
                    throw file.error(at: line.name, "is no version of a wording; \(kinds) is allowed")
                }
                sorted.wordings[version] = line.text
            } else if openParts.contains(where: line.name.hasPrefix) {
                sorted.names[line.name] = line.text
            } else {
                throw .unknownName(
                    line.name, known: TextKey.allCases.map(\.rawValue), file: file.file, line: line.line)
            }
        }
        if let missing = TextKey.allCases.first(where: { sorted.0[$0] == nil }) {
            throw file.error(at: missing.rawValue, "is missing")
        }
        return sorted
    }

    private static func require(_ words: Set<String>, in line: WordFile.Line, of file: WordFile) throws(FileError) {
        let found = braces(in: line.text)
        if let missing = words.subtracting(found).min() {
            throw file.error(at: line.name, "lacks {\(missing)}")
        }
        if let unknown = found.subtracting(words).min() {
            let allowed = words.sorted().map { "{\($0)}" }.joined(separator: ", ")
            throw file.error(
                at: line.name,
                "has {\(unknown)}; " + (allowed.isEmpty ? "nothing is filled in here" : "allowed: \(allowed)"))
        }
    }
}
