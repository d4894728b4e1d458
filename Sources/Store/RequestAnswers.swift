import Postgres
public import Rules

/// What became of a request that its person carried out by the link.
public enum RequestAnswer: Sendable {
    case exported(SubjectFile)
    case erased(ErasureReceipt)
    case rectified(RectificationReceipt)
    case restricted(Receipt)
    case objected(Receipt)
}

/// A request as its page shows it before anything is done.
public struct LinkedRequest: Sendable {
    public let request: SubjectRequest
    public let controller: ControllerRecord
    public let policy: Policy
}

extension Store {
    /// The request that the link is about; nil where it is none of this controller's and person's.
    public func request(of link: Link, by access: Access) async throws(StoreError) -> LinkedRequest? {
        guard let id = link.reference else { return nil }
        return try await read(for: access.controller) { tx throws(StoreError) in
            let controller = access.controller
            let policy = try self.catalogue(tx).policy(of: controller, at: tx.one(LedgerSQL.clock, ()))
            let found = try tx.first(SubjectRequestSQL.one, (controller.id, id))
            guard let found, found.key == link.person.own else { return nil }
            return LinkedRequest(request: found, controller: controller, policy: policy)
        }
    }
}

extension Store {
    /// Carries out what the link's request asks for: following a link that was sent to the address alone shows who asks
    /// (Article 12(6)).
    ///
    /// `correction` says what is right, for a request to correct; its address is not taken, since nobody has shown that the
    /// other address is theirs. Throws `.unknownRequest` for a link about another person's request, `.deadPepper` where no
    /// check would find what is recorded, and `.requestClosed` for one that was answered, but for an export, which is shown
    /// as long as its link opens.
    public func answer(
        _ link: Link, correction: Correction = Correction(), evidence: Evidence?, by access: Access
    ) async throws(StoreError) -> RequestAnswer {
        // What is exported is read in a snapshot of its own, and given out once the request is closed.
        let kind = try await request(of: link, by: access)?.request.kind
        let file = kind == .export ? try await subjectFile(of: link.person, by: access) : nil
        return try await run(
            Verb(.normal) { scene, tx throws(StoreError) in
                try scene.answer(link, with: file, correction: correction, evidence: evidence, in: tx)
            }, by: access)
    }
}

extension WriteScene {
    fileprivate func answer(
        _ link: Link, with file: SubjectFile?, correction: Correction, evidence: Evidence?,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> RequestAnswer {
        try requireLive(link.person)
        let id = link.reference ?? 0
        guard let found = try tx.first(SubjectRequestSQL.one, (controller.id, id)), found.key == link.person.own else {
            throw .unknownRequest(id)
        }
        guard found.isAnswerable else { throw .requestClosed(id) }
        // By its address where that is stored: so what is known under another pepper's key goes too, and recipients are told.
        let subject =
            try storedAddress(of: link.person, in: tx).map { Report.Subject.address($0) } ?? .person(link.person)
        let answer: RequestAnswer
        switch found.kind {
        case .export:
            guard let file else { throw .unknownRequest(id) }
            answer = .exported(file)
        case .erase: answer = .erased(try erase(subject, evidence: evidence, in: tx))
        case .restrict:
            answer = .restricted(try record(Report(.restricted, of: subject, evidence: evidence), in: tx))
        case .object:
            let objection = Report(.objected(purpose: nil), of: subject, evidence: evidence)
            answer = .objected(try record(objection, in: tx))
        case .rectify:
            let right = Correction(name: correction.name, position: correction.position, phone: correction.phone)
            answer = .rectified(try rectify(subject, to: right, evidence: evidence, in: tx))
        }
        try close(id, in: tx)
        return answer
    }

    /// Ends the request, once. It is held after the person, as whoever asks again holds them.
    private func close(_ id: Int64, in tx: borrowing Transaction<StoreError>) throws(StoreError) {
        guard let request = try tx.first(SubjectRequestSQL.hold, (controller.id, id)), request.isAnswerable else {
            throw .requestClosed(id)
        }
        guard request.state.isOpen else { return }
        let now = try writer.clock(tx)
        try tx.run(
            SubjectRequestSQL.change,
            (controller.id, id, .done, request.dueAt, Int32(clamping: request.extendedMonths), now))
        try step(.identified, of: id, at: now, in: tx)
        try step(.done, of: id, at: now, in: tx)
    }
}
