/// What one thread counted, and the sum over all of them.
struct Tally: Sendable {
    /// Opt-outs that were acknowledged, after the person had been eligible on every instance.
    var pairs = 0
    /// Checks that were answered and whose request began after the acknowledgement.
    var checksAfter = 0
    /// Checks that began before the acknowledgement and were answered after it: what a shared query or a copy goes wrong by.
    var checksAcross = 0
    /// Checks of people who had not opted out yet that said that the message may go.
    var eligibleBefore = 0
    /// Requests without the answer they asked for: refused, failed or broken off.
    var errors = 0
    /// The acts of the register that were acknowledged.
    var acts: [Int] = []
    var staleCount = 0
    /// The first of them.
    var stale: [Stale] = []
    /// What else went wrong, in words without addresses; the first of it.
    var faults: [String] = []

    static let shownMax = 10

    mutating func add(_ stale: Stale) {
        staleCount += 1
        if self.stale.count < Self.shownMax { self.stale.append(stale) }
    }

    mutating func add(fault: String) {
        if faults.count < Self.shownMax { faults.append(fault) }
    }

    static func + (left: Tally, right: Tally) -> Tally {
        var sum = left
        sum.pairs += right.pairs
        sum.checksAfter += right.checksAfter
        sum.checksAcross += right.checksAcross
        sum.eligibleBefore += right.eligibleBefore
        sum.errors += right.errors
        sum.acts += right.acts
        sum.staleCount += right.staleCount
        sum.stale = Array((left.stale + right.stale).prefix(shownMax))
        sum.faults = Array((left.faults + right.faults).prefix(shownMax))
        return sum
    }

    /// Counts an answer, or that there was none.
    mutating func note(_ reply: Reply?, to ask: Pair.Ask, of pair: Pair, on instance: Int, began: UInt64) {
        guard let isEligible = reply?.isEligible(ask.place) else {
            errors += 1
            return
        }
        guard let acknowledged = pair.acknowledged else {
            if isEligible { eligibleBefore += 1 }
            return
        }
        guard began > acknowledged else {
            checksAcross += 1
            return
        }
        checksAfter += 1
        guard isEligible else { return }
        add(
            Stale(
                optOut: pair.person.optOut, writer: pair.writer, reader: instance, way: ask.way,
                microsecondsAfter: (began - acknowledged) / 1_000))
    }
}

/// A check that began after the acknowledgement and still said that the message may go.
struct Stale: Sendable, CustomStringConvertible {
    let optOut: OptOut
    let writer: Int
    let reader: Int
    let way: String
    let microsecondsAfter: UInt64

    var description: String {
        "\(optOut.rawValue) on instance \(writer): a \(way) check on instance \(reader), begun \(microsecondsAfter) µs after the acknowledgement, said eligible"
    }
}
