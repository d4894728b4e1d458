import NIOCore
import NIOPosix
import NIOSSL
import Rules

/// Why a letter was not taken on.
enum SMTPFault: Error, Hashable, Sendable {
    /// Nobody answers there, or not with SMTP.
    case unreachable
    /// The connection ended at this stage.
    case cutOff(SMTPStage)
    /// It said nothing for too long.
    case silent(SMTPStage)
    /// What it says is no SMTP.
    case malformed(SMTPStage)
    /// It says more than a reply may have.
    case answerTooLarge(SMTPStage)
    /// It said something before it was asked.
    case unasked
    case noTLS
    case tlsFailed
    /// It offers no way of AUTH that we have, or none where the password would be protected.
    case noAuth
    /// It refused.
    case refused(SMTPStage, SMTPReply)
    /// The letter is larger than the relay takes.
    case tooLarge
    /// The address needs SMTPUTF8, which the relay does not have.
    case needsUTF8

    /// A code for the outbox and the log, without any text of the relay.
    var code: String {
        switch self {
        case .unreachable: "unreachable"
        case .cutOff(let stage): "cut off at \(stage.rawValue)"
        case .silent(let stage): "silent at \(stage.rawValue)"
        case .malformed(let stage): "no SMTP at \(stage.rawValue)"
        case .answerTooLarge(let stage): "answer too large at \(stage.rawValue)"
        case .unasked: "spoke unasked"
        case .noTLS: "offers no STARTTLS"
        case .tlsFailed: "TLS failed"
        case .noAuth: "offers no AUTH that can be used"
        case .refused(let stage, let reply): "\(reply.codes) at \(stage.rawValue)"
        case .tooLarge: "552 5.3.4 too large for the relay"
        case .needsUTF8: "553 5.6.7 the relay has no SMTPUTF8"
        }
    }
}

/// Where in the dialogue.
enum SMTPStage: String, Sendable, CaseIterable {
    case greeting
    case ehlo = "EHLO"
    case startTLS = "STARTTLS"
    case auth = "AUTH"
    case from = "MAIL"
    case to = "RCPT"
    case data = "DATA"
    case message
    case quit = "QUIT"
    case reset = "RSET"
}

/// How long the relay may take; RFC 5321, 4.5.3.2, allows it more, and a letter that fails is tried again.
struct SMTPLimits: Sendable {
    /// To be connected.
    var connect: TimeAmount = .seconds(15)
    /// For a reply, all of it.
    var reply: TimeAmount = .seconds(60)
    /// For the reply to the whole message.
    var accept: TimeAmount = .seconds(600)
}

/// One connection to the relay, greeted, protected and authenticated. It takes letters one after the other.
struct SMTPSession {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let channel: any Channel
    private let limits: SMTPLimits
    private var reader = SMTPReplyReader()
    private var bytesTaken = 0
    private var features = SMTPFeatures()
    private var isProtected = false
    private var isDirty = false

    /// Connects, hands the session on, and closes it.
    static func with<Result: Sendable>(
        _ relay: SMTPRelay, limits: SMTPLimits = SMTPLimits(), on group: any EventLoopGroup,
        _ body: (inout SMTPSession) async throws -> Result
    ) async throws -> Result {
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            channel = try await ClientBootstrap(group: group).connectTimeout(limits.connect)
                .connect(host: relay.host, port: relay.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(SMTPGate())
                        if relay.protection == .immediate {
                            try channel.pipeline.syncOperations.addHandler(Self.tls(relay), position: .first)
                        }
                        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw SMTPFault.unreachable
        }
        return try await channel.executeThenClose { inbound, outbound in
            var session = SMTPSession(
                inbound: inbound.makeAsyncIterator(), outbound: outbound, channel: channel.channel, limits: limits)
            session.isProtected = relay.protection == .immediate
            try await session.begin(relay)
            let result = try await body(&session)
            await session.end()
            return result
        }
    }

    private init(
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, channel: any Channel, limits: SMTPLimits
    ) {
        (self.inbound, self.outbound, self.channel, self.limits) = (inbound, outbound, channel, limits)
    }

    /// Hands a message over; returns when the relay has taken it on itself.
    ///
    /// When the connection breaks after the last line, it may have: then it comes again, under the same Message-ID.
    mutating func send(_ message: MailMessage) async throws(SMTPFault) {
        guard features.sizeMax.map({ message.bytes.count <= $0 }) ?? true else { throw .tooLarge }
        guard !message.needsUTF8 || features.smtpUTF8 else { throw .needsUTF8 }
        if isDirty { _ = try await say("RSET", .reset) }
        isDirty = true
        var options = ""
        if features.sizeMax != nil { options += " SIZE=\(message.bytes.count)" }
        if message.needsUTF8 {
            options += " SMTPUTF8"
            if features.eightBitMIME { options += " BODY=8BITMIME" }
        }
        _ = try await say("MAIL FROM:<\(message.from)>" + options, .from)
        _ = try await say("RCPT TO:<\(message.to)>", .to)
        _ = try await say("DATA", .data)
        try await write(message.dotStuffed, .message)
        _ = try await reply(.message, within: limits.accept)
        isDirty = false
    }

    // MARK: Before the first letter

    private mutating func begin(_ relay: SMTPRelay) async throws(SMTPFault) {
        _ = try await reply(.greeting, within: limits.reply)
        try await greet()
        if relay.protection == .required {
            guard features.startTLS else { throw .noTLS }
            _ = try await say("STARTTLS", .startTLS)
            try await protect(relay)
            // What was said in the clear counts for nothing (RFC 3207, 4.2).
            try await greet()
        }
        if let user = relay.user, let password = relay.password {
            try await authenticate(user, password, isClearAllowed: relay.protection == .none)
        }
    }

    private mutating func greet() async throws(SMTPFault) {
        let name =
            switch channel.localAddress {
            case .v4(let address): "[\(channel.localAddress?.ipAddress ?? address.host)]"
            case .v6(let address): "[IPv6:\(channel.localAddress?.ipAddress ?? address.host)]"
            default: "[127.0.0.1]"
            }
        features = SMTPFeatures(try await say("EHLO \(name)", .ehlo))
    }

    private mutating func protect(_ relay: SMTPRelay) async throws(SMTPFault) {
        let taken = bytesTaken
        let hasRest = !reader.isEmpty
        let channel = channel
        do {
            try await channel.eventLoop.submit {
                // Nothing said in the clear may be taken for an answer from behind the wall.
                let gate = try channel.pipeline.syncOperations.handler(type: SMTPGate.self)
                guard gate.bytesPassed == taken, !hasRest else { throw SMTPFault.unasked }
                try channel.pipeline.syncOperations.addHandler(Self.tls(relay), position: .first)
            }.get()
        } catch let fault as SMTPFault {
            throw fault
        } catch {
            throw .tlsFailed
        }
        isProtected = true
    }

    private static func tls(_ relay: SMTPRelay) throws -> NIOSSLClientHandler {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let file = relay.trustFile { configuration.trustRoots = .file(file) }
        let isNumber = relay.host.contains(":") || relay.host.split(separator: ".").last.map { Int($0) != nil } == true
        return try NIOSSLClientHandler(
            context: NIOSSLContext(configuration: configuration), serverHostname: isNumber ? nil : relay.host)
    }

    private mutating func authenticate(
        _ user: String, _ password: String, isClearAllowed: Bool
    ) async throws(SMTPFault) {
        guard isProtected || isClearAllowed else { throw .noAuth }
        if features.auth.contains("PLAIN") {
            let octets = [0] + Array(user.utf8) + [0] + Array(password.utf8)
            _ = try await say("AUTH PLAIN " + Base64.encoded(octets), .auth)
        } else if features.auth.contains("LOGIN") {
            _ = try await say("AUTH LOGIN", .auth)
            _ = try await say(Base64.encoded(Array(user.utf8)), .auth)
            _ = try await say(Base64.encoded(Array(password.utf8)), .auth)
        } else {
            throw .noAuth
        }
    }

    /// A goodbye that nobody waits for long.
    private mutating func end() async {
        do {
            try await write(Array("QUIT\r\n".utf8), .quit)
            _ = try await reply(.quit, within: .seconds(2))
        } catch {
            // It is over in any case.
        }
    }

    // MARK: One command, one reply

    private mutating func say(_ line: String, _ stage: SMTPStage) async throws(SMTPFault) -> SMTPReply {
        try await write(Array((line + "\r\n").utf8), stage)
        return try await reply(stage, within: limits.reply)
    }

    private func write(_ bytes: [UInt8], _ stage: SMTPStage) async throws(SMTPFault) {
        do { try await outbound.write(ByteBuffer(bytes: bytes)) } catch { throw Self.fault(error, stage) }
    }

    /// The next reply, whole within the time; one that refuses is thrown.
    private mutating func reply(_ stage: SMTPStage, within limit: TimeAmount) async throws(SMTPFault) -> SMTPReply {
        let channel = channel
        let end = NIODeadline.now() + limit
        let watch = channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
        defer { watch.cancel() }
        while true {
            let whole: SMTPReply?
            do throws(SMTPReplyError) {
                whole = try reader.next()
            } catch {
                throw error == .malformed ? .malformed(stage) : .answerTooLarge(stage)
            }
            if let whole {
                guard whole.isPositive else { throw .refused(stage, whole) }
                return whole
            }
            let piece: ByteBuffer?
            do { piece = try await inbound.next() } catch { throw Self.fault(error, stage) }
            guard let piece else { throw NIODeadline.now() >= end ? .silent(stage) : .cutOff(stage) }
            bytesTaken += piece.readableBytes
            reader.feed(piece.readableBytesView)
        }
    }

    private static func fault(_ error: any Error, _ stage: SMTPStage) -> SMTPFault {
        error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError ? .tlsFailed : .cutOff(stage)
    }
}

/// Counts what came in the clear.
private final class SMTPGate: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    private(set) var bytesPassed = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytesPassed += unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
    }
}
