import Foundation
import Harness
import Logging
import NIOCore
import Rules
import Synchronization
import Testing

@testable import Store
@testable import Work

/// No recipient takes more than its time, and none makes another wait.
@Suite(.timeLimit(.minutes(5))) struct NoticeTurnsTests {
    private static let receiver = "deploy/dev/notice_receiver.py"
    private static let optOut = Event.unsubscribed(scope: nil, purpose: nil, topic: nil)

    @Test func anAnswerThatDripsIsCutAndItsStatusCounts() async throws {
        let scene = try await CourierScene.make()
        // Almost an hour for the whole of it.
        let receiver = try await PythonServer.start(Self.receiver, [webhookSecret, "--drip", "0.2"])
        try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/")
        try await scene.report(Self.optOut)
        var limits = OutboundLimits()
        limits.drain = .milliseconds(100)
        _ = await (try scene.courier(outboundLimits: limits)).sendNotices()
        #expect(try await receiver.get("report")["taken"] as? Int == 1)
        #expect(try await scene.state().delivered == 1)
        receiver.stop()
        await scene.close()
    }

    @Test func whereTheAnswerMattersItsTimeIsThatOfTheRequest() async throws {
        let scene = try await CourierScene.make()
        let hubspot = try await scene.startHubSpot("drip")
        try await scene.report(Self.optOut)
        var limits = OutboundLimits()
        limits.request = .seconds(2)
        let courier = try scene.courier(outboundLimits: limits)
        _ = await courier.sendNotices()
        try await scene.expect("select count(*) from notice where state = 'waiting' and answer = 'no answer'", is: 1)
        try await scene.deliver(by: courier)
        #expect(try await scene.state().delivered == 1)
        hubspot.stop()
        await scene.close()
    }

    @Test func aNameThatIsNeverResolvedHasNoAddress() async {
        let isOver = DispatchSemaphore(value: 0)
        let resolver = SystemResolver(limit: .milliseconds(20)) { _, _ in
            isOver.wait()
            return OutboundAddress(parsing: "93.184.215.14")
        }
        #expect(await resolver.address(of: "slow.example", port: 443) == nil)
        isOver.signal()
        let quick = SystemResolver(limit: .seconds(60)) { _, _ in OutboundAddress(parsing: "93.184.215.14") }
        #expect(await quick.address(of: "quick.example", port: 443) == OutboundAddress(parsing: "93.184.215.14"))
    }

    @Test func whileOneRecipientIsSlowTheOthersAreTold() async throws {
        let scene = try await Self.scene(recipients: ["slow", "quick"])
        let slow = try await PythonServer.start(Self.receiver, [webhookSecret, "--slow", "3600"])
        let quick = try await PythonServer.start(Self.receiver, [webhookSecret])
        try await scene.setEndpoint("http://127.0.0.1:\(slow.port)/", recipient: "slow")
        var limits = OutboundLimits()
        limits.request = .seconds(3_600)
        var schedule = CourierScene.hasty(tries: 10)
        schedule.noticeLease = .seconds(7_200)
        let courier = try scene.courier(schedule: schedule, outboundLimits: limits)
        try await scene.report(Self.optOut)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await courier.run() }
            // Its turn has begun, and lasts.
            while try await !scene.holdsANotice(for: "slow") { try await Task.sleep(for: .milliseconds(20)) }
            try await scene.setEndpoint("http://127.0.0.1:\(quick.port)/", recipient: "quick")
            while try await scene.state("quick").delivered == 0 { try await Task.sleep(for: .milliseconds(20)) }
            try await scene.report(.erased, "ola@firma.example")
            while try await scene.state("quick").delivered == 1 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try await scene.state("slow").delivered == 0)
            group.cancelAll()
        }
        slow.stop()
        quick.stop()
        await scene.close()
    }

    @Test func aSecretThatCannotBeOpenedStopsNobodyElse() async throws {
        let scene = try await Self.scene(recipients: ["broken", "quick"])
        let receiver = try await PythonServer.start(Self.receiver, [webhookSecret])
        for name in ["broken", "quick"] {
            try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/", recipient: name)
        }
        try await scene.database.run(
            "update maysend.recipient_endpoint set secrets = array['\\x00'::bytea] where recipient = 'broken'")
        try await scene.report(Self.optOut)
        _ = await (try scene.courier()).sendNotices()
        #expect(try await scene.state("quick").delivered == 1)
        let broken = try await scene.state("broken")
        #expect((broken.waiting, broken.delivered) == (1, 0))
        #expect(broken.failure?.contains("secret cannot be opened") == true)
        receiver.stop()
        await scene.close()
    }

    @Test func whoeverHasWaitedForLongestComesFirst() async throws {
        let names = (0...Courier.endpointsAtOnce).map { "r\($0)" }
        let scene = try await Self.scene(recipients: names)
        let receiver = try await PythonServer.start(Self.receiver, [webhookSecret, "--answer", "429"])
        for name in names { try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/", recipient: name) }
        try await scene.report(Self.optOut)
        let courier = try scene.courier()
        _ = await courier.sendNotices()
        try await scene.expect("select count(*) from notice where answer = '429'", is: Courier.endpointsAtOnce)
        // All are due again at once, and this time the one that was left out is among the first.
        _ = await courier.sendNotices()
        try await scene.expect("select count(*) from notice where answer = '429'", is: names.count)
        receiver.stop()
        await scene.close()
    }

    @Test func nothingIsBegunThatCouldOutlastItsLease() async throws {
        let scene = try await CourierScene.make()
        let receiver = try await PythonServer.start(Self.receiver, [webhookSecret])
        try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/")
        try await scene.report(Self.optOut)
        var schedule = CourierScene.hasty(tries: 10)
        schedule.noticeLease = .seconds(14)
        _ = await (try scene.courier(schedule: schedule)).sendNotices()
        #expect(try await receiver.get("report")["taken"] as? Int == 0)
        try await scene.expect(
            "select count(*) from notice where attempts = 0 and state = 'waiting' and lease is null", is: 1)
        schedule.noticeLease = .seconds(60)
        try await scene.deliver(by: scene.courier(schedule: schedule))
        #expect(try await receiver.get("report")["taken"] as? Int == 1)
        receiver.stop()
        await scene.close()
    }

    @Test func aSlowReceiverAndAShortLeaseKeepTheOrder() async throws {
        let scene = try await CourierScene.make()
        let receiver = try await PythonServer.start(Self.receiver, [webhookSecret, "--slow", "0.2"])
        try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/")
        let (persons, acts) = (40, 3)
        for _ in 0..<acts {
            for person in 0..<persons { try await scene.report(Self.optOut, "person\(person)@firma.example") }
        }
        var schedule = CourierScene.hasty(tries: 30)
        schedule.noticeLease = .milliseconds(1_600)
        var limits = OutboundLimits()
        limits.request = .seconds(1)
        let couriers = try [
            scene.courier(schedule: schedule, outboundLimits: limits),
            scene.courier(schedule: schedule, outboundLimits: limits),
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for courier in couriers { group.addTask { try await scene.deliverAll(by: courier) } }
            try await group.waitForAll()
        }
        let report = try await receiver.get("report")
        #expect(report["taken"] as? Int == persons * acts)
        #expect(report["out-of-order"] as? Int == 0)
        #expect(report["late"] as? Int == 0)
        let state = try await scene.state()
        #expect((state.delivered, state.quarantined) == (persons * acts, 0))
        receiver.stop()
        await scene.close()
    }

    @Test func aReceiverThatIsBusyUsesUpNoTry() async throws {
        let scene = try await CourierScene.make()
        let receiver = try await PythonServer.start(Self.receiver, [webhookSecret, "--limit", "15"])
        try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/")
        let persons = 50
        for person in 0..<persons { try await scene.report(Self.optOut, "person\(person)@firma.example") }
        var schedule = CourierScene.hasty(tries: 1)
        schedule.busyRest = .milliseconds(100)
        try await scene.deliverAll(by: scene.courier(schedule: schedule))
        let report = try await receiver.get("report")
        #expect(report["taken"] as? Int == persons)
        #expect(try #require(report["refused"] as? Int) > 0)
        let state = try await scene.state()
        #expect((state.delivered, state.quarantined) == (persons, 0))
        receiver.stop()
        await scene.close()
    }

    @Test(arguments: ["silent-busy", "limited"]) func aBusyHubSpotUsesUpNoTry(_ mode: String) async throws {
        let scene = try await CourierScene.make()
        let hubspot = try await scene.startHubSpot(mode)
        let persons = 12
        for person in 0..<persons { try await scene.report(.erased, "person\(person)@firma.example") }
        var schedule = CourierScene.hasty(tries: 1)
        schedule.busyRest = .milliseconds(50)
        try await scene.deliverAll(by: scene.courier(schedule: schedule))
        let state = try await scene.state()
        #expect((state.delivered, state.quarantined) == (persons, 0))
        #expect(try #require(try await hubspot.get("state")["deleted"] as? [String]).count == persons)
        hubspot.stop()
        await scene.close()
    }

    @Test func whyNothingArrivesIsShownAndSaidOnce() async throws {
        let scene = try await CourierScene.make()
        let lines = Mutex<[String]>([])
        let logger = Logger(label: "test") { _ in Recorder { line in lines.withLock { $0.append(line) } } }
        let courier = try scene.courier(schedule: CourierScene.hasty(tries: 1), logger: logger)
        try await scene.report(Self.optOut)
        try await scene.report(Self.optOut, "ola@firma.example")
        try await scene.setEndpoint("http://10.0.0.1/")
        for _ in 0..<3 { _ = await courier.sendNotices() }
        var state = try await scene.state()
        #expect(state.failure?.contains("not on the open Internet") == true)
        let since = try #require(state.failingSince)
        #expect(lines.withLock { $0 } == ["a recipient cannot be told"])

        let deaf = try await PythonServer.start(Self.receiver, [webhookSecret, "--answer", "500"])
        try await scene.setEndpoint("http://127.0.0.1:\(deaf.port)/")
        #expect(try await scene.state().failure == nil)
        _ = await courier.sendNotices()
        state = try await scene.state()
        #expect(state.failure == "500" && state.quarantined == 2)
        #expect(try #require(state.failingSince) > since)
        #expect(lines.withLock { $0.last } == "notices are in quarantine")
        #expect(lines.withLock { $0.count } == 2)
        deaf.stop()

        let receiver = try await PythonServer.start(Self.receiver, [webhookSecret])
        try await scene.database.run(
            "update maysend.recipient_endpoint set url = 'http://127.0.0.1:\(receiver.port)/'")
        _ = try await scene.store.run(.replayNotices(of: slug("hubspot")), by: scene.access)
        try await scene.deliver(by: courier)
        state = try await scene.state()
        #expect(state.failure == nil && state.failingSince == nil && state.delivered == 2)
        receiver.stop()
        await scene.close()
    }

    private static func scene(recipients: [String]) async throws -> CourierScene {
        let list = recipients.map { "{id: \($0), name: \($0.uppercased())}" }.joined(separator: ", ")
        let text = try Checkout.text("deploy/policies/infobric.yaml") + "\nrecipients: [\(list)]\n"
        return try await CourierScene.make(policyText: text, "infobric-ab")
    }
}

extension CourierScene {
    /// Whether a courier is telling the recipient something.
    fileprivate func holdsANotice(for recipient: String) async throws -> Bool {
        try await store.notices(of: slug(recipient), in: .waiting, after: 0, limit: 10, by: access)
            .contains { $0.attempts == 1 }
    }
}

/// Hands on what is said, without its metadata.
private struct Recorder: LogHandler {
    let say: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    init(_ say: @escaping @Sendable (String) -> Void) { self.say = say }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { say(event.message.description) }
}
