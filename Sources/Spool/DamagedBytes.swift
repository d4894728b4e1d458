import Glibc

/// Appends bytes that are no record any more to a file of their own, for whoever looks into what was lost.
func keepDamaged(_ bytes: [UInt8], at path: String) throws(SpoolError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system("making", path: path, code: errno) }
    defer { close(descriptor) }
    guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
        throw .system("writing", path: path, code: errno)
    }
}

extension Spool {
    /// Bytes in this folder that were no record any more whenever a spool was opened in it, until somebody takes the file
    /// `damaged` away: acknowledged opt-outs may have been in them.
    public static func damagedBytes(in folder: String) -> Int {
        var status = stat()
        return stat(folder + "/damaged", &status) == 0 ? Int(status.st_size) : 0
    }

    /// The same of this spool's folder.
    public var damagedBytes: Int { Self.damagedBytes(in: path) }
}
