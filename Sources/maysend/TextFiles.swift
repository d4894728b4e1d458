import Foundation
import Rules
import Web

/// Where the texts that recipients read are looked for: a file for each language.
enum TextFiles {
    /// The pages in every language that there is.
    ///
    /// Throws where a file lacks a text, naming both.
    static func pages() throws(Failure) -> WebServer.RecipientPages {
        do {
            return try WebServer.RecipientPages(Languages(files: read()), offset: offset)
        } catch {
            throw Failure(error)
        }
    }

    private static func read() throws(FileError) -> [(name: String, text: String)] {
        let folders = Places.folders("deploy/texts", set: Settings.textsFolder(), package: "/usr/share/maysend/texts")
        for folder in folders {
            let names: [String]
            do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch { continue }
            let files = names.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.sorted()
            guard !files.isEmpty else { continue }
            var texts: [(name: String, text: String)] = []
            for file in files { texts.append((folder + "/" + file, try SystemFile.text(folder + "/" + file))) }
            return texts
        }
        throw FileError(
            file: folders.first ?? "deploy/texts",
            problem: "the texts that recipients read are not found, as nb.yaml; looked in "
                + "\(folders.joined(separator: ", ")). Name their folder in MAYSEND_TEXTS")
    }

    /// Seconds by which the zone is ahead of UTC then.
    private static func offset(_ zone: String, _ instant: Instant) -> Int? {
        let date = Date(timeIntervalSince1970: Double(instant.microseconds) / 1_000_000)
        return TimeZone(identifier: zone)?.secondsFromGMT(for: date)
    }
}
