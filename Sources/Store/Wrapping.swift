public import Postgres
public import Rules

extension AddressKey: PostgresWrapped {
    public var postgresValue: PGUUID { PGUUID(high: high, low: low) }
    public init?(postgresValue: PGUUID) { self.init(high: postgresValue.high, low: postgresValue.low) }
}

extension Instant: PostgresWrapped {
    public var postgresValue: Timestamp { Timestamp(microseconds: microseconds) }
    /// Nil outside the years that an instant can have.
    public init?(postgresValue: Timestamp) {
        self.init(microseconds: postgresValue.microseconds)
        guard microseconds == postgresValue.microseconds else { return nil }
    }
}

extension Slug: PostgresWrapped {
    public var postgresValue: String { text }
    public init?(postgresValue: String) { self.init(postgresValue) }
}

extension Event.Name: PostgresWrapped {}
extension Event.Suppression: PostgresWrapped {}
extension Event.Bounce: PostgresWrapped {}
extension Scope: PostgresWrapped {}
extension HashedAddress.Kind: PostgresWrapped {}
extension ListedReason: PostgresWrapped {}
