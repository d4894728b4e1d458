import Postgres
import Rules

/// A contact as the sweep looks at it.
struct DueContact: Sendable {
    let key: AddressKey
    let address: Address
    let dueAt: Instant?
    let ground: String?

    init(key: AddressKey, stored: String, dueAt: Instant?, ground: String?) throws(StoreError) {
        do throws(AddressError) {
            address = try Address(parsing: stored)
        } catch {
            throw .damaged("contact \(key)")
        }
        (self.key, self.dueAt, self.ground) = (key, dueAt, ground)
    }

    var addressClass: Question.AddressClass { address.isRole ? .role : .named }
}

/// What was found about a contact.
struct JudgedContact: Sendable {
    let contact: DueContact
    let due: DueDate
    /// The instant at which forgetting it would count.
    let stamp: Instant

    var isDue: Bool { if case .due = due.retention { true } else { false } }

    var isMoved: Bool { contact.dueAt != due.next || contact.ground != due.retention.ground }
}

/// When a contact is to be looked at again, and what keeps it until then.
struct DueDate: Sendable {
    let retention: Retention
    /// When to look again; nil: no clock.
    let next: Instant?

    init(of facts: Facts, _ address: Question.AddressClass, under policy: Policy, at now: Instant) {
        let asked = max(now, facts.latestStamped ?? now)
        retention = Rules.retention(facts, address: address, under: policy, at: asked)
        next = facts.nextLook(after: asked, retention)
    }
}

enum DueSQL {
    static let contacts = Statement(
        "due.contacts",
        """
        select address_key, address, due_at, due_ground from contact
        where controller_id = $1 and address_key = any($2::uuid[])
        """,
        in: (Int64.self, [AddressKey].self), out: ("address_key", AddressKey.self), ("address", String.self),
        ("due_at", Instant?.self), ("due_ground", String?.self))
    static let move = Statement(
        "due.move",
        """
        update contact c set due_at = r.due_at, due_ground = r.due_ground
        from unnest($2::uuid[], $3::timestamptz[], $4::text[]) as r(address_key, due_at, due_ground)
        where c.controller_id = $1 and c.address_key = r.address_key
        """,
        in: (Int64.self, [AddressKey].self, [Instant?].self, [String].self))

    static let all: [AnyStatement] = [contacts.erased, move.erased]
}

/// Reckons when contacts fall due, as far as the facts, the policy and the clock tell.
///
/// A due date is a hint: whoever acts on it asks the rules again, behind the person's lock.
struct DueReckoner {
    let catalogue: Catalogue
    let peppers: Peppers

    /// The stored contacts among the keys.
    func contacts(
        _ keys: [AddressKey], of controller: Int64, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [DueContact] {
        var contacts: [DueContact] = []
        for (key, address, dueAt, ground) in try tx.all(DueSQL.contacts, (controller, keys)) {
            contacts.append(try DueContact(key: key, stored: address, dueAt: dueAt, ground: ground))
        }
        return contacts
    }

    /// Asks the rules about each, from all that a check would read.
    func judge(
        _ contacts: [DueContact], for writer: LedgerWriter, reading: Reading, at now: Instant,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [JudgedContact] {
        let controller = try catalogue.controller(writer.access.controller.id)
        let policy = try catalogue.policy(of: controller, at: now)
        let keys = contacts.map { LookupKeys($0.address, peppers, at: controller) }
        let places = keys.flatMap { keys in
            reading == .everything ? keys.places(at: controller) : keys.checkPlaces(at: controller).all
        }
        let standings = try writer.readStandings(places, in: tx)
        var judged: [JudgedContact] = []
        for (contact, keys) in zip(contacts, keys) {
            let facts = try standings.facts(of: keys, at: controller)
            let due = DueDate(of: facts, contact.addressClass, under: policy, at: now)
            judged.append(JudgedContact(contact: contact, due: due, stamp: Stamp(now: now, before: facts).instant))
        }
        return judged
    }

    /// How much is read of each person.
    enum Reading {
        /// What the catalogue says there can be.
        case expected
        /// All, because this very transaction may have made the first entry of its kind.
        case everything
    }

    /// Moves the due dates of those that are to be kept.
    func move(
        _ judged: [JudgedContact], of controller: Int64, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        let moved = judged.filter(\.isMoved)
        guard !moved.isEmpty else { return }
        try tx.run(
            DueSQL.move,
            (controller, moved.map(\.contact.key), moved.map(\.due.next), moved.map(\.due.retention.ground)))
    }
}

extension LedgerWriter {
    /// Reckons anew when the contacts behind these standings fall due.
    ///
    /// Part of deriving them, so no act and no list leaves a due date behind.
    func reckonDue(
        _ places: [StandingPlace], _ stored: [StandingContact], at now: Instant,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        guard let reckoner, !stored.isEmpty else { return }
        let id = access.controller.id
        let contacts = try stored.map { one throws(StoreError) in
            try DueContact(key: one.key, stored: one.address, dueAt: one.dueAt, ground: one.ground)
        }
        let reading: DueReckoner.Reading = places.allSatisfy { $0.holder == id } ? .expected : .everything
        let judged: [JudgedContact]
        do throws(StoreError) {
            judged = try reckoner.judge(contacts, for: self, reading: reading, at: now, in: tx)
        } catch .noPolicy {
            // Nothing judges yet: the policy that takes effect has everything reckoned.
            return
        }
        try reckoner.move(judged, of: id, in: tx)
    }
}
