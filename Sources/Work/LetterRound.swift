import Logging
import NIOPosix
import Rules
import ServiceLifecycle
import Store

/// Sends letters that are due over one connection, one after the other, as long as it lasts and there are any.
struct LetterRound: Sendable {
    let outbox: Outbox
    let store: Store
    let mail: MailRoute
    let schedule: CourierSchedule
    let limits: SMTPLimits
    let logger: Logger
    let clock: @Sendable () -> Instant
    let random: @Sendable () -> Double

    /// Letters over one connection.
    static let lettersMax = 100
    /// Longer than a letter can take by `SMTPLimits`.
    static let lease: Duration = .seconds(1_200)

    /// How it ended.
    struct End: Sendable {
        /// Letters that were settled in one way or another.
        var sent = 0
        /// Whether the relay is better left alone for a while.
        var relayFailed = false
    }

    func run() async throws(StoreError) -> End {
        guard let first = try await claim() else { return End() }
        do {
            return try await SMTPSession.with(mail.relay, limits: limits, on: MultiThreadedEventLoopGroup.singleton) {
                session in try await dialogue(&session, first)
            }
        } catch let error as StoreError {
            throw error
        } catch {
            // A letter whose connection ended, or the first where there was none.
            let ended = error as? DialogueEnd ?? DialogueEnd(letter: first, fault: error as? SMTPFault ?? .unreachable)
            logger.warning("the relay failed", metadata: ["why": .string(ended.fault.code)])
            try await settle(ended.letter, ended.fault)
            return End(sent: 1, relayFailed: true)
        }
    }

    private func claim() async throws(StoreError) -> ClaimedLetter? {
        let claimed = try await outbox.claimLetters(max: 1, lease: Self.lease)
        if claimed.unreadable > 0 { logger.error("a letter in the outbox cannot be read: is the right pepper loaded?") }
        return claimed.letters.first
    }

    private func dialogue(_ session: inout SMTPSession, _ first: ClaimedLetter) async throws -> End {
        var next: ClaimedLetter? = first
        var end = End()
        while let letter = next {
            let message = MailMessage(
                letter.letter, from: mail.from, name: letter.controllerName, messageID: letter.messageID, at: clock())
            var fault: SMTPFault?
            do throws(SMTPFault) { try await session.send(message) } catch { fault = error }
            if let fault {
                guard fault.leavesConnection else { throw DialogueEnd(letter: letter, fault: fault) }
                try await settle(letter, fault)
            } else {
                try await outbox.settle(letter, .delivered)
            }
            end.sent += 1
            guard end.sent < Self.lettersMax, !Task.isShuttingDownGracefully, !Task.isCancelled else { break }
            next = try await claim()
        }
        return end
    }

    /// Writes down a letter that was not taken on; of an address that does not exist the bounce too.
    private func settle(_ letter: ClaimedLetter, _ fault: SMTPFault) async throws(StoreError) {
        if fault.isFinal {
            if fault.isNoSuchMailbox { try await recordBounce(letter) }
            try await outbox.settle(letter, .givenUp(answer: fault.code))
            logger.notice("a letter was given up", metadata: ["why": .string(fault.code)])
        } else if letter.attempt >= schedule.letters.count {
            try await outbox.settle(letter, .givenUp(answer: fault.code))
            logger.notice("a letter was given up after its last try", metadata: ["why": .string(fault.code)])
        } else {
            let pause = schedule.letters[letter.attempt]
            try await outbox.settle(letter, .later(after: pause + pause / 10 * random(), answer: fault.code))
        }
    }

    /// The relay's word that there is no such mailbox is a hard bounce: nothing is sent there until it is confirmed.
    private func recordBounce(_ letter: ClaimedLetter) async throws(StoreError) {
        let controllers = try await store.catalogue().controllers
        guard let controller = controllers.first(where: { $0.id == letter.controller }) else { return }
        let report = Report(.bounced(.hard), of: .address(letter.letter.to))
        _ = try await store.run(.record(report), by: Access(service: "courier", for: controller))
    }
}

/// A letter at which the connection ended.
private struct DialogueEnd: Error {
    let letter: ClaimedLetter
    let fault: SMTPFault
}

extension SMTPFault {
    /// Whether the next letter can go over the same connection.
    fileprivate var leavesConnection: Bool {
        switch self {
        case .refused(let stage, let reply): [.from, .to, .data, .message].contains(stage) && reply.code != 421
        case .tooLarge, .needsUTF8: true
        default: false
        }
    }

    /// Whether it is the letter that is refused for good. A 5xx before anything was said of the letter's own address is the
    /// relay's matter: the letters wait until somebody has set it right.
    fileprivate var isFinal: Bool {
        switch self {
        case .refused(let stage, let reply): reply.isPermanent && [.to, .data, .message].contains(stage)
        case .tooLarge, .needsUTF8: true
        default: false
        }
    }

    fileprivate var isNoSuchMailbox: Bool {
        if case .refused(.to, let reply) = self { reply.isNoSuchMailbox } else { false }
    }
}
