import Foundation
import Harness

/// Many pairs at one site, under one weather.
struct Course: Sendable {
    let site: Site
    let weather: Weather
    let seed: UInt64
    private let people: [Person]
    private let bystanders: [String]

    private static let laneCount = 16
    /// Others in a batch; they never opt out.
    private static let bystanderCount = 99

    init(_ pairCount: Int, at site: Site, under weather: Weather, seed: UInt64) {
        (self.site, self.weather, self.seed) = (site, weather, seed)
        var chance = SeededGenerator(seed: seed)
        people = (0..<pairCount).map { number in
            let optOut = OptOut.allCases[Int.random(in: 0..<OptOut.allCases.count, using: &chance)]
            return Person(number, of: "p", optOut)
        }
        bystanders = (0..<Self.bystanderCount).map { "b\($0)@firma.example" }
    }

    /// Runs all pairs, and then asks about everybody and everything once more.
    func run() async throws -> Outcome {
        try await onThread {
            try site.collect(bystanders + people.filter(\.isLead).map(\.address))
            try site.awaitEligible(bystanders[0])
        }
        // As autovacuum would do in a while: plans made for empty tables read all of one that has grown.
        try await site.database.run("vacuum analyze")
        let began = now()
        var (tally, strikes) = try await pairs()
        let seconds = Double(now() - began) / 1e9
        let acts = tally.acts
        let lost = try await onThread { try lostActs(of: acts) }
        let late = try await onThread { try eligibleAtTheEnd() }
        for fault in late.faults { tally.add(fault: fault) }
        return Outcome(
            weather: weather, tally: tally, strikes: strikes, seconds: seconds, lost: lost, eligibleAtTheEnd: late.count
        )
    }

    private func pairs() async throws -> (Tally, strikes: Int) {
        let lanes = (0..<Self.laneCount).map { lane in
            let share = stride(from: lane, to: people.count, by: Self.laneCount).map { people[$0] }
            return Lane(share, bystanders: bystanders, at: site, seed: seed &+ UInt64(lane) &+ 1)
        }
        return try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { try await weather.rage(over: site) }
            let tally = await withTaskGroup(of: Tally.self) { threads in
                for lane in lanes {
                    threads.addTask { await onThread { lane.write() } }
                    threads.addTask { await onThread { lane.read() } }
                }
                return await threads.reduce(Tally(), +)
            }
            group.cancelAll()
            return (tally, try await group.next() ?? 0)
        }
    }

    /// How many acknowledged acts the register does not export; it may hold back what is younger than an open transaction.
    private func lostActs(of acts: [Int]) throws -> Int {
        let end = now() + Self.exportSecondsMax * 1_000_000_000
        while true {
            let lost = Set(acts).subtracting(try site.exportedActs()).count
            guard lost > 0, now() < end else { return lost }
            usleep(200_000)
        }
    }

    private static let exportSecondsMax: UInt64 = 30

    /// How many of all are eligible at the end, on any instance, and whether the bystanders still are.
    private func eligibleAtTheEnd() throws -> (count: Int, faults: [String]) {
        var (count, faults): (Int, [String]) = (0, [])
        for port in site.ports {
            let wire = Wire(to: port)
            for question in OptOut.Question.allCases {
                let those = people.filter { $0.optOut.question == question }.map(\.address)
                count += try site.eligibleCount(those, question, on: wire)
                let others = try site.eligibleCount(bystanders, question, on: wire)
                if others != bystanders.count {
                    faults.append("\(bystanders.count - others) bystanders are not eligible")
                }
            }
        }
        return (count, faults)
    }
}

/// How a course went.
struct Outcome: Sendable, CustomStringConvertible {
    let weather: Weather
    let tally: Tally
    /// How often the weather struck.
    let strikes: Int
    let seconds: Double
    /// Acknowledged opt-outs that are not in the register.
    let lost: Int
    let eligibleAtTheEnd: Int

    var description: String {
        let rate = Int(Double(tally.pairs) / max(seconds, 0.001))
        return
            "freshness, \(weather.rawValue): \(tally.pairs) pairs, \(tally.checksAfter) checks after an acknowledgement, "
            + "\(tally.checksAcross) under way at one, \(tally.eligibleBefore) eligible before, \(tally.errors) errors, "
            + "\(strikes) strikes, \(lost) lost, \(tally.staleCount + eligibleAtTheEnd) stale; "
            + "\(Int(seconds)) s, \(rate) pairs/s"
    }
}

/// Runs what blocks on a thread of its own: the cooperative ones are for those who do not wait.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}

func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { (continuation: CheckedContinuation<Value, Never>) in
        Thread.detachNewThread { continuation.resume(returning: body()) }
    }
}
