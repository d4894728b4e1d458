import CEpoll
import Glibc

/// Says which of many sockets have something to do (Linux epoll, level-triggered).
struct Poller: ~Copyable {
    /// What a socket is watched for.
    enum Interest {
        case reading
        case readingAndWriting
    }

    /// A socket that has something to do.
    struct Ready {
        /// The number that the socket was added under.
        let tag: Int
        /// Whether there is room to write; else there is something to read, an end included.
        let isWritable: Bool
    }

    /// The sockets that one call tells of.
    private static let readyMax = 256

    private let descriptor: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: readyMax)

    init() throws(BenchFault) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else {
            throw BenchFault("the system gives no epoll: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// Watches a socket; closing it ends that.
    func add(_ socket: Socket, tag: Int, for interest: Interest) { control(EPOLL_CTL_ADD, socket, tag, interest) }

    /// Watches it for something else.
    func change(_ socket: Socket, tag: Int, to interest: Interest) { control(EPOLL_CTL_MOD, socket, tag, interest) }

    private func control(_ verb: Int32, _ socket: Socket, _ tag: Int, _ interest: Interest) {
        var event = epoll_event()
        event.events = interest == .reading ? EPOLLIN.rawValue : EPOLLIN.rawValue | EPOLLOUT.rawValue
        event.data.u64 = UInt64(tag)
        epoll_ctl(descriptor, verb, socket.descriptor, &event)
    }

    /// Waits for at most so many nanoseconds, and appends what is ready.
    mutating func wait(nanoseconds: UInt64, into ready: inout [Ready]) {
        var limit = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        let count = epoll_pwait2(descriptor, &events, Int32(Self.readyMax), &limit, nil)
        guard count > 0 else { return }
        for event in events.prefix(Int(count)) {
            ready.append(Ready(tag: Int(event.data.u64), isWritable: event.events & EPOLLOUT.rawValue != 0))
        }
    }
}
