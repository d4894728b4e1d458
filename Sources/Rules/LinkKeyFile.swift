/// What is wrong with a link key; the raw value is a stable code.
public enum LinkKeyFault: String, Error, Hashable, Sendable, CaseIterable {
    case empty = "link-key-missing"
    case form = "link-key-form"
    case number = "link-key-number"
    case order = "link-key-order"
    case tooMany = "link-key-too-many"
    case base64 = "link-key-base64"
    case secretLength = "link-key-secret-length"
    case secretNotRandom = "link-key-secret-not-random"
    case secretRepeated = "link-key-secret-repeated"

    /// Says in one sentence what is wrong and what is allowed, without anything of the secret.
    public var sentence: String {
        switch self {
        case .empty: "There is no key in the file; 'maysend key rotate-links' adds one."
        case .form: "A line is k<number>:<base64>, such as k1:<base64 of 32 random octets>."
        case .number: "A number is a whole one from 1 to \(LinkKey.numberMax), without leading zeros."
        case .order: "The newest key stands first, and every later line has a lower number than those above it."
        case .tooMany: "A ring has at most \(LinkKeyRing.keysMax) keys."
        case .base64: "The secret is not base64 with its padding (RFC 4648 4)."
        case .secretLength: "The secret has \(LinkKey.secretOctets) octets, no more and no fewer."
        case .secretNotRandom: "The secret repeats a few octets; draw it from a random source."
        case .secretRepeated: "The secret is that of another key; a new key needs a secret of its own."
        }
    }
}

/// What is wrong with a file of link keys, and where; shows nothing of its content.
public struct LinkKeyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name of the file, as it was given.
    public let file: String
    /// The line, from 1.
    public let line: Int
    /// What is wrong there.
    public let fault: LinkKeyFault

    /// Gives file, line and sentence.
    public var description: String { "\(file):\(line): \(fault.sentence)" }
}

extension LinkKeyRing {
    /// Reads the secret file: one line `k<number>:<base64>` for each key, the newest first.
    ///
    /// Empty lines, and lines that begin with `#`, count for nothing. `file` is used for the error alone.
    public init(parsing text: String, file: String) throws(LinkKeyError) {
        var ring: LinkKeyRing?
        for (place, line) in SecretLine.lines(of: text) {
            do {
                let key = try LinkKey(parsing: line)
                if ring == nil { ring = LinkKeyRing(key) } else { try ring?.add(key) }
            } catch {
                throw LinkKeyError(file: file, line: place, fault: error)
            }
        }
        guard let ring else { throw LinkKeyError(file: file, line: 1, fault: .empty) }
        self = ring
    }
}

extension LinkKey {
    /// Reads `k<number>:<base64>`.
    fileprivate init(parsing line: ArraySlice<UInt8>) throws(LinkKeyFault) {
        let read: SecretLine
        do {
            read = try SecretLine(parsing: line, letter: UInt8(ascii: "k"))
        } catch {
            switch error {
            case .form: throw .form
            case .number: throw .number
            case .base64: throw .base64
            }
        }
        try self.init(number: read.number, secret: read.secret)
    }
}
