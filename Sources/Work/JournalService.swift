public import Logging
public import ServiceLifecycle
public import Store

/// Has the journal follow the ledger, every second, beside all else.
public struct JournalService: Service {
    private let journal: Journal
    private let logger: Logger

    public init(_ journal: Journal, logger: Logger) { (self.journal, self.logger) = (journal, logger) }

    private static let tickPause: Duration = .seconds(1)
    /// Behind by so much it is said.
    private static let ageShown: Duration = .seconds(30)

    /// Goes on until the service ends, and once more then: what was acknowledged is in the journal when an orderly stop is over.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var trouble: String?
            while !Task.isCancelled {
                let now = await tick()
                // What it was stopped in the middle of says nothing.
                guard !Task.isCancelled else { break }
                if let now, now != trouble {
                    logger.warning("the journal stands still", metadata: ["cause": .string(now)])
                }
                if trouble != nil, now == nil { logger.info("the journal goes on") }
                trouble = now
                do { try await Task.sleep(for: Self.tickPause) } catch { break }
            }
        }
        if let trouble = await tick() {
            logger.warning("the last acts are not in the journal", metadata: ["cause": .string(trouble)])
        }
    }

    /// One round; why it could not be finished, nil if it was.
    private func tick() async -> String? {
        do throws(JournalFailure) {
            return try await journal.tick()
                ? nil : "the journal has acts that the database lacks; run 'maysend restore-check'"
        } catch {
            return error.description
        }
    }

    /// For /readyz: what is behind for longer than a moment.
    public var findings: [Finding] {
        guard journal.age > Self.ageShown else { return [] }
        return [
            Finding(
                .notice, "journal",
                "opt-outs of the last \(journal.age.components.seconds) s may not be in the journal, so a restore would lose "
                    + "them; the log says what stands in the way")
        ]
    }

    /// For /metrics.
    public var metrics: String {
        """
        # HELP maysend_journal_age_seconds How long ago everything that was committed was in the journal: an alarm above a minute.
        # TYPE maysend_journal_age_seconds gauge
        maysend_journal_age_seconds \(journal.age.components.seconds)

        """
    }
}
