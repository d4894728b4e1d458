import Postgres
public import Rules

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

    var isMoved: Bool { contact.dueAt != due.next || contact.ground != due.ground }
}

/// A contact that cannot be judged, since something that is stored of the person is not what this program wrote.
public struct DamagedContact: Hashable, Sendable {
    public let key: AddressKey
    /// Where the damage is; no plaintext.
    public let cause: String

    /// Throws the error where it is no damage.
    init(_ key: AddressKey, _ error: StoreError) throws(StoreError) {
        guard case .damaged(let cause) = error else { throw error }
        (self.key, self.cause) = (key, cause)
    }
}

/// For how long a sweep leaves a damaged contact alone, so that it does not stand before all others.
let damagedContactSeconds: Int64 = 86_400

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

    /// What the contact's row says of the date: what keeps it until then, or why nothing does. Where it ends nothing, that the
    /// rules are to be asked then; the database says the same of a date that it marks.
    var ground: String {
        if case .kept(let until, _) = retention, next != until { return Forecast.lookGround }
        return retention.ground
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
    /// Only where the date is the one that was read: an entry of the group, of which the judgement knows nothing yet, may have
    /// marked it since.
    static let move = Statement(
        "due.move",
        """
        update contact c set due_at = r.due_at, due_ground = r.due_ground
        from unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::timestamptz[]) as r(address_key, due_at, due_ground, read_at)
        where c.controller_id = $1 and c.address_key = r.address_key and c.due_at is not distinct from r.read_at
        """,
        in: (Int64.self, [AddressKey].self, [Instant?].self, [String].self, [Instant?].self))
    static let putOff = Statement(
        "due.put-off",
        """
        update contact set due_at = $3, due_ground = coalesce(due_ground, $4)
        where controller_id = $1 and address_key = any($2::uuid[])
        """,
        in: (Int64.self, [AddressKey].self, Instant.self, String.self))

    static let all: [AnyStatement] = [contacts.erased, move.erased, putOff.erased]
}

/// Reckons when contacts fall due, as far as the facts, the policy and the clock tell.
///
/// A due date is a hint: whoever acts on it asks the rules again, behind the person's lock.
struct DueReckoner {
    let catalogue: Catalogue
    let peppers: Peppers

    /// The stored contacts among the keys. Throws where one is damaged.
    func contacts(
        _ keys: [AddressKey], of controller: Int64, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [DueContact] {
        var damaged: [DamagedContact] = []
        let contacts = try contacts(keys, of: controller, damaged: &damaged, in: tx)
        if let first = damaged.first { throw .damaged(first.cause) }
        return contacts
    }

    /// The stored contacts among the keys, and apart from them the damaged ones.
    func contacts(
        _ keys: [AddressKey], of controller: Int64, damaged: inout [DamagedContact],
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [DueContact] {
        var contacts: [DueContact] = []
        for (key, address, dueAt, ground) in try tx.all(DueSQL.contacts, (controller, keys)) {
            do throws(StoreError) {
                contacts.append(try DueContact(key: key, stored: address, dueAt: dueAt, ground: ground))
            } catch {
                damaged.append(try DamagedContact(key, error))
            }
        }
        return contacts
    }

    /// Asks the rules about each, from all that a check would read. Throws where one is damaged.
    func judge(
        _ contacts: [DueContact], for writer: LedgerWriter, reading: Reading, at now: Instant,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [JudgedContact] {
        var damaged: [DamagedContact] = []
        let judged = try judge(contacts, for: writer, reading: reading, at: now, damaged: &damaged, in: tx)
        if let first = damaged.first { throw .damaged(first.cause) }
        return judged
    }

    /// Asks the rules about each that is sound.
    func judge(
        _ contacts: [DueContact], for writer: LedgerWriter, reading: Reading, at now: Instant,
        damaged: inout [DamagedContact], in tx: borrowing Transaction<StoreError>
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
            do throws(StoreError) {
                let facts = try standings.facts(of: keys, at: controller)
                let due = DueDate(of: facts, contact.addressClass, under: policy, at: now)
                judged.append(JudgedContact(contact: contact, due: due, stamp: Stamp(now: now, before: facts).instant))
            } catch {
                damaged.append(try DamagedContact(contact.key, error))
            }
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

    /// Leaves damaged contacts alone for `damagedContactSeconds`.
    func putOff(
        _ damaged: [DamagedContact], of controller: Int64, at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        guard !damaged.isEmpty else { return }
        let next = now.advanced(byMicroseconds: damagedContactSeconds * 1_000_000)
        try tx.run(DueSQL.putOff, (controller, damaged.map(\.key), next, Forecast.lookGround))
    }

    /// Moves the due dates of those that are to be kept.
    func move(
        _ judged: [JudgedContact], of controller: Int64, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        let moved = judged.filter(\.isMoved)
        guard !moved.isEmpty else { return }
        try tx.run(
            DueSQL.move,
            (
                controller, moved.map(\.contact.key), moved.map(\.due.next), moved.map(\.due.ground),
                moved.map(\.contact.dueAt)
            ))
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
