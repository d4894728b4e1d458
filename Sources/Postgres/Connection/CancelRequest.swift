import CPQ
import Synchronization

/// A request to the server to end the running statement, sent by a thread of its own because it blocks.
final class CancelRequest: Sendable {
    private let finished = Atomic<Bool>(false)

    /// Whether the server has taken the request: from then on it can hit no later statement.
    var isFinished: Bool { finished.load(ordering: .acquiring) }

    /// Sends it and signals `wake` when it is finished. If it cannot be sent it never finishes, and whoever waits
    /// gives the connection up.
    init(_ connection: OpaquePointer, wake: Wake) {
        guard let handle = PQgetCancel(connection) else { return }
        let address = UInt(bitPattern: handle)
        let hasThread = startThread { [self] in
            guard let handle = OpaquePointer(bitPattern: address) else { return }
            var complaint = [CChar](repeating: 0, count: 256)
            let isSent = PQcancel(handle, &complaint, Int32(complaint.count)) == 1
            PQfreeCancel(handle)
            guard isSent else { return }
            finished.store(true, ordering: .releasing)
            wake.signal()
        }
        if !hasThread { PQfreeCancel(handle) }
    }
}
