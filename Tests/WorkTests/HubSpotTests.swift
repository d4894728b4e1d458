import Harness
import Postgres
import Rules
import Testing

@testable import Store
@testable import Work

/// The connector against a HubSpot written from its published description.
@Suite struct HubSpotTests {
    private static let script = "Tests/WorkTests/Servers/hubspot.py"
    private static let unsubscribe = "/communication-preferences/v4/statuses/batch/unsubscribe-all"
    private static let delete = "/crm/v3/objects/contacts/gdpr-delete"

    @Test func anOptOutIsDoneOnlyWhenItIsReadBack() async throws {
        let (scene, hubspot) = try await Self.make()
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        try await scene.deliver(by: scene.courier())
        let state = try await hubspot.get("state")
        #expect(state["unsubscribed"] as? [String] == ["kari@firma.example"])
        #expect(state["calls"] as? [String] == [Self.unsubscribe, Self.unsubscribe + "/read"])
        #expect(try await scene.state().delivered == 1)
        hubspot.stop()
        await scene.close()
    }

    @Test func anErasureUnsubscribesFirstAndThenDeletes() async throws {
        let (scene, hubspot) = try await Self.make()
        try await scene.report(.erased)
        try await scene.deliver(by: scene.courier())
        let state = try await hubspot.get("state")
        #expect(state["calls"] as? [String] == [Self.unsubscribe, Self.unsubscribe + "/read", Self.delete])
        #expect(state["deleted"] as? [String] == ["kari@firma.example"])
        hubspot.stop()
        await scene.close()
    }

    @Test func oneThatSaysDoneAndDoesNothingIsNotBelieved() async throws {
        let (scene, hubspot) = try await Self.make("lies")
        try await scene.report(.erased)
        let courier = try scene.courier(schedule: CourierScene.hasty(tries: 3))
        for _ in 0..<6 { _ = await courier.sendNotices() }
        let state = try await hubspot.get("state")
        #expect((state["calls"] as? [String])?.contains(Self.delete) == false)
        let endpoint = try await scene.state()
        #expect((endpoint.delivered, endpoint.quarantined) == (0, 1))
        let shown = try await scene.store.notices(
            of: slug("hubspot"), in: .quarantined, after: 0, limit: 10, by: scene.access)
        #expect(shown.first?.answer == "not unsubscribed when read back")
        hubspot.stop()
        await scene.close()
    }

    @Test(arguments: ["busy", "broken", "malformed"])
    func whatFailsComesAgainUntilItIsDone(_ mode: String) async throws {
        let (scene, hubspot) = try await Self.make(mode)
        try await scene.report(.erased)
        // It asks for a second of rest once; the courier's clock is the machine's.
        let courier = try scene.courier()
        let end = ContinuousClock.now + .seconds(20)
        while try await scene.state().delivered == 0, ContinuousClock.now < end {
            _ = await courier.sendNotices()
            try await Task.sleep(for: .milliseconds(50))
        }
        let state = try await hubspot.get("state")
        #expect(state["deleted"] as? [String] == ["kari@firma.example"])
        #expect(try await scene.state().delivered == 1)
        hubspot.stop()
        await scene.close()
    }

    @Test func aWrongTokenIsAFailureAndWithoutAnAddressNothingIsSent() async throws {
        let scene = try await CourierScene.make()
        // Posted before anybody needed its address.
        try await scene.report(.erased, "ola@firma.example")
        let hubspot = try await PythonServer.start(Self.script, ["pat-eu1-test"])
        try await scene.setEndpoint(
            "http://127.0.0.1:\(hubspot.port)", kind: .hubspot, withAddress: true, secret: "wrong")
        try await scene.report(.erased)
        let courier = try scene.courier(schedule: CourierScene.hasty(tries: 1))
        _ = await courier.sendNotices()
        let shown = try await scene.store.notices(
            of: slug("hubspot"), in: nil, after: 0, limit: 10, by: scene.access)
        #expect(shown.map(\.answer) == ["address unknown", "401"])
        #expect(shown.map(\.state) == [.undeliverable, .quarantined])
        #expect(try await hubspot.get("state")["calls"] as? [String] == [Self.unsubscribe])
        #expect(try await scene.state().failure == "401")
        hubspot.stop()
        await scene.close()
    }

    @Test(arguments: [
        ("unsubscribed", HubSpotTask.unsubscribe), ("objected", .unsubscribe), ("restricted", .unsubscribe),
        ("suppressed", .unsubscribe), ("erased", .unsubscribeAndDelete), ("swept", .delete),
        ("restriction-lifted", .nothing), ("rectified", .nothing),
    ])
    func everyActAsksForTheLeastThatIsEnough(_ act: String, _ task: HubSpotTask) {
        #expect(HubSpotTask(Self.notice(act)) == task)
        // Nobody at a domain can be named, and a wrong address goes.
        #expect(HubSpotTask(Self.notice(act, domain: "firma.example")) == .nothing)
        let corrected = HubSpotTask(Self.notice(act, newKey: AddressKey(high: 1, low: 1)))
        #expect(corrected == (act == "rectified" ? .unsubscribeAndDelete : task))
    }

    private static func notice(_ act: String, newKey: AddressKey? = nil, domain: String? = nil) -> ClaimedNotice {
        let now = Instant(microseconds: 0)
        return ClaimedNotice(
            webhookID: "", act: act, actID: 1, purpose: nil, topic: nil, scope: nil, suppression: nil, at: now,
            recordedAt: now, key: AddressKey(high: 0, low: 0), newKey: newKey, domain: domain, address: nil,
            newAddress: nil, attempt: 1, id: 1, month: "", lease: PGUUID(high: 0, low: 0))
    }

    private static func make(
        _ mode: String = "honest", token: String = "pat-eu1-test"
    ) async throws -> (CourierScene, PythonServer) {
        let scene = try await CourierScene.make()
        let hubspot = try await PythonServer.start(script, ["pat-eu1-test", mode])
        try await scene.setEndpoint(
            "http://127.0.0.1:\(hubspot.port)", kind: .hubspot, withAddress: true, secret: token)
        return (scene, hubspot)
    }
}
