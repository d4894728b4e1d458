import Postgres
public import Rules

/// A line with its verdict, on its way into the books.
struct JudgedLine: Sendable {
    let line: Int64
    let key: AddressKey?
    let verdict: ImportVerdict
    var reason: String?
    var duplicateOf: Int64?
}

/// A line's verdict as it is shown.
public struct ImportVerdictRow: Hashable, Sendable {
    public let place: ImportPlace
    public let verdict: ImportVerdict
    /// The code of a refusal, or what is wrong with which column.
    public let reason: String?
    /// Where the address stood first.
    public let duplicateOf: ImportPlace?
}

enum ImportVerdictSQL {
    static let write = Statement(
        "import.write-verdicts",
        """
        insert into import_verdict (number, controller_id, line, address_key, verdict, reason, duplicate_of)
        select $1, $2, r.line, r.address_key, r.verdict, r.reason, r.duplicate_of
        from unnest($3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::bigint[])
            as r(line, address_key, verdict, reason, duplicate_of)
        """,
        in: (
            Int64.self, Int64.self, [Int64].self, [AddressKey?].self, [ImportVerdict].self, [String?].self,
            [Int64?].self
        ))
    static let page = Statement(
        "import.verdicts",
        """
        select l.line, l.verdict, l.reason, l.duplicate_of
        from (
            select v.line, v.verdict, v.reason, v.duplicate_of from import_verdict v
            where v.number = $1 and v.controller_id = $2 and v.lines is null and (v.verdict = $4 or $4 is null)
                and v.month >= $5::text::date
            union all
            select u.line, v.verdict, v.reason, v.duplicate_of
            from import_verdict v cross join lateral unnest(v.lines) as u(line)
            where v.number = $1 and v.controller_id = $2 and v.lines is not null and (v.verdict = $4 or $4 is null)
                and v.month >= $5::text::date
        ) l
        where l.line > $3 order by l.line limit $6
        """,
        in: (Int64.self, Int64.self, Int64.self, ImportVerdict?.self, String.self, Int64.self),
        out: ("line", Int64.self), ("verdict", ImportVerdict.self), ("reason", String?.self),
        ("duplicate_of", Int64?.self),
        into: ImportVerdictRow.init)

    static let all: [AnyStatement] = [write.erased, page.erased]
}

extension ImportVerdictRow {
    init(line: Int64, verdict: ImportVerdict, reason: String?, duplicateOf: Int64?) {
        self.init(
            place: ImportPlace(number: line), verdict: verdict, reason: reason,
            duplicateOf: duplicateOf.map { ImportPlace(number: $0) })
    }
}

extension [JudgedLine] {
    func write(number: Int64, controller: Int64, in tx: borrowing Transaction<StoreError>) throws(StoreError) {
        guard !isEmpty else { return }
        try tx.run(
            ImportVerdictSQL.write,
            (
                number, controller, map(\.line), map(\.key), map(\.verdict), map(\.reason), map(\.duplicateOf)
            ))
    }
}

/// Verdicts on one page, at most.
public let importVerdictsPerPageMax = 50_000

extension Store {
    /// The verdicts of an import's rows behind that place, in order; of one kind where that is said.
    public func importVerdicts(
        of record: ImportRecord, only verdict: ImportVerdict? = nil, after place: ImportPlace? = nil,
        limit: Int = importVerdictsPerPageMax, by access: Access
    ) async throws(StoreError) -> [ImportVerdictRow] {
        // Months before the import have nothing of it.
        let month = record.createdAt.description.prefix(8) + "01"
        return try await read(for: access.controller) { tx throws(StoreError) in
            try tx.all(
                ImportVerdictSQL.page,
                (
                    record.number, access.controller.id, place?.number ?? 0, verdict, String(month),
                    Int64(Swift.min(Swift.max(limit, 1), importVerdictsPerPageMax))
                ))
        }
    }
}
