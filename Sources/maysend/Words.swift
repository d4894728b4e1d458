import ArgumentParser
import Rules
import Store

/// Readers of options: each gives the value, or says what is allowed.
enum Words {
    static func slug(_ text: String) throws -> Slug {
        guard let slug = Slug(text) else { throw ValidationError("no name; allowed are \(Slug.allowed)") }
        return slug
    }

    static func instant(_ text: String) throws -> Instant {
        guard let instant = Instant(parsing: text) else {
            throw ValidationError("no time; allowed is RFC 3339 with an offset, as 2026-01-31T10:00:00Z")
        }
        return instant
    }

    static func scope(_ text: String) throws -> AccessScope {
        try word(text, among: AccessScope.allCases)
    }

    /// One of the words of a closed list.
    static func word<Word: RawRepresentable>(_ text: String, among words: [Word]) throws -> Word
    where Word.RawValue == String {
        guard let word = Word(rawValue: text), words.contains(where: { $0.rawValue == text }) else {
            throw ValidationError("unknown; allowed are \(words.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }

    /// Reads `name=word`.
    static func pair(_ text: String) throws -> Pair {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { throw ValidationError("not of the form name=word") }
        return Pair(name: String(parts[0]), word: String(parts[1]))
    }

    struct Pair: Sendable {
        let name: String
        let word: String
    }

    /// An address as it was typed, or the first line of standard input for `-`.
    static func address(_ text: String) throws(Failure) -> Address {
        var text = text
        if text == "-" {
            guard let line = readLine() else { throw Failure("there is no address on standard input") }
            text = line
        }
        do {
            return try Address(parsing: text)
        } catch {
            throw Failure("no address (\(error.code)): \(error.sentence)")
        }
    }

    /// Evidence of the pairs, the method first; nil without any.
    static func evidence(method: String?, _ pairs: [Pair]) throws(Failure) -> Evidence? {
        var fields = pairs.map { (name: $0.name, word: $0.word) }
        if let method { fields.insert((name: "method", word: method), at: 0) }
        guard !fields.isEmpty else { return nil }
        if let twice = fields.map(\.name).first(where: { name in fields.count(where: { $0.name == name }) > 1 }) {
            throw Failure("evidence: '\(twice)' is given twice")
        }
        do {
            return try Evidence(fields)
        } catch {
            throw Failure("evidence\(error.field.map { " '\($0)'" } ?? ""): \(error.problem)")
        }
    }
}
