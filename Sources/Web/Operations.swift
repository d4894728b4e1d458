import Formats
import Rules
import Store
import Synchronization

/// For those who run the service.
enum Operations {
    static func routes(
        _ readiness: Readiness, _ traffic: Traffic, _ streams: Streams, _ gauges: @escaping @Sendable () -> String
    ) -> [Route] {
        [
            Route(.get, "/healthz", .everybody, OperationPages.health) { _ throws(Problem) in
                .json(200) { $0.member("status", "alive") }
            },
            Route(.get, "/readyz", .everybody, OperationPages.ready) { call async throws(Problem) in
                try await readiness.answer(call)
            },
            Route(.get, "/metrics", .everybody, OperationPages.metrics) { _ throws(Problem) in
                Answer(200, Traffic.mediaType, traffic.text + Array((streams.text + gauges()).utf8))
            },
        ]
    }
}

/// Whether the service may be asked; what was found is believed for `readinessSecondsMax`, so that a probe costs nothing.
final class Readiness: Sendable {
    /// What the process itself has to say.
    private let own: @Sendable () -> [Finding]
    private let known = Mutex<(at: ContinuousClock.Instant, findings: [Finding])?>(nil)

    init(_ own: @escaping @Sendable () -> [Finding]) { self.own = own }

    func answer(_ call: Call) async throws(Problem) -> Answer {
        let findings = await self.findings(call)
        let bad = findings.filter { $0.level == .bad }
        guard bad.isEmpty else {
            var problem = Problem(
                .notReady, bad.map { "\($0.subject): \($0.text)" }.joined(separator: "; "),
                cause: bad.map(\.subject).joined(separator: ", "))
            problem.findings = bad.map { ($0.subject, $0.text) }
            throw problem
        }
        return .json(200) { writer in
            writer.member("ready", true)
            writer.key("notices")
            writer.beginArray()
            for notice in findings where notice.level == .notice { writer.value("\(notice.subject): \(notice.text)") }
            writer.endArray()
        }
    }

    private func findings(_ call: Call) async -> [Finding] {
        let start = ContinuousClock.now
        if let known = known.withLock({ $0 }), start - known.at < .seconds(readinessSecondsMax) {
            return known.findings
        }
        var findings: [Finding]
        do throws(StoreError) {
            findings = try await call.store.findings(clock: call.now) + own()
        } catch {
            findings = [Finding(.bad, "database", "it cannot be asked; see that it runs and that its URL is right")]
        }
        known.withLock { $0 = (start, findings) }
        return findings
    }
}
