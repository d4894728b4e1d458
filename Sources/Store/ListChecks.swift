import Postgres
public import Rules

/// How soon the verdicts of a list are wanted.
public enum ListPace: Sendable {
    /// Somebody waits for all of them.
    case prompt
    /// They come as they come: everybody else goes first.
    case unhurried

    fileprivate var priority: Priority {
        switch self {
        case .prompt: .normal
        case .unhurried: .bulk
        }
    }
}

/// The most addresses that one query looks up.
public let addressesPerQueryMax = 1_000

extension Store {
    /// Answers the same question about each address, in order; each slice of `addressesPerQueryMax` by a snapshot that
    /// begins after the call.
    ///
    /// Throws where nothing can be known, for all of them; a wrong question is answered with its fault.
    public func verdicts(
        of addresses: [Address], _ terms: CheckTerms, by access: Access, _ pace: ListPace
    ) async throws(StoreError) -> Result<[CheckAnswer], CheckFault> {
        var answers: [CheckAnswer] = []
        answers.reserveCapacity(addresses.count)
        for start in stride(from: 0, to: addresses.count, by: addressesPerQueryMax) {
            let slice = addresses[start..<min(start + addressesPerQueryMax, addresses.count)]
            switch try await verdicts(ofSlice: slice, terms, by: access, pace) {
            case .failure(let fault): return .failure(fault)
            case .success(let some): answers += some
            }
        }
        return .success(answers)
    }

    private func verdicts(
        ofSlice addresses: ArraySlice<Address>, _ terms: CheckTerms, by access: Access, _ pace: ListPace
    ) async throws(StoreError) -> Result<[CheckAnswer], CheckFault> {
        try gate.requireOpen()
        let controller = access.controller
        let keys = addresses.map { LookupKeys($0, peppers, toCheckAt: controller) }
        // In the order of the index: neighbours lie on the same pages.
        let input = CheckSQL.input(keys.flatMap { $0.checkPlaces(at: controller) }.sorted())
        let rows: [CheckRow]
        do throws(PostgresError) {
            rows = try await checks.all(CheckSQL.standings, input, priority: pace.priority)
        } catch {
            throw StoreError(error)
        }
        let reading = try CheckReading(rows)
        let catalogue = try await self.catalogue(of: reading)
        let current = try catalogue.controller(controller.id)
        guard current == controller else {
            // More may be known of the addresses than was looked for: ask again, for all of it.
            let access = Access(controller: current, scopes: access.scopes, actor: access.actor)
            return try await verdicts(ofSlice: addresses, terms, by: access, pace)
        }
        let judge = Judge(terms, at: controller, catalogue, reading.now)
        var answers: [CheckAnswer] = []
        answers.reserveCapacity(addresses.count)
        for (address, keys) in zip(addresses, keys) {
            switch try judge.answer(address, keys, reading.standings) {
            case .failure(let fault): return .failure(fault)
            case .success(let answer): answers.append(answer)
            }
        }
        return .success(answers)
    }
}
