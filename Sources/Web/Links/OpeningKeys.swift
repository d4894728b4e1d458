import Rules
import Synchronization

/// The keys that open links: those of the start, and those that came into the file since.
///
/// A server that was started with a newer key seals with it at once, and its links may be pressed at one that was not. So the
/// file is read again every `linkKeysSecondsMax`, whatever link is asked about, and no key is ever forgotten.
final class OpeningKeys: Sendable {
    private let held: Mutex<(ring: LinkKeyRing, readAt: ContinuousClock.Instant)>
    private let read: (@Sendable () -> LinkKeyRing?)?

    /// Without `read` the keys are those of the start for good.
    init(_ ring: LinkKeyRing, read: (@Sendable () -> LinkKeyRing?)?) {
        held = Mutex((ring, ContinuousClock.now))
        self.read = read
    }

    /// The keys as they are at the instant.
    func ring(at now: ContinuousClock.Instant = .now) -> LinkKeyRing {
        held.withLock { held in
            if let read, now - held.readAt >= .seconds(linkKeysSecondsMax) {
                held.readAt = now
                // A file that cannot be read, or lacks keys that it had, changes nothing.
                if let ring = read(), ring.count > held.ring.count { held.ring = ring }
            }
            return held.ring
        }
    }
}

/// Seconds after which a server has the link keys that came into its file.
let linkKeysSecondsMax = 1
