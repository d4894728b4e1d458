/// Finds out how a file is packed and unpacks it as the bytes come.
struct Unpacker: Sendable {
    private enum State {
        case unknown
        case plain(isOpen: Bool)
        case gzip(Gunzip, isOpen: Bool)
        case zip(Unzip)
        case failed(UnpackError)
        case done
    }

    private var state = State.unknown
    private var input = ByteQueue()
    private var isEnded = false
    private(set) var packing: Packing?

    mutating func feed(_ bytes: [UInt8]) { input.append(bytes) }

    mutating func finish() { isEnded = true }

    /// The next piece; nil where more must be fed, or at the end. What it threw once it throws again.
    mutating func next() throws(UnpackError) -> UnpackedPiece? {
        do throws(UnpackError) {
            return try piece()
        } catch {
            state = .failed(error)
            throw error
        }
    }

    private mutating func piece() throws(UnpackError) -> UnpackedPiece? {
        switch state {
        case .failed(let error): throw error
        case .done: return nil
        case .unknown:
            guard input.count >= 4 || isEnded else { return nil }
            state = try recognised()
            return try piece()
        case .plain(let isOpen):
            state = .plain(isOpen: true)
            if !isOpen { return .file(name: "") }
            return input.count > 0 ? .bytes(input.take(unpackedPieceBytes)) : ending()
        case .gzip(var gunzip, let isOpen):
            if !isOpen {
                state = .gzip(gunzip, isOpen: true)
                return .file(name: "")
            }
            let bytes = try gunzip.next(&input, isEnded: isEnded)
            state = .gzip(gunzip, isOpen: true)
            return bytes.map { .bytes($0) } ?? ending()
        case .zip(var unzip):
            let piece = try unzip.next(&input, isEnded: isEnded)
            state = .zip(unzip)
            if piece == nil, isEnded { state = .done }
            return piece
        }
    }

    private mutating func ending() -> UnpackedPiece? {
        guard isEnded else { return nil }
        state = .done
        return .end
    }

    private mutating func recognised() throws(UnpackError) -> State {
        if input.starts(with: [0x1F, 0x8B]) {
            packing = .gzip
            return .gzip(try Gunzip(), isOpen: false)
        }
        if input.starts(with: [0x50, 0x4B, 0x03, 0x04]) || input.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
            packing = .zip
            return .zip(Unzip())
        }
        packing = .plain
        return .plain(isOpen: false)
    }

    /// Whether these are the first bytes of something packed.
    static func isPacked(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x1F, 0x8B, 0x08]) || bytes.starts(with: [0x50, 0x4B, 0x03, 0x04])
    }
}
