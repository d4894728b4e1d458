import Foundation
import Rules

/// Files as the system has them, with its own words for what is wrong.
enum SystemFile {
    /// The largest file that is read whole.
    static let bytesMax = 16 * 1_024 * 1_024

    /// The whole text of a file; it must be UTF-8.
    static func text(_ path: String) throws(FileError) -> String {
        let descriptor = try open(path)
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let data: Data
        do {
            data = try handle.read(upToCount: bytesMax + 1) ?? Data()
        } catch {
            throw FileError(file: path, problem: "cannot be read")
        }
        guard data.count <= bytesMax else { throw FileError(file: path, problem: "is larger than \(bytesMax) bytes") }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw FileError(file: path, problem: "is not UTF-8")
        }
        return text
    }

    /// A descriptor to read from, of a file that is no folder.
    static func open(_ path: String) throws(FileError) -> Int32 {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(file: path, problem: "cannot be read: \(systemError())") }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw FileError(file: path, problem: "is a folder, not a file")
        }
        return descriptor
    }

    /// Forces the name of a file that was made or renamed to disk.
    static func syncFolder(of path: String) throws(Failure) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure("\(folder): cannot be opened: \(systemError())") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Failure("\(folder): cannot be written: \(systemError())") }
    }

    /// What the last call of the system failed with.
    static func systemError() -> String { String(cString: strerror(errno)) }
}
