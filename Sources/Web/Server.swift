import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import Rules
public import Store

/// The HTTP service: takes requests in, has the store do a verb, sends answers out.
public struct WebServer: Sendable {
    /// Where to listen.
    public struct Configuration: Sendable {
        /// A host name or address of this machine.
        public var host: String
        /// 0 lets the system choose.
        public var port: Int
        /// What recipients see; nil where nobody is sent here, as by a measurement.
        public var pages: RecipientPages?
        var streamLimits = StreamLimits()
        /// More lines of /metrics, in Prometheus' text format.
        public var gauges: @Sendable () -> String = { "" }
        /// More of what /readyz tells.
        public var findings: @Sendable () -> [Finding] = { [] }

        /// Listens on this machine alone, unless told otherwise.
        public init(host: String = "127.0.0.1", port: Int = 8080) {
            (self.host, self.port) = (host, port)
        }
    }

    /// The pages behind the links of a mail.
    public struct RecipientPages: Sendable {
        let pages: Pages

        /// `offset` says by how many seconds a time zone is ahead of UTC; nil where this machine does not know the zone.
        public init(
            _ languages: Languages, offset: @escaping @Sendable (_ zone: String, _ at: Instant) -> Int?
        ) throws(FileError) {
            pages = try Pages(languages, PageCalendar(offset: offset))
        }
    }

    private let store: Store
    private let configuration: Configuration
    private let logger: Logger
    private let clock: @Sendable () -> Instant
    private let random: @Sendable () -> UInt64
    private let links: LinkService?
    private let isListening: @Sendable (_ port: Int) async -> Void

    /// `clock` is read once a request; `random` names requests in the log; without `links` no verdict has a link and none
    /// opens; `isListening` hears the port once it is open.
    public init(
        store: Store, configuration: Configuration = Configuration(), logger: Logger,
        clock: @escaping @Sendable () -> Instant, random: @escaping @Sendable () -> UInt64,
        links: LinkService? = nil,
        isListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        (self.store, self.configuration, self.logger) = (store, configuration, logger)
        (self.clock, self.random, self.links, self.isListening) = (clock, random, links, isListening)
    }

    /// Serves until the task is cancelled or its service group shuts down; what is being answered then is answered.
    public func run() async throws {
        try await application().run()
    }

    func application() -> Application<RouterResponder<CallContext>> {
        let isListening = isListening
        let journal = Journal(traffic: Traffic(), logger: logger, random: random)
        return Application(
            router: router(journal), server: http(journal),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(connectionsMax)),
            onServerRunning: { channel in await isListening(channel.localAddress?.port ?? 0) }, logger: logger)
    }

    private func router(_ journal: Journal) -> Router<CallContext> {
        let book = RouteBook(
            traffic: journal.traffic, streams: Streams(configuration.streamLimits), gauges: configuration.gauges,
            findings: configuration.findings)
        return book.router(Reception(store: store, clock: clock, links: links, pages: configuration.pages?.pages)) {
            book in
            AccessLog(routes: book, journal: journal)
        }
    }

    private func http(_ journal: Journal) -> HTTPServerBuilder {
        let desk = CheckLane.Desk(store: store, clock: clock, journal: journal, links: links)
        return HTTPServerBuilder { responder in
            CarefulChannel(
                base: HTTP1Channel(
                    responder: responder,
                    // Without its idle timeout: it does not see the checks that go by the short way. See ConnectionClock.
                    configuration: HTTP1Channel.Configuration(
                        httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                            maxHeaderFieldSize: headerFieldBytesMax, maxHeaderListSize: headerBytesMax,
                            maxHeaderFieldCount: headerFieldsMax))),
                checks: desk)
        }
    }
}
