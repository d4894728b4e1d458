import Foundation
import Rules
import Synchronization
import Work

/// A file that is read in pieces, or standard input.
final class InputFile: Sendable {
    private let handle: FileHandle
    /// 0 where nobody knows.
    let byteCount: Int
    private let read = Mutex(0)

    var bytesRead: Int { read.withLock { $0 } }

    private static let pieceBytes = 65_536

    init(_ path: String) throws(Failure) {
        if path == "-" {
            (handle, byteCount) = (.standardInput, 0)
            return
        }
        let descriptor: Int32
        do {
            descriptor = try SystemFile.open(path)
        } catch {
            throw Failure(error)
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        byteCount = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// The next piece; nil at the end.
    func piece() throws(ReadFailure) -> [UInt8]? {
        var failed = false
        // What there is of a pipe now, and not all that it will ever fill a piece with.
        let piece = [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { bytes, count in
            var result = 0
            repeat {
                result = Foundation.read(handle.fileDescriptor, bytes.baseAddress, Self.pieceBytes)
            } while result < 0 && errno == EINTR
            count = max(result, 0)
            failed = result < 0
        }
        guard !failed else { throw ReadFailure("cannot be read on, after \(bytesRead) bytes") }
        guard !piece.isEmpty else { return nil }
        read.withLock { $0 += piece.count }
        return piece
    }

    /// The next piece, waited for on a thread of its own: standard input may let nobody else have this one for long.
    func nextPiece() async throws -> [UInt8]? {
        try await withCheckedThrowingContinuation { piece in
            DispatchQueue.global().async { piece.resume(with: Result { try self.piece() }) }
        }
    }
}
