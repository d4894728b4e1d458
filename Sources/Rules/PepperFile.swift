/// What is wrong with a pepper; the raw value is a stable code.
public enum PepperFault: String, Error, Hashable, Sendable, CaseIterable {
    case empty = "pepper-missing"
    case form = "pepper-form"
    case version = "pepper-version"
    case order = "pepper-order"
    case tooMany = "pepper-too-many"
    case base64 = "pepper-base64"
    case secretTooShort = "pepper-secret-too-short"
    case secretTooLong = "pepper-secret-too-long"
    case secretNotRandom = "pepper-secret-not-random"
    case secretRepeated = "pepper-secret-repeated"

    /// The stable kebab-case code of this fault.
    public var code: String { rawValue }

    /// Says in one sentence what is wrong and what is allowed, without anything of the secret.
    public var sentence: String {
        switch self {
        case .empty: "There is no pepper in the file; write one line such as v1:<base64 of 32 random octets>."
        case .form: "A line is v<version>:<base64>, such as v1:<base64 of 32 random octets>."
        case .version: "A version is a whole number from 1 to \(Pepper.versionMax), without leading zeros."
        case .order: "The newest version stands first, and every later line has a lower version than those above it."
        case .tooMany: "At most \(Peppers.liveVersionsMax) versions may be live at once."
        case .base64: "The secret is not base64 with its padding (RFC 4648 4)."
        case .secretTooShort: "The secret is too short; at least \(Pepper.secretOctetsMin) random octets are needed."
        case .secretTooLong: "The secret is too long; at most \(Pepper.secretOctetsMax) octets are allowed."
        case .secretNotRandom: "The secret repeats a few octets; draw it from a random source."
        case .secretRepeated: "The secret is that of another version; a new version needs a secret of its own."
        }
    }
}

/// What is wrong with a pepper file, and where; shows nothing of its content.
public struct PepperError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name of the file, as it was given.
    public let file: String
    /// The line, from 1.
    public let line: Int
    /// What is wrong there.
    public let fault: PepperFault

    /// Gives file, line and sentence.
    public var description: String { "\(file):\(line): \(fault.sentence)" }
}

extension Peppers {
    /// Reads the secret file: one line `v<version>:<base64>` for each live version, the newest first.
    ///
    /// Empty lines, and lines that begin with `#`, count for nothing. `file` is used for the error alone.
    public init(parsing text: String, file: String) throws(PepperError) {
        var live: Peppers?
        for (place, line) in SecretLine.lines(of: text) {
            do {
                let pepper = try Pepper(parsing: line)
                if live == nil { live = try Peppers(current: pepper) } else { try live?.add(pepper) }
            } catch {
                throw PepperError(file: file, line: place, fault: error)
            }
        }
        guard let live else { throw PepperError(file: file, line: 1, fault: .empty) }
        self = live
    }
}

extension Pepper {
    /// Reads `v<version>:<base64>`.
    fileprivate init(parsing line: ArraySlice<UInt8>) throws(PepperFault) {
        let read: SecretLine
        do {
            read = try SecretLine(parsing: line, letter: UInt8(ascii: "v"))
        } catch {
            switch error {
            case .form: throw .form
            case .number: throw .version
            case .base64: throw .base64
            }
        }
        try self.init(version: read.number, secret: read.secret)
    }
}
