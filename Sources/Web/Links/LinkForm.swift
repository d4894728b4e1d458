/// The fields of a form, as browsers and mailbox providers send one.
struct LinkForm: Sendable, Equatable {
    /// The two encodings; RFC 8058 3.2 allows both.
    enum Kind: Equatable {
        case urlencoded
        case multipart(boundary: [UInt8])

        /// Nil for any other media type.
        init?(contentType: String) {
            let parts = contentType.split(separator: ";", omittingEmptySubsequences: false)
            switch parts.first.map({ trimmed($0).lowercased() }) {
            case "application/x-www-form-urlencoded": self = .urlencoded
            case "multipart/form-data":
                guard let boundary = parts.dropFirst().lazy.compactMap(Self.boundary).first else { return nil }
                self = .multipart(boundary: boundary)
            default: return nil
            }
        }

        /// 1 to 70 characters (RFC 2046 5.1.1).
        private static func boundary(_ parameter: Substring) -> [UInt8]? {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, trimmed(parts[0]).lowercased() == "boundary" else { return nil }
            var value = Array(trimmed(parts[1]).utf8)
            if value.count >= 2, value.first == UInt8(ascii: "\""), value.last == UInt8(ascii: "\"") {
                value = Array(value.dropFirst().dropLast())
            }
            return (1...70).contains(value.count) ? value : nil
        }
    }

    private var values: [String: String] = [:]

    /// The most fields; what follows is not read.
    static let fieldsMax = 512

    /// Nil where the bytes are not of that kind.
    init?(_ bytes: [UInt8], _ kind: Kind) {
        switch kind {
        case .urlencoded: readURLEncoded(bytes)
        case .multipart(let boundary): guard readMultipart(bytes, boundary) else { return nil }
        }
    }

    /// The first value of that name; nil where there is none or where it is empty.
    subscript(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// The names that came.
    var names: [String] { Array(values.keys) }

    /// Whether it is the one-click of RFC 8058: the single pair that the mail's header field names.
    var isOneClick: Bool { values["List-Unsubscribe"]?.lowercased() == "one-click" }

    private mutating func add(_ name: String, _ value: String) {
        guard !name.isEmpty, values.count < Self.fieldsMax, values[name] == nil else { return }
        values[name] = value
    }

    private mutating func readURLEncoded(_ bytes: [UInt8]) {
        for pair in bytes.split(separator: UInt8(ascii: "&")).prefix(Self.fieldsMax) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.flatMap({ Self.decoded($0) }) else { continue }
            let value = parts.count == 2 ? Self.decoded(parts[1]) ?? "" : ""
            add(Self.bare(name), Self.bare(value))
        }
    }

    /// Without white space and line ends around it.
    private static func bare(_ text: String) -> String {
        let head = text.drop(while: \.isWhitespace)
        return String(head.prefix(head.reversed().drop(while: \.isWhitespace).count))
    }

    /// The text behind `+` and `%XX`; nil where that is not UTF-8. A `%` that begins no escape stands for itself.
    static func decoded(_ octets: some Sequence<UInt8>) -> String? {
        var text: [UInt8] = []
        var rest = Array(octets)[...]
        while let octet = rest.popFirst() {
            switch octet {
            case UInt8(ascii: "+"): text.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                if let high = rest.first.flatMap(hexDigit), let low = rest.dropFirst().first.flatMap(hexDigit) {
                    text.append(high << 4 | low)
                    rest = rest.dropFirst(2)
                } else {
                    text.append(octet)
                }
            default: text.append(octet)
            }
        }
        return String(validating: text, as: UTF8.self)
    }

    private static func hexDigit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): octet - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): octet - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Reads the parts between the boundary's lines (RFC 7578); whether there was one. Takes line ends of LF alone too.
    private mutating func readMultipart(_ bytes: [UInt8], _ boundary: [UInt8]) -> Bool {
        let mark = [UInt8(ascii: "-"), UInt8(ascii: "-")] + boundary
        var part: [ArraySlice<UInt8>]?
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let bare = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            guard bare.starts(with: mark) else {
                part?.append(bare)
                continue
            }
            if let part { read(part) }
            let end = bare.dropFirst(mark.count)
            if end.starts(with: [UInt8(ascii: "-"), UInt8(ascii: "-")]) { return true }
            guard end.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) else { return false }
            part = []
        }
        return false
    }

    private mutating func read(_ lines: [ArraySlice<UInt8>]) {
        guard let end = lines.firstIndex(where: \.isEmpty) else { return }
        var name: String?
        for line in lines[..<end] {
            guard let header = String(validating: line, as: UTF8.self),
                header.lowercased().hasPrefix("content-disposition:")
            else { continue }
            name = header.split(separator: ";").lazy.compactMap(Self.name).first
        }
        let value = lines[(end + 1)...].joined(separator: [UInt8(ascii: "\n")])
        guard let name, let text = String(validating: Array(value), as: UTF8.self) else { return }
        add(name, Self.bare(text))
    }

    /// The value of `name=`, quoted or not.
    private static func name(_ parameter: Substring) -> String? {
        let parts = parameter.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, trimmed(parts[0]).lowercased() == "name" else { return nil }
        return trimmed(parts[1]).trimmingQuotes
    }
}

extension StringProtocol {
    fileprivate var trimmingQuotes: String {
        count >= 2 && first == "\"" && last == "\"" ? String(dropFirst().dropLast()) : String(self)
    }
}
