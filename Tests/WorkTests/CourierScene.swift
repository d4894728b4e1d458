import Glibc
import Harness
import Logging
import NIOCore
import Rules
import Testing

@testable import Store
@testable import Work

/// One company with an outbox and a courier that knows no patience.
struct CourierScene {
    let database: TestDatabase
    let store: Store
    let outbox: Outbox
    let access: Access

    static func make() async throws -> CourierScene {
        try await make(policyText: Checkout.text("deploy/policies/stratsys.yaml"), "stratsys-ab")
    }

    static func make(policyText: String, _ controller: String) async throws -> CourierScene {
        let database = try await TestDatabase.make()
        try await database.apply(policyText: policyText)
        let store = try await database.store()
        return CourierScene(
            database: database, store: store,
            outbox: try Outbox(url: database.url, peppers: database.peppers, random: { 0.5 }),
            access: Access(operator: "test", for: try await store.catalogue().controller(slug(controller))))
    }

    /// Tries at once and so often; rests for no time.
    static func hasty(tries: Int) -> CourierSchedule {
        var schedule = CourierSchedule()
        schedule.notices = Array(repeating: .zero, count: tries)
        schedule.letters = Array(repeating: .zero, count: tries)
        schedule.rest = .zero
        schedule.busyRest = .zero
        schedule.pause = .milliseconds(10)
        return schedule
    }

    func courier(
        mail: MailRoute? = nil, schedule: CourierSchedule = hasty(tries: 10), limits: SMTPLimits = SMTPLimits(),
        outboundLimits: OutboundLimits = OutboundLimits(),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        resolve: (@Sendable (String, Int) async -> OutboundAddress?)? = nil
    ) throws -> Courier {
        let here = try #require(OutboundNetwork(parsing: "127.0.0.1"))
        return Courier(
            outbox: outbox, store: store, mail: mail,
            outbound: resolve.map { OutboundGuard(allowed: [here], resolve: $0) } ?? OutboundGuard(allowed: [here]),
            schedule: schedule,
            limits: limits, outboundLimits: outboundLimits, logger: logger, clock: { systemNow() }, random: { 0 })
    }

    func report(_ event: Event, _ address: String = "kari@firma.example") async throws {
        let report = Report(event, of: .address(try Address(parsing: address)))
        _ = try await store.run(.record(report), by: access)
    }

    func setEndpoint(
        _ url: String, kind: Endpoint.Kind = .webhook, withAddress: Bool = false, secret: String = webhookSecret,
        recipient: String = "hubspot", of controller: ControllerRecord? = nil
    ) async throws {
        let administration = try Administration(url: database.url, random: { 0.5 })
        try await administration.ready(within: .seconds(30))
        try await administration.setEndpoint(
            slug(recipient), of: controller ?? access.controller, kind: kind, url: url, withAddress: withAddress,
            secret: secret,
            sealedBy: database.peppers, by: "test")
        await administration.shutdown()
    }

    func state(_ recipient: String = "hubspot") async throws -> EndpointState {
        try #require(try await store.recipients(by: access).first { $0.recipient.text == recipient })
    }

    /// Goes on until nothing is due, or so many rounds.
    func deliver(by courier: Courier, rounds: Int = 200) async throws {
        for _ in 0..<rounds {
            let isDone = await courier.sendNotices() == .empty
            if isDone, try await state().waiting == 0 { return }
        }
    }

    /// Goes on until nothing waits: what another courier holds is looked at again only after seconds, however often one asks,
    /// so this is bounded by no count and by no clock either.
    func deliverAll(by courier: Courier) async throws {
        while true {
            let end = await courier.sendNotices()
            let state = try await state()
            if state.waiting == 0 || state.quarantined > 0 { return }
            if end != .more { try await Task.sleep(for: .milliseconds(20)) }
        }
    }

    func close() async {
        await outbox.shutdown(within: .seconds(5))
        await store.shutdown(within: .seconds(5))
    }

    /// What a count of the superuser's must be.
    func expect(_ count: String, is wanted: Int) async throws {
        try await database.run(
            """
            set search_path = maysend; do $check$ begin
                if (\(count)) <> \(wanted) then raise exception 'it is %', (\(count)); end if;
            end $check$
            """)
    }
}

let webhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

/// The machine's clock, for a courier under test.
func systemNow() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
}
