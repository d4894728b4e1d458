/// Levels of arrays and objects inside one another.
public let jsonDepthMax = 64
/// Bytes of one document.
public let jsonBytesMax = 64 * 1_024 * 1_024
/// Values of any kind in one document; an empty array of three bytes costs some thirty in memory.
public let jsonValuesMax = 1_000_000
/// Bytes of one number.
public let jsonNumberBytesMax = 512

/// What one document may cost its reader.
public struct JSONLimits: Sendable, Equatable {
    public let depthMax: Int
    public let bytesMax: Int
    public let valuesMax: Int

    /// Limits for one document; a depth above `jsonDepthMax` is taken as that, because the reader calls itself.
    public init(depthMax: Int = jsonDepthMax, bytesMax: Int = jsonBytesMax, valuesMax: Int = jsonValuesMax) {
        self.depthMax = min(depthMax, jsonDepthMax)
        self.bytesMax = bytesMax
        self.valuesMax = valuesMax
    }

    /// The named limits of this room.
    public static let standard = JSONLimits()
}

/// Why bytes are not a JSON document, and where.
public struct JSONError: Error, Sendable, Equatable {
    /// The reasons, stable and in kebab-case on the outside.
    public enum Kind: String, Sendable, CaseIterable {
        case empty
        case tooLarge = "too-large"
        case tooDeep = "too-deep"
        case tooManyValues = "too-many-values"
        case byteOrderMark = "byte-order-mark"
        case unexpectedEnd = "unexpected-end"
        case unexpectedByte = "unexpected-byte"
        case invalidLiteral = "invalid-literal"
        case invalidNumber = "invalid-number"
        case numberOutOfRange = "number-out-of-range"
        case controlCharacter = "control-character"
        case invalidEscape = "invalid-escape"
        case loneSurrogate = "lone-surrogate"
        case nul
        case invalidUTF8 = "invalid-utf-8"
        case duplicateKey = "duplicate-key"
        case trailingContent = "trailing-content"
    }

    public let kind: Kind
    /// Bytes before the fault.
    public let offset: Int
    /// Counted from 1; CR, LF and CRLF each end a line.
    public let line: Int
    /// Characters (Unicode scalars) of the line up to the fault, counted from 1.
    public let column: Int
    /// What is wrong and what is allowed; may quote a few characters of the input, so it is for the sender, not the log.
    public let detail: String

    init(_ kind: Kind, at offset: Int, in bytes: UnsafeBufferPointer<UInt8>, _ detail: String) {
        self.kind = kind
        self.offset = offset
        self.detail = detail
        (line, column) = textPosition(of: offset, in: bytes, from: 0, line: 1)
    }
}

extension JSONError: CustomStringConvertible {
    /// One sentence with line and column.
    public var description: String { "line \(line), column \(column): \(detail)" }
}

/// Line and column (both from 1, columns in Unicode scalars) of the byte at `offset`, where `start` begins line `line`.
func textPosition(
    of offset: Int, in bytes: UnsafeBufferPointer<UInt8>, from start: Int, line: Int
) -> (line: Int, column: Int) {
    var line = line
    var column = 1
    var index = start
    let end = min(offset, bytes.count)
    while index < end {
        let byte = bytes[index]
        if byte == Byte.lf || (byte == Byte.cr && !(index + 1 < bytes.count && bytes[index + 1] == Byte.lf)) {
            line += 1
            column = 1
        } else if byte & 0xC0 != 0x80 {
            column += 1
        }
        index += 1
    }
    return (line, column)
}
