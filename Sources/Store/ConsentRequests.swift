import Postgres
public import Rules

/// Somebody's wish to get something, which the holder of the address has yet to confirm.
public struct ConsentRequest: Sendable {
    public let address: Address
    public let purpose: Slug
    /// Who asked where, without the address.
    public let evidence: Evidence?
    /// Writes the mail that asks for the confirmation, of the request as it is recorded; nil where it cannot.
    public let letter: @Sendable (Asked) -> Letter?

    /// What the mail is made from.
    public struct Asked: Sendable {
        public let controller: ControllerRecord
        public let policy: Policy
        /// The keys under which the address is known.
        public let person: KeyedPerson
        public let at: Instant
    }

    public init(
        of address: Address, for purpose: Slug, evidence: Evidence? = nil,
        letter: @escaping @Sendable (Asked) -> Letter?
    ) {
        (self.address, self.purpose, self.evidence, self.letter) = (address, purpose, evidence, letter)
    }
}

/// The least time between two confirmation mails to one address, in microseconds: a day.
public let confirmationMicrosecondsMin: Int64 = 86_400_000_000

extension Verb where Result == Void {
    /// Records the request and posts the mail in one transaction.
    ///
    /// A mail goes once a day to an address at most, and to nobody who objected or complained, whose mail came back, or whose
    /// domain wants none. What became of it is not told: whoever asks may be a stranger.
    public static func requestConsent(_ request: ConsentRequest) -> Verb {
        Verb(.normal) { scene, tx throws(StoreError) in try scene.ask(request, in: tx) }
    }
}

extension WriteScene {
    fileprivate func ask(
        _ request: ConsentRequest, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        let person = keys(of: request.address)
        try writer.lock([.address(person)], in: tx)
        let now = try writer.clock(tx)
        let policy = try catalogue.policy(of: controller, at: now)
        let purpose: Purpose
        do throws(UnknownName) {
            purpose = try Question(purpose: request.purpose, address: .named, under: policy).purpose
        } catch {
            throw .unknownName(error)
        }
        let facts = try facts(of: .address(request.address), in: tx)
        let at = Stamp(now: now, before: facts).instant
        // Written whether or not it goes out, so that the answer takes as long.
        let asked = ConsentRequest.Asked(
            controller: controller, policy: policy, person: peppers.current.person(request.address), at: at)
        guard let letter = request.letter(asked) else { throw .damaged("a confirmation mail that cannot be written") }
        let last = Confirmation.lastAsked(in: facts, at: at)
        let isEarly = last.map { at < $0.advanced(byMicroseconds: confirmationMicrosecondsMin) } ?? false
        guard !isEarly, Confirmation.mayBeAskedFor(purpose, from: facts, under: policy, at: at) else { return }
        let row = LedgerRow(
            subject: .address(person), act: Act(.consentAsked, purpose: purpose.id), at: at,
            evidence: request.evidence.map { JSONB($0.json) })
        _ = try writer.append([row], in: tx)
        try follow([row], at: now, in: tx)
        try post(letter, in: tx)
    }
}
