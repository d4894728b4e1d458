/// Everything that can go wrong between a statement and its answer.
///
/// Safe to log as it is: it carries SQLSTATEs, names from the schema and names of statements, never a value, a
/// parameter, the server's message or the connection string.
public enum PostgresError: Error, Equatable, Sendable {
    /// 23505
    case uniqueViolation(ServerFault)
    /// 23503
    case foreignKeyViolation(ServerFault)
    /// 23514
    case checkViolation(ServerFault)
    /// 23502
    case notNullViolation(ServerFault)
    /// 23P01
    case exclusionViolation(ServerFault)
    /// 42501
    case permissionDenied(ServerFault)
    /// 40001, after ``Configuration/attemptsMax`` runs.
    case serializationFailure(ServerFault)
    /// 40P01, after ``Configuration/attemptsMax`` runs.
    case deadlock(ServerFault)
    /// 55P03
    case lockNotAvailable(ServerFault)
    /// 25006: a write outside `write`, or a server that is a replica.
    case readOnly(ServerFault)
    /// The rest of class 42: syntax, an unknown table, column or type.
    case undefined(ServerFault)
    /// Class 22: a value the server refuses.
    case invalidData(ServerFault)
    /// 53100
    case diskFull(ServerFault)
    /// 53300
    case tooManyConnections(ServerFault)
    /// 0A000 or 26000 that preparing anew did not cure.
    case stalePlan(ServerFault)
    /// 57014 that nobody here asked for: `statement_timeout`, or an operator.
    case cancelledByServer(ServerFault)
    /// Class P0: a function of ours raised it.
    case raised(ServerFault)
    /// Any other SQLSTATE.
    case other(ServerFault)

    /// The caller's task was cancelled; nothing was committed.
    case cancelled
    /// The job waited longer than ``Deadlines/queue``; it never began.
    case queueDeadline
    /// A statement ran longer than ``Deadlines/statement``; its name. Nothing was committed.
    case statementDeadline(String)
    /// The body ran longer than ``Deadlines/transaction``; nothing was committed.
    case transactionDeadline
    /// The queue is full, or the job was shed for a more urgent one; it never began.
    case queueFull
    /// No connection to the database; the job never began.
    case unavailable
    /// The pool is shut or shutting down; the job never began.
    case shutDown
    /// The connection broke and nothing was committed: safe to run again.
    case connectionLost
    /// The connection broke during COMMIT and neither outcome could be proved in time.
    case commitUnknown(XID8)

    /// A value that could not be sent or read.
    case value(ValueFault)
    /// `one` met no row or several; the statement's name.
    case rowCount(String)
    /// A statement whose columns are not those the server returns; its name.
    case columnMismatch(String)
    /// The code asked for what cannot be done.
    case misuse(Misuse)
    /// The connection string or a limit of the configuration cannot be understood.
    case badConfiguration
}

/// An error that a ``PostgresError`` can be turned into: the closed error of the room above.
public protocol PostgresFailure: Error {
    /// The one translation from database to room.
    init(_ error: PostgresError)
}

extension PostgresError: PostgresFailure {
    /// The error itself.
    public init(_ error: PostgresError) { self = error }
}

/// What the server said, without what it said it about.
public struct ServerFault: Equatable, Sendable {
    /// The SQLSTATE.
    public let state: String
    /// The name of the statement that met it.
    public let statement: String
    /// The constraint, where one was violated.
    public let constraint: String?
    /// The table, where the fault belongs to one.
    public let table: String?
    /// The column, where the fault belongs to one.
    public let column: String?
}

/// A value that could not be sent or read: where, and why.
public struct ValueFault: Equatable, Sendable {
    /// Which side of the statement.
    public enum Place: Equatable, Sendable {
        /// A parameter, counted from 1.
        case parameter(Int)
        /// A column's name.
        case column(String)
    }

    /// The statement's name.
    public let statement: String
    /// The parameter or column.
    public let place: Place
    /// Why.
    public let reason: ValueReason

    /// Of its parts.
    public init(statement: String, place: Place, reason: ValueReason) {
        self.statement = statement
        self.place = place
        self.reason = reason
    }
}

/// What the code must not ask for.
public enum Misuse: Equatable, Sendable {
    /// One name for two texts.
    case nameUsedTwice(String)
    /// A statement inside the body of `forEach`, `copyIn` or `copyOut`.
    case statementInsideStream(String)
    /// A body that went on as if a failed statement had not failed.
    case failureIgnored
    /// A script that ended the transaction it ran in.
    case transactionEnded
    /// A script with a NUL in it.
    case scriptContainsNUL
    /// A job that no connection of the pool serves: all are for `bulk` jobs.
    case noConnectionForPriority
    /// A text that is no COPY, or a COPY in a statement.
    case notACopy(String)
}

extension PostgresError {
    /// The server's part, where there is one.
    public var fault: ServerFault? {
        switch self {
        case .uniqueViolation(let fault), .foreignKeyViolation(let fault), .checkViolation(let fault),
            .notNullViolation(let fault), .exclusionViolation(let fault), .permissionDenied(let fault),
            .serializationFailure(let fault), .deadlock(let fault), .lockNotAvailable(let fault),
            .readOnly(let fault), .undefined(let fault), .invalidData(let fault), .diskFull(let fault),
            .tooManyConnections(let fault), .stalePlan(let fault), .cancelledByServer(let fault),
            .raised(let fault), .other(let fault):
            fault
        default: nil
        }
    }

    /// Whether the same job may succeed when run again unchanged; it is certain that nothing was committed.
    public var isSafeToRetry: Bool {
        switch self {
        case .serializationFailure, .deadlock, .lockNotAvailable, .tooManyConnections, .stalePlan, .cancelledByServer,
            .queueDeadline, .statementDeadline, .transactionDeadline, .queueFull, .unavailable, .connectionLost:
            true
        default: false
        }
    }

    /// Whether the transaction itself, run again at once, may succeed.
    var isWorthAnotherRun: Bool {
        switch self {
        case .serializationFailure, .deadlock, .stalePlan: true
        default: false
        }
    }
}
