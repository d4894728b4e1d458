import Harness
import Synchronization

/// An opt-out and the checks of the same person around it.
final class Pair: Sendable {
    let person: Person
    /// Which instance takes the opt-out.
    let writer: Int
    let entry: [UInt8]
    let consent: [UInt8]?
    let single: Ask
    let batch: Ask
    private let acknowledgedAt = Atomic<UInt64>(0)

    /// A check as it is sent, and where in its answer the person's verdict is.
    struct Ask: Sendable {
        let request: [UInt8]
        let place: Int
        let way: String
    }

    init(_ person: Person, key: String, bystanders: [String], using chance: inout SeededGenerator) {
        self.person = person
        writer = Int.random(in: 0..<Site.instanceCount, using: &chance)
        let once = Int.random(in: 0..<4, using: &chance) == 0 ? "\(chance.next())" : nil
        entry = request("/v1/register", key: key, idempotencyKey: once, person.entry)
        consent = person.isLead ? nil : request("/v1/consents", key: key, person.consent)
        single = Ask(request: request("/v1/eligibility", key: key, person.check), place: 0, way: "single")
        let place = Int.random(in: 0...bystanders.count, using: &chance)
        let body = person.check(before: bystanders[..<place], after: bystanders[place...])
        batch = Ask(request: request("/v1/eligibility/batch", key: key, body), place: place, way: "batch")
    }

    /// Says when the answer to the opt-out had been read.
    func acknowledge(at moment: UInt64) { acknowledgedAt.store(moment, ordering: .sequentiallyConsistent) }

    /// When the answer to the opt-out had been read; nil before.
    var acknowledged: UInt64? {
        let moment = acknowledgedAt.load(ordering: .sequentiallyConsistent)
        return moment == 0 ? nil : moment
    }
}
