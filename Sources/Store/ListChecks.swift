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

    /// The most addresses that one query looks up: the more, the nearer to each other they lie in the index, and the longer
    /// whoever waits for one.
    public var addressesPerQueryMax: Int {
        switch self {
        case .prompt: 5_000
        case .unhurried: 20_000
        }
    }
}

extension Store {
    /// Answers the same question about each address, in order; each slice of ``ListPace/addressesPerQueryMax`` by a snapshot that
    /// begins after the call.
    ///
    /// Throws where nothing can be known, for all of them; a wrong question is answered with its fault.
    public func verdicts(
        of addresses: AddressList, _ terms: CheckTerms, by access: Access, _ pace: ListPace
    ) async throws(StoreError) -> Result<[CheckAnswer], CheckFault> {
        try await judged(addresses, terms, by: access, pace) { judge, index throws(StoreError) in
            try judge.answer(index)
        }
    }

    /// What the closure makes of each address, in order, of slices that are read and judged at the same time.
    func judged<Answer: Sendable>(
        _ addresses: AddressList, _ terms: CheckTerms, by access: Access, _ pace: ListPace,
        _ answer: @escaping @Sendable (inout ListJudge, Int) throws(StoreError) -> Result<Answer, CheckFault>
    ) async throws(StoreError) -> Result<[Answer], CheckFault> {
        let slices = addresses.slices(countMax: pace.addressesPerQueryMax)
        guard slices.count > 1 else { return try await judged(slice: addresses, terms, by: access, pace, answer) }
        var answers: [Answer] = []
        answers.reserveCapacity(addresses.count)
        for start in stride(from: 0, to: slices.count, by: 2) {
            // Two at a time, so that one is judged while the other is read.
            async let later = outcome(
                of: start + 1 < slices.count ? slices[start + 1] : nil, terms, by: access, pace, answer)
            let outcomes = [await outcome(of: slices[start], terms, by: access, pace, answer), await later]
            for outcome in outcomes {
                switch try outcome.get() {
                case .failure(let fault): return .failure(fault)
                case .success(let some): answers += some
                }
            }
        }
        return .success(answers)
    }

    private func outcome<Answer: Sendable>(
        of slice: AddressList?, _ terms: CheckTerms, by access: Access, _ pace: ListPace,
        _ answer: @escaping @Sendable (inout ListJudge, Int) throws(StoreError) -> Result<Answer, CheckFault>
    ) async -> Result<Result<[Answer], CheckFault>, StoreError> {
        guard let slice else { return .success(.success([])) }
        do throws(StoreError) {
            return .success(try await judged(slice: slice, terms, by: access, pace, answer))
        } catch {
            return .failure(error)
        }
    }

    private func judged<Answer: Sendable>(
        slice: AddressList, _ terms: CheckTerms, by access: Access, _ pace: ListPace,
        _ answer: @Sendable (inout ListJudge, Int) throws(StoreError) -> Result<Answer, CheckFault>
    ) async throws(StoreError) -> Result<[Answer], CheckFault> {
        var controller = access.controller
        while true {
            try gate.requireOpen()
            let keys = ListKeys(slice, peppers, toCheckAt: controller)
            let read: Result<ListReading, StoreError>
            do throws(PostgresError) {
                read = try await checks.table(CheckSQL.list, keys.question, priority: pace.priority) {
                    result throws(ValueReason) in try ListReading.read(result, of: keys)
                }
            } catch {
                throw StoreError(error)
            }
            let reading = try read.get()
            let catalogue = try await catalogue(of: reading.edition)
            let current = try catalogue.controller(controller.id)
            guard current == controller else {
                // More may be known of the addresses than was looked for: ask again, for all of it.
                controller = current
                continue
            }
            var judge = ListJudge(Judge(terms, at: controller, catalogue, reading.now), slice, reading, controller)
            var answers: [Answer] = []
            answers.reserveCapacity(slice.count)
            for index in slice.indices {
                switch try answer(&judge, index) {
                case .failure(let fault): return .failure(fault)
                case .success(let one): answers.append(one)
                }
            }
            return .success(answers)
        }
    }
}
