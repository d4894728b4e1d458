import Rules

/// The lines of a list in NDJSON: each an object with the address under one of the names that a column of addresses may have,
/// or under the name that was said. Which of two is meant is not guessed.
struct ScrubLines: Sendable {
    private var scanner = LineScanner(bytesMax: scrubRowBytesMax)
    /// A line that is plainly written, for as long as it is looked at.
    private var plain = PlainObject()
    /// The member with the address, where it was said.
    private let name: String?
    private let output: ScrubFormat
    let writer: ScrubWriter
    /// What the answer begins with.
    let opening: [UInt8]

    private static let limits = JSONLimits(
        depthMax: scrubDepthMax, bytesMax: scrubRowBytesMax, valuesMax: scrubValuesMax)

    init(_ options: ScrubOptions) {
        name = options.column
        output = options.output
        switch output {
        case .ndjson:
            writer = ScrubWriter(.ndjson)
            opening = []
        case .csv:
            writer = ScrubWriter(.csv(delimiter: Byte.comma, lineEnd: [Byte.lf]))
            opening = Array((["address"] + ScrubColumns.names).joined(separator: ",").utf8) + [Byte.lf]
        }
    }

    mutating func feed(_ bytes: UnsafeRawBufferPointer) { scanner.feed(bytes) }
    mutating func finish() { scanner.finish() }

    /// Adds the next row; false when more bytes are needed, or after the last one.
    mutating func addRow(to page: inout ScrubPage) -> Bool {
        switch scanner.next() {
        case .line: addLine(to: &page)
        case .tooLong: page.add(line: scanner.line) { leads, _ in blank(&leads) }
        case nil: return false
        }
        return true
    }

    private mutating func addLine(to page: inout ScrubPage) {
        var plain = plain
        self.plain = PlainObject()
        scanner.withLine { line in
            if plain.read(line) { add(plain, line, to: &page) } else { add(line, to: &page) }
        }
        self.plain = plain
    }

    private func add(_ object: PlainObject, _ line: UnsafeBufferPointer<UInt8>, to page: inout ScrubPage) {
        page.add(line: scanner.line) { leads, addresses in
            var value: PlainObject.Value?
            var valueCount = 0
            for member in object.members {
                let bytes = UnsafeBufferPointer(rebasing: line[member.name])
                if Self.taken.contains(where: { $0.elementsEqual(bytes) }) { return blank(&leads) }
                guard isAddress(bytes) else { continue }
                value = member.value
                valueCount += 1
            }
            if valueCount != 1 { value = nil }
            var text: UnsafeBufferPointer<UInt8>?
            if case .string(let range) = value { text = UnsafeBufferPointer(rebasing: line[range]) }
            lead(line, isEmpty: false, text.map { String(decoding: $0, as: UTF8.self) }, to: &leads)
            guard let text else { if case .null = value { return .invalidAddress } else { return .invalidRow } }
            do throws(AddressError) { try addresses.append(parsing: UnsafeRawBufferPointer(text)) } catch {
                return .invalidAddress
            }
            return .asked
        }
    }

    /// Whether the member of that name is the address.
    private func isAddress(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if let name { return name.utf8.elementsEqual(bytes) }
        return Self.nameBytes.contains { name in
            name.count == bytes.count && zip(name, bytes).allSatisfy { $0 == Byte.lowered($1) }
        }
    }

    private func add(_ line: UnsafeBufferPointer<UInt8>, to page: inout ScrubPage) {
        let object = Self.object(line)
        page.add(line: scanner.line) { leads, addresses in
            guard let object, !object.members.contains(where: { ScrubColumns.names.contains($0.key) }) else {
                return blank(&leads)
            }
            let value = address(in: object)
            var text: String?
            if case .string(let string) = value { text = string }
            lead(line, isEmpty: object.members.isEmpty, text, to: &leads)
            switch value {
            case .string(let text):
                guard let address = Self.address(text) else { return .invalidAddress }
                addresses.append(address)
                return .asked
            case .null: return .invalidAddress
            default: return .invalidRow
            }
        }
    }

    /// Nil where there is none, or more than one.
    private func address(in object: JSONObject) -> JSON? {
        if let name { return object[name] }
        let found = object.members.filter { Self.names.contains($0.key.lowercased()) }
        return found.count == 1 ? found[0].value : nil
    }

    private static let names = Set(["address"] + LeadField.email.headings)

    private static let nameBytes = names.map { Array($0.utf8) }
    private static let taken = ScrubColumns.names.map { Array($0.utf8) }

    private static func object(_ line: UnsafeBufferPointer<UInt8>) -> JSONObject? {
        do throws(JSONError) {
            guard case .object(let object) = try JSON(parsing: line, limits: limits) else { return nil }
            return object
        } catch {
            return nil
        }
    }

    private static func address(_ text: String) -> Address? {
        do throws(AddressError) { return try Address(parsing: text) } catch { return nil }
    }

    /// The row without any of what it had.
    private func blank(_ leads: inout [UInt8]) -> ScrubPage.Kind {
        leads.append(output == .ndjson ? Byte.openBrace : Byte.comma)
        return .invalidRow
    }

    /// The object as it came, up to its closing brace; or the address as a field, which no spreadsheet calculates.
    private func lead(
        _ line: UnsafeBufferPointer<UInt8>, isEmpty: Bool, _ address: @autoclosure () -> String?,
        to leads: inout [UInt8]
    ) {
        switch output {
        case .ndjson:
            leads.append(contentsOf: UnsafeBufferPointer(rebasing: line.dropLast()))
            if !isEmpty { leads.append(Byte.comma) }
        case .csv:
            if let text = address(), !text.isEmpty {
                var writer = CSVWriter(lineEnding: .lf, formulas: .neutralised)
                writer.row([text])
                leads.append(contentsOf: writer.bytes.dropLast())
            }
            leads.append(Byte.comma)
        }
    }
}
