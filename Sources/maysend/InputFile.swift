import Foundation
import Rules
import Work

/// A file that is read in pieces, or standard input.
final class InputFile {
    private let handle: FileHandle
    /// 0 where nobody knows.
    let byteCount: Int
    private(set) var bytesRead = 0

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
        let piece: Data?
        do {
            piece = try handle.read(upToCount: Self.pieceBytes)
        } catch {
            throw ReadFailure("cannot be read on, after \(bytesRead) bytes")
        }
        guard let piece, !piece.isEmpty else { return nil }
        bytesRead += piece.count
        return Array(piece)
    }
}
