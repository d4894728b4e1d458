import HummingbirdCore
import NIOCore
import NIOHTTP1
import Rules
import Store

/// The short way of a single check: taken off the connection before the router, asked, and answered from the connection's
/// own thread, without a task or a hop between threads of its own.
///
/// It gives one kind of answer, the verdict on a question that is right in every respect, and byte for byte the one that
/// the long way gives. Everything else it hands on as it came to the router, which says what is wrong; so does a check that
/// the database could not answer or that meets a changed catalogue, which is then asked anew.
final class CheckLane: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What all connections share.
    struct Desk: Sendable {
        let store: Store
        let clock: @Sendable () -> Instant
        let journal: Journal
        /// Nil where links are not set up.
        let press: LinkPress?
        let date = HTTPDate()
    }

    private enum State {
        /// What comes is handed on.
        case open
        /// The parts so far of a request that may be a check, and how many pieces its body came in.
        case gathering(HTTPRequestHead, ByteBuffer?, pieces: Int)
        /// A check is being asked; its parts are kept for the long way.
        case asking([HTTPServerRequestPart], Campaign?)
    }

    private let desk: Desk
    private var state = State.open
    /// Requests that were handed on and are not yet answered; a check must not overtake them.
    private var handedOn = 0
    /// What came behind the check that is being asked.
    private var behind: [HTTPServerRequestPart] = []
    private var isReadWanted = false
    /// What happened to the connection meanwhile: that the client will send no more, that the service is to end.
    private var events: [Any] = []
    private var credential: (header: String, key: APIKey, believed: BelievedKey)?

    init(_ desk: Desk) { self.desk = desk }

    // MARK: Coming in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        take(unwrapInboundIn(data), context)
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (state, part) {
        case (.asking, _): behind.append(part)
        case (.open, .head(let head)) where handedOn == 0 && Self.mayBeCheck(head):
            state = .gathering(head, nil, pieces: 0)
        case (.open, _): handOn(part, context)
        case (.gathering(let head, nil, _), .body(let bytes)): gather(head, bytes, pieces: 1, context)
        case (.gathering(let head, .some(var body), let pieces), .body(var bytes)):
            body.writeBuffer(&bytes)
            gather(head, body, pieces: pieces + 1, context)
        case (.gathering(let head, let body, _), .end(nil)): ask(head, body ?? ByteBuffer(), context)
        case (.gathering(let head, let body, _), _): handOn([.head(head)] + Self.parts(body) + [part], context)
        }
    }

    private static func mayBeCheck(_ head: HTTPRequestHead) -> Bool {
        guard head.method == .POST, head.uri == EligibilityAPI.checkPath, head.version == .http1_1, head.isKeepAlive
        else { return false }
        var (isJSON, hasKey) = (false, false)
        for (name, value) in head.headers {
            switch name.lowercased() {
            case "content-type":
                guard !isJSON, value == "application/json" else { return false }
                isJSON = true
            case "authorization":
                guard !hasKey else { return false }
                hasKey = true
            case "idempotency-key", "expect", "transfer-encoding": return false
            default: break
            }
        }
        return isJSON && hasKey
    }

    /// What is long, or comes in drops, goes the long way, where a body has a time in which it must have come.
    private func gather(
        _ head: HTTPRequestHead, _ body: ByteBuffer, pieces: Int, _ context: ChannelHandlerContext
    ) {
        state = .gathering(head, body, pieces: pieces)
        if body.readableBytes > checkBodyBytesMax || pieces > checkBodyPiecesMax {
            handOn([.head(head)] + Self.parts(body), context)
        }
    }

    private static func parts(_ body: ByteBuffer?) -> [HTTPServerRequestPart] {
        body.map { [.body($0)] } ?? []
    }

    private func handOn(_ parts: [HTTPServerRequestPart], _ context: ChannelHandlerContext) {
        state = .open
        for part in parts { handOn(part, context) }
    }

    private func handOn(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        guard case .head(var head) = part else { return context.fireChannelRead(wrapInboundOut(part)) }
        handedOn += 1
        head.headers.remove(name: oldProtocolHeader)
        if head.version == .http1_0 { head.headers.add(name: oldProtocolHeader, value: "\(head.version)") }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    // MARK: Asking

    private func ask(_ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
        let parts = [.head(head)] + Self.parts(body.readableBytes > 0 ? body : nil) + [.end(nil)]
        let start = ContinuousClock.now
        let now = desk.clock()
        guard let believed = believed(head.headers, at: now),
            let (check, campaign) = EligibilityAPI.plainCheck(in: Array(body.readableBytesView), by: believed.access)
        else { return handOn(parts, context) }
        state = .asking(parts, campaign)
        let promise = context.eventLoop.makePromise(of: ReadCheck?.self)
        promise.futureResult.assumeIsolated().whenSuccess { read in
            self.conclude(read?.answer(at: now), at: now, from: start, context)
        }
        desk.store.ask(check, as: believed) { promise.succeed($0) }
    }

    /// The key of the request, looked up once for as long as the connection sends the same.
    private func believed(_ headers: HTTPHeaders, at now: Instant) -> BelievedKey? {
        guard let header = headers.first(name: "authorization") else { return nil }
        if let credential, credential.header == header { return credential.believed }
        guard let key = Authentication.key(in: header), let believed = desk.store.believed(key, at: now)
        else { return nil }
        credential = (header, key, believed)
        return believed
    }

    private func conclude(
        _ answer: CheckAnswer?, at now: Instant, from start: ContinuousClock.Instant, _ context: ChannelHandlerContext
    ) {
        guard case .asking(let parts, let campaign) = state, context.channel.isActive else { return }
        state = .open
        if let answer {
            write(answer.answer(desk.press, campaign), at: now, from: start, context)
        } else {
            credential = nil
            handOn(parts, context)
            // Not within a read: whoever gathers what was read until it is complete must hear that it is.
            context.fireChannelReadComplete()
        }
        goOn(context)
    }

    private func write(
        _ answer: Answer, at now: Instant, from start: ContinuousClock.Instant, _ context: ChannelHandlerContext
    ) {
        let id = desk.journal.newID()
        let headers: HTTPHeaders = [
            "Content-Type": answer.mediaType, "Content-Length": String(answer.body.count), "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff", "X-Request-Id": id, "Date": desk.date.text(at: now),
        ]
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        desk.journal.record(
            Journal.Entry(
                id: id, method: "POST", route: EligibilityAPI.checkPath, status: answer.status,
                microseconds: Journal.microseconds(ContinuousClock.now - start), key: credential?.key.prefix,
                controller: credential?.believed.access.controller.slug.text))
    }

    /// Takes up what came behind the check, and what was put off until its answer.
    private func goOn(_ context: ChannelHandlerContext) {
        let parts = behind
        behind = []
        for part in parts { take(part, context) }
        if !parts.isEmpty { context.fireChannelReadComplete() }
        guard !isAsking else { return }
        if isReadWanted {
            isReadWanted = false
            context.read()
        }
        let events = events
        self.events = []
        for event in events { context.fireUserInboundEventTriggered(event) }
    }

    private var isAsking: Bool { if case .asking = state { true } else { false } }

    // MARK: Passing by

    /// A client that sends on while its check is being asked is read only so far: the rest waits in the socket.
    func read(context: ChannelHandlerContext) {
        if isAsking, behind.count >= partsBehindMax { isReadWanted = true } else { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { handedOn -= 1 }
        context.write(data, promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isAsking { events.append(event) } else { context.fireUserInboundEventTriggered(event) }
    }
}

/// Parts of later requests that are kept while a check is being asked.
private let partsBehindMax = 16
/// Bytes of a check's body on the short way; a longer one goes the long way.
private let checkBodyBytesMax = 4_096
/// Pieces in which the body of such a check may come: one behind its head, and one more.
private let checkBodyPiecesMax = 2
