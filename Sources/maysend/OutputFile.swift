import Foundation
import Synchronization

/// A file that is there when it is whole and not before, or standard output.
///
/// Written under another name beside it, for its owner alone, and renamed at the end.
final class OutputFile: Sendable {
    private let path: String?
    private let partPath: String?
    private let handle: FileHandle

    /// Nil is standard output. Refuses a file that is there, unless it may be replaced.
    init(_ path: String?, replacing: Replacing) throws(Failure) {
        self.path = path
        guard let path else {
            (partPath, handle) = (nil, .standardOutput)
            return
        }
        if replacing == .never, access(path, F_OK) == 0 {
            throw Failure(
                "\(path) is there already and stays as it is", hint: "--force replaces it once the new one is whole.")
        }
        let partPath = "\(path).\(getpid()).part"
        let descriptor = open(partPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("\(partPath): cannot be written: \(SystemFile.systemError())") }
        self.partPath = partPath
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Whether a file that is there may be replaced.
    enum Replacing {
        case never
        case whenWhole
    }

    func write(_ bytes: [UInt8]) throws(Failure) {
        guard !bytes.isEmpty else { return }
        do {
            try handle.write(contentsOf: Data(bytes))
        } catch {
            throw Failure("\(path ?? "standard output"): cannot be written on: \(SystemFile.systemError())")
        }
    }

    /// Puts the file under its name.
    func finish() throws(Failure) {
        guard let path, let partPath else { return }
        guard fsync(handle.fileDescriptor) == 0, rename(partPath, path) == 0 else {
            throw Failure("\(path): cannot be written: \(SystemFile.systemError())")
        }
    }

    /// Takes away what there is of it.
    func discard() {
        if let partPath { unlink(partPath) }
    }
}
