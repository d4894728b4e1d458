import CPQ
import Glibc

/// One connection, owned by one thread, which alone may touch it.
final class Session {
    let connection: OpaquePointer
    let wake: Wake
    let cancelGrace: Duration

    /// Changes whenever the server may have forgotten transactions: see ``CommitOutcome``.
    var stamp: Timestamp?
    var term = Term.housekeeping(.seconds(2))
    var buffer = ValueBuffer()
    /// What is prepared here: address of the name to address of the text, and name to text.
    var preparedAddresses: [UnsafePointer<UInt8>: UnsafePointer<UInt8>] = [:]
    var preparedTexts: [String: String] = [:]
    /// Names prepared in the run that goes on: their plans cannot be stale.
    var freshlyPrepared: Set<String> = []
    var staleNames: Set<String> = []

    /// Why the running COPY must not be completed.
    var spoiled: PostgresError?
    /// The first thing that the server refused in the transaction, or that the connection broke.
    private(set) var failure: PostgresError?
    private(set) var isLost = false
    private(set) var isStreaming = false
    /// The server warned since the flag was last cleared; libpq writes it through a pointer.
    let warned: UnsafeMutablePointer<Bool>

    private var stop: PostgresError?
    private var cancelRequest: CancelRequest?
    private var statementEnd: Moment?
    private var giveUpAt: Moment?

    /// Takes over a connection that is open.
    init(_ connection: OpaquePointer, wake: Wake, cancelGrace: Duration) {
        self.connection = connection
        self.wake = wake
        self.cancelGrace = cancelGrace
        warned = .allocate(capacity: 1)
        warned.initialize(to: false)
        PQsetnonblocking(connection, 1)
        // Notices go nowhere: they can carry values. That there was a warning is all that is kept.
        PQsetNoticeReceiver(connection, { flag, _ in flag?.assumingMemoryBound(to: Bool.self).pointee = true }, warned)
    }

    deinit {
        PQfinish(connection)
        warned.deallocate()
    }

    var socket: Int32 { PQsocket(connection) }
    var isInFailedTransaction: Bool { PQtransactionStatus(connection) == PQTRANS_INERROR }
    var isInTransaction: Bool { PQtransactionStatus(connection) != PQTRANS_IDLE }

    func startRun() {
        failure = nil
        freshlyPrepared.removeAll(keepingCapacity: true)
        warned.pointee = false
    }

    /// Keeps the first failure of a transaction, which is the one that says why.
    private func note(_ error: PostgresError) -> PostgresError {
        if failure == nil { failure = error }
        return error
    }

    /// The connection cannot be used any more; the error to throw.
    func lose() -> PostgresError {
        isLost = true
        isStreaming = false
        return note(stop ?? .connectionLost)
    }

    /// Reads what came while nothing runs; false if that was the end of the connection.
    func isAliveWhenReadable() -> Bool {
        guard PQconsumeInput(connection) == 1, PQstatus(connection) == CONNECTION_OK else {
            _ = lose()
            return false
        }
        return true
    }

    // MARK: A statement's life

    /// Refuses a statement that must not start; starts its clock otherwise.
    func begin(_ name: StaticString) throws(PostgresError) {
        guard !isLost else { throw .connectionLost }
        guard !isStreaming else { throw .misuse(.statementInsideStream(name.description)) }
        stop = nil
        giveUpAt = nil
        let now = Moment.now
        switch term {
        case .job(let token, let statement, let end):
            if token.isCancelled { throw .cancelled }
            if end <= now { throw .transactionDeadline }
            statementEnd = min(now + statement, end)
        case .housekeeping(let limit):
            statementEnd = nil
            giveUpAt = now + limit
        }
    }

    func startStreaming() { isStreaming = true }

    /// Sees to deadlines and to the caller's cancellation: the server is asked to end what is late, and if it does
    /// not the connection is given up.
    func watch(_ name: StaticString) throws(PostgresError) {
        let now = Moment.now
        if stop == nil, let reason = lateness(name, at: now) { interrupt(reason, at: now) }
        if let giveUpAt, giveUpAt <= now { throw lose() }
    }

    /// As `watch`, where the server need not be asked because the statement can be ended from here.
    func refuseIfLate(_ name: StaticString) throws(PostgresError) {
        if let stop { throw stop }
        if let reason = lateness(name, at: Moment.now) { throw reason }
    }

    private func lateness(_ name: StaticString, at now: Moment) -> PostgresError? {
        guard case .job(let token, _, let end) = term else { return nil }
        if token.isCancelled { return .cancelled }
        guard let statementEnd, statementEnd <= now else { return nil }
        return end <= now ? .transactionDeadline : .statementDeadline(name.description)
    }

    /// Waits until there is something to read, or (if `sends`) room to write, or something for `watch` to see to.
    func pause(_ name: StaticString, sends: Bool) throws(PostgresError) {
        try watch(name)
        let events = POLLIN | (sends ? POLLOUT : 0)
        _ = wake.wait(socket: socket, events: Int32(events), until: giveUpAt ?? statementEnd)
    }

    /// Asks the server to end the running statement, for the reason that its caller will be given.
    func interrupt(_ reason: PostgresError, at now: Moment) {
        guard stop == nil else { return }
        stop = reason
        giveUpAt = now + cancelGrace
        cancelRequest = CancelRequest(connection, wake: wake)
    }

    /// The next result of what runs, or nil at its end.
    func nextResult(_ name: StaticString) throws(PostgresError) -> Answer? {
        try watch(name)
        var unsent = PQflush(connection)
        while unsent == 1 || PQisBusy(connection) == 1 {
            try pause(name, sends: unsent == 1)
            guard PQconsumeInput(connection) == 1 else { throw lose() }
            unsent = PQflush(connection)
        }
        guard unsent == 0 else { throw lose() }
        return PQgetResult(connection).map { Answer(pointer: $0) }
    }

    /// Ends a statement: afterwards no cancellation of it is under way any more.
    func settle() throws(PostgresError) {
        isStreaming = false
        defer { stop = nil }
        guard let request = cancelRequest else { return }
        cancelRequest = nil
        while !request.isFinished {
            guard let end = giveUpAt, Moment.now < end else { throw lose() }
            _ = wake.wait(until: end)
        }
    }

    /// The last result of what runs; its first failure is thrown once all of it has come.
    func answer(_ name: StaticString) throws(PostgresError) -> Answer {
        var last: Answer?
        var failed: PostgresError?
        while let answer = try nextResult(name) {
            switch PQresultStatus(answer.pointer) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_SINGLE_TUPLE:
                last = consume answer
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                _ = lose()
                throw .misuse(.notACopy(name.description))
            default:
                let error = reported(by: answer, name)
                if isLost { throw error }
                failed = failed ?? error
            }
        }
        try settle()
        if let failed { throw failed }
        guard let last else { throw lose() }
        return last
    }

    /// The error that a failed result stands for.
    func reported(by answer: borrowing Answer, _ name: StaticString) -> PostgresError {
        let severity = Diagnostic.field(Diagnostic.severity, of: answer.pointer)
        guard let state = Diagnostic.field(Diagnostic.state, of: answer.pointer), severity != "FATAL",
            severity != "PANIC", PQstatus(connection) == CONNECTION_OK
        else { return lose() }
        if state == "57014", let stop { return note(stop) }
        let fault = ServerFault(
            state: state, statement: name.description,
            constraint: Diagnostic.field(Diagnostic.constraint, of: answer.pointer),
            table: Diagnostic.field(Diagnostic.table, of: answer.pointer),
            column: Diagnostic.field(Diagnostic.column, of: answer.pointer))
        if isStale(state, name.description) { return note(.stalePlan(fault)) }
        return note(PostgresError(fault))
    }

    /// Whether a plan made earlier no longer fits the tables (0A000) or is gone (26000).
    private func isStale(_ state: String, _ name: String) -> Bool {
        guard state == "0A000" || state == "26000", preparedTexts[name] != nil, !freshlyPrepared.contains(name)
        else { return false }
        staleNames.insert(name)
        return true
    }

    /// Sends commands as one text, without parameters; the last one's result in text format.
    func command(_ text: String, _ name: StaticString) throws(PostgresError) -> Answer {
        try begin(name)
        guard PQsendQuery(connection, text) == 1 else { throw lose() }
        return try answer(name)
    }
}

/// Whose time a statement runs on.
enum Term {
    /// A job's: each statement within `statement`, all by `end`, and until the caller cancels.
    case job(JobToken, statement: Duration, end: Moment)
    /// Our own: never cancelled; if it is not done in time the connection is given up.
    case housekeeping(Duration)
}
