public import Postgres
public import Rules

/// All that a verb of the store can fail with.
public enum StoreError: PostgresFailure, Equatable {
    /// The database cannot be reached in time, is overloaded or is stopping: nothing is known, ask again.
    case unavailable(PostgresError)
    /// It is not known yet whether the database is the one that was served before: nothing is known, ask again.
    case unsure(String)
    /// Another instance may have acknowledged opt-outs that are not in the register yet: nothing may be said to be eligible.
    case heldBack(HeldBack)
    /// This instance has acknowledged opt-outs that are not in the register yet.
    case draining
    /// The database refused or failed in a way that asking again does not cure.
    case database(PostgresError)
    /// A stored value is not what this program wrote: named is where.
    case damaged(String)
    /// There is no controller of that name.
    case unknownController(Slug, known: [Slug])
    /// A word that the policy does not know.
    case unknownName(UnknownName)
    /// No version of the group's policy is in effect at the instant.
    case noPolicy(group: Slug, at: Instant, first: Instant?)
    /// A consent, or the resumption of a topic, without evidence of the person's act while an entry stands against it.
    case standingEntry(DatedEntry)
    /// A restriction or a hold stands, so the person may not be forgotten.
    case mustBeKept(KeepReason)
    /// A dated act of a kind that may not lie in the future does.
    case inTheFuture(Event.Name)
    /// The idempotency key was used before for another request.
    case idempotencyKeyReused
    /// A policy cannot be applied: one sentence says why.
    case policyRefused(String)
    /// The migrations and the database do not fit: one sentence says how.
    case schema(String)
    /// More than one transaction may carry.
    case tooMany(limit: Int)
    /// The key was revoked since the request began.
    case revokedKey
    /// The organisation is not known.
    case unknownOrganisation
    /// The keys of a link or of an import were made under a pepper that is live no more: no check would find what is recorded under them.
    case deadPepper
    /// Nothing stands that the person may take back by the link.
    case nothingToUndo
    /// A restriction is to be lifted and nothing says that the person was told first: Article 18(3).
    case personNotTold(since: Instant)
    /// Nothing is stored of the person that could be corrected.
    case nothingStored
    /// The corrected address is the one that is corrected.
    case sameAddress
    /// There is no such request at this controller.
    case unknownRequest(Int64)
    /// The request has been answered already.
    case requestClosed(Int64)
    /// Article 12(3): the extension must be told before the request is due, and by two months at most in all.
    case requestNotExtendable(due: Instant)
    /// The import is not in the state for it: one sentence says how.
    case importState(String)
    /// Somebody made an organisation of an import's slice while that was merged; it is merged again.
    case organisationsMoved

    public init(_ error: PostgresError) {
        switch error {
        case .unavailable, .queueFull, .queueDeadline, .statementDeadline, .transactionDeadline, .connectionLost,
            .commitUnknown, .shutDown, .cancelled, .tooManyConnections, .cancelledByServer, .serializationFailure,
            .deadlock, .lockNotAvailable, .diskFull:
            self = .unavailable(error)
        // The server is stopping, starting or out of what it needs.
        case .other(let fault) where fault.state.hasPrefix("57P") || fault.state.hasPrefix("53"):
            self = .unavailable(error)
        default: self = .database(error)
        }
    }
}

/// An instance that has not been heard of for longer than its lease, and for how long it is still waited for.
public struct HeldBack: Hashable, Sendable {
    public let instance: String
    /// Counted only while another instance looks.
    public let secondsLeft: Int
}

extension StoreError: CustomStringConvertible {
    /// One sentence, safe to log: no personal data.
    public var description: String {
        switch self {
        case .unavailable(let error): "the database is not available: \(error)"
        case .heldBack(let heldBack):
            "instance '\(heldBack.instance)' may hold opt-outs that are not in the register yet; it is waited for, "
                + "\(heldBack.secondsLeft) s at most"
        case .draining: "opt-outs of this instance's spool are not in the register yet"
        case .database(let error): "the database failed: \(error)"
        case .damaged(let place): "damaged: \(place)"
        case .unknownController(let slug, let known):
            "unknown controller '\(slug)'; known are \(known.map(\.text).joined(separator: ", "))"
        case .unknownName(let name): name.description
        case .noPolicy(let group, let at, .some(let first)):
            "no version of policy '\(group)' is in effect at \(at); the first takes effect at \(first)"
        case .noPolicy(let group, _, nil): "no policy is applied for '\(group)'"
        case .standingEntry(let dated): "an entry stands against it: \(dated.entry.reason.rawValue) since \(dated.at)"
        case .mustBeKept(.restriction):
            "the person's data are restricted and must be kept until that is lifted"
        case .mustBeKept(let keeper): "'\(keeper)' stands, so the person's data must be kept until it is released"
        case .inTheFuture(let name): "'\(name.rawValue)' may not lie in the future"
        case .idempotencyKeyReused: "the Idempotency-Key was used for another request"
        case .policyRefused(let why), .schema(let why), .unsure(let why), .importState(let why): why
        case .tooMany(let limit): "more than \(limit) at once"
        case .revokedKey: "the key was revoked"
        case .unknownOrganisation: "no such organisation"
        case .deadPepper: "it was made under a pepper that is not among the live ones; put that back into the file"
        case .organisationsMoved: "an organisation was made while a slice with its people was merged"
        case .nothingToUndo: "nothing stands that may be taken back"
        case .personNotTold(let since):
            "the person, restricted since \(since), was not told that the restriction will be lifted"
        case .nothingStored: "nothing is stored of the person"
        case .sameAddress: "the corrected address is the same"
        case .unknownRequest(let id): "no request \(id)"
        case .requestClosed(let id): "request \(id) has been answered already"
        case .requestNotExtendable(let due):
            "a request is extended within a month of receipt, further than it was (due \(due)), and by "
                + "\(RequestClock.extensionMonthsMax) months at most"
        }
    }
}
