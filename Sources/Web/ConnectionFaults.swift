import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// HTTP/1.1 with what stands between the bytes and the router: answers to broken requests, an end for silent
/// connections, and the short way of single checks.
struct CarefulChannel: ServerChildChannel {
    let base: HTTP1Channel
    let checks: CheckLane.Desk
    var silence = ConnectionClock.Limits()

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandlers(
                [ConnectionFaults(), ConnectionClock(silence), CheckLane(checks)], position: .after(decoder.handler))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}

/// Answers what cannot be read as HTTP, where no answer to an earlier request is on its way: 431 for header fields over
/// the limit, 400 for the rest. And takes what comes of a body that was answered already within limits.
final class ConnectionFaults: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private var requestsInProgress = 0
    private var isAnswered = false
    private var isBodyComing = false
    private var abandonedBytes = 0
    private var end: Scheduled<Void>?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            requestsInProgress += 1
            isBodyComing = true
        case .body(let bytes):
            if requestsInProgress == 0 { abandonedBytes += bytes.readableBytes }
            guard abandonedBytes <= abandonedBodyBytesMax else {
                context.close(promise: nil)
                return
            }
        case .end:
            isBodyComing = false
            abandonedBytes = 0
            end?.cancel()
            end = nil
        }
        context.fireChannelRead(data)
    }

    func handlerRemoved(context: ChannelHandlerContext) { end?.cancel() }

    private func endSoon(_ context: ChannelHandlerContext) {
        end = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(abandonedBodySecondsMax)) {
            context.close(promise: nil)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isAnswered {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        if case .end = unwrapOutboundIn(data) {
            requestsInProgress -= 1
            if requestsInProgress == 0, isBodyComing { endSoon(context) }
        }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, requestsInProgress == 0, !isAnswered else {
            context.fireErrorCaught(error)
            return
        }
        let problem =
            error == .headerOverflow
            ? Problem(
                .headersTooLarge,
                "At most \(headerFieldsMax) header fields of \(headerFieldBytesMax) bytes, \(headerBytesMax) bytes in all."
            )
            : Problem(.malformedRequest, "This is not HTTP/1.1.")
        let answer = problem.answer
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status),
            headers: [
                "content-type": answer.mediaType, "content-length": String(answer.body.count), "connection": "close",
                "cache-control": "no-store", "x-content-type-options": "nosniff",
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        isAnswered = true
        context.close(promise: nil)
    }
}
