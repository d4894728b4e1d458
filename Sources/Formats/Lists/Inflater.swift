import CZlib
import Synchronization

/// One stream of compressed data (RFC 1951, or with its envelope RFC 1952), undone piece by piece by zlib.
///
/// A copy of the reference is the same stream.
final class Inflater: Sendable {
    /// What is around the compressed data.
    enum Envelope {
        case none
        /// Header, checksum and length, which zlib checks.
        case gzip
    }

    /// What one call has done.
    struct Step {
        let consumed: Int
        let isFinished: Bool
    }

    private let stream: Mutex<ZlibStream>

    init(_ envelope: Envelope) throws(UnpackError) {
        guard let made = ZlibStream(envelope) else { throw .outOfMemory }
        stream = Mutex(made)
    }

    /// Undoes what it can of the input and appends at most `bytesMax` bytes.
    func inflate(
        _ input: UnsafeBufferPointer<UInt8>, into output: inout [UInt8], bytesMax: Int
    ) throws(UnpackError) -> Step {
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: bytesMax))
        let outcome = output.withUnsafeMutableBufferPointer { all in
            let room = UnsafeMutableBufferPointer(rebasing: all[start...])
            return stream.withLock { $0.run(input, into: room) }
        }
        output.removeLast(bytesMax - outcome.written)
        switch outcome.code {
        case Z_OK, Z_BUF_ERROR: return Step(consumed: outcome.consumed, isFinished: false)
        case Z_STREAM_END: return Step(consumed: outcome.consumed, isFinished: true)
        case Z_MEM_ERROR: throw .outOfMemory
        // What came out before the fault goes out first, so that it does not matter how the input was cut; zlib says the
        // same again when it is asked again.
        case Z_DATA_ERROR where outcome.written > 0: return Step(consumed: outcome.consumed, isFinished: false)
        default: throw .damaged("the compressed data")
        }
    }
}

/// zlib's own state, which must stay where it is in memory; kept by its address.
private struct ZlibStream: ~Copyable, Sendable {
    private let address: UInt

    private var state: UnsafeMutablePointer<z_stream>? { UnsafeMutablePointer(bitPattern: address) }

    init?(_ envelope: Inflater.Envelope) {
        let state = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        state.initialize(to: z_stream())
        let windowBits: Int32 = envelope == .gzip ? 15 + 16 : -15
        guard inflateInit2_(state, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            state.deallocate()
            return nil
        }
        address = UInt(bitPattern: state)
    }

    deinit {
        inflateEnd(state)
        state?.deallocate()
    }

    struct Outcome {
        let code: Int32
        let consumed: Int
        let written: Int
    }

    /// The pieces are small: their sizes fit zlib's 32 bits.
    func run(_ input: UnsafeBufferPointer<UInt8>, into room: UnsafeMutableBufferPointer<UInt8>) -> Outcome {
        guard let state else { return Outcome(code: Z_MEM_ERROR, consumed: 0, written: 0) }
        let given = min(input.count, inflaterPieceBytesMax)
        let space = min(room.count, inflaterPieceBytesMax)
        state.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        state.pointee.avail_in = UInt32(given)
        state.pointee.next_out = room.baseAddress
        state.pointee.avail_out = UInt32(space)
        let code = CZlib.inflate(state, Z_NO_FLUSH)
        return Outcome(
            code: code, consumed: given - Int(state.pointee.avail_in), written: space - Int(state.pointee.avail_out))
    }
}

/// Bytes that zlib is given or asked for at a time.
private let inflaterPieceBytesMax = 1 << 30
