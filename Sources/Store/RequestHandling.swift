import Postgres
public import Rules

/// What is done with a request that came in.
public enum RequestMove: Hashable, Sendable {
    /// By so many further months in all, for this reason: Article 12(3).
    case extend(months: Int, reason: String)
    /// Not carried out, for this reason: Article 12(4).
    case refuse(reason: String)
    /// Answered.
    case complete(note: String?)

    /// Whether the person is told of it by a letter of its own.
    public var isTold: Bool {
        switch self {
        case .extend, .refuse: true
        case .complete: false
        }
    }
}

/// A request that was moved on.
public struct MovedRequest: Sendable {
    public let request: SubjectRequest
    /// How the person hears of it; nil of what nobody need be told by us.
    public let telling: Telling?

    /// How somebody hears of an extension or a refusal.
    public enum Telling: String, Sendable, CaseIterable {
        /// A letter with the reason is posted to the stored address.
        case letter
        /// Staff have told them.
        case staff
        /// Not yet: no address is stored, or mail to it came back, or no letter can be written. Staff must.
        case notYet = "not-yet"
    }
}

/// Writes the letter that tells the person of a move, to their address; nil where it cannot.
public typealias MoveLetter = @Sendable (SubjectRequest, Address) -> Letter?

/// A request with its history.
public struct RequestFile: Sendable {
    public let request: SubjectRequest
    public let steps: [RequestStep]
}

/// The most requests on a page.
public let requestsPageMax = 500

extension Verb where Result == MovedRequest {
    /// Moves an open request on, and posts the letter that Article 12(3) and (4) ask for: within the month, with the reason.
    ///
    /// Throws `.unknownRequest`, `.requestClosed`, and `.requestNotExtendable` for an extension that comes later than a month
    /// after receipt, however far the request is extended already, or that goes too far.
    public static func move(_ id: Int64, _ move: RequestMove, letter: @escaping MoveLetter = { _, _ in nil }) -> Verb {
        Verb(.normal) { scene, tx throws(StoreError) in try scene.move(id, move, letter, in: tx) }
    }

    /// Writes down that staff have told the person of an extension or a refusal, and how, as `phone`; also after the request
    /// was closed. Throws `.unknownRequest`.
    public static func told(_ id: Int64, method: String) -> Verb {
        Verb(.normal) { scene, tx throws(StoreError) in
            guard let found = try tx.first(SubjectRequestSQL.hold, (scene.controller.id, id)) else {
                throw .unknownRequest(id)
            }
            try scene.step(.told, of: id, at: scene.writer.clock(tx), note: method, in: tx)
            return MovedRequest(request: found, telling: .staff)
        }
    }
}

extension WriteScene {
    fileprivate func move(
        _ id: Int64, _ move: RequestMove, _ letter: MoveLetter, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> MovedRequest {
        let found = try openRequest(id, in: tx)
        let now = try writer.clock(tx)
        var (state, due, months) = (found.state, found.dueAt, found.extendedMonths)
        let (step, note): (RequestStep.Kind, String?)
        switch move {
        case .extend(let wanted, let reason):
            guard let month = RequestClock.due(receivedAt: found.receivedAt), now < month,
                wanted > found.extendedMonths,
                let end = RequestClock.due(receivedAt: found.receivedAt, extendedByMonths: wanted)
            else { throw .requestNotExtendable(due: found.dueAt) }
            (due, months, step, note) = (end, wanted, .extended, reason)
        case .refuse(let reason): (state, step, note) = (.refused, .refused, reason)
        case .complete(let said): (state, step, note) = (.done, .done, said)
        }
        try tx.run(
            SubjectRequestSQL.change,
            (controller.id, id, state, due, Int32(clamping: months), state.isOpen ? nil : now))
        try self.step(step, of: id, at: now, note: note, in: tx)
        guard let moved = try tx.first(SubjectRequestSQL.one, (controller.id, id)) else { throw .unknownRequest(id) }
        guard move.isTold else { return MovedRequest(request: moved, telling: nil) }
        return MovedRequest(request: moved, telling: try tell(moved, letter, at: now, in: tx))
    }

    /// Posts the letter to the address that is stored; writes down that it is posted, or that staff must tell the person.
    private func tell(
        _ moved: SubjectRequest, _ letter: MoveLetter, at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> MovedRequest.Telling {
        guard let address = try reachableAddress(of: moved, at: now, in: tx), let letter = letter(moved, address) else {
            try step(.toBeTold, of: moved.id, at: now, in: tx)
            return .notYet
        }
        try post(letter, in: tx)
        try step(.told, of: moved.id, at: now, note: MovedRequest.Telling.letter.rawValue, in: tx)
        return .letter
    }

    /// The stored address of whoever asked; nil where none is stored, and where the last mail to it came back.
    private func reachableAddress(
        of request: SubjectRequest, at now: Instant, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> Address? {
        guard let stored = request.address else { return nil }
        let address: Address
        do throws(AddressError) { address = try Address(parsing: stored) } catch {
            throw .damaged("contact \(request.key)")
        }
        let policy = try catalogue.policy(of: controller, at: now)
        let facts = try facts(of: .address(address), in: tx)
        return facts.isBounced(under: policy, at: max(now, facts.latestStamped ?? now)) ? nil : address
    }

    /// The request, which nobody moves until the transaction ends.
    func openRequest(_ id: Int64, in tx: borrowing Transaction<StoreError>) throws(StoreError) -> SubjectRequest {
        guard let found = try tx.first(SubjectRequestSQL.hold, (controller.id, id)) else { throw .unknownRequest(id) }
        guard found.state.isOpen else { throw .requestClosed(id) }
        return found
    }
}

extension Store {
    /// The open requests by what is due first, after the one given.
    public func openRequests(
        after last: (dueAt: Instant, id: Int64)?, limit: Int, by access: Access
    ) async throws(StoreError) -> [SubjectRequest] {
        try await read(for: access.controller) { tx throws(StoreError) in
            try tx.all(
                SubjectRequestSQL.due,
                (access.controller.id, last?.dueAt ?? .min, last?.id ?? 0, Int64(min(limit, requestsPageMax))))
        }
    }

    /// One request with its history; throws `.unknownRequest`.
    public func request(_ id: Int64, by access: Access) async throws(StoreError) -> RequestFile {
        try await read(for: access.controller) { tx throws(StoreError) in
            guard let request = try tx.first(SubjectRequestSQL.one, (access.controller.id, id)) else {
                throw StoreError.unknownRequest(id)
            }
            return RequestFile(
                request: request, steps: try tx.all(SubjectRequestSQL.steps, (access.controller.id, [id])))
        }
    }
}
