import Postgres
import Rules

/// One thing a caller can have done: a single transaction, from the lock to the receipt.
public struct Verb<Result: Sendable>: Sendable {
    let priority: Priority
    /// Whether what was done once still stands, so that its answer may be given again.
    var stillStands: @Sendable (WriteScene, borrowing Transaction<StoreError>) throws(StoreError) -> Bool = {
        (_, _) throws(StoreError) in true
    }
    let body: @Sendable (WriteScene, borrowing Transaction<StoreError>) throws(StoreError) -> Result

    init(
        _ priority: Priority,
        _ body: @escaping @Sendable (WriteScene, borrowing Transaction<StoreError>) throws(StoreError) -> Result
    ) {
        self.priority = priority
        self.body = body
    }
}

/// What a verb works with beside its transaction: whose it is, and what is in effect.
struct WriteScene {
    let writer: LedgerWriter
    let catalogue: Catalogue
    let peppers: Peppers

    var controller: ControllerRecord { writer.access.controller }

    func keys(of address: Address) -> PersonKeys {
        PersonKeys(own: peppers.key(for: address), alias: peppers.aliasKey(for: address))
    }
}
