/// How urgent a job is: served in this order, shed in the reverse order.
public enum Priority: Int, CaseIterable, Comparable, Sendable {
    /// A person's refusal; has a reserve in the queue of its own.
    case optOut
    /// A question before a send.
    case check
    /// Anything else that someone waits for.
    case normal
    /// Imports, exports, sweeps: on connections of their own, where there are such.
    case bulk

    /// More urgent first.
    public static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }
}

/// How long a job may take; nested: queue, then statement within transaction.
public struct Deadlines: Equatable, Sendable {
    /// The longest wait for a connection.
    public var queue: Duration
    /// The longest run of one statement; a stream or a COPY counts as one.
    public var statement: Duration
    /// The longest run from taking a connection to the end of the body, all its runs together.
    public var transaction: Duration

    /// A statement never outlasts its transaction, whatever `statement` says.
    public init(queue: Duration, statement: Duration, transaction: Duration) {
        self.queue = queue
        self.statement = statement
        self.transaction = transaction
    }

    /// The limits of a job that names none.
    public static func standard(for priority: Priority) -> Deadlines {
        switch priority {
        case .optOut: Deadlines(queue: .milliseconds(250), statement: .seconds(1), transaction: .seconds(2))
        case .check: Deadlines(queue: .milliseconds(50), statement: .milliseconds(250), transaction: .milliseconds(250))
        case .normal: Deadlines(queue: .milliseconds(250), statement: .seconds(5), transaction: .seconds(10))
        case .bulk: Deadlines(queue: .seconds(30), statement: .seconds(600), transaction: .seconds(3_600))
        }
    }
}

/// How far transactions are kept apart.
public enum Isolation: Sendable {
    /// Each statement sees what was committed before it.
    case readCommitted
    /// The transaction sees what was committed before its first statement.
    case repeatableRead
    /// As if one after the other.
    case serializable
}

/// A setting of a session or of a transaction.
public struct Setting: Equatable, Sendable {
    let name: String
    let value: String

    /// `name` as in `SET name`; the value is sent as a parameter.
    public init(_ name: StaticString, _ value: String) {
        self.name = name.description
        self.value = value
    }
}
