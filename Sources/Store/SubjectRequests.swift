public import Postgres
public import Rules

extension RequestKind: PostgresWrapped {}

/// A person's request, and by when it is due.
public struct SubjectRequest: Sendable {
    public let id: Int64
    public let key: AddressKey
    /// The stored contact's address; nil where none is stored.
    public let address: String?
    public let kind: RequestKind
    public let state: State
    /// In which the person is answered.
    public let language: String?
    public let receivedAt: Instant
    public let dueAt: Instant
    public let extendedMonths: Int
    public let closedAt: Instant?

    /// Whether its link still does something: an export is shown as long as the link opens.
    public var isAnswerable: Bool { state.isOpen || (state == .done && kind == .export) }

    /// How far a request has come.
    public enum State: String, Sendable, CaseIterable, PostgresWrapped {
        /// It came in, and nobody was sent a link.
        case received
        /// A link went to the address itself.
        case identityAsked = "identity-asked"
        /// The person followed it.
        case identified
        /// Answered.
        case done
        /// Refused, with the reason.
        case refused

        /// Whether it still waits for an answer.
        public var isOpen: Bool { self != .done && self != .refused }
    }
}

/// One thing that was done with a request.
public struct RequestStep: Sendable {
    public let request: Int64
    public let step: Kind
    public let at: Instant
    public let actor: String
    /// Why, where that is said.
    public let note: String?

    /// The kinds of things that are done.
    public enum Kind: String, Sendable, CaseIterable, PostgresWrapped {
        case received
        case askedAgain = "asked-again"
        /// It had come earlier than was known; the note says what was thought.
        case receivedEarlier = "received-earlier"
        case identityAsked = "identity-asked"
        case identified, extended, refused, done
        /// The person was told of an extension or a refusal; the note says how.
        case told
        /// Staff must tell the person.
        case toBeTold = "to-be-told"
    }
}

enum SubjectRequestSQL {
    static let open = Statement(
        "subject-request.open",
        """
        insert into subject_request (controller_id, address_key, kind, state, language, received_at, due_at)
        values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning id
        """,
        in: (
            Int64.self, AddressKey.self, RequestKind.self, SubjectRequest.State.self, String?.self, Instant.self,
            Instant.self
        ), out: ("id", Int64.self), into: { (id: Int64) in id })
    static let ofPerson = Statement(
        "subject-request.of-person",
        """
        select r.id, r.address_key, c.address, r.kind, r.state, r.language, r.received_at, r.due_at, r.extended_months,
            r.closed_at
        from subject_request r
        left join contact c on c.controller_id = r.controller_id and c.address_key = r.address_key
        where r.controller_id = $1 and r.address_key = any($2::uuid[]) order by r.id
        """,
        in: (Int64.self, [AddressKey].self), out: ("id", Int64.self), ("address_key", AddressKey.self),
        ("address", String?.self), ("kind", RequestKind.self), ("state", SubjectRequest.State.self),
        ("language", String?.self), ("received_at", Instant.self), ("due_at", Instant.self),
        ("extended_months", Int32.self), ("closed_at", Instant?.self), into: SubjectRequest.init)
    static let one = Statement(
        "subject-request.one",
        """
        select r.id, r.address_key, c.address, r.kind, r.state, r.language, r.received_at, r.due_at, r.extended_months,
            r.closed_at
        from subject_request r
        left join contact c on c.controller_id = r.controller_id and c.address_key = r.address_key
        where r.controller_id = $1 and r.id = $2
        """,
        in: (Int64.self, Int64.self), out: ("id", Int64.self), ("address_key", AddressKey.self),
        ("address", String?.self), ("kind", RequestKind.self), ("state", SubjectRequest.State.self),
        ("language", String?.self), ("received_at", Instant.self), ("due_at", Instant.self),
        ("extended_months", Int32.self), ("closed_at", Instant?.self), into: SubjectRequest.init)
    /// The same, held until the transaction ends. What others write beside it may go on referring to it.
    static let hold = Statement(
        "subject-request.hold",
        """
        select r.id, r.address_key, c.address, r.kind, r.state, r.language, r.received_at, r.due_at, r.extended_months,
            r.closed_at
        from subject_request r
        left join contact c on c.controller_id = r.controller_id and c.address_key = r.address_key
        where r.controller_id = $1 and r.id = $2 for no key update of r
        """,
        in: (Int64.self, Int64.self), out: ("id", Int64.self), ("address_key", AddressKey.self),
        ("address", String?.self), ("kind", RequestKind.self), ("state", SubjectRequest.State.self),
        ("language", String?.self), ("received_at", Instant.self), ("due_at", Instant.self),
        ("extended_months", Int32.self), ("closed_at", Instant?.self), into: SubjectRequest.init)
    static let due = Statement(
        "subject-request.due",
        """
        select r.id, r.address_key, c.address, r.kind, r.state, r.language, r.received_at, r.due_at, r.extended_months,
            r.closed_at
        from subject_request r
        left join contact c on c.controller_id = r.controller_id and c.address_key = r.address_key
        where r.controller_id = $1 and r.closed_at is null and (r.due_at, r.id) > ($2, $3)
        order by r.due_at, r.id limit $4
        """,
        in: (Int64.self, Instant.self, Int64.self, Int64.self), out: ("id", Int64.self),
        ("address_key", AddressKey.self),
        ("address", String?.self), ("kind", RequestKind.self), ("state", SubjectRequest.State.self),
        ("language", String?.self), ("received_at", Instant.self), ("due_at", Instant.self),
        ("extended_months", Int32.self), ("closed_at", Instant?.self), into: SubjectRequest.init)
    static let change = Statement(
        "subject-request.change",
        """
        update subject_request set state = $3, due_at = $4, extended_months = $5, closed_at = $6
        where controller_id = $1 and id = $2
        """,
        in: (
            Int64.self, Int64.self, SubjectRequest.State.self, Instant.self, Int32.self, Instant?.self
        ))
    static let moveBack = Statement(
        "subject-request.move-back", "select receive_earlier($1, $2, $3) as moved",
        in: (Int64.self, Instant.self, Instant.self), out: ("moved", Bool.self), into: { (moved: Bool) in moved })
    static let setState = Statement(
        "subject-request.set-state", "update subject_request set state = $3 where controller_id = $1 and id = $2",
        in: (Int64.self, Int64.self, SubjectRequest.State.self))
    static let addStep = Statement(
        "subject-request.add-step",
        "insert into subject_request_step (controller_id, request_id, step, at, actor, note) values ($1, $2, $3, $4, $5, $6)",
        in: (Int64.self, Int64.self, RequestStep.Kind.self, Instant.self, String.self, String?.self))
    static let steps = Statement(
        "subject-request.steps",
        """
        select request_id, step, at, actor, note from subject_request_step
        where controller_id = $1 and request_id = any($2::bigint[]) order by request_id, id
        """,
        in: (Int64.self, [Int64].self), out: ("request_id", Int64.self), ("step", RequestStep.Kind.self),
        ("at", Instant.self), ("actor", String.self), ("note", String?.self),
        into: RequestStep.init(request:step:at:actor:note:))
    static let address = Statement(
        "subject-request.address",
        "select address from contact where controller_id = $1 and address_key = $2",
        in: (Int64.self, AddressKey.self), out: ("address", String.self), into: { (address: String) in address })
    static let lastStep = Statement(
        "subject-request.last-step",
        """
        select max(s.at) as at from subject_request_step s
        join subject_request r on r.id = s.request_id
        where r.controller_id = $1 and r.address_key = $2 and r.kind = $3 and s.step = $4
        """,
        in: (Int64.self, AddressKey.self, RequestKind.self, RequestStep.Kind.self), out: ("at", Instant?.self),
        into: { (at: Instant?) in at })

    static let all: [AnyStatement] = [
        open.erased, ofPerson.erased, one.erased, hold.erased, due.erased, change.erased, moveBack.erased,
        setState.erased, addStep.erased, steps.erased, lastStep.erased, address.erased,
    ]
}

extension SubjectRequest {
    init(
        id: Int64, key: AddressKey, address: String?, kind: RequestKind, state: State, language: String?,
        receivedAt: Instant, dueAt: Instant, extendedMonths: Int32, closedAt: Instant?
    ) {
        (self.id, self.key, self.address, self.kind, self.state) = (id, key, address, kind, state)
        (self.language, self.receivedAt, self.dueAt) = (language, receivedAt, dueAt)
        (self.extendedMonths, self.closedAt) = (Int(extendedMonths), closedAt)
    }
}
