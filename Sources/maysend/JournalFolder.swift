import Foundation
import Rules
import Store
import Synchronization
import Work

/// The folder that `MAYSEND_JOURNAL` names: a file a day, of lines that are chained by their checksums, for its owner alone.
///
/// One process writes at a time; another finds the lock taken and leaves the folder alone.
final class JournalFolder: Sendable {
    private let path: String
    /// Held for as long as the process lives.
    private let lock: Int32

    /// Where the last line of each file was left, so that it is not read again.
    private let ends = Mutex<[String: String]>([:])

    /// The largest file that is read: a year of opt-outs in a day would fit.
    private static let fileBytesMax = 1_024 * 1_024 * 1_024

    /// Makes the folder if it is not there, and takes its lock.
    init(_ path: String) throws(Failure) {
        self.path = path
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw Failure(
                "MAYSEND_JOURNAL: \(path) cannot be made: \(SystemFile.systemError())",
                hint: "It is a folder outside the database and its backups.")
        }
        lock = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw Failure("MAYSEND_JOURNAL: \(path) cannot be written on: \(SystemFile.systemError())")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw Failure(
                "MAYSEND_JOURNAL: another process writes in \(path)",
                hint: "Each server needs a folder of its own; 'restore-check' runs while none of them does.")
        }
    }

    deinit { close(lock) }

    /// The folder as the journal sees it.
    var shelf: JournalShelf {
        JournalShelf(
            append: { entries, day throws(JournalFault) in try self.append(entries, day) },
            newest: { count throws(JournalFault) in try self.newest(count) })
    }

    /// The files, oldest first.
    func files() throws(JournalFault) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".journal") }
                .sorted()
        } catch {
            throw JournalFault("the journal \(path) cannot be read: \(SystemFile.systemError())")
        }
    }

    /// All lines of a file; a last line that a crash has torn is left out.
    func lines(of file: String) throws(JournalFault) -> [JournalLine] {
        try read(file).lines
    }

    private func newest(_ count: Int) throws(JournalFault) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        for file in try files().reversed() {
            entries = try lines(of: file).map(\.entry) + entries
            if entries.count >= count { break }
        }
        return Array(entries.suffix(count))
    }

    private func append(_ entries: [JournalEntry], _ day: String) throws(JournalFault) {
        let file = day + ".journal"
        let place = path + "/" + file
        let descriptor = open(place, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.fault(place) }
        defer { close(descriptor) }
        var checksum = ends.withLock { $0[file] }
        if checksum == nil {
            let (lines, bytes) = try read(file)
            // What a crash has torn goes, so that the next line begins on its own.
            guard ftruncate(descriptor, off_t(bytes)) == 0 else { throw Self.fault(place) }
            checksum = lines.last?.checksum ?? JournalLine.firstChecksum
        }
        var last = checksum ?? JournalLine.firstChecksum
        var text = ""
        for entry in entries {
            let line = JournalLine(entry, after: last)
            text += line.text + "\n"
            last = line.checksum
        }
        ends.withLock { $0[file] = nil }
        guard lseek(descriptor, 0, SEEK_END) >= 0 else { throw Self.fault(place) }
        do {
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
            try handle.write(contentsOf: Data(text.utf8))
        } catch {
            throw Self.fault(place)
        }
        guard fsync(descriptor) == 0, syncFolder() else { throw Self.fault(place) }
        ends.withLock { $0 = [file: last] }
    }

    /// A file that was made is there after a power cut only once its folder is on the disk.
    private func syncFolder() -> Bool {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return false }
        defer { close(folder) }
        return fsync(folder) == 0
    }

    /// The lines of a file and how many bytes they are.
    private func read(_ file: String) throws(JournalFault) -> (lines: [JournalLine], bytes: Int) {
        let place = path + "/" + file
        guard FileManager.default.fileExists(atPath: place) else { return ([], 0) }
        guard let data = FileManager.default.contents(atPath: place) else {
            throw JournalFault("\(place) cannot be read: \(SystemFile.systemError())")
        }
        guard data.count <= Self.fileBytesMax else { throw JournalFault("\(place) is larger than a journal can be") }
        var lines: [JournalLine] = []
        var bytes = 0
        var checksum = JournalLine.firstChecksum
        while bytes < data.count {
            let rest = data[data.startIndex + bytes..<data.endIndex]
            // Without a line end it is the line that was being written.
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { break }
            guard let text = String(validating: rest[rest.startIndex..<end], as: UTF8.self),
                let line = JournalLine(parsing: text, after: checksum)
            else {
                throw JournalFault(
                    "\(place): line \(lines.count + 1) is not as it was written: the file was changed or is damaged")
            }
            lines.append(line)
            checksum = line.checksum
            bytes += end - rest.startIndex + 1
        }
        return (lines, bytes)
    }

    private static func fault(_ place: String) -> JournalFault {
        JournalFault("\(place) cannot be written on: \(SystemFile.systemError())")
    }
}
