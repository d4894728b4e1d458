import Store

/// How much longer than the lease an instance waits before it acknowledges from its spool: what clocks may differ by.
private let leaseMargin: Duration = .seconds(1)

/// Whether this instance may acknowledge opt-outs that the database does not have, and whether it may beat. Never both.
///
/// Every check reads how old this instance's last beat is; one whose lease has lapsed stops every check. So an
/// acknowledgement is safe once no beat can be younger than the lease for anybody, and no beat may be sent from then until
/// everything that was acknowledged is in the register.
struct Lease: Sendable {
    typealias Moment = ContinuousClock.Instant

    /// Whether the spool may take an opt-out now.
    enum Standing: Hashable {
        case may
        /// A beat may still be believed.
        case notYet
        /// The database may not know this instance, or nobody waits for it any more.
        case mayNot
    }

    /// How long the others wait for this instance.
    let absence: Duration
    private(set) var isRegistered: Bool
    /// Whether the spool holds anything, or is about to.
    private(set) var isHolding: Bool
    private var isBeating = false
    /// The end of the last attempt to beat that may have reached the database; in the beginning, that of this process.
    private var reachedAt: Moment
    /// Not later than the last beat that the database heard.
    private var heardAt: Moment
    /// Appends that are under way, and all that ever began.
    private var appending = 0
    private var begun = 0

    /// `registeredAgo` is how long ago the database heard of an earlier run, nil where it may never have.
    init(absence: Duration, registeredAgo: Duration?, isHolding: Bool, at now: Moment) {
        self.absence = absence
        isRegistered = registeredAgo != nil
        self.isHolding = isHolding
        reachedAt = now
        heardAt = now - max(registeredAgo ?? .zero, .zero)
    }

    // MARK: Beats

    /// Whether a beat may be sent; whoever sends it says how it ended.
    mutating func beginBeat() -> Bool {
        guard !isHolding, !isBeating else { return false }
        isBeating = true
        return true
    }

    /// `sentAt` is the moment that the beat stands for.
    mutating func endBeat(_ outcome: BeatOutcome, sentAt: Moment, at now: Moment) {
        isBeating = false
        switch outcome {
        case .heard:
            (reachedAt, heardAt, isRegistered) = (now, sentAt, true)
        case .unknown:
            (reachedAt, isRegistered) = (now, false)
        case .maybeSent: reachedAt = now
        case .notSent: break
        }
    }

    /// The row is about to be taken out.
    mutating func leave() { isRegistered = false }

    // MARK: Keeping

    /// Whether the others certainly wait for what this instance holds.
    func isWaitedFor(at now: Moment) -> Bool { isRegistered && now - heardAt < absence }

    func standing(at now: Moment) -> Standing {
        guard isWaitedFor(at: now) else { return .mayNot }
        return !isBeating && now - reachedAt > .seconds(leaseSeconds) + leaseMargin ? .may : .notYet
    }

    /// Begins to append where that may be acknowledged.
    mutating func beginKeeping(at now: Moment) -> Standing {
        let standing = standing(at: now)
        guard standing == .may else { return standing }
        isHolding = true
        appending += 1
        begun += 1
        return .may
    }

    mutating func endKeeping() { appending -= 1 }

    // MARK: Draining

    /// What to compare with when the spool has been drained.
    var mark: Int { begun }

    /// The spool was found empty after the mark was taken; whether nothing was appended since, so that beats may go on.
    mutating func release(since mark: Int) -> Bool {
        guard appending == 0, begun == mark else { return false }
        isHolding = false
        return true
    }
}
