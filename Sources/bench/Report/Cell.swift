/// One thing that was measured, in one round or several.
struct Cell: Equatable, Sendable {
    /// As the table names it.
    let name: String
    /// What it is, in a sentence.
    let meaning: String
    /// What the rate counts: `checks`, `addresses`, `rows`.
    let unit: String
    var rounds: [Round] = []

    /// One measurement. Processor times are for one of `unit`.
    struct Round: Equatable, Sendable {
        var perSecond = 0.0
        var latencies = LatencySummary()
        /// Nil where there is no server between.
        var serverMicroseconds: Double?
        var databaseMicroseconds = 0.0
        var driverMicroseconds = 0.0
        /// The most memory that the server held at a time; nil where there is no server.
        var peakBytes: Int?
        var errors = 0
        var errorText = ""
    }

    /// The round with the median rate (of an even number the slower one of the middle); nil before there is one.
    var median: Round? {
        rounds.isEmpty ? nil : rounds.sorted { $0.perSecond < $1.perSecond }[(rounds.count - 1) / 2]
    }

    /// Of all rounds, also of those that the table does not show.
    var errors: Int { rounds.reduce(0) { $0 + $1.errors } }
    var errorText: String { rounds.map(\.errorText).filter { !$0.isEmpty }.joined(separator: "; ") }

    /// How many times as fast as another cell: the median of the rounds' own ratios, since rounds of one number were
    /// measured one after another and share what the machine was doing then.
    func ratio(to other: Cell) -> Double? {
        let ratios = zip(rounds, other.rounds).filter { $1.perSecond > 0 }.map { $0.perSecond / $1.perSecond }.sorted()
        return ratios.isEmpty ? nil : ratios[(ratios.count - 1) / 2]
    }
}

/// One point of latency against rate.
struct RateStep: Equatable, Sendable {
    /// What was asked, a second.
    let offered: Double
    let round: Cell.Round
}

/// What a run found.
struct BenchResult: Equatable, Sendable {
    let machine: MachineCard
    let people: Int
    let seconds: Double
    let connections: Int
    var cells: [Cell] = []
    var steps: [RateStep] = []
    /// What was left out, and why.
    var remarks: [String] = []

    subscript(name: String) -> Cell? { cells.first { $0.name == name } }

    /// Ratios that are worth a line: name of one cell, name of the other.
    static let comparisons = [
        (CellName.real, CellName.echo), (CellName.oneQuery, CellName.echo), (CellName.real, CellName.oneQuery),
        (CellName.real, CellName.standingSelect), (CellName.linkedCheck, CellName.echo),
        (CellName.optOut, CellName.insert),
    ]

    /// Each comparison that both cells are there for.
    var ratios: [(one: String, other: String, value: Double)] {
        Self.comparisons.compactMap { one, other in
            guard let a = self[one], let b = self[other] else { return nil }
            return a.ratio(to: b).map { (one, other, $0) }
        }
    }
}

/// How the table names what is measured.
enum CellName {
    static let echo = "echo"
    static let oneQuery = "one query per check"
    static let real = "check"
    static let batch = "batch of 1,000"
    static let largeBatch = "batch of 10,000"
    static let stream = "stream"
    static let standingSelect = "pgbench, one standing"
    static let accountSelect = "pgbench -S"
    static let linkedCheck = "check with links"
    static let optOut = "one-click"
    static let insert = "pgbench, one insert"
}
