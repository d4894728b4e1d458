import Foundation
import Harness
import Synchronization

/// One writer, who opts people out one after another and checks each the moment after the acknowledgement, and one reader,
/// who checks the same person all the while; each a thread with a connection of its own to every instance.
final class Lane: Sendable {
    private let site: Site
    private let people: [Person]
    private let bystanders: [String]
    private let seed: UInt64
    private let current = Mutex<Pair?>(nil)
    private let isOver = Atomic(false)

    /// How long a request is tried again before the pair counts as failed.
    private static let patienceSecondsMax: UInt64 = 60
    private static let pauseMicroseconds: UInt32 = 2_000
    /// Between two rounds of the reader.
    private static let breathMicroseconds: UInt32 = 1_000

    init(_ people: [Person], bystanders: [String], at site: Site, seed: UInt64) {
        (self.people, self.bystanders, self.site, self.seed) = (people, bystanders, site, seed)
    }

    // MARK: The writer

    func write() -> Tally {
        var tally = Tally()
        var chance = SeededGenerator(seed: seed)
        let wires = site.ports.map { Wire(to: $0) }
        for person in people {
            let pair = Pair(person, key: site.key, bystanders: bystanders, using: &chance)
            guard run(pair, wires, &tally, using: &chance) else { break }
        }
        isOver.store(true, ordering: .sequentiallyConsistent)
        return tally
    }

    /// Whether the pair came to its end.
    private func run(_ pair: Pair, _ wires: [Wire], _ tally: inout Tally, using chance: inout SeededGenerator) -> Bool {
        if let consent = pair.consent {
            guard insist(&tally, { wires[pair.writer].ask(consent) }, until: { $0.status == 201 }) != nil else {
                tally.add(fault: "\(pair.person.optOut.rawValue): the consent was not recorded")
                return false
            }
        }
        current.withLock { $0 = pair }
        guard isEligibleEverywhere(pair, wires, &tally) else { return false }
        let answer = insist(&tally, { wires[pair.writer].ask(pair.entry) }, until: { $0.status == 201 })
        let moment = now()
        guard let answer, let act = answer.acts.first else {
            tally.add(fault: "\(pair.person.optOut.rawValue): the opt-out was not acknowledged")
            return false
        }
        pair.acknowledge(at: moment)
        checkAfter(pair, wires, &tally, using: &chance)
        tally.pairs += 1
        tally.acts.append(act)
        return true
    }

    private func isEligibleEverywhere(_ pair: Pair, _ wires: [Wire], _ tally: inout Tally) -> Bool {
        for instance in wires.indices {
            let reply = insist(
                &tally, { wires[instance].ask(pair.single.request) }, until: { $0.isEligible() != nil })
            guard reply?.isEligible() == true else {
                let reason = reply?.text(of: "reason") ?? "no answer"
                tally.add(fault: "\(pair.person.optOut.rawValue): not eligible before the opt-out (\(reason))")
                return false
            }
            tally.eligibleBefore += 1
        }
        return true
    }

    /// Checks at once: on the other instance, on the same, on both together, or as one of many.
    private func checkAfter(_ pair: Pair, _ wires: [Wire], _ tally: inout Tally, using chance: inout SeededGenerator) {
        let other = (pair.writer + 1) % wires.count
        let (ask, instances): (Pair.Ask, [Int]) =
            switch Int.random(in: 0..<20, using: &chance) {
            case 0..<9: (pair.single, [other])
            case 9..<12: (pair.single, [pair.writer])
            case 12..<19: (pair.single, [other, pair.writer])
            default: (pair.batch, [other])
            }
        let answered = tally.checksAfter
        let end = now() + Self.patienceSecondsMax * 1_000_000_000
        check(ask, of: pair, on: instances, wires, &tally)
        while tally.checksAfter == answered {
            guard now() < end else {
                tally.add(fault: "\(pair.person.optOut.rawValue): no check was answered after the acknowledgement")
                return
            }
            usleep(Self.pauseMicroseconds)
            check(ask, of: pair, on: instances, wires, &tally)
        }
    }

    // MARK: The reader

    func read() -> Tally {
        var tally = Tally()
        let wires = site.ports.map { Wire(to: $0) }
        var round = 0
        while !isOver.load(ordering: .sequentiallyConsistent) {
            guard let pair = current.withLock({ $0 }) else {
                usleep(Self.pauseMicroseconds)
                continue
            }
            let errors = tally.errors
            round += 1
            // A query for many takes longer, so that more checks begin while one is under way.
            check(round % 64 == 0 ? pair.batch : pair.single, of: pair, on: Array(wires.indices), wires, &tally)
            // The writers need the machine too.
            usleep(tally.errors > errors ? Self.pauseMicroseconds : Self.breathMicroseconds)
        }
        return tally
    }

    // MARK: Both

    /// Asks all of the instances at the same time.
    private func check(_ ask: Pair.Ask, of pair: Pair, on instances: [Int], _ wires: [Wire], _ tally: inout Tally) {
        var begun: [(instance: Int, at: UInt64)] = []
        for instance in instances {
            let moment = now()
            if wires[instance].send(ask.request) { begun.append((instance, moment)) } else { tally.errors += 1 }
        }
        for (instance, moment) in begun {
            tally.note(wires[instance].receive(), to: ask, of: pair, on: instance, began: moment)
        }
    }

    /// Asks again until the answer is the right one; nil where patience ends.
    private func insist(_ tally: inout Tally, _ ask: () -> Reply?, until isRight: (Reply) -> Bool) -> Reply? {
        let end = now() + Self.patienceSecondsMax * 1_000_000_000
        while true {
            if let reply = ask(), isRight(reply) { return reply }
            tally.errors += 1
            guard now() < end else { return nil }
            usleep(Self.pauseMicroseconds)
        }
    }
}

/// Nanoseconds of a clock that never goes back.
func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
