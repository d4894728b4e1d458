import Postgres
public import Rules

extension Store {
    /// How the verdict of a check came about: the path of rules behind ``verdict(_:by:)``, at the instant that it names.
    public func explanation(
        of check: Check, at instant: Instant, by access: Access
    ) async throws(StoreError) -> Explanation {
        return try await read(for: access.controller) { tx throws(StoreError) in
            let catalogue = try self.catalogue(tx)
            let controller = try catalogue.controller(access.controller.id)
            let keys = LookupKeys(check.address, self.peppers, at: controller)
            let policy = try catalogue.policy(of: controller, at: instant)
            let standings = try LedgerWriter(access: access).readStandings(keys.places(at: controller), in: tx)
            let question: Question
            do throws(UnknownName) {
                question = try Question(
                    purpose: check.terms.purpose, topic: check.terms.topic,
                    address: check.address.isRole ? .role : .named,
                    under: policy)
            } catch {
                throw StoreError.unknownName(error)
            }
            let facts = try standings.facts(of: keys, at: controller)
            return Explanation(of: question, from: facts, under: policy, at: instant)
        }
    }
}
