import Postgres
import Rules

/// An act that a slice adds.
struct SliceAct {
    let subject: LedgerSubject
    let imported: ImportedAct
    let at: Instant
    /// For recipients that must be told of it by name.
    var address: String?
    /// What the list itself says of it: a JSON object.
    var words: String?
}

extension WriteScene {
    /// Makes the organisations that these lines name, each of which was not there before the locks; the id of each.
    ///
    /// One that somebody else has just made, the other lane mostly, is taken as it is where its lock is free and nothing is known
    /// of it. Throws where not: it has a lock, which is to be taken before those of its people.
    func createOrganisations(
        _ names: [Int64: String], _ range: SliceRange, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [String: Int64] {
        guard !names.isEmpty else { return [:] }
        let made = try tx.all(
            SliceSQL.createOrganisations, range.parameters(and: controller.id, lines: names.keys.sorted()))
        var organisations = Dictionary(made.map { ($1, $0) }) { first, _ in first }
        let missing = Set(names.values).subtracting(organisations.keys).sorted()
        guard !missing.isEmpty else { return organisations }
        let found = try tx.all(OrganisationSQL.find, (controller.id, missing))
        guard found.count == missing.count, try writer.shareAtOnce(found.map(\.0), in: tx),
            try SharedFacts(of: found.map(\.0), in: tx).isEmpty
        else { throw .organisationsMoved }
        for (id, identity) in found { organisations[identity] = id }
        return organisations
    }

    /// Writes what comes of the rows that were judged one by one.
    func write(
        _ judge: SliceJudge, of held: HeldImport, _ range: SliceRange, at now: Instant,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        if !judge.kept.isEmpty {
            let kept = range.parameters(and: controller.id, lines: judge.kept.map(\.line))
            if !judge.changed.isEmpty {
                try tx.run(SliceSQL.keepBefore, (range.parameters.0, controller.id, judge.changed))
            }
            try tx.run(
                SliceSQL.putContacts,
                (
                    kept.0, kept.1, kept.2, kept.3, kept.4, kept.5, kept.6, judge.kept.map { $0.due?.next },
                    judge.kept.map { $0.due?.ground }, judge.kept.map(\.contact)
                ))
        }
        try append(judge.acts, of: held, in: tx)
        if !judge.standings.isEmpty {
            // Nothing was known of these people, so what was just written is all there is.
            try tx.run(
                StandingSQL.put,
                (
                    judge.standings.map(\.place.holder), judge.standings.map(\.place.key),
                    judge.standings.map { Bytea($0.facts) }, now
                ))
        }
        try writer.derive(judge.derived, at: now, in: tx)
        for (holder, people) in judge.entered.sorted(by: { $0.key < $1.key }) {
            try writer.deriveAliases(of: people, holder: holder, at: now, in: tx)
        }
        try judge.lines.write(number: range.parameters.0, controller: controller.id, in: tx)
    }

    /// The one way from a list into the ledger. Whoever must be told of an act is told in the same transaction.
    func append(
        _ acts: [SliceAct], of held: HeldImport, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        let evidence = held.evidence
        var rows: [LedgerRow] = []
        var plain: [(keys: PersonKeys, act: Act, at: Instant)] = []
        for act in acts {
            if act.imported.isPlain, case .address(let keys) = act.subject {
                plain.append((keys, act.imported.act, act.at))
            } else {
                let words = act.words.map { "," + $0.dropFirst() } ?? "}"
                rows.append(
                    LedgerRow(
                        subject: act.subject, act: act.imported.act, at: act.at, evidence: JSONB(evidence + words),
                        address: try act.address.map { text throws(StoreError) in try Self.address(text) }))
            }
        }
        _ = try writer.append(rows, in: tx)
        guard !plain.isEmpty else { return }
        try tx.run(
            SliceSQL.append,
            (
                controller.id, writer.access.actor, JSONB(evidence + "}"), plain.map(\.keys.own),
                plain.map { $0.keys.alias == $0.keys.own ? nil : $0.keys.alias }, plain.map(\.act.name),
                plain.map(\.act.purpose), plain.map { $0.act.source?.word }, plain.map(\.at)
            ))
    }

    fileprivate static func address(_ text: String) throws(StoreError) -> Address {
        do throws(AddressError) { return try Address(parsing: text) } catch { throw .damaged("a staged address") }
    }
}

extension ImportedAct {
    /// Whether it is the controller's own, has no more than a name, a purpose and a source, and nobody is told of it.
    fileprivate var isPlain: Bool {
        switch self {
        case .collected, .collectedFromPerson, .contacted, .consentClaimed: !act.name.isTold
        case .refused, .takenBack: false
        }
    }
}

/// What is stored of a slice's people, read behind their locks.
struct SliceKnowledge {
    private let scene: WriteScene
    private let standings: Standings
    private let places: [AddressKey: [StandingPlace]]
    private let matches: [Int64: SliceMatch]
    private let shared: SharedFacts
    private let liftsElsewhere: [AddressKey: Instant]

    init(
        _ rows: [SliceRow], _ range: SliceRange, of held: HeldImport, _ shared: SharedFacts, for scene: WriteScene,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        (self.scene, self.shared) = (scene, shared)
        // An entry of the whole group that stands here may have been lifted at another of its companies.
        var people: [AddressKey] = []
        for row in rows where held.scope == .group && row.hashed == nil { people += try scene.lookup(row).owns }
        liftsElsewhere = try scene.liftsElsewhere(of: people, in: tx)
        let controller = scene.controller
        var places: [AddressKey: [StandingPlace]] = [:]
        places.reserveCapacity(rows.count)
        for row in rows where places[row.key] == nil {
            places[row.key] = scene.knowsByKeysAlone ? row.places(at: scene.controller) : try scene.places(of: row)
        }
        standings = try scene.writer.readStandings(places.values.flatMap { $0 }.sorted(), in: tx)
        self.places = standings.isEmpty ? [:] : places
        var matches: [Int64: SliceMatch] = [:]
        if !standings.isEmpty {
            let range = range.parameters(and: controller.id)
            let elsewhere = try Self.elsewhere(rows, for: scene, in: tx)
            for match in try tx.all(
                SliceSQL.matches,
                (range.0, range.1, range.2, range.3, range.4, range.5, elsewhere.lines, elsewhere.keys))
            {
                matches[match.line] = match
            }
        }
        self.matches = matches
    }

    /// The lines whose contact is stored under another pepper than the list, and with which key.
    private static func elsewhere(
        _ rows: [SliceRow], for scene: WriteScene, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> (lines: [Int64], keys: [AddressKey]) {
        guard !scene.peppers.older.isEmpty else { return ([], []) }
        var people: [(row: SliceRow, owns: [AddressKey])] = []
        for row in rows where row.hashed == nil { people.append((row, try scene.lookup(row).owns)) }
        let contacts = try tx.all(ContactSQL.read, (scene.controller.id, people.flatMap(\.owns)))
        let stored = Set(contacts.map(\.key))
        let found = people.compactMap { person in
            stored.contains(person.row.key)
                ? nil : person.owns.first { stored.contains($0) }.map { (person.row.line, $0) }
        }
        return (found.map(\.0), found.map(\.1))
    }

    /// All that answers questions about the row's address; nil where nothing at all is known of it.
    func facts(of row: SliceRow) throws(StoreError) -> Facts? {
        guard let places = places[row.key], places.contains(where: { standings.knows($0) }) else { return nil }
        guard row.hashed == nil else { return try standings.merged(places, at: scene.controller) }
        let keys = try scene.lookup(row)
        var facts = try standings.facts(of: keys, at: scene.controller)
        facts.liftedElsewhere = keys.owns.compactMap { liftsElsewhere[$0] }.max()
        return facts
    }

    /// The contact that is stored of the row's person already.
    func match(_ row: SliceRow) -> SliceMatch? { matches[row.line] }

    func shared(_ row: SliceRow) -> [Fact] { shared.of(row) }
}

/// What organisations are to us, which their people share.
struct SharedFacts {
    private let facts: [Int64: [Fact]]

    init(of organisations: [Int64], in tx: borrowing Transaction<StoreError>) throws(StoreError) {
        var facts: [Int64: [Fact]] = [:]
        for stored in organisations.isEmpty ? [] : try tx.all(LedgerSQL.ofOrganisations, organisations) {
            guard let organisation = stored.organisation else { continue }
            facts[organisation, default: []] += try stored.facts()
        }
        self.facts = facts
    }

    func of(_ row: SliceRow) -> [Fact] { row.shared.flatMap { facts[$0] } ?? [] }

    /// Whether nothing is known of any of them.
    var isEmpty: Bool { facts.isEmpty }

    /// Whether anything is known of that organisation.
    func isKnown(_ organisation: Int64) -> Bool { facts[organisation] != nil }
}

extension HeldImport {
    /// What the evidence of each of its acts begins with: a JSON object without its end.
    var evidence: String { "{\"import\": \"\(id)\"" }
}

extension WriteScene {
    /// Whether all that is known of an address stands under its own key and that of its alias form: one pepper is live, and
    /// neither a domain nor a digest was ever suppressed.
    var knowsByKeysAlone: Bool {
        peppers.older.isEmpty && !controller.hasDomains && !controller.groupHasDomains && controller.hashes.isEmpty
            && controller.groupHashes.isEmpty
    }

    fileprivate func lookup(_ row: SliceRow) throws(StoreError) -> LookupKeys {
        LookupKeys(try Self.address(row.address), peppers, at: controller)
    }

    fileprivate func places(of row: SliceRow) throws(StoreError) -> [StandingPlace] {
        guard row.hashed != nil else { return try lookup(row).places(at: controller) }
        guard let hashed = HashedAddress(parsing: row.address) else { throw .damaged("a staged digest") }
        return peppers.all.flatMap { pepper in
            let key = pepper.key(for: hashed)
            return [StandingPlace(holder: controller.id, key: key), StandingPlace(holder: controller.group, key: key)]
        }
    }
}

extension SliceRow {
    /// Where something can be known of the person who is known by keys alone.
    fileprivate func places(at controller: ControllerRecord) -> [StandingPlace] {
        var places = [
            StandingPlace(holder: controller.id, key: key), StandingPlace(holder: controller.group, key: key),
        ]
        if let alias {
            places.append(StandingPlace(holder: controller.id, key: alias))
            places.append(StandingPlace(holder: controller.group, key: alias))
        }
        return places
    }
}
