import Foundation
import Rules
import Store

/// Where `roles.sql` and the migrations are looked for.
enum SQLFiles {
    /// The text that makes the roles, and every migration in order.
    struct Contents {
        let folder: String
        let roles: String
        let migrations: [Migration]
    }

    /// Reads them all, from the first folder that has a `roles.sql`.
    static func read() throws(Failure) -> Contents {
        let folders = Places.folders("sql", set: Settings.sqlFolder(), package: "/usr/share/maysend/sql")
        guard let folder = folders.first(where: { exists($0, "roles.sql") }) else {
            throw Failure(
                "the migrations are not found; looked for roles.sql in \(folders.joined(separator: ", "))",
                hint: "Name their folder in MAYSEND_SQL.")
        }
        do {
            var migrations: [Migration] = []
            for file in try FileManager.default.contentsOfDirectory(atPath: folder + "/migrations").sorted() {
                let text = try SystemFile.text(folder + "/migrations/" + file)
                if let migration = Migration(file: file, text: text) { migrations.append(migration) }
            }
            return Contents(folder: folder, roles: try SystemFile.text(folder + "/roles.sql"), migrations: migrations)
        } catch let error as FileError {
            throw Failure(error)
        } catch {
            throw Failure("\(folder)/migrations: cannot be read: \((error as NSError).localizedDescription)")
        }
    }

    private static func exists(_ folder: String, _ file: String) -> Bool {
        FileManager.default.fileExists(atPath: folder + "/" + file)
    }
}

/// Where files that come with the program lie.
enum Places {
    /// The folder that a setting names, and no other; without one: beside or above the executable, here, and where a
    /// package puts it.
    static func folders(_ name: String, set: String?, package: String) -> [String] {
        if let set { return [set] }
        var folders: [String] = []
        var place = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
        for _ in 0..<6 {
            guard let here = place, here.path != "/" else { break }
            folders.append(here.appendingPathComponent(name, isDirectory: true).path)
            place = here.deletingLastPathComponent()
        }
        let here = URL(fileURLWithPath: name, isDirectory: true).path
        if !folders.contains(here) { folders.append(here) }
        return folders + [package]
    }
}
