/// Why something is not in the spool.
public enum SpoolError: Error, Hashable, Sendable {
    /// Another process has the folder.
    case inUse(folder: String)
    /// The system refused: what was tried, where, and its error number.
    case system(String, path: String, code: Int32)
    /// The disk is full; nothing of the record counts.
    case diskFull
    /// The file has its largest size; nothing of the record counts.
    case full(bytesMax: Int)
    /// More wait for the disk than may.
    case busy
    /// A token that is empty or longer than `spoolTokenBytesMax`.
    case badToken
    /// A write or an fsync failed in a way after which nothing is certain; only opening it anew tells what is there.
    case broken
    /// It was closed.
    case closed
}

extension SpoolError: CustomStringConvertible {
    /// One sentence, without any token.
    public var description: String {
        switch self {
        case .inUse(let folder): "another process has the spool in \(folder)"
        case .system(let what, let path, let code): "\(what) \(path) failed: \(systemText(code))"
        case .diskFull: "the disk of the spool is full"
        case .full(let bytesMax): "the spool has its largest size, \(bytesMax) bytes"
        case .busy: "more than \(spoolWaitingMax) wait for the spool's disk"
        case .badToken: "a token has 1 to \(spoolTokenBytesMax) bytes"
        case .broken: "the spool's disk failed; restart to see what is on it"
        case .closed: "the spool is closed"
        }
    }
}
