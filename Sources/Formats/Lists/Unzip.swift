import CZlib

/// Undoes zip (PKWARE's APPNOTE) from front to back, as the bytes come: files stored or deflated, with lengths before or
/// behind their content, of 32 or 64 bits. Folders and a Mac's side files are passed over.
struct Unzip: Sendable {
    private enum State {
        case header
        case stored(left: UInt64)
        case deflated(Inflater)
        case descriptor
        case directory
        case comment(left: Int)
        case done
    }

    private var state = State.header
    private var entry = ZipEntry()
    /// Of the file under way.
    private var (checksum, packed, unpacked): (UInt, UInt64, UInt64) = (0, 0, 0)
    private var (files, listed) = (0, 0)
    private var tally = UnpackTally()

    /// The next piece; nil where more input is needed, or where all is done.
    mutating func next(_ input: inout ByteQueue, isEnded: Bool) throws(UnpackError) -> UnpackedPiece? {
        while true {
            let before = input.count
            var piece: UnpackedPiece?
            var isWaiting = false
            switch state {
            case .header: (piece, isWaiting) = try header(&input)
            case .stored(let left): (piece, isWaiting) = try stored(&input, left: left)
            case .deflated(let inflater): (piece, isWaiting) = try deflated(&input, inflater)
            case .descriptor: (piece, isWaiting) = try descriptor(&input, isEnded: isEnded)
            case .directory: isWaiting = try directory(&input)
            case .comment(let left):
                let taken = input.take(left).count
                state = taken == left ? .done : .comment(left: left - taken)
                isWaiting = taken < left
            case .done:
                guard input.count == 0 else { throw .trailingBytes }
                return nil
            }
            tally.count(packed: before - input.count)
            if let piece {
                if case .bytes(let bytes) = piece { try tally.count(unpacked: bytes.count) }
                if entry.isPassedOver { continue }
                return piece
            }
            if isWaiting {
                guard !isEnded else { throw .truncated }
                return nil
            }
        }
    }

    private mutating func header(_ input: inout ByteQueue) throws(UnpackError) -> (UnpackedPiece?, isWaiting: Bool) {
        guard input.count >= 4 else { return (nil, true) }
        guard input.starts(with: ZipEntry.signature) else {
            state = .directory
            return (nil, false)
        }
        guard let read = try ZipEntry(input) else { return (nil, true) }
        files += 1
        guard files <= archiveFilesMax else { throw .tooManyFiles }
        entry = read
        input.drop(read.headerBytes)
        (checksum, packed, unpacked) = (crc32(0, nil, 0), 0, 0)
        switch read.method {
        case .stored: state = .stored(left: read.packedBytes)
        case .deflated: state = .deflated(try Inflater(.none))
        }
        return (.file(name: read.name), false)
    }

    private mutating func stored(
        _ input: inout ByteQueue, left: UInt64
    ) throws(UnpackError) -> (UnpackedPiece?, isWaiting: Bool) {
        guard left > 0 else { return try endContent() }
        let bytes = input.take(Int(min(left, UInt64(unpackedPieceBytes))))
        guard !bytes.isEmpty else { return (nil, true) }
        state = .stored(left: left - UInt64(bytes.count))
        count(bytes, packed: bytes.count)
        return (.bytes(bytes), false)
    }

    private mutating func deflated(
        _ input: inout ByteQueue, _ inflater: Inflater
    ) throws(UnpackError) -> (UnpackedPiece?, isWaiting: Bool) {
        var output: [UInt8] = []
        let step = try input.withBytes { bytes throws(UnpackError) in
            try inflater.inflate(bytes, into: &output, bytesMax: unpackedPieceBytes)
        }
        input.drop(step.consumed)
        count(output, packed: step.consumed)
        if step.isFinished {
            // What came out goes out first; the next round finds nothing left.
            let (piece, isWaiting) = output.isEmpty ? try endContent() : (.bytes(output), false)
            if !output.isEmpty { state = .stored(left: 0) }
            return (piece, isWaiting)
        }
        return output.isEmpty ? (nil, step.consumed == 0) : (.bytes(output), false)
    }

    private mutating func count(_ bytes: [UInt8], packed more: Int) {
        packed += UInt64(more)
        unpacked += UInt64(bytes.count)
        checksum = bytes.withUnsafeBufferPointer { crc32(checksum, $0.baseAddress, UInt32($0.count)) }
    }

    private mutating func endContent() throws(UnpackError) -> (UnpackedPiece?, isWaiting: Bool) {
        if entry.hasDescriptor {
            state = .descriptor
            return (nil, false)
        }
        guard UInt64(checksum) == entry.checksum, unpacked == entry.unpackedBytes, packed == entry.packedBytes else {
            throw .damaged("“\(entry.name)”")
        }
        state = .header
        return (.end, false)
    }

    /// What stands behind the content: perhaps a signature, the checksum, and both lengths of 32 or of 64 bits. Which of the
    /// four forms it is shows in the figures, which are known by now.
    private mutating func descriptor(
        _ input: inout ByteQueue, isEnded: Bool
    ) throws(UnpackError) -> (UnpackedPiece?, isWaiting: Bool) {
        // The archive's directory follows, so there is always more than the longest form.
        guard input.count > 24 || isEnded else { return (nil, true) }
        for start in [4, 0] where start == 0 || input.starts(with: [0x50, 0x4B, 0x07, 0x08]) {
            for width in [4, 8] {
                let mask = width == 4 ? UInt64(UInt32.max) : .max
                guard input.number(start, bytes: 4) == UInt64(checksum),
                    input.number(start + 4, bytes: width) == packed & mask,
                    input.number(start + 4 + width, bytes: width) == unpacked & mask,
                    Self.isSignature(input, at: start + 4 + 2 * width)
                else { continue }
                input.drop(start + 4 + 2 * width)
                state = .header
                return (.end, false)
            }
        }
        throw isEnded ? .truncated : .damaged("“\(entry.name)”")
    }

    /// Whether something of an archive can begin here, as far as it can be seen.
    private static func isSignature(_ input: ByteQueue, at offset: Int) -> Bool {
        offset >= input.count || input.byte(offset) == 0x50
    }

    /// The list of the files at the end, which must name as many as there were.
    private mutating func directory(_ input: inout ByteQueue) throws(UnpackError) -> Bool {
        guard input.count >= 4 else { return true }
        guard input.byte(0) == 0x50, input.byte(1) == 0x4B else { throw .damaged("the archive") }
        switch (input.byte(2), input.byte(3)) {
        case (0x01, 0x02):
            guard input.count >= 46 else { return true }
            let fields = [28, 30, 32].reduce(0) { $0 + Int(input.number($1, bytes: 2)) }
            guard fields <= 3 * archiveFieldBytesMax else { throw .damaged("the archive's directory") }
            guard input.count >= 46 + fields else { return true }
            input.drop(46 + fields)
            listed += 1
        case (0x06, 0x06):  // The end in 64 bits.
            guard input.count >= 12 else { return true }
            let length = input.number(4, bytes: 8)
            guard length <= UInt64(archiveFieldBytesMax) else { throw .damaged("the archive's directory") }
            guard input.count >= 12 + Int(length) else { return true }
            input.drop(12 + Int(length))
        case (0x06, 0x07):
            guard input.count >= 20 else { return true }
            input.drop(20)
        case (0x05, 0x06):
            guard input.count >= 22 else { return true }
            guard listed == files else { throw .damaged("the archive's directory") }
            let comment = Int(input.number(20, bytes: 2))
            input.drop(22)
            state = .comment(left: comment)
        default: throw .damaged("the archive")
        }
        return false
    }
}
