public import Postgres
public import Rules

/// What the courier works with: the outbox, seen by a role that sees nothing else of a person.
public final class Outbox: Sendable {
    let database: Database
    let peppers: Peppers

    /// Connections of the courier: one takes and settles letters while the other does notices.
    public static let connections = 2

    /// Connects in the background; the login must be allowed to take the role `maysend_courier`.
    public init(
        url: String, peppers: Peppers, random: @escaping @Sendable () -> Double,
        observe: @escaping @Sendable (PoolEvent) -> Void = { _ in }
    ) throws(StoreError) {
        var configuration = Postgres.Configuration(url: url)
        configuration.role = "maysend_courier"
        configuration.connections = Self.connections
        configuration.urgentConnections = 0
        configuration.applicationName = "maysend_courier"
        configuration.settings = [Setting("search_path", "maysend")]
        configuration.deadlines = { _ in
            Deadlines(queue: .seconds(30), statement: .seconds(30), transaction: .seconds(60))
        }
        do throws(PostgresError) {
            database = try Database(configuration, random: random, observe: observe)
        } catch {
            throw StoreError(error)
        }
        self.peppers = peppers
    }

    /// Waits for the first connection.
    public func ready(within limit: Duration) async throws(StoreError) { try await database.answers(within: limit) }

    /// Finishes what runs, then closes.
    public func shutdown(within limit: Duration) async { await database.shutdown(within: limit) }

    /// Makes the partitions of this month and the next, drops old ones in which nothing waits; harmless at any time.
    public func rollPartitions() async throws(StoreError) {
        _ = try await write { tx throws(StoreError) in try tx.one(OutboxSQL.roll, ()) }
    }

    /// Wipes the addresses of notices that lie longer than `noticeAddressMax`, and those of recipients that need none.
    public func wipeAddresses() async throws(StoreError) {
        while !Task.isCancelled, try await write({ tx throws(StoreError) in try AddressWipe.step(in: tx) }) {}
    }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction<StoreError>) throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await database.write(.normal, body)
    }
}

/// A letter that this courier alone may send until its lease ends.
public struct ClaimedLetter: Sendable {
    public let letter: Letter
    /// Whose letter it is, as the From header names them.
    public let controllerName: String
    public let controller: Int64
    /// The same however often it is sent.
    public let messageID: String
    /// How often it was tried, this time included.
    public let attempt: Int
    let id: Int64
    let month: String
    let lease: PGUUID
}

/// What became of a letter.
public enum LetterOutcome: Hashable, Sendable {
    case delivered
    /// Not now; it is tried again after so long. `answer` is a code, never a text.
    case later(after: Duration, answer: String)
    /// Never.
    case givenUp(answer: String)
}

/// A letter as it lies in the outbox.
struct LetterRow {
    let id: Int64
    let month: String
    let controller: Int64
    let controllerName: String
    let key: AddressKey
    let purpose: Slug
    let language: String
    let messageID: PGUUID
    let content: Bytea
    let attempts: Int32
    let lease: PGUUID
}

enum LetterQueueSQL {
    /// Whoever claims owns until `due_at`; a claim whose owner died falls due again. From a restored database nothing is taken
    /// before that is checked.
    static let claim = Statement(
        "letter.claim",
        """
        with due as materialized (
            select l.month, l.controller_id, l.id from letter l
            where l.state = 'waiting' and l.due_at <= statement_timestamp() and is_settled()
            order by l.due_at, l.id limit $1 for update skip locked
        ), taken as (
            update letter l set attempts = l.attempts + 1, lease = gen_random_uuid(),
                due_at = clock_timestamp() + make_interval(secs => $2)
            from due d where l.month = d.month and l.controller_id = d.controller_id and l.id = d.id
            returning l.id, l.month, l.controller_id, l.address_key, l.purpose, l.language, l.message_id, l.content,
                l.attempts, l.lease
        )
        select t.id, t.month::text, t.controller_id, h.name, t.address_key, t.purpose, t.language, t.message_id, t.content,
            t.attempts, t.lease
        from taken t join holder h on h.id = t.controller_id order by t.id
        """,
        in: (Int64.self, Double.self), out: ("id", Int64.self), ("month", String?.self), ("controller_id", Int64.self),
        ("name", String.self), ("address_key", AddressKey.self), ("purpose", Slug.self), ("language", String.self),
        ("message_id", PGUUID.self), ("content", Bytea?.self), ("attempts", Int32.self), ("lease", PGUUID?.self),
        into: LetterRow.init(
            id:month:controller:controllerName:key:purpose:language:messageID:content:attempts:lease:))
    static let settle = Statement(
        "letter.settle",
        """
        update letter set state = $5, content = null, answer = $6, settled_at = clock_timestamp(), lease = null
        where month = $1::text::date and controller_id = $2 and id = $3 and lease = $4 and state = 'waiting'
        """,
        in: (String.self, Int64.self, Int64.self, PGUUID.self, String.self, String?.self))
    static let putOff = Statement(
        "letter.put-off",
        """
        update letter set due_at = clock_timestamp() + make_interval(secs => $5), answer = $6, lease = null
        where month = $1::text::date and controller_id = $2 and id = $3 and lease = $4 and state = 'waiting'
        """,
        in: (String.self, Int64.self, Int64.self, PGUUID.self, Double.self, String.self))
    static let tally = Statement(
        "letter.tally",
        "select state, count(*) as letters from letter where controller_id = $1 group by state order by state",
        in: (Int64.self), out: ("state", String.self), ("letters", Int64?.self))

    static let all: [AnyStatement] = [claim.erased, settle.erased, putOff.erased, tally.erased]
}

extension LetterRow {
    fileprivate init(
        id: Int64, month: String?, controller: Int64, controllerName: String, key: AddressKey, purpose: Slug,
        language: String, messageID: PGUUID, content: Bytea?, attempts: Int32, lease: PGUUID?
    ) {
        self.init(
            id: id, month: month ?? "", controller: controller, controllerName: controllerName, key: key,
            purpose: purpose, language: language, messageID: messageID, content: content ?? Bytea([]),
            attempts: attempts, lease: lease ?? PGUUID(high: 0, low: 0))
    }
}

extension Outbox {
    /// Takes at most so many letters that are due; nobody else gets them before the lease ends.
    ///
    /// One that cannot be read (its pepper is not loaded, its octets are damaged) is put off and counted in `unreadable`:
    /// the right pepper may come back.
    public func claimLetters(
        max: Int, lease: Duration
    ) async throws(StoreError) -> (letters: [ClaimedLetter], unreadable: Int) {
        let peppers = peppers
        return try await write { tx throws(StoreError) in
            var letters: [ClaimedLetter] = []
            var unreadable = 0
            for row in try tx.all(LetterQueueSQL.claim, (Int64(max), lease.inSeconds)) {
                if let letter = try row.opened(by: peppers) {
                    letters.append(letter)
                } else {
                    unreadable += 1
                    try tx.run(
                        LetterQueueSQL.putOff,
                        (row.month, row.controller, row.id, row.lease, unreadablePause.inSeconds, "unreadable"))
                }
            }
            return (letters, unreadable)
        }
    }

    /// Writes down what became of it; false where the lease had ended and another may have taken it.
    @discardableResult
    public func settle(_ letter: ClaimedLetter, _ outcome: LetterOutcome) async throws(StoreError) -> Bool {
        try await write { tx throws(StoreError) in
            let place = (letter.month, letter.controller, letter.id, letter.lease)
            let rows =
                switch outcome {
                case .delivered:
                    try tx.run(LetterQueueSQL.settle, (place.0, place.1, place.2, place.3, "delivered", nil))
                case .givenUp(let answer):
                    try tx.run(LetterQueueSQL.settle, (place.0, place.1, place.2, place.3, "given-up", answer))
                case .later(let pause, let answer):
                    try tx.run(
                        LetterQueueSQL.putOff, (place.0, place.1, place.2, place.3, pause.inSeconds, answer))
                }
            return rows == 1
        }
    }
}

/// How long what cannot be read waits until it is looked at again.
private let unreadablePause: Duration = .seconds(600)

extension LetterRow {
    fileprivate func opened(by peppers: Peppers) throws(StoreError) -> ClaimedLetter? {
        let parts: [UInt8]
        do throws(SealFault) {
            parts = try peppers.open(content.bytes, for: SealedPlace.letter(controller, key))
        } catch {
            return nil
        }
        guard let letter = Letter(sealedParts: parts, purpose: purpose, language: language) else { return nil }
        return ClaimedLetter(
            letter: letter, controllerName: controllerName, controller: controller,
            messageID: messageID.description, attempt: Int(attempts), id: id, month: month, lease: lease)
    }
}

extension Duration {
    /// As `make_interval` takes it.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
