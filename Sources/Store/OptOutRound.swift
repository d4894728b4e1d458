import Postgres
import Rules

/// A row of what is read behind the locks of an opt-out's transaction.
enum OptOutRow: Sendable {
    case moment(Edition, now: Instant)
    case standing(StandingRow)
    case lift(AddressKey, at: Instant)
    case neither

    init(
        epoch: Int64?, now: Instant?, holder: Int64?, key: AddressKey?, facts: Bytea?, aliases: Bytea?,
        liftedAt: Instant?, incarnation: PGUUID?, place: Int64?, startedAt: Instant?
    ) {
        if let now,
            let edition = Edition(epoch: epoch, incarnation: incarnation, place: place, startedAt: startedAt)
        {
            self = .moment(edition, now: now)
        } else if let holder, let key, let facts, let aliases {
            self = .standing(StandingRow(StandingPlace(holder: holder, key: key), facts: facts, aliases: aliases))
        } else if let key, let liftedAt {
            self = .lift(key, at: liftedAt)
        } else {
            self = .neither
        }
    }
}

/// What stands for all whose opt-outs are in a transaction, read behind their locks and held until its end.
struct OptOutReading {
    let edition: Edition
    let now: Instant
    let standings: Standings
    /// When each last did at another company of the group what lifts an entry there.
    let lifts: [AddressKey: Instant]

    init(_ rows: [OptOutRow]) throws(StoreError) {
        var moment: (edition: Edition, now: Instant)?
        var standings: [StandingRow] = []
        var lifts: [AddressKey: Instant] = [:]
        for row in rows {
            switch row {
            case .moment(let edition, let now): moment = (edition, now)
            case .standing(let standing): standings.append(standing)
            case .lift(let key, let at): lifts[key] = at
            case .neither: throw .damaged("opt-out.read")
            }
        }
        guard let moment else { throw .damaged("catalogue_epoch") }
        (edition, now) = moment
        (self.standings, self.lifts) = (Standings(standings), lifts)
    }
}

extension Store {
    /// Records opt-outs of one controller's links and says for each, in order, what stands.
    ///
    /// It needs no contact: the person may have been erased, swept or never stored. Pressing again records nothing where the
    /// person's own entry binds as much already. Throws `.deadPepper` where no check would find the entry.
    func record(
        _ optOuts: [LinkOptOut], by access: Access, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [LinkReceipt] {
        guard optOuts.count <= optOutsPerTransactionMax else { throw .tooMany(limit: optOutsPerTransactionMax) }
        guard optOuts.allSatisfy({ peppers.isLive($0.link.person) }) else { throw .deadPepper }
        let controller = access.controller
        let people = optOuts.map { PersonKeys(own: $0.link.person.own, alias: $0.link.person.alias) }
        let locks = LedgerWriter.lockKeys(of: people.lazy.map { .address($0) })
        _ = try tx.one(OptOutSQL.enter, (locks, String(controller.id), String(controller.group)))
        let lookups = optOuts.map { LookupKeys($0.link.person) }
        var places = PlaceColumns()
        for place in lookups.lazy.flatMap({ $0.places(at: controller) }) { places.add(place) }
        let reading = try OptOutReading(
            tx.all(OptOutSQL.read, (places.holders, places.keys, people.map(\.own))))
        let scene = try scene(for: access, catalogue(of: reading.edition, in: tx))
        var round = try OptOutRound(scene, reading, lookups)
        for (index, optOut) in optOuts.enumerated() { try round.take(optOut, people[index], index, in: tx) }
        return try round.receipts(for: optOuts, people, in: tx)
    }
}

/// Opt-outs becoming acts, one after another: of one person twice, the second finds what the first leaves.
private struct OptOutRound {
    private let scene: WriteScene
    private let now: Instant
    private let policy: Policy
    /// What stood for each opt-out's person.
    private var before: [Facts] = []
    private var added: [AddressKey: Facts] = [:]
    private var rows: [LedgerRow] = []
    private var entries: [(entry: DatedEntry, row: Int?)] = []

    init(_ scene: WriteScene, _ reading: OptOutReading, _ lookups: [LookupKeys]) throws(StoreError) {
        (self.scene, now) = (scene, reading.now)
        policy = try scene.catalogue.policy(of: scene.controller, at: reading.now)
        before.reserveCapacity(lookups.count)
        for lookup in lookups {
            var facts = try reading.standings.facts(of: lookup, at: scene.controller)
            facts.liftedElsewhere = reading.lifts[lookup.current.own]
            before.append(facts)
        }
    }

    mutating func take(
        _ optOut: LinkOptOut, _ person: PersonKeys, _ index: Int, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        // A link knows its person under one pepper. While another is live too, they may have come back under that one, so no
        // entry is known to stand, and the new one counts from its commit.
        let isWhole = scene.peppers.older.isEmpty
        let facts = facts(of: person, index)
        let stamp = Stamp(now: now, before: facts)
        let act = optOut.link.unsubscribe(optOut.scope, under: policy)
        guard let entry = act.entry else { throw .damaged("unsubscribe") }
        if isWhole, let old = facts.entry(binding: entry, under: policy, at: stamp.instant) {
            var hasNews = optOut.saysMore
            if hasNews { hasNews = try !scene.isAnswered(old, by: person, in: tx) }
            guard hasNews else { return entries.append((old, nil)) }
        }
        let at = try stamp.instant(for: act, claimed: isWhole ? optOut.at : nil, before: facts, under: policy)
        let fact = Fact(at: at, .entry(entry))
        if scene.writer.holder(of: act) == scene.controller.id {
            added[person.own, default: Facts()].own.append(fact)
        } else {
            added[person.own, default: Facts()].group.append(fact)
        }
        entries.append((DatedEntry(at: at, entry), rows.count))
        rows.append(
            LedgerRow(
                subject: .address(person), act: act, at: at, evidence: optOut.evidence.map { JSONB($0.json) }))
    }

    /// Appends the acts and derives the standings. What stood, and what was added behind the same locks, is what the
    /// derivation has written.
    func receipts(
        for optOuts: [LinkOptOut], _ people: [PersonKeys], in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [LinkReceipt] {
        let written = try scene.writer.appendOptOuts(rows, under: policy, in: tx)
        try scene.followHeld(rows, at: now, in: tx)
        var receipts: [LinkReceipt] = []
        receipts.reserveCapacity(optOuts.count)
        for (index, optOut) in optOuts.enumerated() {
            let after = LinkFacts(
                link: optOut.link, facts: facts(of: people[index], index), controller: scene.controller,
                catalogue: scene.catalogue, policy: policy, now: now)
            receipts.append(
                LinkReceipt(id: entries[index].row.map { written[$0].id }, entry: entries[index].entry, after: after))
        }
        return receipts
    }

    private func facts(of person: PersonKeys, _ index: Int) -> Facts {
        var facts = before[index]
        guard let added = added[person.own] else { return facts }
        facts.own += added.own
        facts.group += added.group
        return facts
    }
}
