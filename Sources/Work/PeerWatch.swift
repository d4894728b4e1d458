public import Logging
public import Store
import Synchronization

/// Looks after the other instances: counts for how long one is missed, and raises the alarm.
public final class PeerWatch: Sendable {
    private let presence: Presence
    private let id: InstanceID?
    private let name: String
    private let logger: Logger
    private let seen = Mutex<[InstanceID: InstanceRecord]>([:])

    /// `id` is the one that looks, where it has a spool of its own.
    public init(_ presence: Presence, id: InstanceID?, name: String, logger: Logger) {
        (self.presence, self.id, self.name, self.logger) = (presence, id, name, logger)
    }

    /// Looks every `beatSeconds`, until the task is cancelled.
    public func run() async {
        while !Task.isCancelled {
            await look()
            do { try await Task.sleep(for: .seconds(beatSeconds)) } catch { break }
        }
    }

    /// One round.
    public func look() async {
        do throws(StoreError) {
            var found = try await presence.instances().filter { $0.id != id }
            if found.contains(where: \.mayHold) {
                try await presence.miss(by: id, name: name)
                found = try await presence.instances().filter { $0.id != id }
            }
            tell(found)
        } catch {
            logger.debug("the other instances cannot be looked at", metadata: ["cause": "\(error)"])
        }
    }

    /// A line for what has changed since the last round.
    private func tell(_ found: [InstanceRecord]) {
        let before = seen.withLock { seen in
            defer { seen = Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }) }
            return seen
        }
        for record in found {
            let old = before[record.id]
            let metadata: Logger.Metadata = ["instance": "\(record.name)", "instance-id": "\(record.id)"]
            switch record.state {
            case .live where record.isLapsed && old?.mayHold != true:
                logger.error(
                    "an instance does not answer: no check is answered until it does, is forgotten or was missed too long",
                    metadata: metadata.merging(["seconds-left": "\(record.secondsLeft)"]) { $1 })
            case .live where !record.isLapsed && old?.mayHold == true:
                logger.notice("the instance answers again", metadata: metadata)
            case .absent where old?.state != .absent:
                logger.critical(
                    "an instance was missed too long and is waited for no more; opt-outs that it acknowledged may be ignored until it returns",
                    metadata: metadata)
            default: break
            }
        }
    }

    /// As Prometheus reads it.
    public var metrics: String {
        let records = seen.withLock { $0.values.map(\.self) }
        return """
            # HELP maysend_instances_missing Other instances that may hold opt-outs: no check is answered.
            # TYPE maysend_instances_missing gauge
            maysend_instances_missing \(records.filter(\.mayHold).count)
            # HELP maysend_instances_absent Other instances that are waited for no more: an alarm.
            # TYPE maysend_instances_absent gauge
            maysend_instances_absent \(records.filter { $0.state == .absent }.count)

            """
    }
}
