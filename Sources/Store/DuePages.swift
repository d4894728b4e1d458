import Postgres
public import Rules

/// A contact that the next sweep would erase.
public struct DueListing: Sendable {
    public let key: AddressKey
    /// The address: shown to nobody who has not asked for it.
    public let address: Address
    /// Why nothing keeps it.
    public let lapse: Lapse
}

/// A page of what the next sweep would erase.
public struct DuePage: Sendable {
    public let due: [DueListing]
    /// Ask on with it; nil after the last.
    public let next: DueCursor?
}

/// A place in the list of what is due.
public struct DueCursor: Hashable, Sendable {
    fileprivate let dueAt: Instant
    fileprivate let key: AddressKey

    /// Before the first.
    public static let start = DueCursor(dueAt: .min, key: AddressKey(high: 0, low: 0))
}

/// How many contacts one page of a list looks at.
public let duePageContactsMax = 1_000

extension Store {
    /// What a sweep would erase now, page by page, by the same rules; changes nothing.
    ///
    /// Goes by the due dates, or through all contacts where they are still to be reckoned anew.
    public func duePage(after cursor: DueCursor, by access: Access) async throws(StoreError) -> DuePage {
        try await sight(of: access.controller) { tx throws(StoreError) in
            let catalogue = try self.catalogue(tx)
            let now = try tx.one(LedgerSQL.clock, ())
            let controller = access.controller
            let version = try catalogue.version(of: controller, at: now)
            let reckoner = DueReckoner(catalogue: catalogue, peppers: self.peppers)
            let keys: [AddressKey]
            var next: DueCursor?
            let limit = Int64(duePageContactsMax)
            if try tx.one(SweepSQL.isPending, (controller.id, version.id)) {
                keys = try tx.all(SweepSQL.after, (controller.id, cursor.key, limit)).map(\.0)
                next = keys.last.map { DueCursor(dueAt: .min, key: $0) }
            } else {
                let rows = try tx.all(SweepSQL.dueAfter, (controller.id, now, cursor.dueAt, cursor.key, limit))
                keys = rows.map(\.0)
                next = rows.last.map { DueCursor(dueAt: $0.1 ?? .min, key: $0.0) }
            }
            if keys.count < duePageContactsMax { next = nil }
            let judged = try reckoner.judge(
                reckoner.contacts(keys, of: controller.id, in: tx), for: LedgerWriter(access: access),
                reading: .expected, at: now, in: tx)
            let due = judged.compactMap { one -> DueListing? in
                guard case .due(let lapse) = one.due.retention else { return nil }
                return DueListing(key: one.contact.key, address: one.contact.address, lapse: lapse)
            }
            return DuePage(due: due, next: next)
        }
    }

    /// The reports of the latest sweeps, newest first.
    public func sweepRuns(limit: Int, by access: Access) async throws(StoreError) -> [SweepRun] {
        try await sight(of: access.controller) { tx throws(StoreError) in
            try tx.all(SweepSQL.runs, (access.controller.id, Int64(limit))).map {
                SweepRun($0, at: access.controller)
            }
        }
    }

    /// One snapshot of the controller's rows, for what takes its time.
    func sight<Result: Sendable>(
        of controller: ControllerRecord,
        _ body: @escaping @Sendable (borrowing Transaction<StoreError>) throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await writes.read(
            .bulk, isolation: .repeatableRead,
            settings: [
                Setting("maysend.controller", String(controller.id)),
                Setting("maysend.group", String(controller.group)),
            ],
            body)
    }
}
