extension PostgresError {
    /// The error for a SQLSTATE (PostgreSQL 15, appendix A): by exact code, then by class.
    init(_ fault: ServerFault) {
        switch fault.state {
        case "23505": self = .uniqueViolation(fault)
        case "23503": self = .foreignKeyViolation(fault)
        case "23514": self = .checkViolation(fault)
        case "23502": self = .notNullViolation(fault)
        case "23P01": self = .exclusionViolation(fault)
        case "42501": self = .permissionDenied(fault)
        case "40001": self = .serializationFailure(fault)
        case "40P01": self = .deadlock(fault)
        case "55P03": self = .lockNotAvailable(fault)
        case "25006": self = .readOnly(fault)
        case "53100": self = .diskFull(fault)
        case "53300": self = .tooManyConnections(fault)
        case "57014": self = .cancelledByServer(fault)
        default: self.init(classOf: fault)
        }
    }

    private init(classOf fault: ServerFault) {
        switch fault.state.prefix(2) {
        case "08": self = .connectionLost
        case "22": self = .invalidData(fault)
        case "42": self = .undefined(fault)
        case "P0": self = .raised(fault)
        default: self = .other(fault)
        }
    }
}

extension PostgresError: CustomStringConvertible {
    /// One line, safe to log.
    public var description: String {
        if let fault { return "\(kind): \(fault)" }
        switch self {
        case .statementDeadline(let name), .rowCount(let name), .columnMismatch(let name): return "\(kind): \(name)"
        case .commitUnknown(let id): return "\(kind): transaction \(id)"
        case .value(let fault): return "\(kind): \(fault.statement), \(fault.place): \(fault.reason)"
        case .misuse(let misuse): return "\(kind): \(misuse)"
        default: return kind
        }
    }

    private var kind: String {
        switch self {
        case .uniqueViolation: "unique violation"
        case .foreignKeyViolation: "foreign key violation"
        case .checkViolation: "check violation"
        case .notNullViolation: "not-null violation"
        case .exclusionViolation: "exclusion violation"
        case .permissionDenied: "permission denied"
        case .serializationFailure: "serialization failure"
        case .deadlock: "deadlock"
        case .lockNotAvailable: "lock not available"
        case .readOnly: "read-only"
        case .undefined: "undefined or malformed"
        case .invalidData: "invalid data"
        case .diskFull: "disk full"
        case .tooManyConnections: "too many connections"
        case .stalePlan: "stale plan"
        case .cancelledByServer: "cancelled by the server"
        case .raised: "raised"
        case .other: "server error"
        case .cancelled: "cancelled"
        case .queueDeadline: "queue deadline passed"
        case .statementDeadline: "statement deadline passed"
        case .transactionDeadline: "transaction deadline passed"
        case .queueFull: "queue full"
        case .unavailable: "database unavailable"
        case .shutDown: "shut down"
        case .connectionLost: "connection lost, nothing committed"
        case .commitUnknown: "outcome of COMMIT unknown"
        case .value: "value"
        case .rowCount: "row count"
        case .columnMismatch: "columns differ from those declared"
        case .misuse: "misuse"
        case .badConfiguration: "bad configuration"
        }
    }
}

extension ServerFault: CustomStringConvertible {
    /// One line, safe to log.
    public var description: String {
        var line = "SQLSTATE \(state), statement \(statement)"
        if let constraint { line += ", constraint \(constraint)" }
        if let table { line += ", table \(table)" }
        if let column { line += ", column \(column)" }
        return line
    }
}
