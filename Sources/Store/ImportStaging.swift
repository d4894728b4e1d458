import Postgres
public import Rules

/// An import whose lines are coming in.
public struct ImportReception: Sendable {
    public let id: ImportID
    let number: Int64
    let access: Access
    let worker: String
}

/// What came of a reception.
public enum ImportReceptionEnd: Hashable, Sendable {
    /// All lines are in.
    case merging
    /// The same file came before: nothing more is done with this one.
    case same(as: ImportID)
}

/// A line on its way into staging.
struct StagedLine: Sendable {
    let place: ImportPlace
    let key: AddressKey
    let alias: AddressKey?
    /// The digest, where that is all that is known.
    let text: String
    let isRole: Bool
    var hashed: HashedAddress.Kind?
    var refusal: ImportedRefusal?
    var lead: ImportedLead?
}

/// The same as a row of its import's.
struct StagedRow: Sendable {
    let number: Int64
    let line: StagedLine
}

enum StagingSQL {
    static let rows = CopyIn<StagedRow>(
        "import.rows", table: "import_row",
        columns: ("number", Int64.self), ("line", Int64.self), ("address_key", AddressKey.self),
        ("alias_key", AddressKey?.self), ("is_role", Bool.self),
        ("declined", ListedReason?.self), ("hashed", HashedAddress.Kind?.self), ("words", JSONB?.self),
        ("is_from_person", Bool.self), ("at", Instant?.self),
        ("contacted_at", Instant?.self), ("consent_at", Instant?.self), ("address", String.self),
        ("name", String?.self),
        ("position", String?.self), ("phone", String?.self), ("source", String?.self), ("organisation", String?.self),
        ("organisation_number", String?.self), ("organisation_name", String?.self),
        bind: { (row: StagedRow, buffer: inout ValueBuffer) throws(ValueReason) in try row.append(to: &buffer) })
    static let add = Statement(
        "import.add-lines",
        """
        update import set lines = lines + $4, invalid = invalid + $5, empty = empty + $6, unchanged = unchanged + $8,
            lease_until = clock_timestamp() + make_interval(secs => $7)
        where controller_id = $1 and number = $2 and lease_by = $3 and state = 'receiving' returning lines
        """,
        in: (Int64.self, Int64.self, String.self, Int64.self, Int64.self, Int64.self, Double.self, Int64.self),
        out: ("lines", Int64.self))
    static let sort = Statement(
        "import.sort-rows", "select count(sort_import_rows($1)) as sorted", in: (Int64.self),
        out: ("sorted", Int64.self))
    static let drop = Statement(
        "import.drop-rows", "select count(drop_import_rows($1)) as dropped", in: (Int64.self),
        out: ("dropped", Int64.self))
    static let same = Statement(
        "import.same",
        """
        select id from import where controller_id = $1 and digest = $2 and kind = $3 and number <> $4
            and state in ('merging', 'finished') order by number limit 1
        """,
        in: (Int64.self, Bytea.self, ImportKind.self, Int64.self), out: ("id", ImportID.self))
    /// Two that bring the same file at the same time wait for each other here.
    static let lockDigest = Statement(
        "import.lock-digest",
        "select count(pg_advisory_xact_lock(hashtextextended('maysend.import/' || $1 || '/' || encode($2, 'hex'), 0)))::bigint as locks",
        in: (String.self, Bytea.self), out: ("locks", Int64.self))
    static let close = Statement(
        "import.close",
        """
        update import set state = 'merging', digest = $4, guess = $5, lines = lines + $6, empty = empty + $6,
            lease_until = null, lease_by = null
        where controller_id = $1 and number = $2 and lease_by = $3 and state = 'receiving' returning kind
        """,
        in: (Int64.self, Int64.self, String.self, Bytea.self, JSONB.self, Int64.self), out: ("kind", ImportKind.self))
    static let fail = Statement(
        "import.fail",
        """
        update import set state = 'failed', failure = $3, same_as = $4, finished_at = clock_timestamp(), lease_until = null
        where controller_id = $1 and number = $2 and state in ('receiving', 'merging') returning number
        """,
        in: (Int64.self, Int64.self, String.self, ImportID?.self), out: ("number", Int64.self))

    static let all: [AnyStatement] = [
        rows.erased, add.erased, sort.erased, drop.erased, same.erased, lockDigest.erased, close.erased, fail.erased,
    ]
}

private let importGivenUp = "the upload was given up meanwhile; send the list again"

/// Whether a file that came before is taken again.
public enum ImportRepeat: Sendable {
    case refused
    case taken
}

extension Store {
    /// Begins an import; its lines come with `stage`. `worker` names who receives it.
    public func openImport(
        _ opening: ImportOpening, worker: String, by access: Access
    ) async throws(StoreError) -> ImportReception {
        try await write(.bulk, for: access.controller) { tx throws(StoreError) in
            let (number, id) = try tx.one(
                ImportSQL.open,
                (
                    access.controller.id, opening.kind, opening.name, opening.source, opening.collectedAt,
                    opening.scope, opening.consentPurpose, access.actor, worker, Double(importReceptionSecondsMax),
                    Int64(self.peppers.current.version)
                ))
            _ = try tx.one(ImportSQL.openRows, number)
            return ImportReception(id: id, number: number, access: access, worker: worker)
        }
    }

    /// Takes the next lines into staging. Throws `.importState` where the import was given up meanwhile.
    public func stage(_ lines: [ImportLine], into reception: ImportReception) async throws(StoreError) {
        var staged: [StagedLine] = []
        staged.reserveCapacity(lines.count)
        var judged: [JudgedLine] = []
        for line in lines {
            switch line.content {
            case .lead(let lead):
                var row = stagedLine(line.place, lead.lead.address)
                row.lead = lead
                staged.append(row)
            case .declined(let refusal): staged.append(stagedLine(line.place, refusal))
            case .passedOver: judged.append(line.judged(.unchanged, "no-opt-out"))
            case .invalid(let problem): judged.append(line.judged(.invalid, problem))
            case .empty: judged.append(line.judged(.empty))
            }
        }
        let (rows, verdicts) = (staged, judged)
        try await write(.bulk, for: reception.access.controller) { tx throws(StoreError) in
            func count(_ verdict: ImportVerdict) -> Int64 { Int64(verdicts.count { $0.verdict == verdict }) }
            let added = try tx.first(
                StagingSQL.add,
                (
                    reception.access.controller.id, reception.number, reception.worker, Int64(lines.count),
                    count(.invalid), count(.empty), Double(importReceptionSecondsMax), count(.unchanged)
                ))
            guard added != nil else { throw StoreError.importState(importGivenUp) }
            try verdicts.write(number: reception.number, controller: reception.access.controller.id, in: tx)
            guard !rows.isEmpty else { return }
            try tx.copyIn(StagingSQL.rows) { sink throws(StoreError) in
                for row in rows { try sink.send(StagedRow(number: reception.number, line: row)) }
            }
        }
    }

    private func stagedLine(_ place: ImportPlace, _ address: Address) -> StagedLine {
        let alias = address.alias == address.canonical ? nil : peppers.aliasKey(for: address)
        return StagedLine(
            place: place, key: peppers.key(for: address), alias: alias, text: address.canonical, isRole: address.isRole)
    }

    private func stagedLine(_ place: ImportPlace, _ refusal: ImportedRefusal) -> StagedLine {
        var row: StagedLine
        switch refusal.subject {
        case .address(let address): row = stagedLine(place, address)
        case .hashed(let hashed):
            row = StagedLine(
                place: place, key: peppers.current.key(for: hashed), alias: nil, text: hashed.hexadecimal,
                isRole: false,
                hashed: hashed.kind)
        }
        row.refusal = refusal
        return row
    }

    /// All lines are in: they are merged from here on, by whoever takes the import. `guess` is a JSON object of how the
    /// file was understood; `emptyLines` those that were no rows.
    public func closeReception(
        _ reception: ImportReception, digest: Digest, guess: String, emptyLines: Int, repeated: ImportRepeat
    ) async throws(StoreError) -> ImportReceptionEnd {
        try await write(.bulk, for: reception.access.controller) { tx throws(StoreError) in
            let controller = reception.access.controller.id
            let bytes = Bytea(digest.octets)
            _ = try tx.one(StagingSQL.lockDigest, (String(controller), bytes))
            guard
                let kind = try tx.first(
                    StagingSQL.close,
                    (controller, reception.number, reception.worker, bytes, JSONB(guess), Int64(emptyLines)))
            else { throw StoreError.importState(importGivenUp) }
            if case .refused = repeated,
                let same = try tx.first(StagingSQL.same, (controller, bytes, kind, reception.number))
            {
                let why = "the same file was imported before, as \(same); nothing was done with it again"
                _ = try tx.one(StagingSQL.fail, (controller, reception.number, why, same))
                _ = try tx.one(StagingSQL.drop, reception.number)
                return .same(as: same)
            }
            _ = try tx.one(StagingSQL.sort, reception.number)
            return .merging
        }
    }

    /// Gives an import up before it is merged: nothing of it was stored. Harmless where it is over.
    public func failReception(_ reception: ImportReception, why: String) async throws(StoreError) {
        try await write(.bulk, for: reception.access.controller) { tx throws(StoreError) in
            let failed = try tx.first(
                StagingSQL.fail, (reception.access.controller.id, reception.number, why, nil))
            if failed != nil { _ = try tx.one(StagingSQL.drop, reception.number) }
        }
    }
}

extension StagedRow {
    /// Every column of `StagingSQL.rows`, in order.
    fileprivate func append(to buffer: inout ValueBuffer) throws(ValueReason) {
        let lead = line.lead?.lead
        let organisation = lead?.organisation
        try buffer.append(field: number)
        try buffer.append(field: line.place.number)
        try buffer.append(field: line.key)
        try buffer.append(field: line.alias)
        try buffer.append(field: line.isRole)
        try buffer.append(field: line.refusal?.reason)
        try buffer.append(field: line.hashed)
        try buffer.append(field: line.refusal?.words.map { JSONB($0) })
        try buffer.append(field: lead?.source == Lead.sourcePerson)
        try buffer.append(field: lead?.collectedAt ?? line.refusal?.at)
        try buffer.append(field: lead?.contactedAt)
        try buffer.append(field: line.lead?.consentAt)
        try buffer.append(field: line.text)
        try buffer.append(field: lead?.name)
        try buffer.append(field: lead?.position)
        try buffer.append(field: lead?.phone)
        try buffer.append(field: lead?.source)
        try buffer.append(field: organisation?.identity)
        try buffer.append(field: organisation?.number)
        try buffer.append(field: organisation?.name)
    }
}

extension ImportLine {
    fileprivate func judged(_ verdict: ImportVerdict, _ reason: String? = nil) -> JudgedLine {
        JudgedLine(line: place.number, key: nil, verdict: verdict, reason: reason)
    }
}
