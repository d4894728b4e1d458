import Foundation
import Rules

/// Where policy files are looked for.
enum PolicyFiles {
    /// A shipped policy by its name, or a file, its path relative to the one that names it.
    static func policy(named word: String, besides file: String? = nil) throws(FileError) -> Policy {
        let path = try path(of: word, besides: file)
        return try Policy(parsing: SystemFile.text(path), file: path)
    }

    /// The text of a shipped policy by its name, or of a file.
    static func text(named word: String) throws(FileError) -> String {
        try SystemFile.text(path(of: word, besides: nil))
    }

    private static func path(of word: String, besides file: String?) throws(FileError) -> String {
        guard Slug(word) != nil else {
            guard let file else { return word }
            return URL(fileURLWithPath: word, relativeTo: URL(fileURLWithPath: file).deletingLastPathComponent()).path
        }
        let folders = Places.folders(
            "deploy/policies", set: Settings.policiesFolder(), package: "/usr/share/maysend/policies")
        for folder in folders {
            let path = folder + "/" + word + ".yaml"
            if FileManager.default.fileExists(atPath: path) { return path }
        }
        throw FileError(
            file: file ?? word,
            problem: "there is no shipped policy '\(word)'; looked in \(folders.joined(separator: ", "))")
    }
}
