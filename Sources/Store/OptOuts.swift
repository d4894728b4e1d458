import Postgres
public import Rules

/// An opt-out that came by a link.
public struct LinkOptOut: Sendable {
    public let link: Link
    /// How far it reaches; nil is the policy's default.
    public let scope: Scope?
    /// When it was received, where that was before now; nil is now.
    public let at: Instant?
    /// How it was made.
    public let evidence: Evidence?
    /// Whether the person has said more than no, which is recorded once even where nothing new is stopped.
    public let saysMore: Bool

    public init(
        _ link: Link, scope: Scope? = nil, at: Instant? = nil, evidence: Evidence? = nil,
        saysMore: Bool = false
    ) {
        (self.link, self.scope, self.at, self.evidence) = (link, scope, at, evidence)
        self.saysMore = saysMore
    }
}

/// What stands after an act by a link was committed: nothing else can say that it was done.
public struct LinkReceipt: Sendable {
    /// What the act's number in the ledger is; nil where the same stood already and nothing was recorded.
    public let id: Int64?
    /// The entry that binds what was asked for: the new one, or the one that stood. Nil after coming back.
    public let entry: DatedEntry?
    /// What stands now.
    public let standing: LinkStanding
}

enum OptOutSQL {
    static let isAnswered = Statement(
        "opt-out.is-answered",
        """
        select exists (
            select from ledger
            where holder_id = any($1::bigint[]) and address_key = $2 and act = 'unsubscribed' and at >= $3
                and evidence ?| array['reason', 'note']
        ) as answered
        """,
        in: ([Int64].self, AddressKey.self, Instant.self), out: ("answered", Bool.self))

    static let all: [AnyStatement] = [isAnswered.erased]
}

/// The most opt-outs that one transaction takes: each holds two locks.
public let optOutsPerTransactionMax = 256

extension Verb where Result == [LinkReceipt] {
    /// Records opt-outs of one controller's links and says for each, in order, what stands.
    ///
    /// It needs no contact: the person may have been erased, swept or never stored. Pressing again records nothing where the
    /// person's own entry binds as much already. Throws `.deadPepper` where no check would find the entry.
    public static func unsubscribe(_ optOuts: [LinkOptOut]) -> Verb {
        Verb(.optOut) { scene, tx throws(StoreError) in
            guard optOuts.count <= optOutsPerTransactionMax else { throw .tooMany(limit: optOutsPerTransactionMax) }
            return try scene.unsubscribe(optOuts, in: tx)
        }
    }
}

extension Verb where Result == LinkReceipt {
    /// Takes back what the person stopped by the link a short while ago; see ``Undo``.
    ///
    /// The evidence has the method of a person's own act. Throws `.nothingToUndo` where nothing stands that may be undone.
    public static func comeBack(_ link: Link, evidence: Evidence) -> Verb {
        undo(link, evidence) { $0.acts }
    }

    /// Declines the topic of the mail alone, where the person had stopped more a short while ago; see ``Undo``.
    public static func narrow(_ link: Link, evidence: Evidence) -> Verb {
        undo(link, evidence) { $0.narrowingActs }
    }

    private static func undo(
        _ link: Link, _ evidence: Evidence, _ acts: @escaping @Sendable (Undo) -> [Act]
    ) -> Verb {
        Verb(.normal) { scene, tx throws(StoreError) in
            guard Evidence.liftingMethods.contains(evidence.method ?? "") else { throw .nothingToUndo }
            return try scene.undo(link, evidence, acts, in: tx)
        }
    }
}

extension WriteScene {
    fileprivate func unsubscribe(
        _ optOuts: [LinkOptOut], in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [LinkReceipt] {
        let people = try optOuts.map { one throws(StoreError) in try keys(of: one.link) }
        try writer.lock(people.map { .address($0) }, in: tx)
        let now = try writer.clock(tx)
        let policy = try catalogue.policy(of: controller, at: now)
        let lookups = optOuts.map { LookupKeys($0.link.person) }
        let places = lookups.flatMap { $0.places(at: controller) }
        let standings = try writer.readStandings(places, in: tx)
        let liftsElsewhere = try liftsElsewhere(of: people.map(\.own), in: tx)

        // A link knows its person under one pepper. While another is live too, they may have come back under that one, so no
        // entry is known to stand, and the new one counts from its commit.
        let isWhole = peppers.older.isEmpty

        // Of one person twice in a transaction, the second finds what the first leaves.
        var added: [AddressKey: Facts] = [:]
        var rows: [LedgerRow] = []
        var entries: [(entry: DatedEntry, row: Int?)] = []
        for (index, optOut) in optOuts.enumerated() {
            var facts = try standings.facts(of: lookups[index], at: controller)
            facts.liftedElsewhere = liftsElsewhere[people[index].own]
            if let added = added[people[index].own] { facts.add(added) }
            let stamp = Stamp(now: now, before: facts)
            let act = optOut.link.unsubscribe(optOut.scope, under: policy)
            guard let entry = act.entry else { throw .damaged("unsubscribe") }
            if isWhole, let old = facts.entry(binding: entry, under: policy, at: stamp.instant) {
                var hasNews = optOut.saysMore
                if hasNews { hasNews = try !isAnswered(old, by: people[index], in: tx) }
                if !hasNews {
                    entries.append((old, nil))
                    continue
                }
            }
            let at = try stamp.instant(for: act, claimed: isWhole ? optOut.at : nil, before: facts, under: policy)
            let fact = Fact(at: at, .entry(entry))
            if writer.holder(of: act) == controller.id {
                added[people[index].own, default: Facts()].own.append(fact)
            } else {
                added[people[index].own, default: Facts()].group.append(fact)
            }
            entries.append((DatedEntry(at: at, entry), rows.count))
            rows.append(
                LedgerRow(
                    subject: .address(people[index]), act: act, at: at,
                    evidence: optOut.evidence.map { JSONB($0.json) }))
        }
        let receipts = try writer.append(rows, in: tx)
        try follow(rows, at: now, in: tx)
        var results: [LinkReceipt] = []
        for (index, optOut) in optOuts.enumerated() {
            // What stood, and what was added behind the same locks: that is what the derivation has written.
            var facts = try standings.facts(of: lookups[index], at: controller)
            facts.liftedElsewhere = liftsElsewhere[people[index].own]
            if let added = added[people[index].own] { facts.add(added) }
            results.append(
                LinkReceipt(
                    id: entries[index].row.map { receipts[$0].id }, entry: entries[index].entry,
                    standing: LinkStanding(of: optOut.link, facts, controller, catalogue, policy, at: now)))
        }
        return results
    }

    /// Whether the person has said why since the entry stands: once is recorded, however often the page is sent.
    private func isAnswered(
        _ entry: DatedEntry, by person: PersonKeys, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> Bool {
        try tx.one(OptOutSQL.isAnswered, ([controller.id, controller.group], person.own, entry.at))
    }

    fileprivate func undo(
        _ link: Link, _ evidence: Evidence, _ acts: (Undo) -> [Act], in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> LinkReceipt {
        let press = try press(of: link, in: tx)
        let acts = Undo(of: link, from: press.before, under: press.policy, at: press.stamp.instant).map(acts) ?? []
        guard !acts.isEmpty else { throw .nothingToUndo }
        let rows = acts.map {
            LedgerRow(subject: .address(press.person), act: $0, at: press.stamp.instant, evidence: JSONB(evidence.json))
        }
        let (receipts, after) = try record(rows, of: press, in: tx)
        return LinkReceipt(
            id: receipts.first?.id, entry: nil,
            standing: LinkStanding(of: link, after, controller, catalogue, press.policy, at: press.now))
    }

    /// Takes the lock of a link's person and reads what stands.
    func press(of link: Link, in tx: borrowing Transaction<StoreError>) throws(StoreError) -> PersonPress {
        let person = try keys(of: link)
        try writer.lock([.address(person)], in: tx)
        let now = try writer.clock(tx)
        let policy = try catalogue.policy(of: controller, at: now)
        let lookup = LookupKeys(link.person)
        var before = try writer.readStandings(lookup.places(at: controller), in: tx).facts(of: lookup, at: controller)
        before.liftedElsewhere = try liftsElsewhere(of: [person.own], in: tx)[person.own]
        return PersonPress(
            person: person, now: now, policy: policy, lookup: lookup, before: before,
            stamp: Stamp(now: now, before: before))
    }

    /// Appends the person's acts; what stands after them.
    func record(
        _ rows: [LedgerRow], of press: PersonPress, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> (receipts: [LedgerReceipt], after: Facts) {
        let receipts = try writer.append(rows, in: tx)
        try follow(rows, at: press.now, in: tx)
        let standings = try writer.readStandings(press.lookup.places(at: controller), in: tx)
        var after = try standings.facts(of: press.lookup, at: controller)
        after.liftedElsewhere = press.before.liftedElsewhere
        return (receipts, after)
    }

    /// Derives the standings of those whom the rows are of.
    func follow(
        _ rows: [LedgerRow], at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        var places: Set<StandingPlace> = []
        var aliases: [StandingPlace: PersonKeys] = [:]
        for row in rows {
            guard case .address(let person) = row.subject else { continue }
            let holder = writer.holder(of: row.act)
            places.insert(StandingPlace(holder: holder, key: person.own))
            if person.alias != person.own { aliases[StandingPlace(holder: holder, key: person.alias)] = person }
        }
        try writer.derive(places, at: now, in: tx)
        for (place, person) in aliases {
            try writer.deriveAliases(of: person, holder: place.holder, at: now, in: tx)
        }
    }

    /// The keys of the link's person, where a check would find them.
    ///
    /// They were made under the pepper of the time. While that is live a check looks under it too, so the entry is kept under
    /// the link's own keys; under a pepper that is live no more nobody would find it, and nothing may be acknowledged.
    func keys(of link: Link) throws(StoreError) -> PersonKeys {
        try requireLive(link.person)
        return PersonKeys(own: link.person.own, alias: link.person.alias)
    }

    /// Throws `.deadPepper` where no check would find what is recorded under the keys.
    func requireLive(_ person: KeyedPerson) throws(StoreError) {
        guard peppers.all.contains(where: { $0.version == person.pepper }) else { throw .deadPepper }
    }
}

extension Facts {
    fileprivate mutating func add(_ others: Facts) {
        own += others.own
        group += others.group
    }
}

/// A link's person behind their lock, at the instant at which an act of theirs counts.
struct PersonPress {
    let person: PersonKeys
    let now: Instant
    let policy: Policy
    let lookup: LookupKeys
    let before: Facts
    let stamp: Stamp
}
