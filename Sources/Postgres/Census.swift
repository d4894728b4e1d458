import CPQ

/// A difference between a statement and what the server says of it.
public enum CensusFinding: Equatable, Sendable, CustomStringConvertible {
    /// The server cannot prepare it.
    case notPrepared(statement: String, state: String)
    /// Two statements of one name.
    case nameUsedTwice(statement: String)
    /// Another number of parameters.
    case parameterCount(statement: String, declared: Int, server: Int)
    /// The parameter (counted from 1) is of another type where nothing is declared.
    case parameterType(statement: String, parameter: Int, declared: OID, server: OID)
    /// Another number of columns.
    case columnCount(statement: String, declared: Int, server: Int)
    /// The column (counted from 1) has another name.
    case columnName(statement: String, column: Int, declared: String, server: String)
    /// The column is of another type.
    case columnType(statement: String, column: String, declared: OID, server: OID)
    /// The column comes from one that may be NULL and is not declared Optional.
    case columnMayBeNull(statement: String, column: String)

    /// One line.
    public var description: String {
        switch self {
        case .notPrepared(let name, let state): "\(name): cannot be prepared, SQLSTATE \(state)"
        case .nameUsedTwice(let name): "\(name): name used twice"
        case .parameterCount(let name, let declared, let server):
            "\(name): \(declared) parameters declared, \(server) in the text"
        case .parameterType(let name, let number, let declared, let server):
            "\(name): parameter \(number) declared as type \(declared), is \(server)"
        case .columnCount(let name, let declared, let server):
            "\(name): \(declared) columns declared, \(server) returned"
        case .columnName(let name, let number, let declared, let server):
            "\(name): column \(number) declared as \(declared), is \(server)"
        case .columnType(let name, let column, let declared, let server):
            "\(name): column \(column) declared as type \(declared), is \(server)"
        case .columnMayBeNull(let name, let column): "\(name): column \(column) may be null"
        }
    }
}

extension Database {
    /// Has the server prepare and describe each statement and compares. `setup` (temporary tables, say) is run before,
    /// and undone with everything else. Empty: all is right.
    public func census(
        _ statements: [AnyStatement], setup: Script? = nil
    ) async throws(PostgresError) -> [CensusFinding] {
        do throws(CensusEnd) {
            try await write(.normal, deadlines: .standard(for: .bulk)) {
                (tx: borrowing Transaction<CensusEnd>) throws(CensusEnd) -> Void in
                let findings: [CensusFinding]
                do throws(PostgresError) {
                    if let setup { try tx.session.run(setup) }
                    findings = try tx.session.census(statements)
                } catch { throw CensusEnd(error) }
                // Thrown, so that nothing of it is committed.
                throw .ended(findings)
            }
            return []
        } catch {
            switch error {
            case .ended(let findings): return findings
            case .failed(let failure): throw failure
            }
        }
    }
}

private enum CensusEnd: PostgresFailure {
    case ended([CensusFinding])
    case failed(PostgresError)

    init(_ error: PostgresError) { self = .failed(error) }
}

private enum CensusSQL {
    static let column = Statement(
        "postgres.column",
        "select a.attnotnull as is_never_null from pg_catalog.pg_attribute a where a.attrelid = $1 and a.attnum = $2",
        in: (OID.self, Int16.self), out: ("is_never_null", Bool.self))
}

extension Session {
    fileprivate func census(_ statements: [AnyStatement]) throws(PostgresError) -> [CensusFinding] {
        var findings: [CensusFinding] = []
        var names: Set<String> = []
        for statement in statements {
            if !names.insert(statement.name).inserted { findings.append(.nameUsedTwice(statement: statement.name)) }
            _ = try command("SAVEPOINT census", "postgres.census")
            findings += try examine(statement)
            _ = try command("ROLLBACK TO SAVEPOINT census", "postgres.census")
        }
        return findings
    }

    private func examine(_ statement: AnyStatement) throws(PostgresError) -> [CensusFinding] {
        let declared = statement.parameters.map(\.type)
        let description: Description
        do throws(PostgresError) {
            description = try describe(statement.text, declared)
        } catch {
            guard let fault = error.fault else { throw error }
            return [.notPrepared(statement: statement.name, state: fault.state)]
        }
        var findings = columnFindings(statement, description)
        for (index, column) in description.columns.enumerated() where statement.columns.indices.contains(index) {
            guard !statement.columns[index].isNullable, column.table != 0, column.number > 0 else { continue }
            let isNeverNull = try rows(CensusSQL.column, (column.table, column.number)).first ?? true
            if !isNeverNull {
                findings.append(.columnMayBeNull(statement: statement.name, column: column.name))
            }
        }
        return try findings + parameterFindings(statement, description)
    }

    private func columnFindings(_ statement: AnyStatement, _ description: Description) -> [CensusFinding] {
        let name = statement.name
        let (declared, server) = (statement.columns, description.columns)
        // A statement that reads nothing may call a function that returns nothing.
        if declared.isEmpty, server.allSatisfy({ $0.type == Description.void }) { return [] }
        guard declared.count == server.count else {
            return [.columnCount(statement: name, declared: declared.count, server: server.count)]
        }
        var findings: [CensusFinding] = []
        for (index, (declared, server)) in zip(declared, server).enumerated() {
            if declared.name != server.name {
                findings.append(
                    .columnName(
                        statement: name, column: index + 1, declared: declared.name, server: server.name))
            }
            if !declared.readable.contains(server.type) {
                findings.append(
                    .columnType(statement: name, column: server.name, declared: declared.type, server: server.type))
            }
        }
        return findings
    }

    /// What the server makes of the parameters when it is told no types. Where it cannot tell, the declaration holds.
    private func parameterFindings(
        _ statement: AnyStatement, _ description: Description
    ) throws(PostgresError) -> [CensusFinding] {
        let declared = statement.parameters
        guard declared.count == description.parameters.count else {
            return [
                .parameterCount(
                    statement: statement.name, declared: declared.count, server: description.parameters.count)
            ]
        }
        let inferred: [OID]
        do throws(PostgresError) {
            inferred = try describe(statement.text, []).parameters
        } catch {
            guard error.fault != nil else { throw error }
            return []
        }
        guard inferred.count == declared.count else {
            return [
                .parameterCount(statement: statement.name, declared: declared.count, server: inferred.count)
            ]
        }
        return zip(declared, inferred).enumerated().compactMap { (index, pair) -> CensusFinding? in
            guard pair.0.type != pair.1, !pair.0.readable.contains(pair.1) else { return nil }
            return .parameterType(
                statement: statement.name, parameter: index + 1, declared: pair.0.type, server: pair.1)
        }
    }

    /// Prepares a text under no name and returns what the server says of it.
    private func describe(_ text: String, _ types: [OID]) throws(PostgresError) -> Description {
        let name: StaticString = "postgres.census"
        try begin(name)
        guard PQsendPrepare(connection, "", text, Int32(types.count), types.map(\.value)) == 1 else { throw lose() }
        _ = try answer(name)
        try begin(name)
        guard PQsendDescribePrepared(connection, "") == 1 else { throw lose() }
        return Description(try answer(name))
    }
}

/// What the server says of a prepared statement.
private struct Description {
    struct Column {
        let name: String
        let type: OID
        let table: OID
        let number: Int16
    }

    static let void: OID = 2278

    let parameters: [OID]
    let columns: [Column]

    init(_ answer: borrowing Answer) {
        var parameters: [OID] = []
        for index in 0..<PQnparams(answer.pointer) { parameters.append(OID(PQparamtype(answer.pointer, index))) }
        var columns: [Column] = []
        for index in 0..<answer.columns {
            columns.append(
                Column(
                    name: PQfname(answer.pointer, index).map { String(cString: $0) } ?? "",
                    type: OID(PQftype(answer.pointer, index)), table: OID(PQftable(answer.pointer, index)),
                    number: Int16(truncatingIfNeeded: PQftablecol(answer.pointer, index))))
        }
        self.parameters = parameters
        self.columns = columns
    }
}
