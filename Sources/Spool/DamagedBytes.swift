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
