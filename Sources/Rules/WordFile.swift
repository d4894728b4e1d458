/// A file of words for people, in YAML: names, nested as far as they like, and at each end one text.
///
/// What names there must be, its reader knows; this keeps each text with its place, so that it can be complained of.
public struct WordFile: Sendable {
    /// The file as it was named.
    public let file: String
    /// The texts in the file's order.
    public let lines: [Line]

    /// One text and where it stands.
    public struct Line: Hashable, Sendable {
        /// The names on the way to it, joined by dots: `done.title`.
        public let name: String
        /// As it is to be shown; never empty.
        public let text: String
        /// From 1.
        public let line: Int?
    }

    /// The most texts in a file.
    public static let linesMax = 2_000
    /// The deepest nesting of names.
    public static let depthMax = 4

    /// Reads the file.
    ///
    /// Throws the first thing that is no name or no text, with file, line and path.
    public init(parsing text: String, file: String) throws(FileError) {
        let top = try YAMLValue.document(text, file: file, limits: .policy)
        var lines: [Line] = []
        try Self.collect(top, under: "", depth: 0, into: &lines)
        (self.file, self.lines) = (file, lines)
    }

    private static func collect(
        _ value: YAMLValue, under name: String, depth: Int, into lines: inout [Line]
    ) throws(FileError) {
        guard depth < depthMax else { throw value.error("is nested deeper than \(depthMax) names") }
        for (key, value) in try value.fields() {
            let name = name.isEmpty ? key : name + "." + key
            if value.isMapping {
                try collect(value, under: name, depth: depth + 1, into: &lines)
                continue
            }
            guard lines.count < linesMax else { throw value.error("is one text too many: at most \(linesMax)") }
            lines.append(Line(name: name, text: try value.words(), line: value.line))
        }
    }

    /// A complaint about the text of that name, or about the whole file where it has none.
    public func error(at name: String, _ problem: String) -> FileError {
        FileError(file: file, line: lines.first { $0.name == name }?.line, path: name, problem: problem)
    }
}

extension YAMLValue {
    fileprivate func words() throws(FileError) -> String {
        let text = try text()
        guard text.unicodeScalars.contains(where: { $0.value > 0x20 }),
            !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
        else { throw error("must be words on one line") }
        return text
    }
}

extension FileError {
    /// A name that means nothing: with the known ones, and the one that was probably meant.
    public static func unknownName(_ name: String, known: [String], file: String, line: Int?) -> FileError {
        let nearest = knownWords(known, insteadOf: name).split(separator: ";").first.map(String.init) ?? ""
        return FileError(
            file: file, line: line, path: name,
            problem: "unknown name" + (nearest.hasPrefix("did you") ? "; \(nearest)" : "; nothing shows it"))
    }
}
