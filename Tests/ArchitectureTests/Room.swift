import Foundation

/// A folder of `Sources`, read as text.
struct Room {
    let name: String
    let files: [File]

    struct File {
        /// From the room's folder.
        let path: String
        let lines: [String]

        /// The lines without comments and the text of string literals, so that a word in prose is not mistaken for code.
        var code: [String] {
            var isInText = false
            return lines.map { line in
                let fences = line.components(separatedBy: "\"\"\"").count - 1
                defer { if fences % 2 == 1 { isInText.toggle() } }
                if isInText || line.trimmingCharacters(in: .whitespaces).hasPrefix("//") { return "" }
                return line.replacing(/"(\\.|[^"\\])*"/, with: "\"\"").replacing(/\/\/.*$/, with: "")
            }
        }

        /// The modules that the file imports.
        var imports: [String] {
            lines.compactMap { line in
                let words = line.split(separator: " ").map(String.init)
                guard let place = words.firstIndex(of: "import"), words.prefix(place).allSatisfy(isImportModifier),
                    let module = words.dropFirst(place + 1).last
                else { return nil }
                return String(module.split(separator: ".")[0])
            }
        }

        private func isImportModifier(_ word: String) -> Bool {
            ["public", "package", "internal", "private", "fileprivate"].contains(word) || word.hasPrefix("@")
        }
    }

    static let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func all() throws -> [Room] {
        let sources = top.appendingPathComponent("Sources")
        return try FileManager.default.contentsOfDirectory(atPath: sources.path).sorted().compactMap { name in
            let folder = sources.appendingPathComponent(name)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue
            else { return nil }
            return Room(name: name, files: try swiftFiles(in: folder))
        }
    }

    private static func swiftFiles(in folder: URL) throws -> [File] {
        guard let paths = FileManager.default.enumerator(atPath: folder.path) else { return [] }
        return try paths.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            let text = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
            return File(path: path, lines: text.components(separatedBy: "\n"))
        }
    }
}
