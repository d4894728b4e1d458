import Postgres
import Rules

/// A request that its client may send again.
///
/// What is kept of it outlives an erasure by up to two months: the key, and a digest under the pepper, so that nobody without
/// that can try out which address the request was about.
public struct Once: Sendable {
    /// The Idempotency-Key, which holds no address.
    public let key: String
    /// All of the request that must be the same when it comes again.
    let request: [UInt8]

    /// The longest key, in bytes.
    public static let keyBytesMax = 255

    public init(key: String, request: [UInt8]) { (self.key, self.request) = (key, request) }
}

/// An answer as it was given and is given again; it is kept for up to two months, so no address, name or other plaintext of a
/// person is in it.
public struct StoredAnswer: Hashable, Sendable {
    public let status: Int
    public let body: [UInt8]
    /// Whether it was given before, to the same request.
    public let isReplayed: Bool

    public init(status: Int, body: [UInt8]) {
        self.init(status: status, body: body, isReplayed: false)
    }

    init(status: Int, body: [UInt8], isReplayed: Bool) {
        (self.status, self.body, self.isReplayed) = (status, body, isReplayed)
    }
}

enum IdempotencySQL {
    /// Two requests with one key wait for each other here.
    static let lock = Statement(
        "idempotency.lock",
        "select count(pg_advisory_xact_lock(hashtextextended($1 || '/' || $2, 0)))::bigint as locks",
        in: (String.self, String.self), out: ("locks", Int64.self))
    static let find = Statement(
        "idempotency.find",
        """
        select request_digest, status, body from idempotency
        where controller_id = $1 and key = $2 and month >= (date_trunc('month', now()) - interval '1 month')::date
        """,
        in: (Int64.self, String.self), out: ("request_digest", Bytea.self), ("status", Int32.self), ("body", Bytea.self)
    )
    static let roll = Statement(
        "idempotency.roll", "select count(roll_idempotency(current_date)) as rolled", in: (),
        out: ("rolled", Int64.self))
    static let put = Statement(
        "idempotency.put",
        """
        insert into idempotency (controller_id, key, month, request_digest, status, body)
        values ($1, $2, date_trunc('month', now())::date, $3, $4, $5)
        """,
        in: (Int64.self, String.self, Bytea.self, Int32.self, Bytea.self))

    static let all: [AnyStatement] = [lock.erased, find.erased, roll.erased, put.erased]
}

extension Store {
    /// Does the verb; the result exists only after the commit.
    public func run<Result>(_ verb: Verb<Result>, by access: Access) async throws(StoreError) -> Result {
        try await write(verb.priority, for: access.controller) { tx throws(StoreError) in
            try self.perform(verb, by: access, in: tx)
        }
    }

    /// Does the verb unless the same request was done before; then its answer is given again.
    ///
    /// The answer is kept in the verb's own transaction; a request from before the newest pepper is known again while the one
    /// of its time is live. Throws `.idempotencyKeyReused` for another request with the key.
    public func run<Result>(
        _ verb: Verb<Result>, by access: Access, once: Once, answer: @escaping @Sendable (Result) -> StoredAnswer
    ) async throws(StoreError) -> StoredAnswer {
        let digest = Bytea(peppers.current.digest(ofRequest: once.request))
        return try await write(verb.priority, for: access.controller) { tx throws(StoreError) in
            let controller = access.controller.id
            _ = try tx.one(IdempotencySQL.lock, (String(controller), once.key))
            if let (known, status, body) = try tx.first(IdempotencySQL.find, (controller, once.key)) {
                let isSame = self.peppers.all.contains { $0.digest(ofRequest: once.request) == known.bytes }
                guard isSame else { throw StoreError.idempotencyKeyReused }
                let scene = try self.scene(for: access, in: tx)
                if try verb.stillStands(scene, tx) {
                    return StoredAnswer(status: Int(status), body: body.bytes, isReplayed: true)
                }
                return answer(try verb.body(scene, tx))
            }
            let given = answer(try self.perform(verb, by: access, in: tx))
            try tx.run(
                IdempotencySQL.put,
                (controller, once.key, digest, Int32(clamping: given.status), Bytea(given.body)))
            return given
        }
    }

    /// Makes the partitions of this month and the next and drops old ones; harmless at any time.
    public func rollPartitions() async throws(StoreError) {
        try await writes.write(.bulk) { tx throws(StoreError) in
            _ = try tx.one(IdempotencySQL.roll, ())
            _ = try tx.one(ImportSQL.rollVerdicts, ())
        }
    }

    private func perform<Result>(
        _ verb: Verb<Result>, by access: Access, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> Result {
        try verb.body(scene(for: access, in: tx), tx)
    }

    private func scene(
        for access: Access, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> WriteScene {
        try scene(for: access, catalogue(tx))
    }

    /// What a verb of the access works with under the catalogue.
    func scene(for access: Access, _ catalogue: Catalogue) throws(StoreError) -> WriteScene {
        guard catalogue.stillOpens(access) else { throw .revokedKey }
        let writer = LedgerWriter(
            access: access, posting: NoticePosting(catalogue: catalogue, peppers: peppers),
            reckoner: DueReckoner(catalogue: catalogue, peppers: peppers))
        return WriteScene(writer: writer, catalogue: catalogue, peppers: peppers)
    }

    func write<Result: Sendable>(
        _ priority: Priority, for controller: ControllerRecord,
        _ body: @escaping @Sendable (borrowing Transaction<StoreError>) throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        let settings = [
            Setting("maysend.controller", String(controller.id)), Setting("maysend.group", String(controller.group)),
        ]
        guard priority == .optOut else { return try await writes.write(priority, settings: settings, body) }
        return try await outlastingDoubt { () async throws(StoreError) -> Result in
            try await writes.write(priority, settings: settings, body)
        }
    }
}
