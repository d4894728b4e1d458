public import Postgres
public import Rules

/// How many acts one transaction seals.
public let actsPerSealStepMax = 2_000

enum SealSQL {
    /// One process seals at a time, and none while a restore is to be checked.
    static let lead = Statement(
        "seal.lead", "select is_settled() and pg_try_advisory_xact_lock(hashtextextended('maysend.seal', 0)) as leads",
        in: (), out: ("leads", Bool?.self), into: { (leads: Bool?) in leads ?? false })
    static let last = Statement(
        "seal.last",
        """
        select s.position, s.digest, s.ledger_id, l.tx from seal s left join ledger l on l.id = s.ledger_id
        order by s.position desc limit 1
        """,
        in: (), out: ("position", Int64.self), ("digest", Bytea.self), ("ledger_id", Int64.self), ("tx", XID8?.self))
    static let put = Statement(
        "seal.put",
        """
        insert into seal (position, ledger_id, digest) select r.position, r.ledger_id, r.digest
        from unnest($1::bigint[], $2::bigint[], $3::bytea[]) as r(position, ledger_id, digest)
        """,
        in: ([Int64].self, [Int64].self, [Bytea].self))
    static let lastHead = Statement(
        "seal.last-head",
        "select number, position, digest, signed_at, key, signature from seal_head order by number desc limit 1",
        in: (), out: ("number", Int64.self), ("position", Int64.self), ("digest", Bytea.self),
        ("signed_at", Instant.self), ("key", Bytea.self), ("signature", Bytea.self), into: SealHead.init)
    static let putHead = Statement(
        "seal.put-head",
        """
        insert into seal_head (number, position, digest, signed_at, key, signature) values ($1, $2, $3, $4, $5, $6)
        """,
        in: (Int64.self, Int64.self, Bytea.self, Instant.self, Bytea.self, Bytea.self))

    /// The seconds for which the oldest act behind the last link has stood there.
    static let unsealedAge = Statement(
        "seal.unsealed-age",
        """
        select (
            select extract(epoch from clock_timestamp() - l.recorded_at)::float8 from ledger l
            where (l.tx, l.id) > (coalesce(s.tx, '0'::xid8), coalesce(s.id, 0)) order by l.tx, l.id limit 1
        ) as seconds
        from (select 1) as one left join lateral (
            select l.tx, l.id from seal s join ledger l on l.id = s.ledger_id order by s.position desc limit 1
        ) s on true
        """,
        in: (), out: ("seconds", Double?.self), into: { (seconds: Double?) in seconds ?? 0 })

    static let all: [AnyStatement] = [
        lead.erased, last.erased, put.erased, lastHead.erased, putHead.erased, unsealedAge.erased,
    ]
}

extension SealHead {
    init(number: Int64, position: Int64, digest: Bytea, signedAt: Instant, key: Bytea, signature: Bytea) {
        self.init(
            number: number, chain: SealChain(position: position, digest: digest.bytes), signedAt: signedAt,
            key: key.bytes, signature: signature.bytes)
    }
}

/// Seals the ledger: chains every committed act, in the order of the transactions, and signs the end.
///
/// On a connection of its own, in a role that can do nothing else.
public final class SealDesk: Sendable {
    let database: Database

    /// Connects with one connection; the login must be allowed to take the role `maysend_seal`.
    public init(
        url: String, random: @escaping @Sendable () -> Double,
        observe: @escaping @Sendable (PoolEvent) -> Void = { _ in }
    ) throws(StoreError) {
        database = try .forOperator(
            url: url, role: "maysend_seal", name: "maysend_seal", isForBulk: true, random: random, observe: observe)
    }

    /// Closes the connection.
    public func shutdown() async { await database.shutdown(within: .seconds(5)) }

    /// Waits for the connection.
    public func ready(within limit: Duration) async throws(StoreError) {
        try await database.answers(within: limit)
    }

    /// Chains the next acts, at most `actsPerSealStepMax`; how many. None where another process is at it.
    ///
    /// Throws `.damaged` where the last sealed act is gone: going on would hide it.
    public func seal() async throws(StoreError) -> Int {
        try await database.write(.bulk) { tx throws(StoreError) in
            guard try tx.one(SealSQL.lead, ()) else { return 0 }
            var chain = SealChain.start
            var place = ActPosition.start
            if let (position, digest, id, transaction) = try tx.first(SealSQL.last, ()) {
                guard let transaction else { throw .damaged("ledger \(id), which is sealed, is gone") }
                chain = SealChain(position: position, digest: digest.bytes)
                place = ActPosition(transaction: transaction.value, id: id)
            }
            let acts = try tx.all(
                SealedActSQL.next, (XID8(place.transaction), place.id, Int64(actsPerSealStepMax)))
            guard !acts.isEmpty else { return 0 }
            let links = acts.map { act in
                chain.add(act.record)
                return chain
            }
            try tx.run(SealSQL.put, (links.map(\.position), acts.map(\.id), links.map { Bytea($0.digest) }))
            return acts.count
        }
    }

    /// For how long the oldest act has waited that is not sealed; zero where all are.
    public func unsealedAge() async throws(StoreError) -> Duration {
        try await database.read(.bulk) { tx throws(StoreError) in .seconds(try tx.one(SealSQL.unsealedAge, ())) }
    }

    /// Signs the end of the chain where it has grown since the last time; the newest head, nil while there is none.
    public func sign(with key: SealKey) async throws(StoreError) -> SealHead? {
        try await database.write(.bulk) { tx throws(StoreError) in
            let last = try tx.first(SealSQL.lastHead, ())
            guard try tx.one(SealSQL.lead, ()), let (position, digest, _, _) = try tx.first(SealSQL.last, ()),
                position > last?.chain.position ?? 0
            else { return last }
            // A clock that was set back, or another server's, does not make the heads go back.
            let now = max(try tx.one(LedgerSQL.clock, ()), last?.signedAt ?? .min)
            let chain = SealChain(position: position, digest: digest.bytes)
            guard let head = key.head(number: (last?.number ?? 0) + 1, of: chain, at: now) else {
                throw .damaged("the seal's key")
            }
            try tx.run(
                SealSQL.putHead,
                (
                    head.number, position, digest, head.signedAt, Bytea(head.key), Bytea(head.signature)
                ))
            return head
        }
    }
}
