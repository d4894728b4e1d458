import HummingbirdCore
import NIOCore
import NIOHTTP1
import Rules
import Store

/// The short way of what comes by the thousand, a single check and a machine's one-click: taken off the connection before the
/// router, done, and answered from the connection's own thread, without a task or a hop between threads of its own.
///
/// It gives one kind of answer to each, the verdict on a question that is right in every respect and the word that an opt-out
/// is committed, and byte for byte the one that the long way gives. Everything else it hands on as it came to the router, which
/// says what is wrong; so it does with what the database could not do, or not under this catalogue, which is then begun anew.
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
        let links: LinkService?
        let date = HTTPDate()
    }

    private enum State {
        /// What comes is handed on.
        case open
        /// The parts so far of a request that may be such an errand, and how many pieces its body came in.
        case gathering(Errand, HTTPRequestHead, ByteBuffer?, pieces: Int)
        /// It is being done; its parts are kept for the long way.
        case asking([HTTPServerRequestPart])
    }

    /// An answer, with what the log says of it.
    private struct Told {
        let answer: Answer
        let route: String
        var key: String?
        let controller: String
    }

    private let desk: Desk
    private var state = State.open
    /// Requests that were handed on and are not yet answered; nothing must overtake them.
    private var handedOn = 0
    /// What came behind the request that is being done.
    private var behind: [HTTPServerRequestPart] = []
    private var isReadWanted = false
    /// What happened to the connection meanwhile: that the client will send no more, that the service is to end.
    private var events: [Any] = []
    private var credential: (header: String, key: APIKey, believed: BelievedKey)?
    /// The address at the other end, once it was looked up.
    private var peer: String??

    init(_ desk: Desk) { self.desk = desk }

    // MARK: Coming in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        take(unwrapInboundIn(data), context)
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (state, part) {
        case (.asking, _): behind.append(part)
        case (.open, .head(let head)):
            if handedOn == 0, let errand = Errand(head) {
                state = .gathering(errand, head, nil, pieces: 0)
            } else {
                handOn(part, context)
            }
        case (.open, _): handOn(part, context)
        case (.gathering(let errand, let head, nil, _), .body(let bytes)):
            gather(errand, head, bytes, pieces: 1, context)
        case (.gathering(let errand, let head, .some(var body), let pieces), .body(var bytes)):
            body.writeBuffer(&bytes)
            gather(errand, head, body, pieces: pieces + 1, context)
        case (.gathering(let errand, let head, let body, _), .end(nil)):
            begin(errand, head, body ?? ByteBuffer(), context)
        case (.gathering(_, let head, let body, _), _): handOn([.head(head)] + Self.parts(body) + [part], context)
        }
    }

    /// What is long, or comes in drops, goes the long way, where a body has a time in which it must have come.
    private func gather(
        _ errand: Errand, _ head: HTTPRequestHead, _ body: ByteBuffer, pieces: Int, _ context: ChannelHandlerContext
    ) {
        state = .gathering(errand, head, body, pieces: pieces)
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

    // MARK: Doing it

    private func begin(
        _ errand: Errand, _ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext
    ) {
        let parts = [.head(head)] + Self.parts(body.readableBytes > 0 ? body : nil) + [.end(nil)]
        let hasBegun =
            switch errand {
            case .check: ask(parts, head, body, context)
            case .oneClick(let words): press(parts, head, words, body, context)
            }
        if !hasBegun { handOn(parts, context) }
    }

    /// False for what is not right in every respect.
    private func ask(
        _ parts: [HTTPServerRequestPart], _ head: HTTPRequestHead, _ body: ByteBuffer,
        _ context: ChannelHandlerContext
    ) -> Bool {
        let start = ContinuousClock.now
        let now = desk.clock()
        guard let believed = believed(head.headers, at: now),
            let (check, campaign) = EligibilityAPI.plainCheck(in: Array(body.readableBytesView), by: believed.access)
        else { return false }
        state = .asking(parts)
        let promise = context.eventLoop.makePromise(of: ReadCheck?.self)
        promise.futureResult.assumeIsolated().whenSuccess { read in
            let told = read?.answer(at: now).map { answer in
                Told(
                    answer: answer.answer(self.desk.links?.press, campaign), route: EligibilityAPI.checkPath,
                    key: self.credential?.key.prefix, controller: believed.access.controller.slug.text)
            }
            self.conclude(told, at: now, from: start, context)
        }
        desk.store.ask(check, as: believed) { promise.succeed($0) }
        return true
    }

    /// Has the opt-out recorded; false where the request is not the one-click of a link that opens here.
    private func press(
        _ parts: [HTTPServerRequestPart], _ head: HTTPRequestHead, _ words: OneClick.Head, _ body: ByteBuffer,
        _ context: ChannelHandlerContext
    ) -> Bool {
        let start = ContinuousClock.now
        guard body.readableBytesView.elementsEqual(OneClick.body), let links = desk.links,
            let link = links.link(in: OneClick.token(in: head.uri), as: .unsubscribe),
            let access = desk.store.believedAccess(of: link)
        else { return false }
        let evidence = words.visitor(at: peerAddress(context)).evidence(OneClick.method, of: link)
        state = .asking(parts)
        let promise = context.eventLoop.makePromise(of: Result<LinkReceipt, StoreError>.self)
        promise.futureResult.assumeIsolated().whenSuccess { result in
            var told: Told?
            if case .success(let receipt) = result {
                told = Told(
                    answer: OneClick.answer(receipt), route: UnsubscribeLink.path,
                    controller: receipt.controller.slug.text)
            }
            self.conclude(told, at: self.desk.clock(), from: start, context)
        }
        desk.store.unsubscribe(LinkOptOut(link, evidence: evidence), by: access) { promise.succeed($0) }
        return true
    }

    private func peerAddress(_ context: ChannelHandlerContext) -> String? {
        if let peer { return peer }
        let address = context.channel.remoteAddress?.ipAddress
        peer = .some(address)
        return address
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
        _ told: Told?, at now: Instant, from start: ContinuousClock.Instant, _ context: ChannelHandlerContext
    ) {
        guard case .asking(let parts) = state, context.channel.isActive else { return }
        state = .open
        if let told {
            write(told, at: now, from: start, context)
        } else {
            credential = nil
            handOn(parts, context)
            // Not within a read: whoever gathers what was read until it is complete must hear that it is.
            context.fireChannelReadComplete()
        }
        goOn(context)
    }

    private func write(
        _ told: Told, at now: Instant, from start: ContinuousClock.Instant, _ context: ChannelHandlerContext
    ) {
        let answer = told.answer
        let id = desk.journal.newID()
        var headers: HTTPHeaders = [
            "Content-Type": answer.mediaType, "Content-Length": String(answer.body.count), "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff", "X-Request-Id": id, "Date": desk.date.text(at: now),
        ]
        for (name, value) in answer.headers { headers.add(name: name, value: value) }
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        desk.journal.record(
            Journal.Entry(
                id: id, method: "POST", route: told.route, status: answer.status,
                microseconds: Journal.microseconds(ContinuousClock.now - start), key: told.key,
                controller: told.controller))
    }

    /// Takes up what came behind the request, and what was put off until its answer.
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

    /// A client that sends on while its request is being done is read only so far: the rest waits in the socket.
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

/// Parts of later requests that are kept while one is being done.
private let partsBehindMax = 16
/// Bytes of a body on the short way; a longer one goes the long way.
private let checkBodyBytesMax = 4_096
/// Pieces in which such a body may come: one behind its head, and one more.
private let checkBodyPiecesMax = 2
