/// What stands before the content of one file in a zip archive.
struct ZipEntry: Sendable {
    enum Method: Sendable {
        case stored, deflated
    }

    static let signature: [UInt8] = [0x50, 0x4B, 0x03, 0x04]

    private(set) var name = ""
    private(set) var method = Method.stored
    private(set) var headerBytes = 0
    private(set) var checksum: UInt64 = 0
    private(set) var packedBytes: UInt64 = 0
    private(set) var unpackedBytes: UInt64 = 0
    /// Whether checksum and lengths stand behind the content.
    private(set) var hasDescriptor = false
    /// A folder, or what a Mac puts beside its files.
    private(set) var isPassedOver = false

    init() {}

    /// Nil where more bytes are needed.
    init?(_ input: ByteQueue) throws(UnpackError) {
        guard input.count >= 30 else { return nil }
        let nameBytes = Int(input.number(26, bytes: 2))
        let extraBytes = Int(input.number(28, bytes: 2))
        guard nameBytes <= archiveFieldBytesMax, extraBytes <= archiveFieldBytesMax else {
            throw .damaged("the archive")
        }
        headerBytes = 30 + nameBytes + extraBytes
        guard input.count >= headerBytes else { return nil }
        let path = String(decoding: (0..<nameBytes).map { input.byte(30 + $0) }, as: UTF8.self)
        name = Self.shown(path)
        guard path != "[Content_Types].xml", path != "mimetype" else { throw .spreadsheet }
        let flags = input.number(6, bytes: 2)
        // Encrypted, by the strong way, or with a hidden directory.
        guard flags & 0x2041 == 0 else { throw .encrypted(file: name) }
        hasDescriptor = flags & 0x8 != 0
        checksum = input.number(14, bytes: 4)
        packedBytes = input.number(18, bytes: 4)
        unpackedBytes = input.number(22, bytes: 4)
        readLongLengths(input, from: 30 + nameBytes, to: headerBytes)
        switch input.number(8, bytes: 2) {
        case 0: method = .stored
        case 8: method = .deflated
        case let other: throw .methodUnknown(Int(other), file: name)
        }
        isPassedOver = path.hasSuffix("/") || path.hasPrefix("__MACOSX/") || name == ".DS_Store"
        if method == .stored, hasDescriptor, packedBytes == 0, !isPassedOver { throw .lengthMissing(file: name) }
        guard isPassedOver || Self.isList(name) else { throw .notAList(file: name) }
    }

    /// The lengths of 64 bits, where those of 32 say that they stand elsewhere.
    private mutating func readLongLengths(_ input: ByteQueue, from start: Int, to end: Int) {
        var field = start
        while field + 4 <= end {
            let length = Int(input.number(field + 2, bytes: 2))
            if input.number(field, bytes: 2) == 1, length >= 16, field + 4 + 16 <= end {
                if unpackedBytes == UInt64(UInt32.max) { unpackedBytes = input.number(field + 4, bytes: 8) }
                if packedBytes == UInt64(UInt32.max) { packedBytes = input.number(field + 12, bytes: 8) }
            }
            field += 4 + length
        }
    }

    /// The last part of the path, for people: where a file wants to be put means nothing to us.
    private static func shown(_ path: String) -> String {
        let last = path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? path
        let scalars = last.unicodeScalars.prefix(fileNameCharactersMax).map { scalar -> Unicode.Scalar in
            scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format ? "?" : scalar
        }
        return String(String.UnicodeScalarView(scalars))
    }

    private static func isList(_ name: String) -> Bool {
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return true }
        return listEndings.contains(name[name.index(after: dot)...].lowercased())
    }

    private static let listEndings: Set<String> = ["csv", "tsv", "tab", "txt", "json", "jsonl", "ndjson"]
}

/// Characters of a file's name that are shown.
private let fileNameCharactersMax = 128
