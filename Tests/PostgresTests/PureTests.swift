import Testing

@testable import Postgres

/// What is decided without a database, a thread or a clock.
@Suite struct PureTests {
    // MARK: Back-off

    @Test func pausesDoubleUpToTheLongestAndAreScattered() {
        let pauses = (1...8).map {
            backoff(attempt: $0, first: .milliseconds(50), longest: .seconds(1), chance: 1)
        }
        #expect(pauses.prefix(5) == [50, 100, 200, 400, 800].map { Duration.milliseconds($0) }[...])
        #expect(pauses.suffix(3).allSatisfy { $0 == .seconds(1) })
        #expect(backoff(attempt: 1, first: .milliseconds(50), longest: .seconds(1), chance: 0) == .milliseconds(25))
        #expect(backoff(attempt: .max, first: .milliseconds(50), longest: .seconds(1), chance: 7) == .seconds(1))
        #expect(backoff(attempt: .min, first: .milliseconds(50), longest: .seconds(1), chance: -7) == .milliseconds(25))
    }

    // MARK: The board

    private func board(_ change: (inout Configuration) -> Void = { _ in }) throws -> JobBoard {
        var configuration = Configuration(url: "")
        configuration.queueJobsMax = 3
        configuration.optOutReserveJobs = 2
        change(&configuration)
        return JobBoard(limits: try configuration.checked())
    }

    private func job(_ priority: Priority, wait: Duration = .seconds(1), from now: Moment = .now) -> Job {
        var deadlines = Deadlines.standard(for: priority)
        deadlines.queue = wait
        return Job(priority, deadlines, from: now, run: { _ in }, refuse: { _ in })
    }

    private func isWaiting(_ admission: JobBoard.Admission) -> Bool {
        guard case .waits(nil) = admission else { return false }
        return true
    }

    @Test func theMostUrgentRunsFirstAndWithinAPriorityTheOldest() throws {
        var board = try board {
            $0.queueJobsMax = 100
            $0.connections = 100
        }
        let jobs = [Priority.bulk, .normal, .check, .optOut, .check, .bulk, .optOut].map { job($0) }
        for job in jobs { #expect(isWaiting(board.admit(job))) }
        var order: [Int] = []
        for worker in 0..<jobs.count {
            guard case .run(let next) = board.assign(worker) else { continue }
            order.append(jobs.firstIndex { $0.token === next.token } ?? -1)
        }
        #expect(order == [3, 6, 2, 4, 1, 0, 5])
    }

    @Test func aFullBoardShedsTheLeastUrgentAndOptOutsLast() throws {
        var board = try board()
        let bulk = job(.bulk)
        for job in [job(.check), bulk, job(.normal)] { #expect(isWaiting(board.admit(job))) }
        guard case .refused(.queueFull) = board.admit(job(.bulk)) else {
            Issue.record("a full queue took what is least urgent")
            return
        }
        guard case .waits(let shed) = board.admit(job(.check)) else {
            Issue.record("a check was refused while an import waits")
            return
        }
        #expect(shed?.token === bulk.token)
        // The opt-outs' own reserve, then in the place of others, and refused only when there are nothing but opt-outs.
        for _ in 0..<2 { #expect(isWaiting(board.admit(job(.optOut)))) }
        var shedPriorities: [Priority?] = []
        for _ in 0..<3 {
            guard case .waits(let shed) = board.admit(job(.optOut)) else { break }
            shedPriorities.append(shed?.priority)
        }
        #expect(shedPriorities == [.normal, .check, .check])
        guard case .refused(.queueFull) = board.admit(job(.optOut)) else {
            Issue.record("the reserve has no end")
            return
        }
    }

    @Test func unhurriedJobsLeaveConnectionsFree() throws {
        var board = try board {
            $0.queueJobsMax = 100
            $0.connections = 4
            $0.urgentConnections = 1
            $0.bulkConnections = 1
        }
        for priority in [Priority.bulk, .bulk, .normal, .normal, .normal] { _ = board.admit(job(priority)) }
        var ran: [Priority] = []
        for worker in 0..<4 {
            if case .run(let job) = board.assign(worker) { ran.append(job.priority) }
        }
        // The third leaves its place to checks; the fourth is the bulk jobs' own.
        #expect(ran == [.normal, .normal, .bulk])
        _ = board.admit(job(.check))
        #expect(board.takeIdle() == 2)
        guard case .run(let check) = board.assign(2) else {
            Issue.record("no connection was left for a check")
            return
        }
        #expect(check.priority == .check)
        guard case .run(let next) = board.assign(3), next.priority == .bulk else {
            Issue.record("a bulk job may run where the last one did")
            return
        }
    }

    /// Whatever waits, and whoever asks first.
    @Test func bulkJobsRunOnTheirOwnConnectionsAndNothingElseEverDoes() throws {
        var generator = SeededNumbers(state: 7)
        for _ in 0..<200 {
            let bulk = Int.random(in: 1...3, using: &generator)
            let ordinary = Int.random(in: 1...4, using: &generator)
            var board = try board {
                $0.queueJobsMax = 100
                $0.connections = ordinary + bulk
                $0.bulkConnections = bulk
                $0.urgentConnections = Int.random(in: 0...2, using: &generator)
            }
            for _ in 0..<60 {
                _ = board.admit(job(Priority.allCases.randomElement(using: &generator) ?? .bulk))
                let worker =
                    Bool.random(using: &generator)
                    ? board.takeIdle() : Int.random(in: 0..<(ordinary + bulk), using: &generator)
                guard let worker else { continue }
                board.leaveIdle(worker)
                if case .run(let job) = board.assign(worker) {
                    #expect((worker >= ordinary) == (job.priority == .bulk))
                }
            }
        }
    }

    @Test func aPoolOfNothingButBulkConnectionsRefusesTheRest() throws {
        var board = try board { ($0.connections, $0.bulkConnections) = (2, 2) }
        #expect(isWaiting(board.admit(job(.bulk))))
        for priority in [Priority.optOut, .check, .normal] {
            guard case .refused(.misuse(.noConnectionForPriority)) = board.admit(job(priority)) else {
                Issue.record("\(priority) waits for a connection that is not for it")
                return
            }
        }
    }

    @Test func aWorkerWithNothingToWaitForStops() throws {
        var board = try board { ($0.connections, $0.bulkConnections) = (2, 1) }
        _ = board.admit(job(.normal))
        board.close()
        guard case .stop = board.assign(1) else {
            Issue.record("a bulk worker waits for a job that is not for it")
            return
        }
        guard case .run = board.assign(0) else {
            Issue.record("a job that was accepted is not run")
            return
        }
    }

    @Test func whatWaitedTooLongIsTakenOutAndNothingElse() throws {
        var board = try board()
        let now = Moment.now
        let late = job(.check, wait: .milliseconds(50), from: now)
        let patient = job(.bulk, wait: .seconds(30), from: now)
        for job in [late, patient] { _ = board.admit(job) }
        #expect(board.nextEnd == late.queueEnd)
        #expect(board.takeExpired(at: now + .milliseconds(49)).isEmpty)
        #expect(board.takeExpired(at: now + .milliseconds(50)).map(\.token.isCancelled) == [false])
        #expect(board.waitingCount == 1 && board.nextEnd == patient.queueEnd)
    }

    @Test func whileTheDatabaseIsAwayNothingWaits() throws {
        var board = try board()
        #expect(isWaiting(board.admit(job(.check))))
        let isAway = board.failToConnect()
        #expect(isAway)
        guard case .refused(.unavailable) = board.admit(job(.optOut)) else {
            Issue.record("a job waits for a database that is away")
            return
        }
        board.connect()
        #expect(isWaiting(board.admit(job(.optOut))))
        let isStillAway = board.failToConnect()
        #expect(!isStillAway)
    }

    @Test func aJobCancelledBeforeItArrivesIsRefused() throws {
        var board = try board()
        let cancelled = job(.check)
        cancelled.token.cancel()
        guard case .refused(.cancelled) = board.admit(cancelled) else {
            Issue.record("a cancelled job waits")
            return
        }
    }

    // MARK: COPY

    /// Two rows of two columns: (1, NULL) and ("", "ab"), as the protocol has them.
    private let copy: [UInt8] =
        [0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00, 0, 0, 0, 0, 0, 0, 0, 2, 9, 9]
        + [0, 2, 0, 0, 0, 1, 7, 255, 255, 255, 255]
        + [0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 97, 98]
        + [255, 255]

    private func parse(_ bytes: [UInt8], pieces: Int, columns: Int = 2) throws -> ([[UInt8]], Bool) {
        var parser = CopyParser(columns: columns)
        var rows: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let end = min(start + pieces, bytes.count)
            Array(bytes[start..<end]).withUnsafeBytes { parser.feed($0) }
            while let row = try parser.nextRow() { rows.append(parser.withFields(row) { Array($0) }) }
            start = end
        }
        return (rows, parser.isEnded)
    }

    @Test func rowsOfACopyAreFoundWhereverPiecesEnd() throws {
        for pieces in 1...copy.count {
            let (rows, isEnded) = try parse(copy, pieces: pieces)
            #expect(rows == [[0, 0, 0, 1, 7, 255, 255, 255, 255], [0, 0, 0, 0, 0, 0, 0, 2, 97, 98]])
            #expect(isEnded)
        }
        for cut in 0..<copy.count - 1 {
            let (_, isEnded) = try parse(Array(copy.prefix(cut)), pieces: 5)
            #expect(!isEnded)
        }
    }

    @Test func aCopyOfAnotherShapeIsAnErrorAndNoTrap() {
        #expect(throws: ValueReason.length) { try parse(copy, pieces: 100, columns: 3) }
        var other = copy
        other[0] = 0
        #expect(throws: ValueReason.version) { try parse(other, pieces: 100) }
        for index in copy.indices {
            for byte: UInt8 in [0, 1, 127, 128, 254, 255] {
                var damaged = copy
                damaged[index] = byte
                // Whatever the damage, it ends in rows or in an error.
                _ = try? parse(damaged, pieces: 7)
            }
        }
    }

    // MARK: Values

    @Test func damagedArraysAreErrorsAndNoTraps() throws {
        var buffer = ValueBuffer()
        try [Int64?](arrayLiteral: 1, nil, 3).encode(into: &buffer)
        let bytes = buffer.bytes
        for cut in 0..<bytes.count {
            #expect(throws: ValueReason.array) { try decode(Array(bytes.prefix(cut))) }
        }
        for index in bytes.indices {
            for byte: UInt8 in [0, 1, 127, 128, 255] {
                var damaged = bytes
                damaged[index] = byte
                _ = try? decode(damaged)
            }
        }
        #expect(try decode(bytes) == [1, nil, 3])
    }

    private func decode(_ bytes: [UInt8]) throws(ValueReason) -> [Int64?] {
        try bytes.withUnsafeBufferPointer { (bytes: UnsafeBufferPointer<UInt8>) throws(ValueReason) in
            try Cell(bytes: UnsafeRawBufferPointer(bytes)).read([Int64?].self)
        }
    }

    @Test func identifiersAreReadAndWrittenAsRFC9562HasThem() {
        let text = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
        let id = PGUUID(text)
        #expect(id == PGUUID(high: 0xf81d_4fae_7dec_11d0, low: 0xa765_00a0_c91e_6bf6))
        #expect(id?.description == text)
        #expect(PGUUID(text.uppercased()) == id)
        #expect(id.map { PGUUID(bytes: $0.bytes) } == id)
        for wrong in [
            "", "f81d4fae7dec11d0a76500a0c91e6bf6", text + "0", String(text.dropLast()), "g" + text.dropFirst(),
        ] {
            #expect(PGUUID(wrong) == nil)
        }
        #expect(PGUUID(bytes: [UInt8](repeating: 1, count: 15)) == nil)
        #expect(PGUUID(bytes: [UInt8](repeating: 1, count: 17)) == nil)
        #expect(PGUUID(high: 1, low: .max) < PGUUID(high: 2, low: 0))
    }
}

/// The same numbers every time.
private struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 33)
    }
}
