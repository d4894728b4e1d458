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
}

/// A request with its history.
public struct RequestFile: Sendable {
    public let request: SubjectRequest
    public let steps: [RequestStep]
}

/// The most requests on a page.
public let requestsPageMax = 500

extension Verb where Result == SubjectRequest {
    /// Moves an open request on.
    ///
    /// Throws `.unknownRequest`, `.requestClosed`, and `.requestNotExtendable` for an extension that comes too late or goes
    /// too far.
    public static func move(_ id: Int64, _ move: RequestMove) -> Verb {
        Verb(.normal) { scene, tx throws(StoreError) in
            let found = try scene.openRequest(id, in: tx)
            let now = try scene.writer.clock(tx)
            var (state, due, months) = (found.state, found.dueAt, found.extendedMonths)
            let (step, note): (RequestStep.Kind, String?)
            switch move {
            case .extend(let wanted, let reason):
                guard now < found.dueAt, wanted > found.extendedMonths,
                    let end = RequestClock.due(receivedAt: found.receivedAt, extendedByMonths: wanted)
                else { throw .requestNotExtendable(due: found.dueAt) }
                (due, months, step, note) = (end, wanted, .extended, reason)
            case .refuse(let reason): (state, step, note) = (.refused, .refused, reason)
            case .complete(let said): (state, step, note) = (.done, .done, said)
            }
            try tx.run(
                SubjectRequestSQL.change,
                (scene.controller.id, id, state, due, Int32(clamping: months), state.isOpen ? nil : now))
            try scene.step(step, of: id, at: now, note: note, in: tx)
            guard let moved = try tx.first(SubjectRequestSQL.one, (scene.controller.id, id)) else {
                throw .unknownRequest(id)
            }
            return moved
        }
    }
}

extension WriteScene {
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
