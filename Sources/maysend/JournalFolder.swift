import Foundation
import Rules
import Store
import Synchronization
import Work

/// The folder that `MAYSEND_JOURNAL` names: files of lines that are chained by their checksums, through each file and from one
/// to the next, for its owner alone.
///
/// One process writes at a time; another finds the lock taken and leaves the folder alone.
final class JournalFolder: Sendable {
    private let path: String
    /// Held for as long as the process lives.
    private let lock: Int32

    /// Where the last line was left, so that its file is not read again.
    private let end = Mutex<End?>(nil)

    private struct End {
        let file: String
        let checksum: String
    }

    /// What somebody is about to do with it.
    enum Use {
        /// To write: it is made if it is not there.
        case toWrite
        /// To read after a restore what was written before: nothing is made.
        case toReadBack
    }

    /// The largest file that is read: a year of opt-outs in a day would fit.
    private static let fileBytesMax = 1_024 * 1_024 * 1_024
    private static let suffix = ".journal"

    /// Takes its lock.
    init(_ path: String, _ use: Use) throws(Failure) {
        self.path = path
        switch use {
        case .toWrite:
            if mkdir(path, 0o700) != 0, errno != EEXIST {
                throw Failure(
                    "MAYSEND_JOURNAL: \(path) cannot be made: \(SystemFile.systemError())",
                    hint: "It is a folder outside the database and its backups.")
            }
        case .toReadBack:
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
                throw Failure(
                    "the journal \(path) is not there; nothing was changed",
                    hint: "Look at the name, and whether its volume is mounted. Where it is lost, leave it out.")
            }
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
            append: { entries, floor, day throws(JournalFault) in try self.append(entries, floor, day) },
            end: { count throws(JournalFault) in try self.end(count) })
    }

    /// The files, oldest first.
    func files() throws(JournalFault) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(Self.suffix) }
                .sorted()
        } catch {
            throw JournalFault("the journal \(path) cannot be read: \(SystemFile.systemError())")
        }
    }

    /// All lines of a file; a last line that a crash has torn is left out.
    func lines(of file: String) throws(JournalFault) -> [JournalLine] {
        try read(file).lines
    }

    private func end(_ count: Int) throws(JournalFault) -> JournalEnd {
        var lines: [JournalLine] = []
        for file in try files().reversed() {
            lines = try self.lines(of: file) + lines
            if lines.count >= count { break }
        }
        return JournalEnd(lines.suffix(count))
    }

    // MARK: Writing

    private func append(_ entries: [JournalEntry], _ floor: UInt64, _ day: String) throws(JournalFault) {
        var former = end.withLock { $0 }
        if former == nil { former = try repairedEnd() }
        // Never behind a later file, so that each ends where the next one begins.
        let file = max(day + Self.suffix, former?.file ?? "")
        var text = ""
        var last = former?.checksum ?? JournalLine.firstChecksum
        if former?.file != file {
            let header = JournalHeader(after: former?.file, last)
            text = header.text + "\n"
            last = header.checksum
        }
        for entry in entries {
            let line = JournalLine(entry, floor: floor, after: last)
            text += line.text + "\n"
            last = line.checksum
        }
        end.withLock { $0 = nil }
        let place = path + "/" + file
        let descriptor = open(place, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.fault(place) }
        defer { close(descriptor) }
        guard lseek(descriptor, 0, SEEK_END) >= 0 else { throw Self.fault(place) }
        do {
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
            try handle.write(contentsOf: Data(text.utf8))
        } catch {
            throw Self.fault(place)
        }
        guard fsync(descriptor) == 0, syncFolder() else { throw Self.fault(place) }
        end.withLock { $0 = End(file: file, checksum: last) }
    }

    /// The end of the newest file that has one. What a crash has torn goes, so that the next line begins on its own.
    private func repairedEnd() throws(JournalFault) -> End? {
        for file in try files().reversed() {
            let reading = try read(file)
            if reading.isTorn {
                let place = path + "/" + file
                guard truncate(place, off_t(reading.bytes)) == 0 else { throw Self.fault(place) }
            }
            if reading.bytes > 0 { return End(file: file, checksum: reading.checksum) }
        }
        return nil
    }

    /// A file that was made is there after a power cut only once its folder is on the disk.
    private func syncFolder() -> Bool {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return false }
        defer { close(folder) }
        return fsync(folder) == 0
    }

    // MARK: Reading

    /// What stands in a file.
    private struct Reading {
        var header: JournalHeader?
        var lines: [JournalLine] = []
        /// Of whole lines.
        var bytes = 0
        /// Whether it ends in the middle of a line.
        var isTorn = false

        var checksum: String { lines.last?.checksum ?? header?.checksum ?? JournalLine.firstChecksum }
    }

    private func read(_ file: String) throws(JournalFault) -> Reading {
        let place = path + "/" + file
        guard let data = FileManager.default.contents(atPath: place) else {
            throw JournalFault("\(place) cannot be read: \(SystemFile.systemError())")
        }
        guard data.count <= Self.fileBytesMax else { throw JournalFault("\(place) is larger than a journal can be") }
        var reading = Reading()
        while reading.bytes < data.count {
            let rest = data[data.startIndex + reading.bytes..<data.endIndex]
            // Without a line end it is the line that was being written.
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                reading.isTorn = true
                break
            }
            let text = String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
            if reading.bytes == 0, let header = JournalHeader(parsing: text) {
                reading.header = header
            } else if let line = JournalLine(parsing: text, after: reading.checksum) {
                reading.lines.append(line)
            } else {
                let number = reading.lines.count + (reading.header == nil ? 1 : 2)
                throw JournalFault(
                    "\(place): line \(number) is not as it was written: the file was changed or is damaged")
            }
            reading.bytes += end - rest.startIndex + 1
        }
        return reading
    }

    /// Reads all of it and tells what is there and what is not. `wanted` is looked for by what it says.
    func review(for wanted: JournalEntry?) throws(JournalFault) -> JournalReview {
        var review = JournalReview()
        let files = try files()
        if files.isEmpty { review.gaps.append("there are no journal files in \(path)") }
        var former: End?
        for file in files {
            let reading = try read(file)
            if reading.isTorn {
                if file == files.last {
                    review.torn = "\(path)/\(file)"
                } else {
                    review.gaps.append("\(path)/\(file) ends in the middle of a line")
                }
            }
            for line in reading.lines { review.take(line.entry, wanted) }
            guard reading.bytes > 0 else { continue }
            if let header = reading.header { review.gaps += gaps(between: former, and: file, header) }
            former = End(file: file, checksum: reading.checksum)
        }
        return review
    }

    private func gaps(between former: End?, and file: String, _ header: JournalHeader) -> [String] {
        guard header.former == former?.file else {
            return ["\(path)/\(header.former ?? "-") is missing, which \(file) follows"]
        }
        guard let former, header.formerChecksum != former.checksum else { return [] }
        return ["\(path)/\(former.file) is not whole: its end is missing"]
    }

    private static func fault(_ place: String) -> JournalFault {
        JournalFault("\(place) cannot be written on: \(SystemFile.systemError())")
    }
}

/// What a journal has, read from end to end.
struct JournalReview {
    private(set) var newest = ActPosition.start
    private(set) var controllers: Set<Slug> = []
    private(set) var hasWanted = false
    /// What it lacks, in a sentence each.
    var gaps: [String] = []
    /// The newest file, where a crash has torn its last line, which was never acknowledged by the disk.
    var torn: String?

    mutating func take(_ entry: JournalEntry, _ wanted: JournalEntry?) {
        newest = max(newest, entry.position)
        controllers.insert(entry.controller)
        if let wanted, entry.says(whatSays: wanted) { hasWanted = true }
    }
}
