import HummingbirdCore
import NIOCore
import NIOHTTP1

/// Closes a connection that says nothing: one that never began a request sooner than one that had an answer already.
///
/// While a request waits for its answer the connection stays, however long that takes; the body of a request has to go on
/// coming.
final class ConnectionClock: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// How long a connection may say nothing.
    struct Limits: Sendable {
        /// Before its first request.
        var first: TimeAmount = .seconds(firstRequestSecondsMax)
        /// Between requests, and in the middle of one.
        var idle: TimeAmount = .seconds(idleSecondsMax)
    }

    private let limits: Limits
    private var requestsInProgress = 0
    private var isRequestComing = false
    private var end = NIODeadline.distantFuture
    private var task: Scheduled<Void>?

    init(_ limits: Limits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) {
        end = .now() + limits.first
        sleep(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { task?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            requestsInProgress += 1
            isRequestComing = true
        case .body: break
        case .end: isRequestComing = false
        }
        end = .now() + limits.idle
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            requestsInProgress -= 1
            end = .now() + limits.idle
        }
        context.write(data, promise: promise)
    }

    /// One task for the life of the connection, whatever comes and goes meanwhile.
    private func sleep(_ context: ChannelHandlerContext) {
        task = context.eventLoop.assumeIsolated().scheduleTask(deadline: end) { self.wake(context) }
    }

    private func wake(_ context: ChannelHandlerContext) {
        if requestsInProgress > 0, !isRequestComing { end = .now() + limits.idle }
        if end <= .now() { context.close(promise: nil) } else { sleep(context) }
    }
}
