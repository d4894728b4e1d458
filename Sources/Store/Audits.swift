public import Postgres
public import Rules

/// Something about the ledger or its seals that is not as it was recorded.
public struct Tampering: Hashable, Sendable {
    public let place: Place
    public let problem: Problem

    /// Where.
    public enum Place: Hashable, Sendable {
        /// A link of the chain and the act it is of.
        case seal(position: Int64, act: Int64)
        case act(Int64)
        case head(number: Int64)
        /// The chain as a whole.
        case chain
    }

    /// What.
    public enum Problem: String, Sendable {
        /// The act or its link was changed.
        case changed = "the act is not the one that was sealed, or its link was changed"
        /// A sealed act is gone.
        case missing = "the act was sealed and is gone"
        /// An act stands before the end of the chain and has no link.
        case unsealed = "an act stands where the chain had passed by: it was put in, or its link taken out"
        /// A link is gone.
        case gap = "a link of the chain is gone"
        /// The acts do not stand in the order in which they were sealed.
        case order = "the act does not stand where it was sealed"
        /// An act claims a transaction that has not begun.
        case future = "the act claims a transaction that has not begun"
        /// The head's signature is not of what it says.
        case signature = "the signature is not of this head"
        /// The head is signed by another key than the kept heads and those that were named.
        case key = "the head is signed by a key that is neither kept nor named"
        /// The chain at the head's place is another.
        case digest = "the chain was another when this head was signed"
        /// The chain ends before a head that was signed.
        case truncated = "the chain ends before the place that was signed"
        /// A head is gone.
        case headMissing = "a signed head is gone"
    }
}

/// How an audit of the seals came out.
public struct AuditReport: Sendable {
    /// How many links were recomputed.
    public let links: Int64
    /// How many heads were checked, the kept ones not among them.
    public let heads: Int
    /// How many acts are committed and not sealed yet: the sealer's next.
    public let waiting: Int64
    /// The first of what is wrong, at most `tamperingsShownMax`.
    public let tamperings: [Tampering]
    public let tamperingCount: Int

    public static let tamperingsShownMax = 1_000
}

enum AuditSQL {
    static let links = Statement(
        "audit.links", "select position, ledger_id, digest from seal where position > $1 order by position limit $2",
        in: (Int64.self, Int64.self), out: ("position", Int64.self), ("ledger_id", Int64.self), ("digest", Bytea.self))
    /// Acts at or before a place that no link is of; behind it they wait for theirs.
    static let unsealed = Statement(
        "audit.unsealed",
        """
        select l.id from ledger l
        where (l.tx, l.id) <= ($1::xid8, $2) and not exists (select from seal s where s.ledger_id = l.id)
        order by l.id limit $3
        """,
        in: (XID8.self, Int64.self, Int64.self), out: ("id", Int64.self), into: { (id: Int64) in id })
    static let future = Statement(
        "audit.future",
        """
        select l.id from ledger l where l.tx >= ledger_frontier() order by l.id limit $1
        """,
        in: (Int64.self), out: ("id", Int64.self), into: { (id: Int64) in id })
    static let waiting = Statement(
        "audit.waiting", "select count(*) as waiting from ledger where (tx, id) > ($1::xid8, $2)",
        in: (XID8.self, Int64.self), out: ("waiting", Int64.self))
    static let heads = Statement(
        "audit.heads",
        """
        select number, position, digest, signed_at, key, signature from seal_head where number > $1 order by number limit $2
        """,
        in: (Int64.self, Int64.self), out: ("number", Int64.self), ("position", Int64.self), ("digest", Bytea.self),
        ("signed_at", Instant.self), ("key", Bytea.self), ("signature", Bytea.self), into: SealHead.init)
    static let linksAt = Statement(
        "audit.links-at", "select position, digest from seal where position = any($1::bigint[])",
        in: ([Int64].self), out: ("position", Int64.self), ("digest", Bytea.self))

    static let all: [AnyStatement] = [
        links.erased, unsealed.erased, future.erased, waiting.erased, heads.erased, linksAt.erased,
    ]
}

/// Recomputes the chain over the ledger and compares. Reads everything, in bounded steps, and changes nothing.
public final class Auditor: Sendable {
    private let database: Database

    /// Connects with one connection; the login must be allowed to take the role `maysend_audit`.
    public init(
        url: String, random: @escaping @Sendable () -> Double,
        observe: @escaping @Sendable (PoolEvent) -> Void = { _ in }
    ) throws(StoreError) {
        database = try .forOperator(
            url: url, role: "maysend_audit", name: "maysend_audit", isForBulk: true, random: random, observe: observe)
    }

    /// Closes the connection.
    public func shutdown() async { await database.shutdown(within: .seconds(5)) }

    /// Waits for the connection.
    public func ready(within limit: Duration) async throws(StoreError) {
        try await database.answers(within: limit)
    }

    /// How many links or heads one step compares.
    private static let linksPerStep = 2_000

    /// The newest signed head; nil while there is none.
    public func head() async throws(StoreError) -> SealHead? {
        try await database.read(.bulk) { tx throws(StoreError) in try tx.first(SealSQL.lastHead, ()) }
    }

    /// Compares every link with its act, every head with the chain, and all of it with heads that were kept outside.
    ///
    /// What was cut off at the end is noticed only against a kept head. Heads must be signed by a key of the kept ones or by one
    /// of `keys`, public halves; where there are none, by any. `progress` hears how many links were compared.
    public func verify(
        against kept: [SealHead], keys: Set<[UInt8]> = [], progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws(StoreError) -> AuditReport {
        var audit = Audit(kept: kept, keys: keys)
        while true {
            let before = audit
            let (after, isLast) = try await database.read(.bulk, isolation: .repeatableRead) { tx throws(StoreError) in
                var audit = before
                let isLast = try audit.step(Self.linksPerStep, in: tx)
                return (audit, isLast)
            }
            audit = after
            progress(audit.links)
            if isLast { break }
        }
        let before = audit
        audit = try await database.read(.bulk, isolation: .repeatableRead) { tx throws(StoreError) in
            var audit = before
            try audit.strays(in: tx)
            return audit
        }
        while true {
            let before = audit
            let (after, isLast) = try await database.read(.bulk, isolation: .repeatableRead) { tx throws(StoreError) in
                var audit = before
                let isLast = try audit.headStep(Self.linksPerStep, in: tx)
                return (audit, isLast)
            }
            audit = after
            if isLast { break }
        }
        return audit.report()
    }
}

/// An audit under way: how far it is, and what it found.
private struct Audit: Sendable {
    private let kept: [SealHead]
    private let keptByPosition: [Int64: SealHead]
    private let keptByNumber: [Int64: SealHead]
    private let keys: Set<[UInt8]>
    private(set) var links: Int64 = 0
    private var chain = SealChain.start
    private var place = ActPosition.start
    private var heads = 0
    private var lastHead: SealHead?
    private var waiting: Int64 = 0
    private var found: [Tampering] = []
    private var count = 0

    init(kept: [SealHead], keys: Set<[UInt8]>) {
        (self.kept, self.keys) = (kept, keys.union(kept.map(\.key)))
        keptByPosition = Dictionary(kept.map { ($0.chain.position, $0) }) { first, _ in first }
        keptByNumber = Dictionary(kept.map { ($0.number, $0) }) { first, _ in first }
    }

    private mutating func note(_ place: Tampering.Place, _ problem: Tampering.Problem) {
        count += 1
        if found.count < AuditReport.tamperingsShownMax { found.append(Tampering(place: place, problem: problem)) }
    }

    /// Compares the next links, each from the stored link before it, so that one change is found at one place; true at the end.
    mutating func step(_ limit: Int, in tx: borrowing Transaction<StoreError>) throws(StoreError) -> Bool {
        let rows = try tx.all(AuditSQL.links, (chain.position, Int64(limit)))
        var acts: [Int64: SealedAct] = [:]
        for act in try tx.all(SealedActSQL.byID, rows.map(\.1)) { acts[act.id] = act }
        for (position, id, digest) in rows {
            links += 1
            if position != chain.position + 1 { note(.seal(position: chain.position + 1, act: 0), .gap) }
            var expected = SealChain(position: position - 1, digest: chain.digest)
            if let act = acts[id] {
                expected.add(act.record)
                if expected.digest != digest.bytes {
                    note(.seal(position: position, act: id), .changed)
                } else {
                    if act.position <= place { note(.seal(position: position, act: id), .order) }
                    place = act.position
                }
            } else {
                note(.seal(position: position, act: id), .missing)
            }
            if let kept = keptByPosition[position], kept.chain.digest != digest.bytes {
                note(.head(number: kept.number), .digest)
            }
            chain = SealChain(position: position, digest: digest.bytes)
        }
        return rows.count < limit
    }

    /// Looks for acts that the chain has passed by, and for those of no transaction.
    mutating func strays(in tx: borrowing Transaction<StoreError>) throws(StoreError) {
        let limit = Int64(AuditReport.tamperingsShownMax)
        for id in try tx.all(AuditSQL.unsealed, (XID8(place.transaction), place.id, limit)) {
            note(.act(id), .unsealed)
        }
        for id in try tx.all(AuditSQL.future, limit) { note(.act(id), .future) }
        waiting = try tx.one(AuditSQL.waiting, (XID8(place.transaction), place.id))
    }

    /// Checks the next heads; true at the end.
    mutating func headStep(_ limit: Int, in tx: borrowing Transaction<StoreError>) throws(StoreError) -> Bool {
        let rows = try tx.all(AuditSQL.heads, (lastHead?.number ?? 0, Int64(limit)))
        var digests: [Int64: [UInt8]] = [:]
        for (position, digest) in try tx.all(AuditSQL.linksAt, rows.map(\.chain.position)) {
            digests[position] = digest.bytes
        }
        for head in rows {
            heads += 1
            if head.number != (lastHead?.number ?? 0) + 1 {
                note(.head(number: (lastHead?.number ?? 0) + 1), .headMissing)
            }
            check(head, digests[head.chain.position])
            lastHead = head
        }
        return rows.count < limit
    }

    private mutating func check(_ head: SealHead, _ digest: [UInt8]?) {
        if !head.isGenuine { note(.head(number: head.number), .signature) }
        if !keys.isEmpty, !keys.contains(head.key) { note(.head(number: head.number), .key) }
        if let kept = keptByNumber[head.number], head != kept { note(.head(number: head.number), .changed) }
        if let last = lastHead, head.chain.position <= last.chain.position {
            note(.head(number: head.number), .order)
        }
        guard let digest else { return note(.head(number: head.number), .truncated) }
        if digest != head.chain.digest { note(.head(number: head.number), .digest) }
    }

    func report() -> AuditReport {
        var audit = self
        for kept in kept where !kept.isGenuine { audit.note(.head(number: kept.number), .signature) }
        if kept.contains(where: { chain.position < $0.chain.position }) { audit.note(.chain, .truncated) }
        for kept in kept where lastHead?.number ?? 0 < kept.number {
            audit.note(.head(number: kept.number), .headMissing)
        }
        return AuditReport(
            links: links, heads: heads, waiting: waiting, tamperings: audit.found, tamperingCount: audit.count)
    }
}
