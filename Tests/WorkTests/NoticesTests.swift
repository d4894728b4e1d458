import Formats
import Harness
import Postgres
import Rules
import Testing

@testable import Store
@testable import Work

@Suite struct NoticesTests {
    @Test func anOptOutIsToldAndItsSignatureHolds() async throws {
        let scene = try await CourierScene.make()
        let receiver = try await PythonServer.start("deploy/dev/notice_receiver.py", [webhookSecret])
        try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/hook")
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        // Being collected is nobody's business.
        try await scene.report(.contacted, "ola@firma.example")
        try await scene.deliver(by: scene.courier())
        let report = try await receiver.get("report")
        #expect(report["taken"] as? Int == 1)
        #expect(report["unsigned"] as? Int == 0)
        #expect(report["addressed"] as? Int == 0)
        let bodies = try #require(report["bodies"] as? [[String: Any]])
        let body = try #require(bodies.first?["body"] as? String)
        #expect(body.contains(#""type":"maysend.unsubscribed""#), "\(body)")
        #expect(body.contains(#""source":"/controllers/stratsys-ab""#))
        #expect(!body.contains("@") && !body.contains("kari"))
        #expect(try await scene.state().delivered == 1)
        receiver.stop()
        await scene.close()
    }

    /// From a restored database nothing is told before that is checked.
    @Test func nobodyIsToldWhileARestoreIsToBeChecked() async throws {
        let scene = try await CourierScene.make()
        let receiver = try await PythonServer.start("deploy/dev/notice_receiver.py", [webhookSecret])
        try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/hook")
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        try await scene.database.run("update maysend.cluster set restore_wanted = 'it was restored'")
        let courier = try scene.courier()
        #expect(await courier.sendNotices() == .databaseFailed)
        for endpoint in try await scene.outbox.endpoints() {
            #expect(try await scene.outbox.claimNotices(for: endpoint, max: 10, lease: .seconds(60)).notices.isEmpty)
        }
        #expect(try await receiver.get("report")["taken"] as? Int == 0)
        try await scene.database.run("update maysend.cluster set restore_wanted = null")
        try await scene.deliver(by: courier)
        #expect(try await receiver.get("report")["taken"] as? Int == 1)
        receiver.stop()
        await scene.close()
    }

    @Test func theAddressIsThereOnlyForThoseThatNeedItAndGoneAfterwards() async throws {
        let scene = try await CourierScene.make()
        let receiver = try await PythonServer.start("deploy/dev/notice_receiver.py", [webhookSecret])
        try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/", withAddress: true)
        try await scene.report(.erased)
        try await scene.expect(
            "select count(*) from notice where address is not null and position('kari' in encode(address, 'escape')) = 0",
            is: 1)
        try await scene.deliver(by: scene.courier())
        let report = try await receiver.get("report")
        #expect(report["addressed"] as? Int == 1)
        try await scene.expect("select count(*) from notice where address is null and state = 'delivered'", is: 1)
        receiver.stop()
        await scene.close()
    }

    /// What was taken and could not be written down at once is written down later, not sent again.
    @Test func aDatabaseThatFailsBehindADeliveryDoesNotHaveItRepeated() async throws {
        let scene = try await CourierScene.make()
        let receiver = try await PythonServer.start("deploy/dev/notice_receiver.py", [webhookSecret])
        try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/")
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        try await scene.database.run(
            """
            create function maysend.refuse() returns trigger language plpgsql as $$
                begin raise exception 'out of order' using errcode = '57P03'; end $$;
            create trigger refuse before update on maysend.notice for each row when (new.state = 'delivered')
                execute function maysend.refuse();
            """)
        var schedule = CourierScene.hasty(tries: 3)
        schedule.databaseRest = .milliseconds(50)
        let courier = try scene.courier(schedule: schedule)
        async let round = courier.sendNotices()
        while try await receiver.get("report")["taken"] as? Int == 0 { try await Task.sleep(for: .milliseconds(20)) }
        try await Task.sleep(for: .milliseconds(200))
        try await scene.database.run("drop trigger refuse on maysend.notice")
        _ = await round
        #expect(try await scene.state().delivered == 1)
        #expect(try await receiver.get("report")["repeated"] as? Int == 0)
        receiver.stop()
        await scene.close()
    }

    @Test func aReceiverThatFailsAThirdOfTheTimeLosesNothingAndNothingIsOutOfOrder() async throws {
        let scene = try await CourierScene.make()
        let receiver = try await PythonServer.start(
            "deploy/dev/notice_receiver.py", [webhookSecret, "--fail", "0.34", "--seed", "7"])
        try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/")
        let (persons, acts) = (40, 5)
        for _ in 0..<acts {
            for person in 0..<persons {
                try await scene.report(
                    .unsubscribed(scope: nil, purpose: nil, topic: nil), "person\(person)@firma.example")
            }
        }
        // Two couriers at once.
        let couriers = try [
            scene.courier(schedule: CourierScene.hasty(tries: 30)),
            scene.courier(schedule: CourierScene.hasty(tries: 30)),
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for courier in couriers { group.addTask { try await scene.deliverAll(by: courier) } }
            try await group.waitForAll()
        }
        let report = try await receiver.get("report")
        #expect(report["taken"] as? Int == persons * acts)
        #expect(report["out-of-order"] as? Int == 0)
        #expect(report["persons"] as? Int == persons)
        #expect(try #require(report["refused"] as? Int) > 20)
        let state = try await scene.state()
        #expect(state.delivered == persons * acts)
        #expect(state.waiting == 0 && state.quarantined == 0)
        receiver.stop()
        await scene.close()
    }

    @Test func afterTheLastTryItWaitsInQuarantineAndWhatFollowsWaitsBehind() async throws {
        let scene = try await CourierScene.make()
        let deaf = try await PythonServer.start("deploy/dev/notice_receiver.py", [webhookSecret, "--answer", "500"])
        try await scene.setEndpoint("http://127.0.0.1:\(deaf.port)/")
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        try await scene.report(.erased)
        let courier = try scene.courier(schedule: CourierScene.hasty(tries: 3))
        for _ in 0..<20 { _ = await courier.sendNotices() }
        #expect(try await deaf.get("report")["refused"] as? Int == 3)
        var state = try await scene.state()
        #expect((state.waiting, state.quarantined) == (1, 1))
        let shown = try await scene.store.notices(
            of: slug("hubspot"), in: .quarantined, after: 0, limit: 10, by: scene.access)
        #expect(shown.map(\.word) == ["unsubscribed"])
        #expect(shown.map(\.answer) == ["500"])
        deaf.stop()

        let receiver = try await PythonServer.start("deploy/dev/notice_receiver.py", [webhookSecret])
        try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/")
        #expect(try await scene.store.run(.replayNotices(of: slug("hubspot")), by: scene.access) == 1)
        // What is behind a notice is looked at again when that one is delivered.
        try await scene.deliver(by: courier)
        state = try await scene.state()
        #expect((state.waiting, state.quarantined, state.delivered) == (0, 0, 2))
        #expect(try await receiver.get("report")["out-of-order"] as? Int == 0)
        receiver.stop()
        await scene.close()
    }

    @Test(arguments: [301, 302, 307, 308, 400, 404, 500, 502])
    func onlySuccessIsSuccess(_ status: Int) async throws {
        let scene = try await CourierScene.make()
        let receiver = try await PythonServer.start(
            "deploy/dev/notice_receiver.py",
            [webhookSecret, "--answer", "\(status)", "--header", "Location", "http://127.0.0.1:1/"])
        try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/")
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        let courier = try scene.courier(schedule: CourierScene.hasty(tries: 1))
        _ = await courier.sendNotices()
        let state = try await scene.state()
        #expect((state.delivered, state.quarantined) == (0, 1))
        receiver.stop()
        await scene.close()
    }

    @Test func anEndpointThatIsGoneIsToldNothingMoreAndItsNoticesWait() async throws {
        let scene = try await CourierScene.make()
        let receiver = try await PythonServer.start(
            "deploy/dev/notice_receiver.py", [webhookSecret, "--answer", "410"])
        try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/")
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        let courier = try scene.courier()
        for _ in 0..<5 { _ = await courier.sendNotices() }
        #expect(try await receiver.get("report")["refused"] as? Int == 1)
        let state = try await scene.state()
        #expect(state.state == .gone)
        #expect(state.waiting == 1)
        receiver.stop()
        await scene.close()
    }

    @Test func retryAfterIsHonoured() async throws {
        let scene = try await CourierScene.make()
        let receiver = try await PythonServer.start(
            "deploy/dev/notice_receiver.py",
            [webhookSecret, "--answer", "429", "--header", "Retry-After", "3600"])
        try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/")
        for person in 0..<3 {
            try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), "p\(person)@firma.example")
        }
        let courier = try scene.courier()
        for _ in 0..<5 { _ = await courier.sendNotices() }
        #expect(try await receiver.get("report")["refused"] as? Int == 3)
        try await scene.expect(
            "select count(*) from notice where due_at > clock_timestamp() + interval '59 minutes' and state = 'waiting'",
            is: 3)
        receiver.stop()
        await scene.close()
    }

    @Test func anAnswerWithoutEndIsCutAndItsStatusCounts() async throws {
        let scene = try await CourierScene.make()
        let receiver = try await PythonServer.start("deploy/dev/notice_receiver.py", [webhookSecret, "--huge"])
        try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/")
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        _ = await (try scene.courier()).sendNotices()
        #expect(try await scene.state().delivered == 1)
        receiver.stop()
        await scene.close()
    }

    @Test func itIsTheJudgedAddressThatIsConnectedTo() async throws {
        let scene = try await CourierScene.make()
        let receiver = try await PythonServer.start("deploy/dev/notice_receiver.py", [webhookSecret])
        // No resolver but ours knows the name, and ours is asked once for a batch.
        try await scene.setEndpoint("http://Hooks.Nowhere.Invalid:\(receiver.port)/")
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        let courier = try scene.courier { host, _ in
            host == "hooks.nowhere.invalid" ? OutboundAddress(parsing: "127.0.0.1") : nil
        }
        _ = await courier.sendNotices()
        #expect(try await receiver.get("report")["taken"] as? Int == 1)
        receiver.stop()
        await scene.close()
    }

    @Test func whereNobodyAnswersNothingIsLost() async throws {
        let scene = try await CourierScene.make()
        try await scene.setEndpoint("http://127.0.0.1:1/")
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        let courier = try scene.courier()
        _ = await courier.sendNotices()
        #expect(try await scene.state().waiting == 1)
        // A private address that nobody allowed is not even tried.
        try await scene.setEndpoint("http://10.0.0.1/")
        _ = await courier.sendNotices()
        try await scene.expect("select count(*) from notice where state = 'waiting' and attempts = 1", is: 1)
        await scene.close()
    }

    @Test func duringARotationBothSecretsSign() async throws {
        let scene = try await CourierScene.make()
        let receiver = try await PythonServer.start("deploy/dev/notice_receiver.py", [webhookSecret])
        try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/")
        let administration = try Administration(url: scene.database.url, random: { 0.5 })
        try await administration.ready(within: .seconds(30))
        let new = WebhookSecret.text(
            shared: (0..<32).map { UInt8($0) }, signing: (0..<32).map { UInt8($0 + 100) })
        let recipient = try slug("hubspot")
        func rotate(_ rule: SecretRotation.Rule) async throws -> SecretRotation {
            try await administration.rotateSecret(
                recipient, of: scene.access.controller, to: new, rule, sealedBy: scene.database.peppers, by: "test")
        }
        #expect(try await rotate(.oneAtATime) == .rotated(.webhook))
        // The one that the recipient may still check by is not dropped by the way.
        #expect(try await rotate(.oneAtATime) == .underWay)
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        try await scene.deliver(by: scene.courier())
        var report = try await receiver.get("report")
        #expect(report["taken"] as? Int == 1)
        let headers = try #require((report["bodies"] as? [[String: Any]])?.first?["headers"] as? [String: String])
        #expect(headers["webhook-signature"]?.split(separator: " ").map { $0.prefix(3) } == ["v1,", "v1a", "v1,"])
        #expect(try await administration.endRotation(recipient, of: scene.access.controller, by: "test"))
        try await scene.report(.erased)
        _ = await (try scene.courier(schedule: CourierScene.hasty(tries: 1))).sendNotices()
        report = try await receiver.get("report")
        #expect((report["taken"] as? Int, report["unsigned"] as? Int) == (1, 1))
        #expect(try await rotate(.oneAtATime) == .rotated(.webhook))
        #expect(try await rotate(.droppingTheOlder) == .rotated(.webhook))
        await administration.shutdown()
        receiver.stop()
        await scene.close()
    }

    @Test func aGroupWideOptOutIsToldAtEveryCompanyOfTheGroup() async throws {
        let text = try Checkout.text("deploy/policies/infobric.yaml") + "\nrecipients: [{id: hubspot, name: HubSpot}]\n"
        let scene = try await CourierScene.make(policyText: text, "infobric-ab")
        let policy = try await scene.store.catalogue().policy(of: scene.access.controller, at: systemNow())
        try await scene.report(.unsubscribed(scope: .group, purpose: nil, topic: nil))
        try await scene.expect(
            "select count(*) from notice", is: policy.controllers.count * 1)
        #expect(policy.controllers.count > 1)
        await scene.close()
    }

    /// Of a list the notices lie in bundles: shown and counted as if they were written out, and told before anything later.
    @Test func theOptOutsOfAListAreToldInTheOrderOfTheirActs() async throws {
        let scene = try await CourierScene.make()
        let importer = Importer(into: scene.store, by: scene.access, worker: "test")
        var rest: [UInt8]? = Array("email\nkari@firma.example\nola@firma.example\nanne@firma.example\n".utf8)
        let reception = try await importer.receive(
            ImportOpening(.suppressions), ImportOrder(.suppressions, source: nil, collectedAt: nil), repeated: .refused,
            now: Instant(microseconds: .max)
        ) {
            defer { rest = nil }
            return rest
        }
        guard case .merging(let id, _) = reception else { throw StoreError.damaged("reception") }
        _ = try await importer.merge(id)
        try await scene.expect("select count(*) from notice", is: 0)
        try await scene.report(.erased, "kari@firma.example")
        let hubspot = try slug("hubspot")
        func shown() async throws -> [NoticeState] {
            try await scene.store.notices(of: hubspot, in: .waiting, after: 0, limit: 10, by: scene.access)
        }
        let before = try await (scene.state(), shown())
        #expect(before.0.waiting == 4 && before.0.oldest != nil)
        #expect(before.1.map(\.word) == ["suppressed", "suppressed", "suppressed", "erased"])
        let page = try await scene.store.notices(
            of: hubspot, in: nil, after: before.1[1].id, limit: 1, by: scene.access)
        #expect(page.map(\.id) == [before.1[2].id])

        // Nothing later is taken while a bundle is there; whoever comes unpacks it first.
        try await scene.setEndpoint("http://127.0.0.1:1/")
        let endpoint = try #require(try await scene.outbox.endpoints().first)
        let held = try await scene.database.openTransaction("select from maysend.notice_bundle for update")
        #expect(try await scene.outbox.claimNotices(for: endpoint, max: 64, lease: .seconds(60)).notices.isEmpty)
        try await held.commit()
        let claimed = try await scene.outbox.claimNotices(for: endpoint, max: 64, lease: .seconds(60)).notices
        #expect(claimed.map(\.act) == ["suppressed", "suppressed", "suppressed"])
        #expect(claimed.map(\.webhookID) == before.1.prefix(3).map(\.webhookID))
        try await scene.expect("select count(*) from notice_bundle", is: 0)
        let after = try await (scene.state(), shown())
        #expect(after.1.map(\.id) == before.1.map(\.id) && after.1.map(\.key) == before.1.map(\.key))
        #expect(after.1.map(\.postedAt) == before.1.map(\.postedAt) && after.0.waiting == 4)
        try await scene.outbox.settle(claimed.map { ($0, .delivered(answer: "200")) }, for: endpoint)
        let next = try await scene.outbox.claimNotices(for: endpoint, max: 64, lease: .seconds(60)).notices
        #expect(next.map(\.act) == ["erased"])
        await scene.close()
    }

    @Test func anActThatIsRolledBackIsToldToNobody() async throws {
        let scene = try await CourierScene.make()
        let address = try Address(parsing: "kari@firma.example")
        await #expect(throws: StoreError.unknownOrganisation) {
            try await scene.store.run(
                Verb<Bool>(.normal) { scene, tx throws(StoreError) in
                    _ = try Verb<Receipt>.record(Report(.erased, of: .address(address))).body(scene, tx)
                    throw .unknownOrganisation
                }, by: scene.access)
        }
        try await scene.expect("select count(*) from notice", is: 0)
        await scene.close()
    }
}
