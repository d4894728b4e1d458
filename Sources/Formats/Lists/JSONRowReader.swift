/// Reads the rows of a JSON document as a table.
struct JSONRowReader: Sendable {
    private let limits: CSVLimits
    private var decoder: CSVDecoder
    private var scanner: JSONRowScanner
    private var table: JSONTable
    /// The row that follows a header that grew.
    private var pending: CSVRow?

    init(_ encoding: CSVEncoding, limits: CSVLimits) {
        self.limits = limits
        decoder = CSVDecoder(encoding)
        scanner = JSONRowScanner(limits: limits)
        table = JSONTable(columnsMax: limits.columnsMax)
    }

    /// Whether rows stand in an array or an envelope, not one behind the other.
    var isDocument: Bool { scanner.isDocument }

    mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) {
        scanner.feed { decoder.decode(bytes, into: &$0) }
    }

    mutating func finish() {
        scanner.feed { decoder.finish(into: &$0) }
        scanner.finish()
    }

    mutating func next() -> CSVItem? {
        if let row = pending {
            pending = nil
            return .row(row)
        }
        guard let found = scanner.next() else { return nil }
        switch found {
        case .broken(let broken): return .broken(broken)
        case .row(let line): return item(line)
        }
    }

    private mutating func item(_ line: Int) -> CSVItem {
        let limits = JSONLimits(bytesMax: limits.lineBytesMax, valuesMax: jsonRowValuesMax)
        let parsed = scanner.withRow { bytes -> Result<JSON, JSONError> in
            do throws(JSONError) {
                return .success(try JSON(parsing: bytes, limits: limits))
            } catch {
                return .failure(error)
            }
        }
        switch parsed {
        case .failure(let error):
            return .broken(
                CSVBroken(
                    rowLine: line, line: line + error.line - 1, column: error.column, fault: .json, detail: error.detail
                ))
        case .success(.object(let object)):
            switch table.layOut(object) {
            case .tooManyColumns: return broken(line, .tooManyColumns)
            case .row(let fields, let grew):
                if fields.contains(where: { $0.utf8.count > self.limits.fieldBytesMax }) {
                    return broken(line, .fieldTooLong)
                }
                let row = CSVRow(line: line, fields: fields)
                guard grew else { return .row(row) }
                pending = row
                return .header(CSVRow(line: line, fields: table.names))
            }
        case .success: return broken(line, .json)
        }
    }

    private func broken(_ line: Int, _ fault: CSVFault) -> CSVItem {
        .broken(
            CSVBroken(
                rowLine: line, line: line, column: 1, fault: fault, detail: fault.detail(limits, quoteLine: line)))
    }
}

/// Values of any kind in one row.
let jsonRowValuesMax = 4_096
