import Postgres
import Rules

enum GroupLiftSQL {
    static let latest = Statement(
        "group-lift.latest", "select address_key, at from lifted_elsewhere($1::uuid[])", in: [AddressKey].self,
        out: ("address_key", AddressKey.self), ("at", Instant.self),
        into: { (key: AddressKey, at: Instant) in (key, at) })

    static let all: [AnyStatement] = [latest.erased]
}

extension Catalogue {
    /// The other companies of the controller's group.
    func siblings(of controller: ControllerRecord) -> [ControllerRecord] {
        controllers.filter { $0.group == controller.group && $0.id != controller.id }
    }
}

extension WriteScene {
    /// When each of these people last did at another company of the group what lifts an entry there.
    ///
    /// To be asked behind their locks: a person's is the same one at every company.
    func liftsElsewhere(
        of people: [AddressKey], in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [AddressKey: Instant] {
        guard !people.isEmpty, !catalogue.siblings(of: controller).isEmpty else { return [:] }
        return Dictionary(try tx.all(GroupLiftSQL.latest, people)) { max($0, $1) }
    }
}

extension Standings {
    /// The same for a page that only shows what stands: the places of the other companies were read with its own.
    func liftElsewhere(of person: AddressKey, at siblings: [ControllerRecord]) throws(StoreError) -> Instant? {
        var latest: Instant?
        for sibling in siblings {
            for fact in try facts(sibling.id, person) where fact.isLift { latest = max(latest ?? fact.at, fact.at) }
        }
        return latest
    }
}
