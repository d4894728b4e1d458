import Formats
import Rules
import Store

/// What the parameters and header fields of a stream ask for.
struct ScrubOrder: Sendable {
    let terms: CheckTerms
    let options: ScrubOptions

    /// Throws where the parameters are no question that the policy knows, or no such list or answer is to be had.
    init(_ call: Call, _ stream: BodyStream) throws(Problem) {
        let at = try Self.parsed("at", call, "a time in RFC 3339 with an offset, such as 2026-01-31T10:00:00Z") {
            Instant(parsing: $0)
        }
        if let at, at < call.now.advanced(byMicroseconds: -clockSkewMicrosecondsMax) {
            throw Problem(
                .atInThePast, "“at” is \(at), and it is \(call.now) now; ask for now or later.", parameter: "at")
        }
        terms = try Self.terms(call, at: at)
        options = try Self.options(call, stream)
    }

    private static func terms(_ call: Call, at: Instant?) throws(Problem) -> CheckTerms {
        let access = try call.access()
        guard let catalogue = call.caller?.catalogue else { throw .ours("a stream by a key that is not proven") }
        let policy: Policy
        do throws(StoreError) {
            policy = try catalogue.policy(of: access.controller, at: max(at ?? call.now, call.now))
        } catch {
            throw Problem(error)
        }
        let name = try required("purpose", call)
        guard let purpose = Slug(name), let known = policy.purpose(purpose) else {
            throw unknown(.unknownPurpose, "purpose", name, policy.purposes.map(\.id.text))
        }
        guard known.kind != .record else {
            throw Problem(
                .purposeNotSendable, "“\(purpose)” is of kind record: it is kept and never sent.", parameter: "purpose")
        }
        guard let name = call.query["topic"] else { return CheckTerms(purpose: purpose, at: at) }
        guard let topic = Slug(name), known.topics.contains(topic) else {
            throw unknown(.unknownTopic, "topic", name, known.topics.map(\.text))
        }
        return CheckTerms(purpose: purpose, topic: topic, at: at)
    }

    private static func unknown(_ code: Problem.Code, _ parameter: String, _ name: String, _ known: [String]) -> Problem
    {
        let allowed = known.isEmpty ? "there are none" : "known are " + known.joined(separator: ", ")
        return Problem(code, "unknown \(parameter) '\(excerpt(name))'; \(allowed)", parameter: parameter, known: known)
    }

    /// What is said beforehand of a list that comes in and is answered with no other.
    static func table(_ call: Call, _ stream: BodyStream) throws(Problem) -> CSVOptions {
        CSVOptions(
            delimiter: try delimiter(call), encoding: try encoding(stream.charset, of: .csv), header: try header(call))
    }

    private static func delimiter(_ call: Call) throws(Problem) -> CSVDelimiter? {
        let delimiters = CSVDelimiter.allCases.map(\.rawValue)
        return try parsed("delimiter", call, delimiters.joined(separator: ", ")) { CSVDelimiter(rawValue: $0) }
    }

    private static func header(_ call: Call) throws(Problem) -> CSVHeaderRule {
        let headers: [String: CSVHeaderRule] = ["present": .firstRow, "absent": .none]
        return try parsed("header", call, "present, absent") { headers[$0] } ?? .guess
    }

    private static func options(_ call: Call, _ stream: BodyStream) throws(Problem) -> ScrubOptions {
        let input: ScrubFormat = ScrubAPI.csvMediaTypes.contains(stream.mediaType) ? .csv : .ndjson
        var options = ScrubOptions(input: input, output: try output(for: stream.accept, from: input))
        options.encoding = try encoding(stream.charset, of: input)
        if let column = call.query["column"] {
            guard (1...leadHeadingBytesMax).contains(column.utf8.count) else {
                throw wrong("column", "a heading of 1 to \(leadHeadingBytesMax) bytes, or a number such as #3")
            }
            options.column = column
        }
        for name in ["delimiter", "header"] where input != .csv && call.query[name] != nil {
            throw Problem(.invalidParameter, "“\(name)” belongs to CSV; this list is NDJSON.", parameter: name)
        }
        options.delimiter = try delimiter(call)
        options.header = try header(call)
        return options
    }

    /// The format of the answer: what the client would rather have, and else the list's own.
    private static func output(for accept: String?, from input: ScrubFormat) throws(Problem) -> ScrubFormat {
        guard let accept else { return input }
        var best: (format: ScrubFormat, quality: Double)?
        for range in accept.lowercased().split(separator: ",") {
            let parts = range.split(separator: ";").map(trimmed)
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            guard let format = parts.first.flatMap({ Self.format(String($0), input) }), quality > best?.quality ?? 0
            else { continue }
            best = (format, quality)
        }
        if let best { return best.format }
        throw Problem(
            .notAcceptable, "The answer is text/csv or application/x-ndjson; accept one of them.",
            parameter: "Accept", known: ScrubAPI.mediaTypes)
    }

    private static func format(_ range: String, _ input: ScrubFormat) -> ScrubFormat? {
        switch range {
        case "*/*": input
        case "text/*": .csv
        case "application/*": .ndjson
        default:
            ScrubAPI.csvMediaTypes.contains(range) ? .csv : ScrubAPI.ndjsonMediaTypes.contains(range) ? .ndjson : nil
        }
    }

    private static let encodings: [String: CSVEncoding] = [
        "utf-8": .utf8, "utf8": .utf8, "us-ascii": .utf8, "utf-16le": .utf16LittleEndian, "utf-16be": .utf16BigEndian,
        "windows-1252": .windows1252, "iso-8859-1": .windows1252, "latin1": .windows1252,
    ]

    private static func encoding(_ charset: String?, of input: ScrubFormat) throws(Problem) -> CSVEncoding? {
        guard let charset else { return nil }
        let known = input == .csv ? encodings.keys.sorted() : ["utf-8", "utf8", "us-ascii"]
        guard known.contains(charset), let encoding = encodings[charset] else {
            throw Problem(
                .unsupportedMediaType, "The charset is not known here; known are \(known.joined(separator: ", ")).",
                known: known)
        }
        return encoding
    }

    private static func required(_ name: String, _ call: Call) throws(Problem) -> String {
        guard let text = call.query[name], !text.isEmpty else {
            throw Problem(.invalidParameter, "The query parameter “\(name)” is required.", parameter: name)
        }
        return text
    }

    private static func parsed<Value>(
        _ name: String, _ call: Call, _ allowed: String, _ parse: (String) -> Value?
    ) throws(Problem) -> Value? {
        guard let text = call.query[name] else { return nil }
        guard let value = parse(text) else { throw wrong(name, allowed) }
        return value
    }

    private static func wrong(_ name: String, _ allowed: String) -> Problem {
        Problem(.invalidParameter, "The query parameter “\(name)” is none; allowed: \(allowed).", parameter: name)
    }
}
