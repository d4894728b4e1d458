import CPQ

extension Session {
    /// Runs a statement and reads all its rows.
    func rows<Input, Row>(
        _ statement: Statement<Input, Row>, _ input: Input, atMost limit: Int = .max
    ) throws(PostgresError) -> [Row] {
        let answer = try answer(to: statement, input)
        let count = min(answer.rows, limit)
        var rows: [Row] = []
        rows.reserveCapacity(count)
        for index in 0..<count {
            rows.append(try row(index, of: answer, statement))
        }
        return rows
    }

    /// Runs a statement; its rows have the columns that it declares.
    func answer<Input, Row>(to statement: Statement<Input, Row>, _ input: Input) throws(PostgresError) -> Answer {
        try send(statement, input)
        let answer = try answer(statement.name)
        try check(answer, statement.columns, statement.name)
        return answer
    }

    /// Runs a statement; how many rows it touched.
    func run<Input, Row>(_ statement: Statement<Input, Row>, _ input: Input) throws(PostgresError) -> Int {
        try send(statement, input)
        return try answer(statement.name).affected
    }

    /// Runs a statement and hands on its rows as they come, so that they are never held together.
    func stream<Input, Row, Failure: PostgresFailure>(
        _ statement: Statement<Input, Row>, _ input: Input, _ body: (Row) throws(Failure) -> Void
    ) throws(Failure) {
        do throws(PostgresError) {
            try send(statement, input)
            guard PQsetSingleRowMode(connection) == 1 else { throw lose() }
        } catch { throw Failure(error) }
        startStreaming()
        var failed: Failure?
        do throws(PostgresError) {
            while let answer = try nextResult(statement.name) {
                guard failed == nil else { continue }
                let isRow = PQresultStatus(answer.pointer) == PGRES_SINGLE_TUPLE
                do throws(Failure) {
                    if isRow {
                        try body(try row(of: answer, statement, as: Failure.self))
                    } else {
                        try end(answer, statement.name, as: Failure.self)
                    }
                } catch {
                    failed = error
                    guard !isLost else { break }
                    // What is left of the rows is of no use: the statement is ended, not read to its end.
                    if isRow { interrupt(.cancelled, at: Moment.now) }
                }
            }
            if !isLost { try settle() }
        } catch {
            if failed == nil { failed = Failure(error) }
        }
        if let failed { throw failed }
    }

    private func row<Input, Row, Failure: PostgresFailure>(
        of answer: borrowing Answer, _ statement: Statement<Input, Row>, as failure: Failure.Type
    ) throws(Failure) -> Row {
        do throws(PostgresError) {
            try check(answer, statement.columns, statement.name)
            return try row(0, of: answer, statement)
        } catch { throw Failure(error) }
    }

    /// The result that ends a stream: nothing, or the server's report.
    private func end<Failure: PostgresFailure>(
        _ answer: borrowing Answer, _ name: StaticString, as failure: Failure.Type
    ) throws(Failure) {
        switch PQresultStatus(answer.pointer) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK: return
        default: throw Failure(reported(by: answer, name))
        }
    }

    private func row<Input, Row>(
        _ index: Int, of answer: borrowing Answer, _ statement: Statement<Input, Row>
    ) throws(PostgresError) -> Row {
        var reader = RowReader(
            result: answer.pointer, row: Int32(truncatingIfNeeded: index), columns: answer.columns)
        do throws(ValueReason) {
            return try statement.read(&reader)
        } catch {
            throw unreadable(reader, statement.columns, statement.name, error)
        }
    }

    func unreadable(
        _ reader: RowReader, _ columns: [ColumnSpec], _ name: StaticString, _ reason: ValueReason
    ) -> PostgresError {
        let index = reader.column - 1
        let column = columns.indices.contains(index) ? columns[index].name : ""
        return .value(ValueFault(statement: name.description, place: .column(column), reason: reason))
    }

    /// That the server returns as many columns as are declared, each of a type that can be read. A statement that
    /// declares none may return any: they are not read.
    private func check(
        _ answer: borrowing Answer, _ columns: [ColumnSpec], _ name: StaticString
    ) throws(PostgresError) {
        guard !columns.isEmpty else { return }
        guard answer.columns == columns.count else { throw .columnMismatch(name.description) }
        for (index, column) in columns.enumerated() {
            let type = OID(PQftype(answer.pointer, Int32(truncatingIfNeeded: index)))
            guard type == column.type || column.readable.contains(type) else {
                throw .columnMismatch(name.description)
            }
        }
    }

    // MARK: Sending

    private func send<Input, Row>(_ statement: Statement<Input, Row>, _ input: Input) throws(PostgresError) {
        try begin(statement.name)
        try prepare(statement)
        buffer.removeAll()
        do throws(ValueReason) {
            try statement.bind(input, &buffer)
        } catch {
            let place = ValueFault.Place.parameter(buffer.fields)
            throw .value(ValueFault(statement: statement.name.description, place: place, reason: error))
        }
        let isSent = buffer.withParameters { (values, lengths, formats) in
            statement.name.utf8Start.withMemoryRebound(to: CChar.self, capacity: 1) { (name) in
                PQsendQueryPrepared(connection, name, Int32(values.count), values.baseAddress, lengths, formats, 1)
            }
        }
        guard isSent == 1 else { throw lose() }
    }

    /// Prepares a statement that was not yet prepared on this connection.
    private func prepare<Input, Row>(_ statement: Statement<Input, Row>) throws(PostgresError) {
        let (name, text) = (statement.name.utf8Start, statement.text.utf8Start)
        if preparedAddresses[name] == text { return }
        let (nameText, textText) = (statement.name.description, statement.text.description)
        if let known = preparedTexts[nameText] {
            guard known == textText else { throw .misuse(.nameUsedTwice(nameText)) }
            preparedAddresses[name] = text
            return
        }
        let types = statement.parameters.map { $0.type.value }
        guard PQsendPrepare(connection, nameText, textText, Int32(types.count), types) == 1 else { throw lose() }
        _ = try answer(statement.name)
        preparedTexts[nameText] = textText
        preparedAddresses[name] = text
        freshlyPrepared.insert(nameText)
    }

    /// Forgets plans found stale, here and on the server; outside a transaction.
    func forgetStale() {
        guard !staleNames.isEmpty, !isLost else { return }
        term = .housekeeping(cancelGrace)
        for name in staleNames {
            preparedTexts[name] = nil
            let quoted = name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            do throws(PostgresError) {
                _ = try command("DEALLOCATE \"\(quoted)\"", "postgres.deallocate")
            } catch {
                // 26000: it was gone already. Any other failure shows when it is prepared again.
                continue
            }
        }
        preparedAddresses.removeAll()
        staleNames.removeAll()
    }
}

extension ValueBuffer {
    /// The fields as libpq wants parameters: addresses, lengths, and the format 1 (binary) for each.
    fileprivate func withParameters<Outcome>(
        _ body: (
            UnsafeBufferPointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) -> Outcome
    ) -> Outcome {
        bytes.withUnsafeBytes { (raw: UnsafeRawBufferPointer) -> Outcome in
            var values: [UnsafePointer<CChar>?] = []
            var lengths: [Int32] = []
            values.reserveCapacity(fields)
            lengths.reserveCapacity(fields)
            var offset = 0
            for _ in 0..<fields {
                let length = Int32(bigEndian: raw.loadUnaligned(fromByteOffset: offset, as: Int32.self))
                offset += 4
                let start = raw.baseAddress?.advanced(by: offset).assumingMemoryBound(to: CChar.self)
                values.append(length < 0 ? nil : start)
                lengths.append(max(length, 0))
                offset += Int(max(length, 0))
            }
            let formats = [Int32](repeating: 1, count: fields)
            return values.withUnsafeBufferPointer { body($0, lengths, formats) }
        }
    }
}
