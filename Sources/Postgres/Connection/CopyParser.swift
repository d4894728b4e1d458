/// Cuts the bytes of a binary COPY into rows, wherever the pieces they come in end.
struct CopyParser {
    private static let signature: [UInt8] = [0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00]
    /// Signature, flags and length of the extension.
    private static let headerBytes = 19

    private enum Stage {
        case header
        case rows
        case ended
    }

    private let columns: Int
    private var pending: [UInt8] = []
    private var position = 0
    private var stage = Stage.header

    /// Rows have that many columns.
    init(columns: Int) {
        self.columns = columns
    }

    /// Whether the end mark has been read.
    var isEnded: Bool {
        guard case .ended = stage else { return false }
        return true
    }

    mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        if position > 0 {
            pending.removeFirst(position)
            position = 0
        }
        pending.append(contentsOf: bytes)
    }

    /// Where the next whole row's fields are, nil if more bytes are needed or the end has been read;
    /// ``ValueReason/length`` if this is no such COPY.
    mutating func nextRow() throws(ValueReason) -> Range<Int>? {
        if case .header = stage {
            guard try skipHeader() else { return nil }
        }
        guard case .rows = stage, let count = number(Int16.self, at: position) else { return nil }
        guard count != -1 else {
            stage = .ended
            return nil
        }
        guard count == columns else { throw .length }
        var end = position + 2
        for _ in 0..<columns {
            guard let length = number(Int32.self, at: end) else { return nil }
            guard length >= -1 else { throw .length }
            end += 4 + max(Int(length), 0)
        }
        guard end <= pending.count else { return nil }
        defer { position = end }
        return position + 2..<end
    }

    /// The fields of a row that `nextRow` found, before anything else is fed.
    func withFields<Outcome, Failure: Error>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Outcome
    ) throws(Failure) -> Outcome {
        try pending.withUnsafeBufferPointer { (bytes: UnsafeBufferPointer<UInt8>) throws(Failure) -> Outcome in
            try body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[range]))
        }
    }

    private mutating func skipHeader() throws(ValueReason) -> Bool {
        guard let extra = number(Int32.self, at: Self.headerBytes - 4) else { return false }
        guard pending.starts(with: Self.signature), extra >= 0 else { throw .version }
        guard pending.count - Self.headerBytes >= Int(extra) else { return false }
        position = Self.headerBytes + Int(extra)
        stage = .rows
        return true
    }

    private func number<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) -> Number? {
        guard pending.count - offset >= MemoryLayout<Number>.size else { return nil }
        return pending.withUnsafeBytes { (raw: UnsafeRawBufferPointer) in
            Number(bigEndian: raw.loadUnaligned(fromByteOffset: offset, as: Number.self))
        }
    }
}
