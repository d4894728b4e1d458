public import Postgres
public import Rules

enum PolicyTrialSQL {
    static let slice = Statement(
        "policy-trial.slice",
        """
        select s.address_key, c.address from standing s
        left join contact c on c.controller_id = s.holder_id and c.address_key = s.address_key
        where s.holder_id = $1 and s.address_key > $2 order by s.address_key limit $3
        """,
        in: (Int64.self, AddressKey.self, Int64.self), out: ("address_key", AddressKey.self),
        ("address", String?.self))

    static let all: [AnyStatement] = [slice.erased]
}

/// Tries a policy against everybody on record. Reads everything, in bounded steps, and changes nothing.
///
/// Who is stored is judged by all that a check would read. Of whom only the key is left, the kind of address and the domain are
/// not known: they count as a person's address at a domain that nothing stands against.
public final class PolicyTrial: Sendable {
    private let database: Database
    private let peppers: Peppers

    /// Connects with one connection; the login must be allowed to take the role `maysend_audit`.
    public init(
        url: String, peppers: Peppers, random: @escaping @Sendable () -> Double,
        observe: @escaping @Sendable (PoolEvent) -> Void = { _ in }
    ) throws(StoreError) {
        self.peppers = peppers
        database = try .forOperator(
            url: url, role: "maysend_audit", name: "maysend_audit", isForBulk: true, random: random, observe: observe)
    }

    /// Closes the connection.
    public func shutdown() async { await database.shutdown(within: .seconds(5)) }

    /// Waits for the connection.
    public func ready(within limit: Duration) async throws(StoreError) {
        try await database.answers(within: limit)
    }

    /// How many people one step asks about.
    private static let peoplePerStep = 2_000

    /// The controllers that the policy is tried on, with the version it would replace; those that are not there yet have
    /// nobody to try it on.
    ///
    /// Throws `.policyRefused` where none of its controllers is known.
    public func ground(of policy: Policy, at now: Instant?) async throws(StoreError) -> PolicyTrialGround {
        try await database.read(.bulk) { tx throws(StoreError) in
            let catalogue = try Catalogue.load(tx.one(CatalogueSQL.edition, ()), tx)
            let clock = try tx.one(LedgerSQL.clock, ())
            let at = now ?? max(clock, policy.effective)
            let names = policy.controllers.map(\.id)
            let controllers = catalogue.controllers.filter { names.contains($0.slug) }
            guard let first = controllers.first else {
                throw .policyRefused(
                    "none of its controllers (\(names.map(\.text).joined(separator: ", "))) is in the database")
            }
            return PolicyTrialGround(
                controllers: controllers, old: try catalogue.policy(of: first, at: at), at: at)
        }
    }

    /// Asks both policies about everybody at the controllers. `progress` hears how many were asked about.
    public func difference(
        of policy: Policy, on ground: PolicyTrialGround, progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws(StoreError) -> PolicyDifference {
        var difference = PolicyDifference(from: ground.old, to: policy)
        for controller in ground.controllers {
            var cursor = AddressKey(high: 0, low: 0) as AddressKey?
            while let from = cursor {
                let before = difference
                let peppers = peppers
                (difference, cursor) = try await database.read(.bulk, isolation: .repeatableRead) {
                    tx throws(StoreError) in
                    var difference = before
                    let next = try Self.step(
                        at: controller, after: from, peppers, ground.at, &difference, in: tx)
                    return (difference, next)
                }
                progress(difference.people)
            }
        }
        return difference
    }

    private static func step(
        at controller: ControllerRecord, after key: AddressKey, _ peppers: Peppers, _ now: Instant,
        _ difference: inout PolicyDifference, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> AddressKey? {
        let rows = try tx.all(PolicyTrialSQL.slice, (controller.id, key, Int64(peoplePerStep)))
        var people: [Person] = []
        for (key, stored) in rows { people.append(try Person(key, stored, at: controller, peppers)) }
        let writer = LedgerWriter(access: Access(service: "trial", for: controller))
        let standings = try writer.readStandings(people.flatMap(\.places), in: tx)
        for person in people {
            let facts = try person.facts(in: standings, at: controller)
            // A key that is nobody's own: a domain's, or an alias form that is no address.
            if facts.own.isEmpty, person.keys == nil { continue }
            difference.compare(
                facts, address: person.addressClass, isStored: person.keys != nil,
                at: max(now, facts.latestStamped ?? now))
        }
        return rows.count < peoplePerStep ? nil : rows.last?.0
    }
}

/// Where and when a policy is tried.
public struct PolicyTrialGround: Sendable {
    public let controllers: [ControllerRecord]
    /// The version that would judge without the new one.
    public let old: Policy
    public let at: Instant
}

private struct Person {
    /// Nil where only the key is left.
    let keys: LookupKeys?
    let addressClass: Question.AddressClass
    let places: [StandingPlace]

    init(_ key: AddressKey, _ stored: String?, at controller: ControllerRecord, _ peppers: Peppers) throws(StoreError) {
        guard let stored else {
            keys = nil
            addressClass = .named
            places = [controller.id, controller.group].map { StandingPlace(holder: $0, key: key) }
            return
        }
        let address: Address
        do throws(AddressError) {
            address = try Address(parsing: stored)
        } catch {
            throw .damaged("contact \(key)")
        }
        let keys = LookupKeys(address, peppers, at: controller)
        self.keys = keys
        addressClass = address.isRole ? .role : .named
        places = keys.places(at: controller)
    }

    func facts(in standings: Standings, at controller: ControllerRecord) throws(StoreError) -> Facts {
        if let keys { return try standings.facts(of: keys, at: controller) }
        return try standings.merged(places, at: controller)
    }
}
