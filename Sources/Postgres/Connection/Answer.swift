import CPQ

/// A result of libpq's, freed when it goes out of use.
struct Answer: ~Copyable {
    let pointer: OpaquePointer

    deinit { PQclear(pointer) }

    var rows: Int { Int(PQntuples(pointer)) }
    var columns: Int32 { PQnfields(pointer) }

    /// Rows that an INSERT, UPDATE, DELETE, MERGE, SELECT or COPY touched; 0 for other commands.
    var affected: Int {
        guard let digits = PQcmdTuples(pointer) else { return 0 }
        return Int(String(cString: digits)) ?? 0
    }

    var isRollback: Bool {
        guard let tag = PQcmdStatus(pointer) else { return false }
        return String(cString: tag) == "ROLLBACK"
    }

    /// The first cell, of a result in text format.
    var firstText: String? {
        guard rows > 0, columns > 0, let cell = PQgetvalue(pointer, 0, 0) else { return nil }
        return String(cString: cell)
    }
}

/// Fields of a server's report, as libpq's header names them (character constants are not imported).
enum Diagnostic {
    static let severity = Int32(UInt8(ascii: "V"))
    static let state = Int32(UInt8(ascii: "C"))
    static let constraint = Int32(UInt8(ascii: "n"))
    static let table = Int32(UInt8(ascii: "t"))
    static let column = Int32(UInt8(ascii: "c"))

    static func field(_ field: Int32, of result: OpaquePointer) -> String? {
        PQresultErrorField(result, field).map { String(cString: $0) }
    }
}
