import Glibc

/// The life of the thread that owns connection number `index`: connect, take jobs, reconnect, until the queue closes.
func work(_ index: Int, on queue: JobQueue, with lane: Lane) {
    while connected(lane, queue) {
        workWhileConnected(index, on: queue, with: lane)
        queue.workerLost(index)
        if lane.isStopped { break }
    }
    lane.disconnect()
    queue.workerStopped()
}

/// Connects, however often it takes; false when the queue closes.
private func connected(_ lane: Lane, _ queue: JobQueue) -> Bool {
    let limits = lane.configuration
    var attempt = 0
    while !queue.isClosing {
        do throws(ConnectFailure) {
            try lane.connect(until: Moment.now + limits.connectTimeout)
            queue.workerConnected()
            return true
        } catch {
            lane.observe(.connectFailed(error))
            queue.connectFailed()
        }
        attempt += 1
        let pause = backoff(
            attempt: attempt, first: limits.backoffFirst, longest: limits.backoffMax, chance: lane.random())
        let until = Moment.now + pause
        while Moment.now < until, !queue.isClosing { _ = lane.wake.wait(until: until) }
    }
    return false
}

private func workWhileConnected(_ index: Int, on queue: JobQueue, with lane: Lane) {
    while lane.hasSession() {
        switch queue.next(for: index) {
        case .run(let job):
            lane.start(job)
            job.run(lane)
        case .idle:
            waitForWork(lane)
            queue.leaveIdle(index)
        case .stop:
            lane.isStopped = true
            return
        }
    }
}

/// Sleeps until there may be work, or until the server says something by itself: mostly that it is going away.
private func waitForWork(_ lane: Lane) {
    guard let session = lane.session else { return }
    if lane.wake.wait(socket: session.socket, events: Int32(POLLIN), until: nil) {
        _ = session.isAliveWhenReadable()
    }
}

/// The life of the thread that refuses what has waited too long.
func keepTime(for queue: JobQueue) {
    while true {
        let (goOn, until) = queue.tick(at: Moment.now)
        guard goOn else { return }
        _ = queue.clockWake.wait(until: until)
    }
}
