import Postgres
public import Rules

/// One question about one address, as it is asked before a send.
public struct Check: Sendable {
    public let address: Address
    public let purpose: Slug
    public let topic: Slug?
    /// At which instant; nil is now. Later is allowed, earlier is not.
    public let at: Instant?

    public init(address: Address, purpose: Slug, topic: Slug? = nil, at: Instant? = nil) {
        (self.address, self.purpose, self.topic, self.at) = (address, purpose, topic, at)
    }
}

/// A verdict with all that a mail tool needs beside it.
public struct CheckAnswer: Sendable {
    public let verdict: Verdict
    /// The instant that was asked.
    public let at: Instant
    /// The policy version that judged, as `stratsys@1`.
    public let policy: String
    /// For each tracking purpose of the policy, whether it is eligible.
    public let tracking: [(purpose: Slug, isEligible: Bool)]
    /// Until when something keeps the contact.
    public let keeping: Keeping
}

/// Why there is no verdict: the question itself is wrong.
public enum CheckFault: Error, Hashable, Sendable {
    case unknownName(UnknownName)
    /// A purpose of kind `record` is kept and never sent.
    case notSendable(Slug)
    /// The instant asked lies before now.
    case inThePast(asked: Instant, now: Instant)
    /// No policy version is in effect at the instant.
    case noPolicy(String)
}

enum CheckSQL {
    static let standings = Statement(
        "check.standings",
        """
        select e.epoch, clock_timestamp() as now, s.holder_id, s.address_key, s.facts, s.aliases
        from catalogue_epoch e
        left join lateral (
            select t.holder_id, t.address_key, t.facts, t.aliases
            from unnest($1::bigint[], $2::uuid[]) as k(holder_id, address_key)
            join standing t on t.holder_id = k.holder_id and t.address_key = k.address_key
        ) s on true
        """,
        in: ([Int64].self, [AddressKey].self), out: ("epoch", Int64.self), ("now", Instant.self),
        ("holder_id", Int64?.self), ("address_key", AddressKey?.self), ("facts", Bytea?.self), ("aliases", Bytea?.self))

    static let all: [AnyStatement] = [standings.erased]
}

/// What one check query saw: the rows, and the instant and the catalogue's epoch of the same statement.
private struct CheckReading {
    let epoch: Int64
    let now: Instant
    let standings: Standings

    init(_ rows: [(Int64, Instant, Int64?, AddressKey?, Bytea?, Bytea?)]) throws(StoreError) {
        guard let first = rows.first else { throw .damaged("catalogue_epoch") }
        var standings: [StandingRow] = []
        for (_, _, holder, key, facts, aliases) in rows {
            guard let holder, let key, let facts, let aliases else { continue }
            standings.append(try StandingRow(holder: holder, key: key, facts: facts, aliases: aliases))
        }
        (epoch, now, self.standings) = (first.0, first.1, Standings(standings))
    }
}

/// The most addresses that one query looks up.
public let checksPerQueryMax = 1_000

extension Store {
    /// Answers the questions in order, from one snapshot that begins after the call.
    ///
    /// Throws where nothing can be known, for all of them; a wrong question is answered with its fault.
    public func verdicts(
        _ checks: [Check], by access: Access
    ) async throws(StoreError) -> [Result<CheckAnswer, CheckFault>] {
        var answers: [Result<CheckAnswer, CheckFault>] = []
        answers.reserveCapacity(checks.count)
        for start in stride(from: 0, to: checks.count, by: checksPerQueryMax) {
            let slice = Array(checks[start..<min(start + checksPerQueryMax, checks.count)])
            answers += try await answer(slice, by: access)
        }
        return answers
    }

    /// Answers one question.
    public func verdict(_ check: Check, by access: Access) async throws(StoreError) -> Result<CheckAnswer, CheckFault> {
        guard let answer = try await answer([check], by: access).first else { throw .damaged("check") }
        return answer
    }

    /// What the catalogue in memory says of a key: enough to begin with, never to answer by.
    public func provisionalAccess(
        of key: APIKey, at now: Instant
    ) async throws(StoreError) -> Result<Access, AccessRefusal> {
        try await cachedCatalogue().outcome(of: key, at: now)
    }

    /// Answers one question of whoever holds the key, in one round trip: the key is judged by the same snapshot as the
    /// question.
    public func verdict(
        _ check: Check, with key: APIKey, provisional: Access, at now: Instant
    ) async throws(StoreError) -> Result<(access: Access, answer: Result<CheckAnswer, CheckFault>), AccessRefusal> {
        let keys = LookupKeys(check.address, peppers)
        let reading = try await read([keys], at: provisional.controller)
        let catalogue = try await self.catalogue(of: reading)
        switch catalogue.outcome(of: key, at: max(now, reading.now)) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let access) where access.controller != provisional.controller:
            // The rows are another controller's, or of another group: ask again for the right ones.
            return .success((access, try await verdict(check, by: access)))
        case .success(let access):
            return .success((access, answer(check, keys, access.controller, reading, catalogue)))
        }
    }

    private func answer(
        _ checks: [Check], by access: Access
    ) async throws(StoreError) -> [Result<CheckAnswer, CheckFault>] {
        let keys = checks.map { LookupKeys($0.address, peppers) }
        let reading = try await read(keys, at: access.controller)
        let catalogue = try await self.catalogue(of: reading)
        return zip(checks, keys).map { check, keys in
            self.answer(check, keys, access.controller, reading, catalogue)
        }
    }

    private func read(_ keys: [LookupKeys], at controller: ControllerRecord) async throws(StoreError) -> CheckReading {
        // An address form that many share is read and decoded once.
        let places = Array(Set(keys.flatMap { $0.places(at: controller) }))
        let rows: [(Int64, Instant, Int64?, AddressKey?, Bytea?, Bytea?)]
        do throws(PostgresError) {
            rows = try await checks.all(
                CheckSQL.standings, (places.map(\.holder), places.map(\.key)), priority: .check)
        } catch {
            throw StoreError(error)
        }
        return try CheckReading(rows)
    }

    /// The catalogue of the reading's epoch, or a newer one.
    private func catalogue(of reading: CheckReading) async throws(StoreError) -> Catalogue {
        let catalogue = try await cachedCatalogue()
        return catalogue.epoch == reading.epoch ? catalogue : try await reloadCatalogue()
    }

    private func answer(
        _ check: Check, _ keys: LookupKeys, _ controller: ControllerRecord, _ reading: CheckReading,
        _ catalogue: Catalogue
    ) -> Result<CheckAnswer, CheckFault> {
        let facts = reading.standings.facts(of: keys, at: controller)
        // What can be read was committed before: it counts, whatever a clock that was set back says.
        let now = max(reading.now, facts.latestStamped ?? reading.now)
        var asked = now
        if let at = check.at {
            guard at >= now.advanced(byMicroseconds: -clockSkewMicrosecondsMax) else {
                return .failure(.inThePast(asked: at, now: now))
            }
            asked = max(at, now)
        }
        let policy: Policy
        do {
            policy = try catalogue.policy(of: controller, at: asked)
        } catch {
            return .failure(.noPolicy(error.description))
        }
        let address: Question.AddressClass = check.address.isRole ? .role : .named
        do {
            let question = try Question(purpose: check.purpose, topic: check.topic, address: address, under: policy)
            guard question.purpose.kind != .record else { return .failure(.notSendable(check.purpose)) }
            let opinion = Opinion(of: question, from: facts, under: policy, at: asked)
            return .success(
                CheckAnswer(
                    verdict: opinion.verdict, at: asked, policy: policy.label, tracking: opinion.tracking,
                    keeping: opinion.keeping))
        } catch {
            return .failure(.unknownName(error))
        }
    }
}
