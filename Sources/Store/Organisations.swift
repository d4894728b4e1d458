import Postgres
public import Rules

enum OrganisationSQL {
    static let find = Statement(
        "organisation.find",
        "select id, identity from organisation where controller_id = $1 and identity = any($2::text[])",
        in: (Int64.self, [String].self), out: ("id", Int64.self), ("identity", String.self))
    static let create = Statement(
        "organisation.create",
        """
        insert into organisation (controller_id, identity, number, name) select $1, r.identity, r.number, r.name
        from unnest($2::text[], $3::text[], $4::text[]) as r(identity, number, name) on conflict do nothing
        """,
        in: (Int64.self, [String].self, [String?].self, [String?].self))
    static let rename = Statement(
        "organisation.rename",
        "update organisation set name = $3, updated_at = now() where controller_id = $1 and id = $2 and name is distinct from $3",
        in: (Int64.self, Int64.self, String.self))
    static let members = Statement(
        "organisation.members",
        "select address_key from contact where controller_id = $1 and organisation_id = $2 order by address_key",
        in: (Int64.self, Int64.self), out: ("address_key", AddressKey.self), into: { (key: AddressKey) in key })

    static let all: [AnyStatement] = [find.erased, create.erased, rename.erased, members.erased]
}

/// The organisations that one transaction speaks of.
struct OrganisationBook {
    private let controller: Int64
    private var byIdentity: [String: Int64] = [:]

    init(
        _ names: [OrganisationName], controller: Int64, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        self.controller = controller
        try find(names, in: tx)
    }

    var ids: [Int64] { Array(byIdentity.values) }

    subscript(_ name: OrganisationName) -> Int64? { byIdentity[name.identity] }

    /// Makes those that are not there yet.
    mutating func create(_ names: [OrganisationName], in tx: borrowing Transaction<StoreError>) throws(StoreError) {
        var missing: [String: OrganisationName] = [:]
        for name in names where self[name] == nil { missing[name.identity] = name }
        guard !missing.isEmpty else { return }
        let sorted = missing.sorted { $0.key < $1.key }.map(\.value)
        try tx.run(
            OrganisationSQL.create,
            (controller, sorted.map(\.identity), sorted.map(\.number), sorted.map(\.name)))
        try find(sorted, in: tx)
    }

    /// The facts of each, which all its people share.
    func facts(in tx: borrowing Transaction<StoreError>) throws(StoreError) -> [Int64: [Fact]] {
        guard !byIdentity.isEmpty else { return [:] }
        var facts: [Int64: [Fact]] = [:]
        for stored in try tx.all(LedgerSQL.ofOrganisations, ids) {
            guard let organisation = stored.organisation else { continue }
            facts[organisation, default: []] += try stored.facts()
        }
        return facts
    }

    private mutating func find(
        _ names: [OrganisationName], in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        guard !names.isEmpty else { return }
        for (id, identity) in try tx.all(OrganisationSQL.find, (controller, names.map(\.identity))) {
            byIdentity[identity] = id
        }
    }
}

/// What is said of an organisation.
public struct OrganisationReport: Sendable {
    public let name: OrganisationName
    /// The organisation's events and when they happened; nil is now.
    public let events: [(event: Event, at: Instant?)]
    public let evidence: Evidence?

    public init(_ name: OrganisationName, events: [(event: Event, at: Instant?)], evidence: Evidence? = nil) {
        (self.name, self.events, self.evidence) = (name, events, evidence)
    }
}

/// What a committed report on an organisation is.
public struct OrganisationReceipt: Hashable, Sendable {
    public let id: Int64
    /// The acts' numbers in the ledger, and from when they count.
    public let acts: [Int64]
    /// How many people's standing moved with it.
    public let members: Int
}

extension Verb where Result == OrganisationReceipt {
    /// Makes or finds the organisation, records its events, and moves the windows of all its people in the same
    /// transaction.
    public static func report(_ report: OrganisationReport) -> Verb {
        Verb(.normal) { scene, tx throws(StoreError) in
            try scene.record(report, in: tx)
        }
    }
}

extension WriteScene {
    fileprivate func record(
        _ report: OrganisationReport, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> OrganisationReceipt {
        var book = try OrganisationBook([report.name], controller: controller.id, in: tx)
        try book.create([report.name], in: tx)
        guard let id = book[report.name] else { throw .unknownOrganisation }
        if report.name.number != nil, let name = report.name.name {
            try tx.run(OrganisationSQL.rename, (controller.id, id, name))
        }
        try writer.lock([.organisation(id)], in: tx)
        let now = try writer.clock(tx)
        let policy = try catalogue.policy(of: controller, at: now)
        let rows = report.events.map { event, at in
            LedgerRow(
                subject: .organisation(id), act: event.act(under: policy), at: at ?? now,
                evidence: report.evidence.map { JSONB($0.json) })
        }
        let receipts = try writer.append(rows, in: tx)
        let members = try tx.all(OrganisationSQL.members, (controller.id, id)).count
        if !rows.isEmpty { try deriveMembers(of: id, at: now, in: tx) }
        return OrganisationReceipt(id: id, acts: receipts.map(\.id), members: members)
    }
}
