import NIOCore
import NIOPosix

/// The system's resolver, which knows no limit of its own, on threads of its own: who waits for it waits for so long at most.
struct SystemResolver: Sendable {
    private let limit: TimeAmount
    private let ask: @Sendable (_ host: String, _ port: Int) throws -> OutboundAddress?

    /// Seconds in which a name must be resolved.
    static let secondsMax: Int64 = 5
    /// Names that are asked for at a time; one that nobody answers holds its thread for as long as the system waits.
    static let threads = 16

    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
        return pool
    }()

    /// `ask` may block.
    init(
        limit: TimeAmount = .seconds(secondsMax),
        ask: @escaping @Sendable (_ host: String, _ port: Int) throws -> OutboundAddress? = { host, port in
            try OutboundAddress(SocketAddress.makeAddressResolvingHost(host, port: port))
        }
    ) {
        (self.limit, self.ask) = (limit, ask)
    }

    /// The host's address; nil where it has none, or none in time.
    func address(of host: String, port: Int) async -> OutboundAddress? {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        // Whichever is first fulfils it; what comes later is ignored.
        let found = loop.makePromise(of: OutboundAddress?.self)
        let alarm = loop.scheduleTask(in: limit) { found.succeed(nil) }
        Self.pool.runIfActive(eventLoop: loop) { [ask] in try ask(host, port) }.cascade(to: found)
        defer { alarm.cancel() }
        do { return try await found.futureResult.get() } catch { return nil }
    }
}

extension OutboundAddress {
    fileprivate init?(_ socket: SocketAddress) {
        guard let text = socket.ipAddress else { return nil }
        // A link-local address comes with its zone; what is before it says enough.
        self.init(parsing: text.prefix { $0 != "%" })
    }
}
