import Yams

/// A value of a YAML file with its place, so that every complaint can name file, line and path.
struct YAMLValue {
    let node: Node
    let file: String
    let path: String

    /// How large a file may be.
    struct Limits {
        let bytesMax: Int
        /// The most values; anchors count wherever they are repeated.
        let valuesMax: Int

        static let policy = Limits(bytesMax: 1_048_576, valuesMax: 1_000_000)
        /// Room for a file of `ScenarioFile.scenariosMax`.
        static let scenarios = Limits(bytesMax: 67_108_864, valuesMax: 20_000_000)
    }

    /// The longest word, in bytes: comparing text with many combining marks takes the square of its length.
    static let wordBytesMax = 4_096

    /// Reads the only document of a file.
    static func document(_ text: String, file: String, limits: Limits) throws(FileError) -> YAMLValue {
        guard text.utf8.count <= limits.bytesMax else {
            throw FileError(file: file, problem: "is larger than \(limits.bytesMax) bytes")
        }
        // A byte order mark at the front says nothing in UTF-8, and the parser takes it for a word.
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        if let line = YAMLText.lineNestedTooDeep(text) {
            throw FileError(file: file, line: line, problem: "is nested deeper than \(YAMLText.depthMax) levels")
        }
        switch YAMLText.aliases(in: text) {
        case .none: break
        case .misplaced(let line):
            throw FileError(file: file, line: line, problem: "an alias stands alone: nothing may follow it on its line")
        case .neutralised(let neutral):
            let place = YAMLValue(node: try root(neutral, file: file), file: file, path: "")
            if let line = place.lineOfUnreadableName {
                throw FileError(file: file, line: line, problem: "a field's name must be a word")
            }
        }
        let node = try root(text, file: file)
        var budget = limits.valuesMax
        guard isWithin(&budget, node, depth: 0) else {
            let most = "has more than \(limits.valuesMax) values or more than \(YAMLText.depthMax) levels"
            throw FileError(file: file, line: node.mark?.line, problem: most)
        }
        return YAMLValue(node: node, file: file, path: "")
    }

    private static func root(_ text: String, file: String) throws(FileError) -> Node {
        let node: Node?
        do {
            node = try compose(yaml: text, .default, .default, .utf8)
        } catch let error as YamlError {
            throw FileError(file: file, line: error.line, problem: "is not YAML: \(error.sentence)")
        } catch {
            throw FileError(file: file, problem: "is not YAML")
        }
        guard let node else { throw FileError(file: file, line: 1, problem: "is empty") }
        return node
    }

    /// Where a field's name is no word or, in a text without its aliases, an alias.
    private var lineOfUnreadableName: Int? {
        switch node {
        case .alias: return nil
        case .scalar: return nil
        case .sequence(let items):
            return items.lazy.compactMap { YAMLValue(node: $0, file: file, path: "").lineOfUnreadableName }.first
        case .mapping(let pairs):
            for (key, value) in pairs {
                guard case .scalar(let name) = key, name.string.unicodeScalars.first != YAMLText.aliasMark else {
                    return key.mark?.line
                }
                if let line = YAMLValue(node: value, file: file, path: "").lineOfUnreadableName { return line }
            }
            return nil
        }
    }

    /// From 1.
    var line: Int? { node.mark?.line }

    func error(_ problem: String) -> FileError {
        FileError(file: file, line: line, path: path, problem: problem)
    }

    /// The text of a plain or quoted word.
    func text() throws(FileError) -> String {
        guard case .scalar(let scalar) = node, !isNull else { throw error("must be a word, not \(shape)") }
        guard scalar.string.utf8.count <= Self.wordBytesMax else {
            throw error("is longer than \(Self.wordBytesMax) bytes")
        }
        return scalar.string
    }

    /// A single value that was left out on purpose: `null`, `~` or nothing.
    var isNull: Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    func list(max: Int) throws(FileError) -> [YAMLValue] {
        guard case .sequence(let items) = node else { throw error("must be a list, not \(shape)") }
        guard items.count <= max else { throw error("has \(items.count) items; at most \(max) are allowed") }
        return items.enumerated().map { YAMLValue(node: $1, file: file, path: "\(path)[\($0)]") }
    }

    /// The fields in the file's order.
    func fields() throws(FileError) -> [(key: String, value: YAMLValue)] {
        guard case .mapping(let pairs) = node else { throw error("must be a mapping, not \(shape)") }
        var fields: [(key: String, value: YAMLValue)] = []
        var names: Set<String> = []
        for (key, value) in pairs {
            guard case .scalar(let name) = key, name.string.utf8.count <= Self.wordBytesMax else {
                throw error("a field's name must be a word of at most \(Self.wordBytesMax) bytes")
            }
            let place = path.isEmpty ? name.string : path + "." + name.string
            let field = YAMLValue(node: value, file: file, path: place)
            guard names.insert(name.string).inserted else {
                throw field.error("the field '\(name.string)' stands twice")
            }
            fields.append((name.string, field))
        }
        return fields
    }

    /// A mapping whose fields are all among the known.
    func mapping(_ known: [String]) throws(FileError) -> YAMLMapping {
        var values: [String: YAMLValue] = [:]
        for (key, value) in try fields() {
            guard known.contains(key) else {
                throw value.error("unknown field; \(knownWords(known, insteadOf: key))")
            }
            values[key] = value
        }
        return YAMLMapping(place: self, values: values)
    }

    func slug() throws(FileError) -> Slug {
        guard let slug = Slug(try text()) else { throw error("'\(try text())' is no name: \(Slug.allowed)") }
        return slug
    }

    func instant() throws(FileError) -> Instant {
        guard let instant = Instant(parsing: try text()) else {
            throw error("'\(try text())' is no time: RFC 3339 with an offset, as 2026-01-31T10:00:00Z, is allowed")
        }
        return instant
    }

    func period() throws(FileError) -> Period {
        guard let period = Period(parsing: try text()) else {
            throw error(
                "'\(try text())' is no period: a whole number of days, months or years, as '3 months', is allowed")
        }
        return period
    }

    func number(in range: ClosedRange<Int>) throws(FileError) -> Int {
        guard let number = Int(try text()), range.contains(number) else {
            throw error("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func word<Word: RawRepresentable & CaseIterable>(_ type: Word.Type) throws(FileError) -> Word
    where Word.RawValue == String {
        let text = try text()
        guard let word = Word(rawValue: text) else {
            throw error("unknown word '\(text)'; \(knownWords(Word.allCases.map(\.rawValue), insteadOf: text))")
        }
        return word
    }

    var isMapping: Bool { if case .mapping = node { true } else { false } }

    private var shape: String {
        switch node {
        case .scalar: isNull ? "nothing" : "a word"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    private static func isWithin(_ budget: inout Int, _ node: Node, depth: Int) -> Bool {
        budget -= 1
        guard budget >= 0, depth <= YAMLText.depthMax else { return false }
        switch node {
        case .scalar, .alias: return true
        case .sequence(let items): return items.allSatisfy { isWithin(&budget, $0, depth: depth + 1) }
        case .mapping(let pairs):
            return pairs.allSatisfy {
                isWithin(&budget, $0.key, depth: depth + 1) && isWithin(&budget, $0.value, depth: depth + 1)
            }
        }
    }
}

/// A mapping of known fields.
struct YAMLMapping {
    let place: YAMLValue
    fileprivate let values: [String: YAMLValue]

    fileprivate init(place: YAMLValue, values: [String: YAMLValue]) {
        (self.place, self.values) = (place, values)
    }

    /// Nil where the field is left out or null.
    func optional(_ key: String) -> YAMLValue? { values[key].flatMap { $0.isNull ? nil : $0 } }

    /// Whether the field is written, if only as null.
    func value(_ key: String) -> YAMLValue? { values[key] }

    func required(_ key: String) throws(FileError) -> YAMLValue {
        guard let value = optional(key) else { throw place.error("'\(key)' is missing") }
        return value
    }
}

extension YamlError {
    fileprivate var line: Int? {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        case .duplicatedKeysInMapping(_, let context): context.mark.line
        case .reader(_, let offset, _, let yaml):
            offset.map { yaml.utf8.prefix($0).reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 } }
        default: nil
        }
    }

    fileprivate var sentence: String {
        switch self {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _),
            .reader(let problem, _, _, _):
            problem
        case .duplicatedKeysInMapping(let duplicates, _):
            "the field \(duplicates.map { "'\($0)'" }.sorted().joined(separator: ", ")) stands twice"
        default: "it cannot be read"
        }
    }
}
