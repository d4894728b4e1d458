/// Bytes that a packed file may hold once it is unpacked.
public let unpackedBytesMax = 16 * 1_024 * 1_024 * 1_024
/// How many times longer than the packed file its content may be; lists are 3 to 30 times longer, a bomb 1,000 times.
public let unpackedRatioMax = 250
/// Bytes that come out before the ratio is looked at.
public let unpackedRatioFreeBytes = 16 * 1_024 * 1_024
/// Files in one archive.
public let archiveFilesMax = 64
/// Bytes of the name and of the other fields of a file in an archive.
public let archiveFieldBytesMax = 4_096

/// Why a packed file cannot be read any further.
public enum UnpackError: Error, Sendable, Equatable, CustomStringConvertible {
    case truncated
    case damaged(String)
    case outOfMemory
    case encrypted(file: String)
    case methodUnknown(Int, file: String)
    case lengthMissing(file: String)
    case packedTwice(file: String)
    case notAList(file: String)
    case spreadsheet
    case tooManyFiles
    case bytesMax
    case ratioMax
    case trailingBytes

    /// What is wrong and what is allowed.
    public var description: String {
        switch self {
        case .truncated: "the packed file ends before its content does; it was not copied whole"
        case .damaged(let what): "\(what) is damaged: its checksum or its form does not fit; pack the file anew"
        case .outOfMemory: "there is no memory to unpack the file"
        case .encrypted(let file): "“\(file)” is encrypted; pack it without a password"
        case .methodUnknown(let method, let file):
            "“\(file)” is packed by method \(method); allowed are stored (0) and deflate (8)"
        case .lengthMissing(let file): "“\(file)” is stored without its length; pack it with deflate, or anew"
        case .packedTwice(let file): "“\(file)” is a packed file inside a packed file; unpack it once"
        case .notAList(let file): "“\(file)” is no list; allowed are .csv, .tsv, .tab, .txt, .json, .jsonl and .ndjson"
        case .spreadsheet: "this is a spreadsheet or another office document; save the sheet as CSV"
        case .tooManyFiles: "the archive has more than \(archiveFilesMax) files"
        case .bytesMax: "the content is longer than \(unpackedBytesMax) bytes"
        case .ratioMax:
            "the content is more than \(unpackedRatioMax) times as long as the packed file, which no list is"
        case .trailingBytes: "there is something else behind the packed content"
        }
    }
}
