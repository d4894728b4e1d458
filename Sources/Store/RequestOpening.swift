import Postgres
public import Rules

/// Whose request it is.
public enum RequestSubject: Hashable, Sendable {
    /// Somebody's who names an address, and who may be anybody.
    case address(Address)
    /// The holder's of a link that was sent to an address: known by its key, and answered there alone.
    case link(KeyedPerson)
}

/// A request that was taken in. Whoever asked is told nothing that depends on what is stored.
public struct RequestOpening: Sendable {
    public let id: Int64
    public let kind: RequestKind
    public internal(set) var state: SubjectRequest.State
    public let receivedAt: Instant
    public let dueAt: Instant
    /// Whether it is a new one: asking again is the same request.
    public let isNew: Bool
    /// Who is asked for, as the link to the address itself names them.
    public let person: KeyedPerson
}

/// Writes the letter with the link by which a person shows who they are; nil where it cannot.
public typealias IdentityLetter = @Sendable (RequestOpening, Address) -> Letter?

/// How a request comes in, and what follows.
public enum RequestOrigin: Sendable {
    /// On a page: the person shows who they are by a link that is sent to the address itself, at most once a day.
    case page(letter: IdentityLetter)
    /// By letter, telephone or mail to an employee; when it came. Without a letter the employee knows who asks.
    case staff(receivedAt: Instant?, letter: IdentityLetter? = nil)

    fileprivate var letter: IdentityLetter? {
        switch self {
        case .page(let letter): letter
        case .staff(_, let letter): letter
        }
    }
}

/// The least time between two letters to one address about one kind of request, in microseconds: a day.
let identityLetterMicrosecondsMin: Int64 = 86_400_000_000

extension Verb where Result == RequestOpening {
    /// Takes a request in and starts its clock: one month from receipt, by Article 12(3).
    ///
    /// What is open of the same kind for the same person goes on instead; where it turns out to have come earlier, it is due
    /// earlier, and never later.
    public static func openRequest(
        _ kind: RequestKind, of subject: RequestSubject, language: String?, from origin: RequestOrigin
    ) -> Verb {
        Verb(.normal) { scene, tx throws(StoreError) in
            try scene.open(kind, of: subject, language: language, from: origin, in: tx)
        }
    }
}

extension WriteScene {
    fileprivate func open(
        _ kind: RequestKind, of subject: RequestSubject, language: String?, from origin: RequestOrigin,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> RequestOpening {
        let person = try person(asking: subject, in: tx)
        try writer.lock([.address(PersonKeys(own: person.own, alias: person.alias))], in: tx)
        let opening = try take(kind, of: person, language: language, from: origin, in: tx)
        guard let letter = origin.letter else { return opening }
        let address: Address?
        switch subject {
        case .address(let named): address = named
        case .link: address = try storedAddress(of: person, in: tx)
        }
        return try address.map { to throws(StoreError) in try askIdentity(opening, at: to, letter, in: tx) } ?? opening
    }

    /// Who is asked for: of an address, under the pepper with which its contact is stored.
    private func person(
        asking subject: RequestSubject, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> KeyedPerson {
        switch subject {
        case .address(let address):
            let stored = try tx.all(ContactSQL.read, (controller.id, peppers.keys(for: address))).first?.key
            let people = peppers.all.map { $0.person(address) }
            return people.first { $0.own == stored } ?? peppers.current.person(address)
        case .link(let person):
            try requireLive(person)
            return person
        }
    }

    /// The address of the contact that is stored of the person; nil where none is.
    func storedAddress(
        of person: KeyedPerson, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> Address? {
        guard let stored = try tx.first(SubjectRequestSQL.address, (controller.id, person.own)) else { return nil }
        do throws(AddressError) { return try Address(parsing: stored) } catch {
            throw .damaged("contact \(person.own)")
        }
    }

    private func take(
        _ kind: RequestKind, of person: KeyedPerson, language: String?, from origin: RequestOrigin,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> RequestOpening {
        let now = try writer.clock(tx)
        var receivedAt = now
        if case .staff(let stated, _) = origin { receivedAt = min(stated ?? now, now) }
        guard let due = RequestClock.due(receivedAt: receivedAt) else { throw .damaged("request clock") }
        let opened = try tx.first(
            SubjectRequestSQL.open, (controller.id, person.own, kind, .received, language, receivedAt, due))
        if let opened {
            try step(.received, of: opened, at: now, in: tx)
            return RequestOpening(
                id: opened, kind: kind, state: .received, receivedAt: receivedAt, dueAt: due, isNew: true,
                person: person)
        }
        let known = try tx.all(SubjectRequestSQL.ofPerson, (controller.id, [person.own]))
        guard let open = known.first(where: { $0.kind == kind && $0.state.isOpen }) else {
            throw .damaged("request of \(person.own)")
        }
        var clock = (receivedAt: open.receivedAt, dueAt: open.dueAt)
        // Whoever presses a button again and again writes no history.
        if case .staff = origin {
            try step(.askedAgain, of: open.id, at: now, in: tx)
            if receivedAt < open.receivedAt { clock = try moveBack(open.id, to: receivedAt, at: now, in: tx) }
        }
        return RequestOpening(
            id: open.id, kind: kind, state: open.state, receivedAt: clock.receivedAt, dueAt: clock.dueAt, isNew: false,
            person: person)
    }

    /// Has the clock of an open request begin earlier, as far as it was extended.
    private func moveBack(
        _ id: Int64, to receivedAt: Instant, at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> (receivedAt: Instant, dueAt: Instant) {
        let open = try openRequest(id, in: tx)
        guard let due = RequestClock.due(receivedAt: receivedAt, extendedByMonths: open.extendedMonths) else {
            throw .damaged("request clock")
        }
        guard try tx.one(SubjectRequestSQL.moveBack, (id, receivedAt, due)) else { throw .requestClosed(id) }
        try step(.receivedEarlier, of: id, at: now, note: open.receivedAt.description, in: tx)
        return (receivedAt, due)
    }

    /// Sends the link to the address itself, once a day for each kind of request. The same work whether or not anything is
    /// stored of it.
    private func askIdentity(
        _ opening: RequestOpening, at address: Address, _ letter: IdentityLetter,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> RequestOpening {
        let now = try writer.clock(tx)
        let last = try tx.one(
            SubjectRequestSQL.lastStep, (controller.id, opening.person.own, opening.kind, .identityAsked))
        if let last, now < last.advanced(byMicroseconds: identityLetterMicrosecondsMin) { return opening }
        guard let letter = letter(opening, address) else { throw .damaged("a letter that cannot be written") }
        try post(letter, in: tx)
        try step(.identityAsked, of: opening.id, at: now, in: tx)
        try tx.run(SubjectRequestSQL.setState, (controller.id, opening.id, .identityAsked))
        var asked = opening
        asked.state = .identityAsked
        return asked
    }

    func step(
        _ step: RequestStep.Kind, of request: Int64, at instant: Instant, note: String? = nil,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        try tx.run(SubjectRequestSQL.addStep, (controller.id, request, step, instant, writer.access.actor, note))
    }
}
