import Rules
import Store
import Testing

@testable import Work

/// When an instance may acknowledge what the database does not have: by clocks that the test holds.
@Suite struct LeaseTests {
    private let start = ContinuousClock.now
    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }
    private var heard: BeatOutcome { .heard(Instant(microseconds: 0)) }

    private func lease(registeredAgo: Duration? = .zero, isHolding: Bool = false) -> Held {
        Held(Lease(absence: .seconds(900), registeredAgo: registeredAgo, isHolding: isHolding, at: start))
    }

    private func beat(_ lease: Held, _ outcome: BeatOutcome, from sent: Double, to end: Double) {
        #expect(lease.beginBeat())
        lease.endBeat(outcome, sentAt: at(sent), at: at(end))
    }

    @Test func nothingIsKeptUntilTheLeaseHasLapsedForEverybody() {
        let lease = lease()
        beat(lease, heard, from: 10, to: 10.2)
        #expect(lease.beginKeeping(at: at(10.3)) == .notYet)
        #expect(lease.beginKeeping(at: at(10.2 + 4)) == .notYet)
        #expect(!lease.isHolding)
        #expect(lease.beginKeeping(at: at(10.2 + 4.001)) == .may)
        #expect(lease.isHolding)
    }

    @Test func anAttemptThatMayHaveArrivedCountsAndOneThatWasNotSentDoesNot() {
        let lease = lease()
        beat(lease, heard, from: 1, to: 1)
        beat(lease, .maybeSent(.draining), from: 2, to: 3)
        beat(lease, .notSent(.draining), from: 4, to: 5)
        #expect(lease.standing(at: at(7)) == .notYet)
        #expect(lease.standing(at: at(7.001)) == .may)
    }

    @Test func whileABeatIsUnderWayNothingIsKept() {
        let lease = lease()
        beat(lease, heard, from: 0, to: 0)
        #expect(lease.beginBeat())
        #expect(lease.beginKeeping(at: at(100)) == .notYet)
        lease.endBeat(.notSent(.draining), sentAt: at(1), at: at(101))
        #expect(lease.beginKeeping(at: at(101)) == .may)
    }

    @Test func whoHoldsDoesNotBeatUntilItIsDrained() {
        let lease = lease()
        beat(lease, heard, from: 0, to: 0)
        #expect(lease.beginKeeping(at: at(10)) == .may)
        #expect(!lease.beginBeat())
        let mark = lease.mark
        // The append is still under way.
        #expect(!lease.release(since: mark))
        lease.endKeeping()
        // Another began and ended after the mark: what was found empty may be empty no more.
        #expect(lease.beginKeeping(at: at(11)) == .may)
        lease.endKeeping()
        #expect(!lease.release(since: mark))
        #expect(!lease.beginBeat())
        #expect(lease.release(since: lease.mark))
        #expect(lease.beginBeat())
    }

    @Test func aSpoolThatIsFoundFullIsDrainedFirst() {
        let lease = lease(isHolding: true)
        #expect(!lease.beginBeat())
        #expect(lease.release(since: lease.mark))
        #expect(lease.beginBeat())
    }

    @Test func whomTheDatabaseMayNotKnowKeepsNothing() {
        let lease = lease(registeredAgo: nil)
        #expect(lease.beginKeeping(at: at(100)) == .mayNot)
        beat(lease, .maybeSent(.draining), from: 100, to: 101)
        #expect(lease.beginKeeping(at: at(200)) == .mayNot)
        beat(lease, heard, from: 201, to: 201)
        #expect(lease.beginKeeping(at: at(210)) == .may)
    }

    @Test func whomTheDatabaseHasForgottenKeepsNothing() {
        let lease = lease()
        beat(lease, heard, from: 0, to: 0)
        beat(lease, .unknown, from: 1, to: 1)
        #expect(lease.beginKeeping(at: at(100)) == .mayNot)
    }

    /// The others count from when they miss it; whoever asks its own clock stops before they can.
    @Test func nothingIsKeptForLongerThanTheOthersWait() {
        let lease = lease()
        beat(lease, heard, from: 0, to: 2)
        #expect(lease.beginKeeping(at: at(899.9)) == .may)
        #expect(lease.isWaitedFor(at: at(899.9)))
        #expect(lease.beginKeeping(at: at(900)) == .mayNot)
        #expect(!lease.isWaitedFor(at: at(900)))
    }

    @Test func anEarlierRunsBeatsCountFromTheStartOfThisOne() {
        let lease = lease(registeredAgo: .seconds(600))
        #expect(lease.beginKeeping(at: at(3.9)) == .notYet)
        #expect(lease.beginKeeping(at: at(4.1)) == .may)
        #expect(lease.beginKeeping(at: at(301)) == .mayNot)
    }
}

/// A lease in one hand.
private final class Held {
    private var lease: Lease

    init(_ lease: Lease) { self.lease = lease }

    var isHolding: Bool { lease.isHolding }
    var mark: Int { lease.mark }
    func standing(at now: Lease.Moment) -> Lease.Standing { lease.standing(at: now) }
    func isWaitedFor(at now: Lease.Moment) -> Bool { lease.isWaitedFor(at: now) }
    func beginBeat() -> Bool { lease.beginBeat() }
    func endBeat(_ outcome: BeatOutcome, sentAt: Lease.Moment, at now: Lease.Moment) {
        lease.endBeat(outcome, sentAt: sentAt, at: now)
    }
    func beginKeeping(at now: Lease.Moment) -> Lease.Standing { lease.beginKeeping(at: now) }
    func endKeeping() { lease.endKeeping() }
    func release(since mark: Int) -> Bool { lease.release(since: mark) }
}
