import Foundation

/// PostgreSQL's own driver, for what the database does at most.
struct PgBench {
    static let program = "/usr/lib/postgresql/15/bin/pgbench"
    /// A million accounts of PostgreSQL's own test.
    private static let scale = 10
    /// One transaction of so many goes into the log that percentiles are read from.
    private static let samplingRate = 0.1

    let site: Site
    let postmaster: Int32
    let connections: Int
    let seconds: Double

    /// Of the register's own standings, `holder` being their owner.
    func standings(holder: Int64) throws -> Cell.Round {
        let script = site.folder + "/standing.sql"
        try Data(BenchSQL.standingScript.utf8).write(to: URL(fileURLWithPath: script))
        return try measure(["--define=holder=\(holder)", "--file=\(script)"])
    }

    /// Of PostgreSQL's own test tables.
    func accounts() throws -> Cell.Round { try measure(["--select-only"]) }

    /// Of one row a transaction into a table with one index.
    func inserts() throws -> Cell.Round {
        let script = site.folder + "/insert.sql"
        try Data(BenchSQL.insertScript.utf8).write(to: URL(fileURLWithPath: script))
        return try measure(["--file=\(script)"])
    }

    /// Makes the tables of PostgreSQL's own test.
    func makeAccounts() throws {
        _ = try run(["--initialize", "--quiet", "--scale=\(Self.scale)"])
    }

    private func measure(_ arguments: [String]) throws -> Cell.Round {
        let prefix = site.folder + "/pgbench-log"
        let meter = Meter(server: nil, postmaster: postmaster)
        let before = meter.read()
        let (output, end) = try run(
            [
                "--no-vacuum", "--protocol=prepared", "--client=\(connections)", "--jobs=1",
                "--time=\(max(1, Int(seconds)))", "--log", "--log-prefix=\(prefix)",
                "--sampling-rate=\(Self.samplingRate)",
            ] + arguments)
        let database = meter.read().database - before.database
        guard let count = Self.number(after: "number of transactions actually processed: ", in: output),
            let rate = Self.number(after: "tps = ", in: output), count > 0
        else { throw BenchFault("pgbench said no rate: \(output)") }
        return Cell.Round(
            perSecond: rate, latencies: try latencies(prefix), databaseMicroseconds: Double(database) / 1_000 / count,
            driverMicroseconds: Double(end.cpuNanoseconds) / 1_000 / count,
            errors: Int(Self.number(after: "number of failed transactions: ", in: output) ?? 0))
    }

    private func run(_ arguments: [String]) throws -> (output: String, end: Child.End) {
        let output = site.folder + "/pgbench.out"
        let complaints = site.folder + "/pgbench.err"
        let child = try Child(
            Self.program, arguments + [site.database], environment: site.environment, output: output,
            complaints: complaints)
        let end = child.wait()
        guard end.status == 0 else { throw BenchFault("pgbench failed: \(ProcessFiles.read(complaints) ?? "")") }
        return (ProcessFiles.read(output) ?? "", end)
    }

    /// The number behind some words; nil where they do not occur.
    static func number(after words: String, in text: String) -> Double? {
        guard let place = text.range(of: words) else { return nil }
        return Double(text[place.upperBound...].prefix { $0.isNumber || $0 == "." })
    }

    /// Reads the logs of sampled transactions, whose third field is a latency in microseconds, and removes them.
    private func latencies(_ prefix: String) throws -> LatencySummary {
        var latencies = Latencies()
        let name = URL(fileURLWithPath: prefix).lastPathComponent
        for file in try FileManager.default.contentsOfDirectory(atPath: site.folder) where file.hasPrefix(name + ".") {
            let path = site.folder + "/" + file
            for line in (ProcessFiles.read(path) ?? "").utf8.split(separator: UInt8(ascii: "\n")) {
                let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 3)
                guard fields.count > 2, let microseconds = UInt64(String(Substring(fields[2]))) else { continue }
                latencies.record(nanoseconds: microseconds * 1_000)
            }
            unlink(path)
        }
        return latencies.summary
    }
}
