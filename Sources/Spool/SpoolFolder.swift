import Glibc

/// The folder of a spool: who it belongs to, and the lock by which two processes never share it.
struct SpoolFolder {
    let path: String
    private let lock: Int32
    private let folder: Int32

    /// The name by which the database knows the instance that has this folder: 16 bytes.
    let identity: [UInt8]

    /// Makes the folder if it is not there (not its parents) and takes the lock.
    init(_ path: String, freshIdentity: [UInt8]) throws(SpoolError) {
        self.path = path
        if mkdir(path, 0o700) == 0 {
            try Self.sync(folder: Self.parent(of: path))
        } else if errno != EEXIST {
            throw .system("making the folder", path: path, code: errno)
        }
        folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .system("opening the folder", path: path, code: errno) }
        lock = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            let code = errno
            close(folder)
            throw .system("opening", path: path + "/lock", code: code)
        }
        do throws(SpoolError) {
            guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
                throw errno == EWOULDBLOCK
                    ? .inUse(folder: path) : .system("locking", path: path + "/lock", code: errno)
            }
            identity = try Self.identity(in: path, folder: folder, fresh: freshIdentity)
        } catch {
            close(lock)
            close(folder)
            throw error
        }
    }

    func shut() {
        close(folder)
        // A child that this process is just starting has the descriptor too until it becomes another program, and would keep
        // the lock for as long.
        _ = flock(lock, LOCK_UN)
        close(lock)
    }

    /// Returns when every name in the folder is on the disk.
    func sync() throws(SpoolError) {
        guard fsync(folder) == 0 else { throw .system("syncing the folder", path: path, code: errno) }
    }

    private static func sync(folder path: String) throws(SpoolError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("opening the folder", path: path, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system("syncing the folder", path: path, code: errno) }
    }

    private static func parent(of path: String) -> String {
        let trimmed = path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    // MARK: Identity

    private static func identity(
        in path: String, folder: Int32, fresh: [UInt8]
    ) throws(SpoolError) -> [UInt8] {
        let name = path + "/instance"
        if let held = try read(name), held.count == 33, let identity = octets(held.dropLast()) { return identity }
        let text = fresh.map { hexadecimal($0) }.joined() + "\n"
        // Under another name first, so that there is all of it or nothing.
        try write(Array(text.utf8), to: name + ".new")
        guard rename(name + ".new", name) == 0, fsync(folder) == 0 else {
            throw .system("naming", path: name, code: errno)
        }
        return fresh
    }

    private static func read(_ path: String) throws(SpoolError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .system("opening", path: path, code: errno)
        }
        defer { close(descriptor) }
        var room = [UInt8](repeating: 0, count: 64)
        let count = Glibc.read(descriptor, &room, room.count)
        guard count >= 0 else { throw .system("reading", path: path, code: errno) }
        return Array(room.prefix(count))
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(SpoolError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("making", path: path, code: errno) }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw .system("writing", path: path, code: errno)
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    private static func octets(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        var octets: [UInt8] = []
        var rest = digits
        while let high = rest.popFirst(), let low = rest.popFirst() {
            guard let octet = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16) else { return nil }
            octets.append(octet)
        }
        return octets
    }

    // MARK: The mark of registration

    private var mark: String { path + "/registered" }

    /// Leaves the mark that the database knows this instance, or takes it away; on the disk when it returns.
    func note(isRegistered: Bool) throws(SpoolError) {
        if isRegistered {
            try Self.write([], to: mark)
        } else if unlink(mark) != 0, errno != ENOENT {
            throw .system("removing", path: mark, code: errno)
        }
        try sync()
    }

    /// Renews the time of the mark; it need not survive the machine.
    func renewMark() { utimensat(AT_FDCWD, mark, nil, 0) }

    /// Seconds since the mark was left or renewed, by this machine's clock; nil where there is none.
    var markAgeSeconds: Int? {
        var status = stat()
        var now = timespec()
        guard stat(mark, &status) == 0, clock_gettime(CLOCK_REALTIME, &now) == 0 else { return nil }
        return now.tv_sec - status.st_mtim.tv_sec
    }
}
