import Postgres
import Rules

/// What is posted in the transaction of the act that it belongs to; the courier takes it from there.
enum OutboxSQL {
    static let postLetter = Statement(
        "outbox.post-letter",
        """
        insert into letter (controller_id, address_key, purpose, language, content) values ($1, $2, $3, $4, $5)
        """,
        in: (Int64.self, AddressKey.self, Slug.self, String.self, Bytea.self))
    static let roll = Statement(
        "outbox.roll", "select count(roll_outbox(current_date)) as rolled", in: (), out: ("rolled", Int64.self))
    static let wipe = Statement(
        "outbox.wipe-addresses",
        "select wipe_notice_addresses(clock_timestamp() - make_interval(secs => $1), $2) as wiped",
        in: (Double.self, Int64.self), out: ("wiped", Int64.self))

    static let all: [AnyStatement] = [postLetter.erased, roll.erased, wipe.erased]
}

/// The longest that the address of somebody who is told to a recipient lies in the outbox. What was not told by then and is of
/// no use without it is undeliverable.
public let noticeAddressMax: Duration = .seconds(30 * 86_400)
/// Addresses that one transaction wipes.
private let wipedPerStep: Int64 = 5_000

/// Wiping what lies too long and what is no longer needed, step by step, each in a transaction of its own.
enum AddressWipe {
    /// Whether there may be more.
    static func step(in tx: borrowing Transaction<StoreError>) throws(StoreError) -> Bool {
        try tx.one(OutboxSQL.wipe, (noticeAddressMax.inSeconds, wipedPerStep)) == wipedPerStep
    }
}

extension WriteScene {
    /// Posts a letter: it goes out once this transaction is committed, and not at all where it is not.
    func post(_ letter: Letter, in tx: borrowing Transaction<StoreError>) throws(StoreError) {
        let key = peppers.key(for: letter.to)
        let content = try peppers.sealed(letter.sealedParts, for: SealedPlace.letter(controller.id, key))
        try tx.run(OutboxSQL.postLetter, (controller.id, key, letter.purpose, letter.language, Bytea(content)))
    }
}

/// The place that sealed octets belong to, so that none can be moved to another's row.
enum SealedPlace {
    static func letter(_ controller: Int64, _ key: AddressKey) -> String { "letter \(controller) \(key)" }
    static func notice(_ controller: Int64, _ recipient: Slug, _ key: AddressKey) -> String {
        "notice \(controller) \(recipient) \(key)"
    }
    static func secret(_ controller: Int64, _ recipient: Slug) -> String { "secret \(controller) \(recipient)" }
}

extension Peppers {
    func sealed(_ plain: [UInt8], for place: String) throws(StoreError) -> [UInt8] {
        do { return try seal(plain, for: place) } catch { throw .damaged("sealing for \(place): \(error.rawValue)") }
    }

    func opened(_ sealed: [UInt8], for place: String) throws(StoreError) -> [UInt8] {
        do { return try open(sealed, for: place) } catch { throw .damaged("sealed \(place): \(error.rawValue)") }
    }
}
