import Glibc

/// A file that only ever grows by whole records that are on the disk, or is emptied. One thread has it.
struct SpoolFile {
    let path: String
    private let descriptor: Int32
    private let bytesMax: Int
    /// Up to here it is whole and on the disk.
    private(set) var bytes: Int
    private var isBroken = false
    private var isHeadDamaged = false

    /// What was found when it was opened.
    struct Finding {
        var recordCount = 0
        /// Bytes of a last write that was never finished, so never acknowledged; cut.
        var cutBytes = 0
        /// What was no record any more: an acknowledged opt-out may have been in it.
        var damaged: [UInt8] = []
    }

    /// Opens it, or makes it; the caller syncs the folder. Nothing of what is found is changed but an unfinished end.
    init(_ path: String, bytesMax: Int, _ finding: inout Finding) throws(SpoolError) {
        (self.path, self.bytesMax) = (path, bytesMax)
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("opening", path: path, code: errno) }
        bytes = 0
        do throws(SpoolError) {
            try examine(&finding)
        } catch {
            close(descriptor)
            throw error
        }
    }

    func shut() { close(descriptor) }

    /// Whether no record is in it.
    var isEmpty: Bool { bytes <= SpoolCode.fileHead.count }

    private mutating func examine(_ finding: inout Finding) throws(SpoolError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("reading", path: path, code: errno) }
        let size = Int(status.st_size)
        bytes = size
        let head = try read(from: 0, atMost: SpoolCode.fileHead.count)
        if head.count < SpoolCode.fileHead.count {
            // The machine stopped when it was being made.
            finding.cutBytes = head.count
            try rewind(to: 0)
            return try write(SpoolCode.fileHead)
        }
        isHeadDamaged = head != SpoolCode.fileHead
        if isHeadDamaged { finding.damaged += head }
        var place = SpoolCode.fileHead.count
        while true {
            let part = try self.part(from: place)
            finding.recordCount += part.records.count
            finding.damaged += part.damaged
            place = part.next
            if part.isLast { break }
        }
        finding.cutBytes = size - place
        if place < size { try rewind(to: place) }
    }

    /// Some of the records, in order, and where the next ones begin.
    struct Part {
        var records: [SpoolRecord] = []
        var damaged: [UInt8] = []
        var next: Int
        var isLast = false
    }

    func part(from place: Int) throws(SpoolError) -> Part {
        let read = try read(from: place, atMost: spoolReadBytesMax)
        let reachesEnd = place + read.count >= bytes
        var part = Part(next: place)
        var offset = 0
        while true {
            switch SpoolCode.find(at: offset, in: read) {
            case .record(let record, let next):
                part.records.append(record)
                offset = next
            case .damaged(let next):
                part.damaged += read[offset..<next]
                offset = next
            case .cutShort, .end:
                part.next = place + offset
                part.isLast = reachesEnd
                return part
            }
        }
    }

    private func read(from place: Int, atMost count: Int) throws(SpoolError) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: max(min(count, bytes - place), 0))
        var filled = 0
        while filled < room.count {
            let got = room.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: filled), $0.count - filled, off_t(place + filled))
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw .system("reading", path: path, code: got < 0 ? errno : EIO) }
            filled += got
        }
        return room
    }

    // MARK: Writing

    /// Returns when the bytes are on the disk; where it throws, none of them counts.
    mutating func append(_ more: [UInt8]) throws(SpoolError) {
        guard !isBroken, bytes >= SpoolCode.fileHead.count else { throw .broken }
        guard more.count <= bytesMax - bytes else { throw .full(bytesMax: bytesMax) }
        try write(more)
    }

    private mutating func write(_ more: [UInt8]) throws(SpoolError) {
        var written = 0
        while written < more.count {
            let count = more.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written, off_t(bytes + written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let code = count < 0 ? errno : EIO
                try rewind(to: bytes)
                throw Self.isFull(code) ? .diskFull : .system("writing", path: path, code: code)
            }
            written += count
        }
        guard fdatasync(descriptor) == 0 else {
            // The pages count as clean from now on, whether they are on the disk or not.
            let code = errno
            isBroken = true
            throw Self.isFull(code) ? .diskFull : .system("syncing", path: path, code: code)
        }
        bytes += more.count
    }

    private static func isFull(_ code: Int32) -> Bool { [ENOSPC, EDQUOT, EFBIG].contains(code) }

    /// Takes all records out, if none came after the place.
    mutating func clear(through place: Int) throws(SpoolError) -> Bool {
        guard !isBroken else { throw .broken }
        guard place >= bytes else { return false }
        try rewind(to: isHeadDamaged ? 0 : SpoolCode.fileHead.count)
        if isHeadDamaged { try write(SpoolCode.fileHead) }
        isHeadDamaged = false
        return true
    }

    /// Cuts it, on the disk too.
    private mutating func rewind(to place: Int) throws(SpoolError) {
        guard ftruncate(descriptor, off_t(place)) == 0, fsync(descriptor) == 0 else {
            isBroken = true
            throw .system("cutting", path: path, code: errno)
        }
        bytes = place
    }
}
