import Foundation
import Rules

/// Where policy files are looked for.
enum PolicyFiles {
    /// A shipped policy by its name, or a file, its path relative to the one that names it.
    static func policy(named word: String, besides file: String? = nil) throws(FileError) -> Policy {
        let path = try path(of: word, besides: file)
        return try Policy(parsing: read(path), file: path)
    }

    /// The whole text of a file; it must be UTF-8.
    static func read(_ file: String) throws(FileError) -> String {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: file))
        } catch {
            throw FileError(file: file, problem: "cannot be read: \((error as NSError).localizedDescription)")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw FileError(file: file, problem: "is not UTF-8")
        }
        return text
    }

    private static func path(of word: String, besides file: String?) throws(FileError) -> String {
        guard Slug(word) != nil else {
            guard let file else { return word }
            return URL(fileURLWithPath: word, relativeTo: URL(fileURLWithPath: file).deletingLastPathComponent()).path
        }
        for folder in folders {
            let path = folder.appendingPathComponent(word + ".yaml").path
            if FileManager.default.fileExists(atPath: path) { return path }
        }
        throw FileError(
            file: file ?? word,
            problem: "there is no shipped policy '\(word)'; looked in \(folders.map(\.path).joined(separator: ", "))")
    }

    /// `MAYSEND_POLICIES`, then `deploy/policies` beside or above the executable and here, then where a package puts it.
    private static var folders: [URL] {
        var folders: [URL] = []
        if let set = ProcessInfo.processInfo.environment["MAYSEND_POLICIES"] {
            folders.append(URL(fileURLWithPath: set, isDirectory: true))
        }
        let executable = Bundle.main.executableURL?.resolvingSymlinksInPath()
        var place = executable?.deletingLastPathComponent()
        for _ in 0..<6 {
            guard let here = place, here.path != "/" else { break }
            folders.append(here.appendingPathComponent("deploy/policies", isDirectory: true))
            place = here.deletingLastPathComponent()
        }
        folders.append(URL(fileURLWithPath: "deploy/policies", isDirectory: true))
        folders.append(URL(fileURLWithPath: "/usr/share/maysend/policies", isDirectory: true))
        return folders
    }
}
