/// What is wrong in a policy or scenario file, where, and what is allowed.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file as it was named.
    public let file: String
    /// From 1; nil where the whole file is meant.
    public let line: Int?
    /// The way from the top, as `purposes.newsletter.grounds[2].for`; empty at the top.
    public let path: String
    /// One sentence.
    public let problem: String

    /// A mistake at a place; without a line or path it is the whole file's.
    public init(file: String, line: Int? = nil, path: String = "", problem: String) {
        (self.file, self.line, self.path, self.problem) = (file, line, path, problem)
    }

    /// The whole in a line: `FILE:LINE: PATH: PROBLEM`.
    public var description: String {
        var text = file
        if let line { text += ":\(line)" }
        if !path.isEmpty { text += ": \(path)" }
        return text + ": \(problem)"
    }
}

/// The known words, and the one that was probably meant.
func knownWords(_ known: [String], insteadOf word: String) -> String {
    guard !known.isEmpty else { return "there are none" }
    let list = "known are " + known.joined(separator: ", ")
    let nearest = known.map { (distance(from: $0, to: word), $0) }.min { $0.0 < $1.0 }
    guard let nearest, nearest.0 <= 2, nearest.0 < word.utf8.count else { return list }
    return "did you mean '\(nearest.1)'? \(list)"
}

/// How many characters must be changed, added or taken away; long words count as far apart.
private func distance(from one: String, to other: String) -> Int {
    let (one, other) = (Array(one.utf8), Array(other.utf8))
    guard one.count <= Slug.charactersMax, other.count <= Slug.charactersMax else { return .max }
    var row = Array(0...other.count)
    for (i, byte) in one.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, against) in other.enumerated() {
            let above = row[j + 1]
            row[j + 1] = min(above + 1, row[j] + 1, diagonal + (byte == against ? 0 : 1))
            diagonal = above
        }
    }
    return row[other.count]
}
