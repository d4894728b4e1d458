/// Finds the word somebody probably meant.
enum NearestWord {
    /// Bytes of a word that is compared at all; the comparison takes the product of two lengths.
    static let wordBytesMax = 64

    /// The known word with the fewest changes from `word`, if at most a third of its letters (and at least one) change;
    /// the first of several equally near.
    static func suggestion(for word: String, among known: [String]) -> String? {
        let wanted = Array(word.lowercased().utf8.prefix(wordBytesMax + 1))
        guard !wanted.isEmpty, wanted.count <= wordBytesMax else { return nil }
        var best: (word: String, distance: Int)?
        for candidate in known {
            let letters = Array(candidate.lowercased().utf8.prefix(wordBytesMax + 1))
            let allowed = max(1, max(letters.count, wanted.count) / 3)
            guard letters.count <= wordBytesMax, abs(letters.count - wanted.count) <= allowed else { continue }
            let distance = distance(wanted, letters)
            guard distance <= allowed, distance < letters.count else { continue }
            if let found = best, found.distance <= distance { continue }
            best = (candidate, distance)
        }
        return best?.word
    }

    /// Insertions, deletions, substitutions and swaps of neighbours that turn one into the other.
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for column in 0..<right.count {
                let same = left[row] == right[column]
                var least = min(last[column] + (same ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }

    /// The tail of a sentence about a word that is not known: the nearest, and all that are.
    static func allowed(_ known: [String], insteadOf word: String) -> String {
        guard !known.isEmpty else { return "none is allowed here" }
        let list = "allowed: " + known.joined(separator: ", ")
        guard let near = suggestion(for: word, among: known) else { return list }
        return "did you mean “\(near)”? " + list
    }
}
