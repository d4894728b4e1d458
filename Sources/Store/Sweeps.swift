import Postgres
public import Rules

/// How many contacts one transaction of a sweep looks at: it holds a lock on each.
public let contactsPerSweepStepMax = 200
/// How many contacts are found due at once, for many steps. The index keeps the entries of those that were erased until it is
/// vacuumed, and whoever looks for the next begins with all of them.
let contactsFoundDueMax = 10_000
/// How many contacts one step passes by on its way to those of one domain.
let contactsPassedPerStepMax = 20_000
/// How many domains are looked for in one pass.
let domainsPerPassMax = 10_000
/// How long nothing may be heard of a sweep before another process takes it over.
public let sweepSilenceSecondsMax = 60

/// Who sweeps: a process, by a number of its own.
public struct SweepInstance: Hashable, Sendable {
    let key: AddressKey

    /// `random` gives octets that no other process gets.
    public init(random: (UInt64, UInt64)) { key = AddressKey(high: random.0, low: random.1) }
}

/// A sweep as it is recorded.
public struct SweepRun: Hashable, Sendable {
    public let id: Int64
    public let controller: Slug
    /// The policy that judged when it began.
    public let policy: String
    public let startedAt: Instant
    /// Nil while it is under way.
    public let finishedAt: Instant?
    /// How many contacts were looked at, how many of them kept, with a due date of their own, and how many erased.
    public let looked: Int64
    public let moved: Int64
    public let erased: Int64
    /// How many were erased for which reason, as a JSON object.
    public let grounds: String
    /// SHA-256 chained over the keys that were erased, in the order of their acts.
    let digestOctets: [UInt8]

    /// The digest in hexadecimal.
    public var digest: String { hexadecimal(digestOctets) }
}

/// Contacts that were found and not looked at yet: what the next step begins with. A hint, as due dates are: whoever is not
/// there any more, or is kept, stays as they are.
public struct SweepHint: Hashable, Sendable {
    /// Those that are due.
    var keys: ArraySlice<AddressKey> = []
    /// Those that were stored and never reckoned.
    var unreckoned: ArraySlice<AddressKey> = []
    /// Whom the step that gave the hint could not judge. They are looked at again after a day, and nobody waits for them.
    public internal(set) var damaged: [DamagedContact] = []

    /// Nobody was looked for yet.
    public static let none = SweepHint()

    /// The next of `found`.
    static func take(_ count: Int, of found: inout ArraySlice<AddressKey>) -> [AddressKey] {
        let next = Array(found.prefix(count))
        found = found.dropFirst(count)
        return next
    }
}

/// What a step of a sweep came to.
public enum SweepStep: Hashable, Sendable {
    /// There may be more; the next step is to have the hint.
    case under(SweepRun, SweepHint)
    /// Nothing is due.
    case finished(SweepRun)
    /// A step of another process is under way, of its sweep or of its reckoning: try again in a moment.
    case busy
    /// A sweep of another process is under way.
    case elsewhere
}

extension Verb where Result == SweepStep {
    /// Takes the next bounded step of the controller's sweep, or begins one.
    ///
    /// `since` is the instant from which a sweep is wanted: one that began at or after it and is finished is enough, and is
    /// given back. What a list, a policy or a suppressed domain left to be looked at comes first, then what is due.
    public static func sweep(_ instance: SweepInstance, since: Instant, _ hint: SweepHint = .none) -> Verb {
        Verb(.bulk) { scene, tx throws(StoreError) in
            var sweep = Sweep(scene: scene, hint: hint)
            return try sweep.step(instance, since: since, in: tx)
        }
    }
}

extension Verb where Result == SweepHint? {
    /// Reckons the due dates of the next few contacts that a list, a policy or a suppressed domain left to be looked at, and
    /// erases nothing; nil when there are none. The next step is to have the hint.
    public static func reckonDueDates(_ hint: SweepHint) -> Verb {
        Verb(.bulk) { scene, tx throws(StoreError) in
            var sweep = Sweep(scene: scene, hint: hint)
            guard try tx.one(SweepSQL.lead, String(scene.controller.id)) else { return nil }
            return try sweep.task(of: nil, in: tx) ? sweep.hint : nil
        }
    }
}

/// One step of a sweep, in one transaction: all of it happens or nothing.
private struct Sweep {
    let scene: WriteScene
    /// The one that the step begins with, and at its end the next one's.
    private(set) var hint: SweepHint

    init(scene: WriteScene, hint: SweepHint) {
        (self.scene, self.hint) = (scene, hint)
        self.hint.damaged = []
    }

    private var controller: ControllerRecord { scene.controller }
    /// A person has a lock for each pepper.
    private var stepMax: Int { max(contactsPerSweepStepMax / scene.peppers.all.count, 1) }
    private var reckoner: DueReckoner { DueReckoner(catalogue: scene.catalogue, peppers: scene.peppers) }

    mutating func step(
        _ instance: SweepInstance, since: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> SweepStep {
        guard try tx.one(SweepSQL.lead, String(controller.id)) else { return .busy }
        let now = try scene.writer.clock(tx)
        guard let run = try run(instance, since: since, now, in: tx) else { return .elsewhere }
        if run.finishedAt != nil { return .finished(run) }
        if try task(of: run, in: tx) { return .under(try latest(in: tx), hint) }
        if try strays(of: run, in: tx) { return .under(try latest(in: tx), hint) }
        if try settle(of: run, in: tx) { return .under(try latest(in: tx), hint) }
        // Only who has just looked knows that there are no more.
        let hasLooked = hint.keys.isEmpty
        if hasLooked { hint.keys = try tx.all(SweepSQL.due, (controller.id, now, Int64(contactsFoundDueMax)))[...] }
        let isLast = hasLooked && hint.keys.count < stepMax
        try look(at: SweepHint.take(stepMax, of: &hint.keys), of: run, isLast: isLast, in: tx)
        let after = try latest(in: tx)
        return after.finishedAt != nil ? .finished(after) : .under(after, hint)
    }

    /// The run to go on with, or the finished one that is enough; nil while another process is at it.
    private func run(
        _ instance: SweepInstance, since: Instant, _ now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> SweepRun? {
        if let row = try tx.first(SweepSQL.latest, controller.id) {
            let run = SweepRun(row, at: controller)
            guard run.finishedAt == nil else {
                return run.startedAt >= since ? run : try begin(instance, now, in: tx)
            }
            if row.1 != instance.key {
                let silent = row.4.advanced(byMicroseconds: Int64(sweepSilenceSecondsMax) * 1_000_000)
                guard silent < now else { return nil }
                try tx.run(SweepSQL.take, (controller.id, run.id, instance.key))
            }
            return run
        }
        return try begin(instance, now, in: tx)
    }

    private func begin(
        _ instance: SweepInstance, _ now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> SweepRun {
        let policy = try scene.catalogue.policy(of: controller, at: now)
        // With one pepper everybody's acts stand under the key of their contact.
        let strays = scene.peppers.older.isEmpty ? nil : AddressKey(high: 0, low: 0)
        try tx.run(SweepSQL.begin, (controller.id, scene.writer.access.actor, instance.key, policy.label, strays))
        return try latest(in: tx)
    }

    private func latest(in tx: borrowing Transaction<StoreError>) throws(StoreError) -> SweepRun {
        SweepRun(try tx.one(SweepSQL.latest, controller.id), at: controller)
    }

    /// The next slice of what is to be looked at anew; false where there is nothing. Without a run nothing is erased.
    mutating func task(of run: SweepRun?, in tx: borrowing Transaction<StoreError>) throws(StoreError) -> Bool {
        if hint.unreckoned.isEmpty {
            hint.unreckoned = try tx.all(SweepSQL.unreckoned, (controller.id, Int64(contactsFoundDueMax)))[...]
        }
        let fresh = SweepHint.take(stepMax, of: &hint.unreckoned)
        guard fresh.isEmpty else {
            try look(at: fresh, of: run, isLast: false, in: tx)
            return true
        }
        let version = try scene.catalogue.version(of: controller, at: scene.writer.clock(tx))
        try tx.run(SweepSQL.reckonPolicy, (controller.id, version.id))
        let tasks = try tx.all(SweepSQL.tasks, (controller.id, Int64(domainsPerPassMax)))
        guard let doneTo = tasks.first?.2 else { return false }
        let domains = Set(tasks.compactMap(\.1))
        let limit = domains.isEmpty ? stepMax : contactsPassedPerStepMax
        let slice = try tx.all(SweepSQL.after, (controller.id, doneTo, Int64(limit)))
        let wanted = slice.filter { row in
            domains.isEmpty || (row.1.split(separator: "@").last.map { domains.contains(String($0)) } ?? false)
        }.map(\.0)
        let now = Array(wanted.prefix(stepMax))
        try look(at: now, of: run, isLast: false, in: tx)
        let isWhole = now.count == wanted.count
        let reached = (isWhole ? slice.last?.0 : now.last) ?? doneTo
        try tx.run(SweepSQL.taskStep, (controller.id, tasks.map(\.0), reached, isWhole && slice.count < limit))
        return true
    }

    /// The next of those who are known under another pepper than their contact's: no act there has moved its due date. False
    /// where there are none.
    ///
    /// A link knows its person under the pepper of its time alone, and so does a list; who is known twice is few, and is asked
    /// for with every sweep.
    private mutating func strays(of run: SweepRun, in tx: borrowing Transaction<StoreError>) throws(StoreError) -> Bool
    {
        guard let from = try tx.one(SweepSQL.straysTo, (controller.id, run.id)) else { return false }
        let peppers = scene.peppers.all
        let limit = contactsPassedPerStepMax / peppers.count
        let slice = try tx.all(SweepSQL.after, (controller.id, from, Int64(limit)))
        var contacts: [AddressKey] = []
        var others: [AddressKey] = []
        for (key, address) in slice {
            for pepper in peppers {
                let other = address.utf8Span.span.withUnsafeBytes { pepper.key(ofCanonical: $0) }
                guard other != key else { continue }
                contacts.append(key)
                others.append(other)
            }
        }
        let holders = [controller.id, controller.group]
        let found = try tx.all(SweepSQL.strays, (holders, contacts, others)).compactMap { $0 }
        let now = Array(found.prefix(stepMax))
        try look(at: now, of: run, isLast: false, in: tx)
        let isWhole = now.count == found.count
        let reached = !isWhole ? now.last : slice.count < limit ? nil : slice.last?.0
        try tx.run(SweepSQL.strayStep, (controller.id, run.id, reached))
        return true
    }

    /// Carries out the next of the erasures whose holds have ended by themselves; false where none waits for that.
    private mutating func settle(of run: SweepRun, in tx: borrowing Transaction<StoreError>) throws(StoreError) -> Bool
    {
        let now = try scene.writer.clock(tx)
        let due = try tx.all(PendingErasureSQL.due, (controller.id, now, Int64(stepMax)))
        guard !due.isEmpty else { return false }
        var people = due.map { PersonKeys(own: $0, alias: $0) }
        for one in try tx.all(PendingErasureSQL.find, (controller.id, due)) {
            do throws(StoreError) { if let address = try one.parsed() { people += self.people(address) } } catch {
                // Whoever settles it says so.
            }
        }
        try scene.writer.lock(people.map { .address($0) }, in: tx)
        let settled = try scene.settleErasures(
            of: due, evidence: #"{"sweep":"\#(run.id)","ground":"\#(EntryReason.erased.rawValue)""#, in: tx)
        for one in settled.damaged {
            let next = now.advanced(byMicroseconds: damagedContactSeconds * 1_000_000)
            try tx.run(PendingErasureSQL.postpone, (controller.id, one.key, next))
        }
        hint.damaged += settled.damaged
        let erased = settled.gone.map { (key: $0, ground: EntryReason.erased.rawValue) }
        try note(erased, due.count - erased.count, run, isFinished: false, in: tx)
        return true
    }

    /// The person under every pepper that is live: whoever acts on them holds one of these locks.
    private func people(_ address: Address) -> [PersonKeys] {
        scene.peppers.all.map { PersonKeys(own: $0.key(for: address), alias: $0.aliasKey(for: address)) }
    }

    /// Asks the rules about each, behind the persons' locks; erases what nothing keeps and moves the due dates of the rest.
    private mutating func look(
        at keys: [AddressKey], of run: SweepRun?, isLast: Bool, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        var damaged: [DamagedContact] = []
        let found = try reckoner.contacts(keys, of: controller.id, damaged: &damaged, in: tx)
        let people = found.flatMap { [PersonKeys(own: $0.key, alias: $0.key)] + self.people($0.address) }
        try scene.writer.lock(people.map { .address($0) }, in: tx)
        // An organisation's act holds rows and no locks of its people: all rows first, so that nobody waits in a circle.
        let places = Set(people.map { StandingPlace(holder: controller.id, key: $0.own) })
        try scene.writer.hold(places.sorted(), in: tx)
        // What was there before the lock may be gone, and what was known may be more.
        let contacts = try reckoner.contacts(found.map(\.key), of: controller.id, damaged: &damaged, in: tx)
        let now = try scene.writer.clock(tx)
        let judged = try reckoner.judge(
            contacts, for: scene.writer, reading: .expected, at: now, damaged: &damaged, in: tx)
        try reckoner.putOff(damaged, of: controller.id, at: now, in: tx)
        hint.damaged += damaged
        guard let run else { return try reckoner.move(judged, of: controller.id, in: tx) }
        let kept = judged.filter { !$0.isDue }
        let erased = judged.filter(\.isDue).sorted { $0.contact.key < $1.contact.key }
        try reckoner.move(kept, of: controller.id, in: tx)
        try forget(erased, of: run, at: now, in: tx)
        // Whoever hears of the damaged is told by a step that is not the last.
        try note(
            erased.map { ($0.contact.key, $0.due.retention.ground) }, kept.count, run,
            isFinished: isLast && damaged.isEmpty, in: tx)
    }

    private func forget(
        _ due: [JudgedContact], of run: SweepRun, at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        guard !due.isEmpty else { return }
        let peppers = scene.peppers
        _ = try scene.writer.append(
            due.map { one in
                let person = PersonKeys(own: one.contact.key, alias: peppers.aliasKey(for: one.contact.address))
                return LedgerRow(
                    subject: .address(person), act: Act(.swept), at: one.stamp, evidence: JSONB(one.evidence(run.id)),
                    address: one.contact.address)
            }, in: tx)
        try tx.run(ContactSQL.forget, (controller.id, due.map(\.contact.key)))
        // No hold stands: what one has kept goes as well.
        try tx.run(PendingErasureSQL.done, (controller.id, due.map(\.contact.key)))
        try scene.writer.derive(
            due.map { StandingPlace(holder: controller.id, key: $0.contact.key) }, at: now, in: tx)
    }

    private func note(
        _ erased: [(key: AddressKey, ground: String)], _ moved: Int, _ run: SweepRun, isFinished: Bool,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        var grounds: [String: Int64] = [:]
        var digest = run.digestOctets
        for one in erased {
            grounds[one.ground, default: 0] += 1
            digest = Digest(of: digest + one.key.octets).octets
        }
        let counted = grounds.sorted { $0.key < $1.key }
        try tx.run(
            SweepSQL.note,
            (
                controller.id, run.id, Int64(erased.count + moved), Int64(moved), Int64(erased.count), Bytea(digest),
                counted.map(\.key), counted.map(\.value), isFinished
            ))
        if isFinished { try tx.run(SweepSQL.report, (controller.id, run.id, scene.writer.access.actor)) }
    }
}

extension JudgedContact {
    /// Why the contact was erased, as the act keeps it: no plaintext.
    fileprivate func evidence(_ run: Int64) -> String {
        var since = ""
        if case .due(let lapse) = due.retention, let at = lapse.since { since = #","since":"\#(at)""# }
        return #"{"sweep":"\#(run)","ground":"\#(due.retention.ground)"\#(since)}"#
    }
}

extension SweepRun {
    typealias Row = (
        Int64, AddressKey, String, Instant, Instant, Instant?, Int64, Int64, Int64, String?, Bytea
    )

    init(_ row: Row, at controller: ControllerRecord) {
        self.init(
            id: row.0, controller: controller.slug, policy: row.2, startedAt: row.3, finishedAt: row.5, looked: row.6,
            moved: row.7, erased: row.8, grounds: row.9 ?? "{}", digestOctets: row.10.bytes)
    }
}
