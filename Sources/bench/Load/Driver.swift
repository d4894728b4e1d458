import Glibc

/// Puts load on a server from one thread and measures how it is answered.
///
/// A latency runs from when the request was *due*: in a closed loop that is when it is sent, in an open loop it is the
/// schedule's instant, however long no connection was free for it. So a server that stalls is not flattered by the
/// requests that nobody could send meanwhile (coordinated omission).
struct Driver: ~Copyable {
    /// How long after the end the last answers are waited for.
    static let graceSecondsMax: UInt64 = 5
    /// A server that breaks more connections than this is not measured any further.
    private static let brokenMax = 10_000
    private static let readBytesMax = 262_144

    private let order: LoadOrder
    private var request: RequestText
    private var poller: Poller
    private var lines: [Line] = []
    /// Connections without a request, the one that waited longest first.
    private var idle = Line.Queue()
    private var text: [UInt8] = []
    private var ready: [Poller.Ready] = []
    private let buffer: UnsafeMutableRawBufferPointer
    private var result = LoadResult()
    private var schedule: Schedule?
    /// Requests of the schedule that were sent.
    private var sent = 0
    private var windowBegin: UInt64 = 0
    private var windowEnd: UInt64 = 0

    init(_ order: LoadOrder) throws(BenchFault) {
        self.order = order
        request = order.request
        poller = try Poller()
        buffer = .allocate(byteCount: Self.readBytesMax, alignment: 16)
    }

    deinit {
        for line in lines { line.socket.close() }
        buffer.deallocate()
    }

    /// Runs the whole load; `atEdge` is called when the measured time begins and when it ends.
    mutating func run(atEdge: (WindowEdge) -> Void = { _ in }) throws(BenchFault) -> LoadResult {
        try connect()
        let start = MonotonicClock.nanoseconds
        windowBegin = start + UInt64(order.warmupSeconds * 1_000_000_000)
        windowEnd = windowBegin + UInt64(order.seconds * 1_000_000_000)
        if case .open(let perSecond) = order.pace { schedule = Schedule(start: start, perSecond: perSecond) }
        try serve(until: windowBegin)
        atEdge(.begin)
        let before = MonotonicClock.processNanoseconds
        try serve(until: windowEnd)
        result.driverNanoseconds = MonotonicClock.processNanoseconds - before
        atEdge(.end)
        try drain()
        result.seconds = order.seconds
        return result
    }

    private mutating func connect() throws(BenchFault) {
        for index in 0..<order.connections {
            let line = Line(try Socket(to: order.target), index, order.expected)
            lines.append(line)
            poller.add(line.socket, tag: index, for: .reading)
            idle.append(line)
        }
    }

    /// Keeps the load up until an instant.
    private mutating func serve(until end: UInt64) throws(BenchFault) {
        while true {
            let now = MonotonicClock.nanoseconds
            guard now < end else { return }
            try sendDue(now: now, before: windowEnd)
            try handleReady(until: min(nextDue(before: windowEnd) ?? end, end))
        }
    }

    /// Takes the answers that are still to come, and sends what was due before the end and could not be sent.
    private mutating func drain() throws(BenchFault) {
        let graceEnd = MonotonicClock.nanoseconds + Self.graceSecondsMax * 1_000_000_000
        while true {
            let now = MonotonicClock.nanoseconds
            try sendDue(now: now, before: windowEnd)
            guard now < graceEnd, idle.count < lines.count else { break }
            try handleReady(until: graceEnd)
        }
        let now = MonotonicClock.nanoseconds
        for line in lines where line.isBusy { missed(due: line.due, now: now) }
        guard let schedule else { return }
        while schedule.due(sent) < windowEnd {
            missed(due: schedule.due(sent), now: now)
            sent += 1
        }
    }

    /// A request without an answer has taken at least as long as it was waited for.
    private mutating func missed(due: UInt64, now: UInt64) {
        guard due >= windowBegin else { return }
        result.unanswered += 1
        result.latencies.record(nanoseconds: now - min(due, now))
    }

    /// The instant for which to wait with sending; nil where it is a connection that is waited for.
    private func nextDue(before end: UInt64) -> UInt64? {
        guard let schedule, idle.count > 0 else { return nil }
        let due = schedule.due(sent)
        return due < end ? due : nil
    }

    private mutating func sendDue(now: UInt64, before end: UInt64) throws(BenchFault) {
        guard let schedule else {
            while now < end, let line = idle.removeFirst() { try send(on: line, due: now) }
            return
        }
        while idle.count > 0 {
            let due = schedule.due(sent)
            guard due <= now, due < end, let line = idle.removeFirst() else { return }
            sent += 1
            try send(on: line, due: due)
        }
    }

    private mutating func send(on line: Line, due: UInt64) throws(BenchFault) {
        request.write(into: &text)
        line.begin(due: due)
        switch text.withUnsafeBytes({ line.socket.write($0) }) {
        case .bytes(text.count): return
        case .bytes(let count): line.unsent = text[count...]
        case .later: line.unsent = text[...]
        case .ended: return try replace(line)
        }
        poller.change(line.socket, tag: line.index, to: .readingAndWriting)
    }

    private mutating func handleReady(until instant: UInt64) throws(BenchFault) {
        let now = MonotonicClock.nanoseconds
        var ready: [Poller.Ready] = []
        swap(&ready, &self.ready)
        ready.removeAll(keepingCapacity: true)
        poller.wait(nanoseconds: instant > now ? instant - now : 0, into: &ready)
        for one in ready {
            let line = lines[one.tag]
            if one.isWritable, !line.unsent.isEmpty { try push(line) }
            try receive(on: line)
        }
        swap(&ready, &self.ready)
    }

    /// Sends the rest of a request that did not go out at once.
    private mutating func push(_ line: Line) throws(BenchFault) {
        switch line.unsent.withUnsafeBytes({ line.socket.write($0) }) {
        case .bytes(let count): line.unsent = line.unsent.dropFirst(count)
        case .later: return
        case .ended: return try replace(line)
        }
        if line.unsent.isEmpty { poller.change(line.socket, tag: line.index, to: .reading) }
    }

    private mutating func receive(on line: Line) throws(BenchFault) {
        switch line.socket.read(into: buffer) {
        case .later: return
        case .ended: return try replace(line)
        case .bytes(let count):
            guard line.isBusy else { return try replace(line) }
            switch line.take(UnsafeRawBufferPointer(rebasing: buffer.prefix(count))) {
            case .unfinished: return
            case .nonsense: return try replace(line)
            case .finished: try finish(line)
            }
        }
    }

    private mutating func finish(_ line: Line) throws(BenchFault) {
        let now = MonotonicClock.nanoseconds
        if line.due >= windowBegin { count(line, now: now) }
        if windowBegin <= now, now < windowEnd, line.isRight { result.answered += 1 }
        line.isBusy = false
        if line.reader.isLast { try reopen(line) }
        // In a closed loop the next request goes out at once, not after the others of this round were read.
        guard schedule == nil, now < windowEnd else { return idle.append(line) }
        try send(on: line, due: now)
    }

    private mutating func count(_ line: Line, now: UInt64) {
        if line.reader.status != 200 {
            result.refusals[line.reader.status, default: 0] += 1
        } else if !line.expected.isEnough {
            result.wrongBodies += 1
        } else {
            result.latencies.record(nanoseconds: now - line.due)
        }
    }

    /// Opens a connection anew that broke; a request that was on it has no answer.
    private mutating func replace(_ line: Line) throws(BenchFault) {
        // A server may close a connection that nothing is asked on.
        if line.isBusy { result.broken += 1 }
        guard result.broken <= Self.brokenMax else { throw BenchFault("the server breaks its connections") }
        let wasBusy = line.isBusy
        line.isBusy = false
        try reopen(line)
        if wasBusy { idle.append(line) }
    }

    private mutating func reopen(_ line: Line) throws(BenchFault) {
        line.socket.close()
        line.unsent = []
        line.socket = try Socket(to: order.target)
        poller.add(line.socket, tag: line.index, for: .reading)
    }
}
