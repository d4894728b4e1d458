import CPQ

extension Session {
    private static let header: [UInt8] = [
        0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
    ]

    // MARK: In

    func copyIn<Row, Failure: PostgresFailure>(
        _ copy: CopyIn<Row>, _ produce: (borrowing CopySink<Row, Failure>) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        do throws(PostgresError) {
            try startCopy(copy.text, copy.name, PGRES_COPY_IN)
        } catch { throw Failure(error) }
        buffer.removeAll()
        buffer.append(contentsOf: Self.header)
        do throws(Failure) {
            try produce(CopySink(session: self, copy: copy))
        } catch {
            abortCopy(copy.name)
            throw error
        }
        buffer.append(Int16(-1))
        do throws(PostgresError) {
            return try endCopy(copy.name)
        } catch { throw Failure(error) }
    }

    func copyTextIn<Failure: PostgresFailure>(
        _ copy: CopyText, _ produce: (borrowing TextSink<Failure>) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        do throws(PostgresError) {
            try startCopy(copy.text.description, copy.name, PGRES_COPY_IN)
        } catch { throw Failure(error) }
        buffer.removeAll()
        do throws(Failure) {
            try produce(TextSink(session: self, name: copy.name))
        } catch {
            abortCopy(copy.name)
            throw error
        }
        do throws(PostgresError) {
            return try endCopy(copy.name)
        } catch { throw Failure(error) }
    }

    private func startCopy(
        _ text: String, _ name: StaticString, _ expected: ExecStatusType
    ) throws(PostgresError) {
        try begin(name)
        guard PQsendQuery(connection, text) == 1 else { throw lose() }
        guard let answer = try nextResult(name) else { throw lose() }
        switch PQresultStatus(answer.pointer) {
        case expected:
            spoiled = nil
            startStreaming()
        case PGRES_FATAL_ERROR:
            let error = reported(by: answer, name)
            if !isLost { try drain(name) }
            throw error
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            // A COPY in the other direction can only be got rid of with its connection.
            _ = lose()
            throw .misuse(.notACopy(name.description))
        default:
            try drain(name)
            throw .misuse(.notACopy(name.description))
        }
    }

    /// Hands what is in the buffer to the server and waits until it is on its way, so that memory stays bounded.
    func pushChunk(_ name: StaticString) throws(PostgresError) {
        guard !isLost else { throw .connectionLost }
        try refuseIfLate(name)
        var rest = buffer.bytes[...]
        while !rest.isEmpty {
            // libpq counts in 32 bits, and one row may be longer.
            let piece = rest.prefix(copyPieceBytesMax)
            let isQueued = piece.withUnsafeBytes { (raw: UnsafeRawBufferPointer) in
                let start = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
                return PQputCopyData(connection, start, Int32(raw.count))
            }
            guard isQueued >= 0 else { throw lose() }
            if isQueued == 0 { try pause(name, sends: true) } else { rest = rest.dropFirst(piece.count) }
        }
        buffer.removeAll()
        while true {
            let unsent = PQflush(connection)
            guard unsent >= 0 else { throw lose() }
            if unsent == 0 { return }
            try pause(name, sends: true)
            guard PQconsumeInput(connection) == 1 else { throw lose() }
        }
    }

    /// The COPY cannot be completed any more, whatever its producer makes of that; the error to throw.
    func spoil<Failure: PostgresFailure>(_ error: PostgresError) -> Failure {
        if spoiled == nil { spoiled = error }
        return Failure(error)
    }

    /// Ends a COPY; how many rows were stored. A row that could not be sent spoils it, whatever the producer thinks.
    private func endCopy(_ name: StaticString) throws(PostgresError) -> Int {
        do throws(PostgresError) {
            if let spoiled { throw spoiled }
            if !buffer.bytes.isEmpty { try pushChunk(name) }
        } catch {
            abortCopy(name)
            throw error
        }
        guard PQputCopyEnd(connection, nil) >= 0 else { throw lose() }
        return try answer(name).affected
    }

    /// Has the server throw the rows away.
    private func abortCopy(_ name: StaticString) {
        guard !isLost else { return }
        guard PQputCopyEnd(connection, "aborted") >= 0 else {
            _ = lose()
            return
        }
        do throws(PostgresError) {
            try drain(name)
        } catch {
            _ = lose()
        }
    }

    /// Reads on until what runs has ended, for nothing but that it ends; at most ``cancelGrace`` long.
    private func drain(_ name: StaticString) throws(PostgresError) {
        while let answer = try nextResult(name) {
            switch PQresultStatus(answer.pointer) {
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: throw lose()
            default: continue
            }
        }
        try settle()
    }

    // MARK: Out

    func copyOut<Row, Failure: PostgresFailure>(
        _ copy: CopyOut<Row>, _ body: (Row) throws(Failure) -> Void
    ) throws(Failure) {
        var parser = CopyParser(columns: copy.columns.count)
        try copyPieces(copy.text, copy.name) { (piece: UnsafeRawBufferPointer) throws(Failure) -> Void in
            parser.feed(piece)
            while let row = try self.nextRow(&parser, of: copy, as: Failure.self) { try body(row) }
        }
        guard parser.isEnded else { throw Failure(.columnMismatch(copy.name.description)) }
    }

    private func nextRow<Row, Failure: PostgresFailure>(
        _ parser: inout CopyParser, of copy: CopyOut<Row>, as failure: Failure.Type
    ) throws(Failure) -> Row? {
        let range: Range<Int>
        do throws(ValueReason) {
            guard let found = try parser.nextRow() else { return nil }
            range = found
        } catch { throw Failure(.columnMismatch(copy.name.description)) }
        return try parser.withFields(range) { (fields: UnsafeRawBufferPointer) throws(Failure) -> Row in
            var reader = RowReader(fields: fields)
            do throws(ValueReason) {
                return try copy.read(&reader)
            } catch {
                throw Failure(self.unreadable(reader, copy.columns, copy.name, error))
            }
        }
    }

    func copyPieces<Failure: PostgresFailure>(
        _ text: String, _ name: StaticString, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        do throws(PostgresError) {
            try startCopy(text, name, PGRES_COPY_OUT)
        } catch { throw Failure(error) }
        var failed: Failure?
        do throws(PostgresError) {
            while let piece = try nextPiece(name) {
                guard failed == nil else { continue }
                do throws(Failure) {
                    try body(piece.bytes)
                } catch {
                    failed = error
                    interrupt(.cancelled, at: Moment.now)
                }
            }
            if failed == nil {
                _ = try answer(name)
            } else {
                try drain(name)
            }
        } catch {
            if failed == nil { failed = Failure(error) }
        }
        if let failed { throw failed }
    }

    private func nextPiece(_ name: StaticString) throws(PostgresError) -> CopyPiece? {
        while true {
            try watch(name)
            var start: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(connection, &start, 1)
            if let start, count > 0 {
                return CopyPiece(bytes: UnsafeRawBufferPointer(start: start, count: Int(count)))
            }
            guard count == 0 else { return nil }
            try pause(name, sends: PQflush(connection) == 1)
            guard PQconsumeInput(connection) == 1 else { throw lose() }
        }
    }

    // MARK: Scripts

    func run(_ script: Script) throws(PostgresError) {
        guard !script.text.utf8.contains(0) else { throw .misuse(.scriptContainsNUL) }
        _ = try command(script.text, "postgres.script")
    }

    /// Outside a transaction, where a session otherwise refuses to write.
    func runWithWrites(_ script: Script) throws(PostgresError) {
        let jobTerm = term
        _ = try command("SET default_transaction_read_only = off", "postgres.script")
        var failed: PostgresError?
        do throws(PostgresError) {
            try run(script)
        } catch {
            failed = error
        }
        rollBack()
        guard !isLost else { throw failed ?? .connectionLost }
        term = .housekeeping(cancelGrace)
        defer { term = jobTerm }
        do throws(PostgresError) {
            _ = try command("SET default_transaction_read_only = on", "postgres.script")
        } catch {
            _ = lose()
        }
        if let failed { throw failed }
    }
}

private let copyPieceBytesMax = 8_388_608

/// One message of a COPY, freed when it goes out of use.
private struct CopyPiece: ~Copyable {
    let bytes: UnsafeRawBufferPointer

    deinit { PQfreemem(UnsafeMutableRawPointer(mutating: bytes.baseAddress)) }
}
