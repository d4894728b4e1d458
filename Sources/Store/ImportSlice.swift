import Postgres
import Rules

/// What a slice came to.
struct MergedSlice {
    var lines: [JudgedLine] = []
    /// The line on which the last key stood first.
    var lastFirst: Int64 = 0

    func count(_ verdict: ImportVerdict) -> Int64 { Int64(lines.count { $0.verdict == verdict }) }
}

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
    /// Judges the rows and writes what comes of them: contacts, acts, standings, verdicts.
    func merge(
        _ rows: [SliceRow], of held: HeldImport, _ range: SliceRange, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> MergedSlice {
        let now = try writer.clock(tx)
        let policy = try catalogue.policy(of: controller, at: now)
        let known = try SliceKnowledge(rows, range, of: held, for: self, in: tx)
        var judge = SliceJudge(held, policy: policy, now: now, controller: controller)
        var start = rows.startIndex
        while start < rows.endIndex {
            let end = rows[start...].firstIndex { $0.key != rows[start].key } ?? rows.endIndex
            let first = start == rows.startIndex && rows[start].key == held.cursorKey ? held.cursorFirst : nil
            try judge.judge(rows[start..<end], known, firstLine: first)
            start = end
        }
        try write(judge, of: held, range, at: now, in: tx)
        return MergedSlice(lines: judge.lines, lastFirst: judge.lastFirst)
    }

    private func write(
        _ judge: SliceJudge, of held: HeldImport, _ range: SliceRange, at now: Instant,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        if !judge.kept.isEmpty {
            let kept = range.parameters(and: controller.id, lines: judge.kept.map(\.line))
            if !judge.newOrganisations.isEmpty {
                // One that somebody else has just made has a lock, which is to be taken before those of its people.
                // Those that are there already are among the names, and make no row.
                guard try tx.all(SliceSQL.createOrganisations, kept).count == judge.newOrganisations.count
                else { throw .organisationsMoved }
            }
            if !judge.changed.isEmpty {
                try tx.run(SliceSQL.keepBefore, (range.parameters.0, controller.id, judge.changed))
            }
            try tx.run(
                SliceSQL.putContacts,
                (
                    kept.0, kept.1, kept.2, kept.3, kept.4, kept.5, judge.kept.map { $0.due?.next },
                    judge.kept.map { $0.due?.retention.ground }
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
        let evidence = "{\"import\": \"\(held.id)\""
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
    private let organisations: [String: Int64]
    private let shared: [Int64: [Fact]]
    private let liftsElsewhere: [AddressKey: Instant]

    init(
        _ rows: [SliceRow], _ range: SliceRange, of held: HeldImport, for scene: WriteScene,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        self.scene = scene
        // An entry of the whole group that stands here may have been lifted at another of its companies.
        var people: [AddressKey] = []
        for row in rows where held.scope == .group && row.hashed == nil { people += try scene.lookup(row).owns }
        liftsElsewhere = try scene.liftsElsewhere(of: people, in: tx)
        let controller = scene.controller
        let isPlain =
            scene.peppers.older.isEmpty && !controller.hasDomains && !controller.groupHasDomains
            && controller.hashes.isEmpty && controller.groupHashes.isEmpty
        var places: [AddressKey: [StandingPlace]] = [:]
        places.reserveCapacity(rows.count)
        for row in rows where places[row.key] == nil {
            places[row.key] = isPlain ? row.places(at: controller) : try scene.places(of: row)
        }
        standings = try scene.writer.readStandings(places.values.flatMap { $0 }.sorted(), in: tx)
        self.places = standings.isEmpty ? [:] : places
        var matches: [Int64: SliceMatch] = [:]
        if !standings.isEmpty {
            for match in try tx.all(SliceSQL.matches, range.parameters(and: controller.id)) {
                matches[match.line] = match
            }
        }
        self.matches = matches
        var organisations: [String: Int64] = [:]
        for row in rows {
            if let identity = row.organisation, let id = row.organisationID { organisations[identity] = id }
        }
        self.organisations = organisations
        var shared: [Int64: [Fact]] = [:]
        if !organisations.isEmpty {
            for stored in try tx.all(LedgerSQL.ofOrganisations, Set(organisations.values).sorted()) {
                guard let organisation = stored.organisation else { continue }
                shared[organisation, default: []] += try stored.facts()
            }
        }
        self.shared = shared
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

    /// The organisation that the row names and that is not there yet; nil where it names none, or one that is.
    func newOrganisation(_ row: SliceRow) -> String? {
        row.organisation.flatMap { organisations[$0] == nil ? $0 : nil }
    }

    /// What the row's organisation is to us; its id, where that is anything.
    func shared(_ row: SliceRow) -> (organisation: Int64, facts: [Fact])? {
        guard let organisation = row.organisation.flatMap({ organisations[$0] }), let facts = shared[organisation]
        else { return nil }
        return (organisation, facts)
    }
}

extension WriteScene {
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
    /// Where something can be known of the person, under the one live pepper and where neither a domain nor a digest was
    /// ever suppressed.
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
