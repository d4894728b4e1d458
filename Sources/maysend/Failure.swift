import Postgres
import Rules
import Store

/// Why a command cannot answer: what is wrong, where, and what to do.
struct Failure: Error {
    /// 1 for refused, 2 for wrong use, unknown, or not available, 3 for a server that left opt-outs in its spool.
    let status: Int32
    let text: String
    let hint: String?

    init(_ text: String, hint: String? = nil, status: Int32 = 2) {
        (self.text, self.hint, self.status) = (text, hint, status)
    }

    init(_ error: FileError) { self.init(error.description) }
    init(_ error: UnknownName) { self.init(error.description) }

    /// What the store says, in an operator's words.
    init(_ error: StoreError) {
        switch error {
        case .unavailable(let cause), .database(let cause): self.init(cause)
        case .standingEntry: self.init("refused: \(error.description)", hint: Self.onlyThePerson, status: 1)
        case .personNotTold:
            self.init(
                "refused: \(error.description)",
                hint: "Tell them, then record it: 'maysend subject told ADDRESS --method …'.",
                status: 1)
        case .nothingStored, .requestClosed, .requestNotExtendable:
            self.init("refused: \(error.description)", status: 1)
        case .noPolicy: self.init(error.description, hint: "Put one into effect with 'maysend policy apply FILE'.")
        case .unknownController(_, let known) where known.isEmpty: self.init(Self.noController)
        case .damaged: self.init(error.description, hint: "'maysend verify' says how much is damaged.")
        default: self.init(error.description)
        }
    }

    static let noController = Failure(
        "there is no controller yet", hint: "A policy names them: put one into effect with 'maysend policy apply FILE'."
    )
    static let endedHolding = Failure(
        "opt-outs that were acknowledged are in the spool and not in the register",
        hint: "Keep the folder in MAYSEND_SPOOL, and start this instance again with it when the database is back.",
        status: 3)
    private static let onlyThePerson =
        "Only the person lifts it: by a confirmed double opt-in, or on their preference page."

    private init(_ failure: Failure) { self = failure }

    /// What the database says, by its SQLSTATE.
    private init(_ error: PostgresError) {
        let place = error.fault.map { "SQLSTATE \($0.state) in '\($0.statement)'" } ?? ""
        switch error {
        case .unavailable, .connectionLost, .shutDown, .queueDeadline, .queueFull, .transactionDeadline,
            .tooManyConnections, .statementDeadline:
            self.init("the database does not answer", hint: Self.databaseAway)
        case .commitUnknown:
            self.init(
                "the connection broke during COMMIT, so it is not known whether this was done",
                hint: "Run the command again: nothing is done twice.")
        case .permissionDenied:
            self.init(
                "the database does not allow this (\(place))",
                hint: "Run 'maysend migrate' as the schema's owner; it grants what is needed.")
        case .undefined:
            self.init("the database lacks the schema (\(place))", hint: "Run 'maysend migrate' as the schema's owner.")
        case .readOnly:
            self.init("the database is read-only (\(place))", hint: "Name the primary in MAYSEND_DATABASE_URL.")
        case .badConfiguration: self.init(Settings.databaseURLMalformed)
        case .diskFull: self.init("the database's disk is full (\(place)); nothing was done")
        case .serializationFailure, .deadlock, .lockNotAvailable, .cancelledByServer, .cancelled:
            self.init("the database broke off (\(place)); nothing was done", hint: "Run the command again.")
        default: self.init("the database failed: \(place.isEmpty ? "\(error)" : place); nothing was done")
        }
    }

    static let databaseAway =
        "See that PostgreSQL runs and that MAYSEND_DATABASE_URL names it."

    /// Why no connection came about.
    init(_ failure: ConnectFailure?, role: String?) {
        switch failure {
        case .unreachable:
            self.init(
                "the database is away: nobody answers at the address in MAYSEND_DATABASE_URL", hint: Self.databaseAway)
        case .refused:
            self.init(
                "the database refuses the connection: unknown database or login, wrong password, too many connections, or"
                    + " still starting; its own log says which",
                hint: "See MAYSEND_DATABASE_URL.")
        case .passwordNeeded:
            self.init(
                "the database wants a password and there is none",
                hint: "Put it into ~/.pgpass or MAYSEND_DATABASE_URL.")
        case .setUp(let error):
            let state = error.fault.map { " (SQLSTATE \($0.state))" } ?? ""
            self.init(
                "the login cannot take the role \(role ?? "it needs")\(state)",
                hint:
                    "Run 'maysend migrate' as the schema's owner, which makes the roles; then grant them to this login."
            )
        case .timeout, .exhausted, nil:
            self.init("the database does not answer in time", hint: Self.databaseAway)
        }
    }
}
