import Rules

/// Judges the people of a slice one after another, and gathers what is to be written.
struct SliceJudge {
    private let held: HeldImport
    private let policy: Policy
    private let now: Instant
    private let controller: ControllerRecord

    private(set) var newcomers: [NewcomerClass] = []
    private(set) var lines: [JudgedLine] = []
    private(set) var acts: [SliceAct] = []
    /// Lines whose contact is stored, when it falls due where that is known already, and its key where it is there.
    private(set) var kept: [(line: Int64, due: DueDate?, contact: AddressKey?)] = []
    /// Contacts that are changed.
    private(set) var changed: [AddressKey] = []
    /// Standings of people of whom nothing was known.
    private(set) var standings: [(place: StandingPlace, facts: [UInt8])] = []
    /// Where something was known: derived from the ledger anew.
    private(set) var derived: [StandingPlace] = []
    /// People with a new entry, by its holder.
    private(set) var entered: [Int64: [PersonKeys]] = [:]
    private(set) var lastFirst: Int64 = 0

    init(_ held: HeldImport, policy: Policy, now: Instant, controller: ControllerRecord) {
        (self.held, self.policy, self.now, self.controller) = (held, policy, now, controller)
    }

    /// Judges the rows of a slice that are of no class, in the order of their keys.
    mutating func judge(_ rows: [SliceRow], _ known: SliceKnowledge) throws(StoreError) {
        var start = rows.startIndex
        while start < rows.endIndex {
            let end = rows[start...].firstIndex { $0.key != rows[start].key } ?? rows.endIndex
            let first = start == rows.startIndex && rows[start].key == held.cursorKey ? held.cursorFirst : nil
            try judge(rows[start..<end], known, firstLine: first)
            start = end
        }
    }

    /// Lines whose contact is stored.
    var keptLines: [Int64] { kept.map(\.line) + newcomers.filter(\.isKept).flatMap { $0.people.map(\.line) } }

    /// How many lines have that verdict.
    func count(_ verdict: ImportVerdict) -> Int64 {
        newcomers.reduce(Int64(lines.count { $0.verdict == verdict })) {
            $0 + ($1.verdict == verdict ? Int64($1.people.count) : 0)
        }
    }

    /// Judges all rows of one address. `firstLine` is where it stood first, if that was in an earlier slice.
    private mutating func judge(
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

    // MARK: Of whom nothing is known

    /// Judges all people of a class at once. `shared` is what their organisation is to us.
    mutating func judge(newcomers one: SliceClass, shared: [Fact]) {
        newcomers.append(one.row.declined.map { refused($0, one) } ?? welcomed(one, shared))
    }

    private func refused(_ reason: ListedReason, _ one: SliceClass) -> NewcomerClass {
        let row = one.row
        let imported = ImportedAct.refused(reason, held.scope, under: policy)
        let act = ImportedAt(imported: imported, at: min(row.at ?? held.createdAt, now))
        return NewcomerClass(
            people: one.people, verdict: .suppressed, reason: said(of: reason),
            holder: imported.act.scope == .group ? controller.group : controller.id,
            facts: FactsCode.encode(Facts.pruned(act.facts, at: now)), due: nil, acts: [act])
    }

    private func welcomed(_ one: SliceClass, _ shared: [Fact]) -> NewcomerClass {
        let row = one.row
        let acts = added(row, to: Facts())
        let all = acts.flatMap(\.facts) + shared
        let facts = Facts(own: all)
        let address: Question.AddressClass = row.isRole ? .role : .named
        let admission = admit(facts, address: address, under: policy, at: now)
        guard case .admitted = admission else {
            return NewcomerClass(
                people: one.people, verdict: admission.verdict, reason: admission.reason, holder: controller.id,
                facts: nil,
                due: nil, acts: [])
        }
        return NewcomerClass(
            people: one.people, verdict: .created, reason: nil, holder: controller.id,
            facts: FactsCode.encode(Facts.pruned(all, at: now)),
            due: DueDate(of: facts, address, under: policy, at: now), acts: acts)
    }

    /// In a list of leads a row that declines is not stored, whatever its reason.
    private func said(of reason: ListedReason) -> String {
        held.kind == .leads ? EntryReason.imported.rawValue : reason.rawValue
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
                lines.append(
                    JudgedLine(line: row.line, key: row.key, verdict: .suppressed, reason: said(of: declined)))
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
        let new = welcomed(SliceClass(row: row, people: []), known.shared(row))
        guard let facts = new.facts else {
            lines.append(JudgedLine(line: row.line, key: row.key, verdict: new.verdict, reason: new.reason))
            return
        }
        acts += new.acts.map { SliceAct(subject: row.subject, imported: $0.imported, at: $0.at) }
        standings.append((StandingPlace(holder: controller.id, key: row.key), facts))
        store(row, known, hasNews: true, due: new.due)
    }

    private mutating func keep(_ row: SliceRow, _ known: SliceKnowledge, _ facts: Facts) {
        let new = added(row, to: facts)
        var all = facts
        all.own += new.flatMap(\.facts) + known.shared(row)
        let asked = max(now, facts.latestEntry ?? now)
        let admission = admit(all, address: row.isRole ? .role : .named, under: policy, at: asked)
        guard case .admitted = admission else {
            lines.append(
                JudgedLine(line: row.line, key: row.key, verdict: admission.verdict, reason: admission.reason))
            return
        }
        acts += new.map { SliceAct(subject: row.subject, imported: $0.imported, at: $0.at) }
        let place = StandingPlace(holder: controller.id, key: row.key)
        // An entry that was just written for this very person is in the ledger, and the derivation finds it there.
        if let written = standings.indices.suffix(2).last(where: { standings[$0].place == place }) {
            standings.remove(at: written)
        }
        derived.append(place)
        if let contact = known.match(row)?.key, contact != row.key {
            derived.append(StandingPlace(holder: controller.id, key: contact))
        }
        // The derivation reckons when it falls due.
        store(row, known, hasNews: !new.isEmpty, due: nil)
    }

    private mutating func store(_ row: SliceRow, _ known: SliceKnowledge, hasNews: Bool, due: DueDate?) {
        let match = known.match(row)
        let isContact = match != nil
        let isSame = match?.isSame == true
        let verdict: ImportVerdict = !isContact ? .created : isSame && !hasNews ? .unchanged : .updated
        lines.append(JudgedLine(line: row.line, key: row.key, verdict: verdict))
        guard !isSame else { return }
        kept.append((row.line, due, match?.key))
        if let match { changed.append(match.key) }
    }

    /// The acts that the row adds to what is known; none that is known already.
    private func added(_ row: SliceRow, to known: Facts) -> [ImportedAt] {
        var acts: [ImportedAt] = []
        func add(_ imported: ImportedAct, _ at: Instant) {
            let act = ImportedAt(imported: imported, at: at)
            if act.facts.contains(where: { !known.own.contains($0) }) { acts.append(act) }
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

extension Admission {
    fileprivate var verdict: ImportVerdict {
        switch self {
        case .admitted: .created
        case .suppressed: .suppressed
        case .noGround: .noGround
        }
    }

    fileprivate var reason: String? {
        switch self {
        case .admitted: nil
        case .suppressed(let reason): reason.rawValue
        case .noGround(let reason): reason.code
        }
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
