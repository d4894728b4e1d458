import Rules

/// Judges the people of a slice one after another, and gathers what is to be written.
struct SliceJudge {
    private let held: HeldImport
    private let policy: Policy
    private let now: Instant
    private let controller: ControllerRecord
    /// Most people of a list are new and have the same dates: they are judged once.
    private var newcomers: [Newcomer: Welcome] = [:]

    private(set) var lines: [JudgedLine] = []
    private(set) var acts: [SliceAct] = []
    /// Lines whose contact is stored, and when it falls due where that is known already.
    private(set) var kept: [(line: Int64, due: DueDate?)] = []
    /// Contacts that are changed.
    private(set) var changed: [AddressKey] = []
    /// Organisations that a kept line names and that are not there yet.
    private(set) var newOrganisations: Set<String> = []
    /// Standings of people of whom nothing was known.
    private(set) var standings: [(place: StandingPlace, facts: [UInt8])] = []
    /// Where something was known: derived from the ledger anew.
    private(set) var derived: [StandingPlace] = []
    /// People with a new entry, by its holder.
    private(set) var entered: [Int64: [PersonKeys]] = [:]
    private(set) var lastFirst: Int64 = 0

    /// Newcomers that are remembered, at most.
    private static let newcomersMax = 4_096

    /// What a verdict on somebody of whom nothing is known depends on.
    private struct Newcomer: Hashable {
        let at: Instant?
        let contactedAt: Instant?
        let consentAt: Instant?
        let isRole: Bool
        let isFromPerson: Bool
        let organisation: Int64?
    }

    /// What becomes of somebody of whom nothing is known but what the row says.
    private struct Welcome {
        let admission: Admission
        let facts: [UInt8]
        let due: DueDate
    }

    init(_ held: HeldImport, policy: Policy, now: Instant, controller: ControllerRecord) {
        (self.held, self.policy, self.now, self.controller) = (held, policy, now, controller)
    }

    /// Judges all rows of one address. `firstLine` is where it stood first, if that was in an earlier slice.
    mutating func judge(
        _ rows: ArraySlice<SliceRow>, _ known: SliceKnowledge, firstLine: Int64?
    ) throws(StoreError) {
        guard let head = rows.first else { return }
        var facts = try known.facts(of: head)
        // Who declines is heard first, so that no row beside it can keep them, and wherever it stands.
        let declined = rows.filter { $0.declined != nil }
        if !declined.isEmpty { refuse(declined, head, &facts, firstLine: firstLine) }
        var first = firstLine
        for row in rows where row.declined == nil {
            if first == nil, let line = declined.first?.line, line < row.line { first = line }
            if let first {
                lines.append(JudgedLine(line: row.line, key: row.key, verdict: .duplicate, duplicateOf: first))
            } else {
                first = row.line
                if let facts { keep(row, known, facts) } else { keepNew(row, known) }
            }
        }
        lastFirst = firstLine ?? head.line
    }

    // MARK: Who is not to be written to

    /// Enters what the rows say, for each reason since the earliest time that one of them gives.
    private mutating func refuse(_ rows: [SliceRow], _ head: SliceRow, _ facts: inout Facts?, firstLine: Int64?) {
        let before = facts ?? Facts()
        let wasKnown = facts != nil
        var entered: Set<ListedReason> = []
        var added: [Int64: [Fact]] = [:]
        for reason in ListedReason.allCases {
            let said = rows.filter { $0.declined == reason }
            guard let example = said.first else { continue }
            let imported = ImportedAct.refused(reason, held.scope, under: policy)
            let claimed = min(said.compactMap(\.at).min() ?? held.createdAt, now)
            guard !before.refuses(as: imported.act, since: claimed) else { continue }
            // Of the past, or of the import where nothing is said; never later than its commit.
            let at = min(claimed, Stamp(now: now, before: before).instant)
            acts.append(
                SliceAct(
                    subject: head.subject, imported: imported, at: at, address: head.hashed == nil ? head.address : nil,
                    words: example.words))
            let holder = imported.act.scope == .group ? controller.group : controller.id
            added[holder, default: []] += imported.act.facts(at: at) ?? []
            if head.hashed == nil, imported.act.entry != nil { self.entered[holder, default: []].append(head.keys) }
            entered.insert(reason)
        }
        for (holder, new) in added.sorted(by: { $0.key < $1.key }) {
            let place = StandingPlace(holder: holder, key: head.key)
            if wasKnown {
                derived.append(place)
            } else {
                standings.append((place, FactsCode.encode(Facts.pruned(new, at: now))))
            }
            if facts == nil { facts = before }
            if holder == controller.id { facts?.own += new } else { facts?.group += new }
        }
        answer(rows, entered, firstLine: firstLine)
    }

    private mutating func answer(_ rows: [SliceRow], _ entered: Set<ListedReason>, firstLine: Int64?) {
        var open = entered
        var first = firstLine
        for row in rows {
            guard let declined = row.declined else { continue }
            let isNew = open.remove(declined) != nil
            if held.kind == .leads || isNew {
                // In a list of leads the row is not stored, whatever stood before.
                let reason = held.kind == .leads ? EntryReason.imported.rawValue : declined.rawValue
                lines.append(JudgedLine(line: row.line, key: row.key, verdict: .suppressed, reason: reason))
            } else if let first {
                lines.append(JudgedLine(line: row.line, key: row.key, verdict: .duplicate, duplicateOf: first))
            } else {
                lines.append(JudgedLine(line: row.line, key: row.key, verdict: .unchanged))
            }
            first = first ?? row.line
        }
    }

    // MARK: Who may be kept

    private mutating func keepNew(_ row: SliceRow, _ known: SliceKnowledge) {
        let shared = known.shared(row)
        let newcomer = Newcomer(
            at: row.at, contactedAt: row.contactedAt, consentAt: row.consentAt, isRole: row.isRole,
            isFromPerson: row.isFromPerson, organisation: shared?.organisation)
        let new = added(row, to: Facts())
        let answer: Welcome
        if let found = newcomers[newcomer] {
            answer = found
        } else {
            let all = new.flatMap { $0.imported.act.facts(at: $0.at) ?? [] } + (shared?.facts ?? [])
            let facts = Facts(own: all)
            let address: Question.AddressClass = row.isRole ? .role : .named
            answer = Welcome(
                admission: admit(facts, address: address, under: policy, at: now),
                facts: FactsCode.encode(Facts.pruned(all, at: now)),
                due: DueDate(of: facts, address, under: policy, at: now))
            if newcomers.count < Self.newcomersMax { newcomers[newcomer] = answer }
        }
        guard admits(answer.admission, row) else { return }
        acts += new
        standings.append((StandingPlace(holder: controller.id, key: row.key), answer.facts))
        store(row, known, hasNews: true, due: answer.due)
    }

    private mutating func keep(_ row: SliceRow, _ known: SliceKnowledge, _ facts: Facts) {
        let new = added(row, to: facts)
        var all = facts
        all.own += new.flatMap { $0.imported.act.facts(at: $0.at) ?? [] } + (known.shared(row)?.facts ?? [])
        let asked = max(now, facts.latestEntry ?? now)
        guard admits(admit(all, address: row.isRole ? .role : .named, under: policy, at: asked), row) else { return }
        acts += new
        let place = StandingPlace(holder: controller.id, key: row.key)
        // An entry that was just written for this very person is in the ledger, and the derivation finds it there.
        if let written = standings.indices.suffix(2).last(where: { standings[$0].place == place }) {
            standings.remove(at: written)
        }
        derived.append(place)
        // The derivation reckons when it falls due.
        store(row, known, hasNews: !new.isEmpty, due: nil)
    }

    private mutating func admits(_ admission: Admission, _ row: SliceRow) -> Bool {
        switch admission {
        case .admitted: return true
        case .suppressed(let reason):
            lines.append(JudgedLine(line: row.line, key: row.key, verdict: .suppressed, reason: reason.rawValue))
        case .noGround(let reason):
            lines.append(JudgedLine(line: row.line, key: row.key, verdict: .noGround, reason: reason.code))
        }
        return false
    }

    private mutating func store(_ row: SliceRow, _ known: SliceKnowledge, hasNews: Bool, due: DueDate?) {
        let match = known.match(row)
        let isContact = match != nil
        let isSame = match?.isSame == true
        let verdict: ImportVerdict = !isContact ? .created : isSame && !hasNews ? .unchanged : .updated
        lines.append(JudgedLine(line: row.line, key: row.key, verdict: verdict))
        guard !isSame else { return }
        kept.append((row.line, due))
        if isContact { changed.append(row.key) }
        if let organisation = known.newOrganisation(row) { newOrganisations.insert(organisation) }
    }

    /// The acts that the row adds to what is known; none that is known already.
    private func added(_ row: SliceRow, to known: Facts) -> [SliceAct] {
        var acts: [SliceAct] = []
        func add(_ imported: ImportedAct, _ at: Instant) {
            let facts = imported.act.facts(at: at) ?? []
            guard facts.contains(where: { !known.own.contains($0) }) else { return }
            acts.append(SliceAct(subject: .address(row.keys), imported: imported, at: at))
        }
        add(row.isFromPerson ? .collectedFromPerson : .collected, row.at ?? now)
        if let contactedAt = row.contactedAt { add(.contacted, contactedAt) }
        if let at = row.consentAt, let name = held.consentPurpose, let purpose = policy.purpose(name),
            known.standingEntry(against: purpose, topic: nil, under: policy, at: max(at, now)) == nil
        {
            add(.consentClaimed(name), at)
        }
        return acts
    }
}

extension Facts {
    /// Whether what the act would stop stands already as long, for the same reason, with no act of the person after it that
    /// could lift it. A list that gives no reason adds nothing to any entry that is as wide.
    fileprivate func refuses(as act: Act, since: Instant) -> Bool {
        guard let wanted = act.entry else {
            // A hard bounce: one that no confirmation has followed stands.
            let bounced = own.filter { $0.kind == .hardBounced && $0.at <= since }.map(\.at).max()
            guard let bounced else { return false }
            return !own.contains { $0.kind == .addressConfirmed && $0.at > bounced }
        }
        return (own + group).contains { fact in
            guard case .entry(let entry) = fact.kind else { return false }
            return (entry.reason == wanted.reason || wanted.reason == .imported)
                && entry.reach.scope >= wanted.reach.scope && fact.at <= since && !lifts(after: fact.at)
        }
    }
}
