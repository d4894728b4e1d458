import Rules

/// Judges the addresses of a slice, of which all has been read. Nearly all are judged by one and the same ruling, and of many
/// nothing is known, so that one answer is theirs.
struct ListJudge {
    private let judge: Judge
    private let addresses: AddressList
    private let reading: ListReading
    private let controller: ControllerRecord
    private var named = Shared()
    private var role = Shared()

    /// What is the same for all addresses of a class.
    private struct Shared {
        var ruling: Result<Judge.Ruling, CheckFault>?
        var unknown: Verdict?
        var unknownAnswer: CheckAnswer?
    }

    init(_ judge: Judge, _ addresses: AddressList, _ reading: ListReading, _ controller: ControllerRecord) {
        (self.judge, self.addresses, self.reading, self.controller) = (judge, addresses, reading, controller)
    }

    /// The verdict alone.
    mutating func verdict(_ index: Int) throws(StoreError) -> Result<Verdict, CheckFault> {
        let isRole = addresses.isRole(index)
        guard let facts = try reading.facts(index, at: controller).facts else {
            if let unknown = isRole ? role.unknown : named.unknown { return .success(unknown) }
            return ruling(isRole: isRole, nil).map { ruling in
                let verdict = decide(ruling.question, from: Facts(), under: ruling.policy, at: ruling.asked)
                if isRole { role.unknown = verdict } else { named.unknown = verdict }
                return verdict
            }
        }
        return ruling(isRole: isRole, facts.latestStamped).map { ruling in
            decide(ruling.question, from: facts, under: ruling.policy, at: ruling.asked)
        }
    }

    /// The verdict with all that goes with it.
    mutating func answer(_ index: Int) throws(StoreError) -> Result<CheckAnswer, CheckFault> {
        let isRole = addresses.isRole(index)
        let (person, facts) = try reading.facts(index, at: controller)
        guard let facts else {
            if let unknown = isRole ? role.unknownAnswer : named.unknownAnswer { return .success(unknown) }
            return ruling(isRole: isRole, nil).map { ruling in
                let answer = judge.answer(reading.person(person), Facts(), by: ruling)
                // What may be sent carries a link, and that names one person.
                guard !answer.verdict.isEligible else { return answer }
                if isRole { role.unknownAnswer = answer } else { named.unknownAnswer = answer }
                return answer
            }
        }
        return ruling(isRole: isRole, facts.latestStamped).map { ruling in
            judge.answer(reading.person(person), facts, by: ruling)
        }
    }

    private mutating func ruling(isRole: Bool, _ stamped: Instant?) -> Result<Judge.Ruling, CheckFault> {
        let shared = isRole ? role.ruling : named.ruling
        if let shared, stamped.map({ $0 <= reading.now }) ?? true { return shared }
        let ruling = judge.ruling(on: isRole ? .role : .named, stamped)
        if stamped.map({ $0 <= reading.now }) ?? true {
            if isRole { role.ruling = ruling } else { named.ruling = ruling }
        }
        return ruling
    }
}
