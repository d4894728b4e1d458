import Glibc

/// A server that the bench has started and that answers.
struct Service {
    let name: String
    let child: Child
    let target: Target
    /// The file that it logs to.
    let log: String

    private static let readySecondsMax: UInt64 = 30

    /// Starts it on a free port and waits until it says that it is ready.
    static func start(
        _ name: String, _ program: String, _ arguments: (_ port: UInt16) -> [String], environment: [String: String],
        portVariable: String? = nil, log: String
    ) throws -> Service {
        let port = try Socket.freePort()
        var environment = environment
        if let portVariable { environment[portVariable] = String(port) }
        let child = try Child(program, arguments(port), environment: environment, complaints: log)
        let target = Target(host: "127.0.0.1", port: port, path: "/v1/eligibility")
        let end = MonotonicClock.nanoseconds + readySecondsMax * 1_000_000_000
        while MonotonicClock.nanoseconds < end {
            guard child.isAlive else { throw BenchFault("\(name) ended by itself: \(ProcessFiles.read(log) ?? "")") }
            if isReady(target) { return Service(name: name, child: child, target: target, log: log) }
            Child.pause(milliseconds: 50)
        }
        child.terminate()
        _ = child.wait()
        throw BenchFault("\(name) was not ready in \(readySecondsMax) s: \(ProcessFiles.read(log) ?? "")")
    }

    private static func isReady(_ target: Target) -> Bool {
        do throws(BenchFault) {
            let probe = target.at("/readyz")
            let book = AddressBook(count: 1, seed: 0)
            return try Exchange.ask(probe, RequestText(to: probe, body: nil, people: book, seed: 0)).status == 200
        } catch {
            return false
        }
    }

    /// Empties its log, which grows by some megabytes a second under load.
    func emptyLog() { truncate(log, 0) }

    func stop() {
        child.terminate()
        _ = child.wait()
    }
}
