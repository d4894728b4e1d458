import Formats
import Harness
import Postgres
import Rules
import Testing

@testable import Store
@testable import Work

/// Notices without an address, with one that nobody needs any more, and those that are never told.
@Suite(.timeLimit(.minutes(5))) struct UntoldNoticesTests {
    private static let receiver = "deploy/dev/notice_receiver.py"

    @Test func whatWasPostedBeforeTheAddressWasNeededIsToldOfWhomeverIsStored() async throws {
        let scene = try await CourierScene.make()
        try await scene.store("kari@firma.example", at: scene.access.controller)
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        try await scene.expect("select count(*) from notice where address is null", is: 1)
        let hubspot = try await scene.startHubSpot()
        try await scene.deliver(by: scene.courier())
        #expect(try await hubspot.get("state")["unsubscribed"] as? [String] == ["kari@firma.example"])
        let state = try await scene.state()
        #expect((state.delivered, state.waiting, state.quarantined, state.undeliverable) == (1, 0, 0, 0))
        // What was looked up is not left behind.
        try await scene.expect("select count(*) from notice where address is not null", is: 0)
        hubspot.stop()
        await scene.close()
    }

    @Test func whatNobodyHasAnAddressForBlocksNoLaterErasure() async throws {
        let scene = try await CourierScene.make()
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        let hubspot = try await scene.startHubSpot()
        try await scene.report(.erased)
        try await scene.deliver(by: scene.courier())
        #expect(try await hubspot.get("state")["deleted"] as? [String] == ["kari@firma.example"])
        let state = try await scene.state()
        #expect((state.delivered, state.waiting, state.quarantined, state.undeliverable) == (1, 0, 0, 1))
        #expect(state.oldest == nil)
        let untold = try await scene.store.notices(
            of: slug("hubspot"), in: .undeliverable, after: 0, limit: 10, by: scene.access)
        #expect(untold.map(\.word) == ["unsubscribed"])
        #expect(untold.map(\.answer) == ["address unknown"])
        hubspot.stop()
        await scene.close()
    }

    @Test func ofAListToo() async throws {
        let scene = try await CourierScene.make()
        try await scene.store("kari@firma.example", at: scene.access.controller)
        let importer = Importer(into: scene.store, by: scene.access, worker: "test")
        var rest: [UInt8]? = Array("email\nkari@firma.example\nola@firma.example\n".utf8)
        let reception = try await importer.receive(
            ImportOpening(.suppressions), ImportOrder(.suppressions, source: nil, collectedAt: nil), repeated: .refused,
            now: Instant(microseconds: .max)
        ) {
            defer { rest = nil }
            return rest
        }
        guard case .merging(let id, _) = reception else { throw StoreError.damaged("reception") }
        _ = try await importer.merge(id)
        let hubspot = try await scene.startHubSpot()
        try await scene.deliver(by: scene.courier())
        #expect(try await hubspot.get("state")["unsubscribed"] as? [String] == ["kari@firma.example"])
        let state = try await scene.state()
        #expect((state.delivered, state.waiting, state.quarantined, state.undeliverable) == (1, 0, 0, 1))
        hubspot.stop()
        await scene.close()
    }

    @Test func whomAnotherCompanyOfTheGroupStoresIsToldThere() async throws {
        let text = try Checkout.text("deploy/policies/infobric.yaml") + "\nrecipients: [{id: hubspot, name: HubSpot}]\n"
        let scene = try await CourierScene.make(policyText: text, "infobric-ab")
        let controllers = try await scene.store.catalogue().controllers
        let other = try #require(controllers.first { $0.id != scene.access.controller.id })
        try await scene.store("kari@firma.example", at: scene.access.controller)
        try await scene.report(.unsubscribed(scope: .group, purpose: nil, topic: nil))
        // The other company tells its HubSpot of somebody whom the first one stores.
        let hubspot = try await scene.startHubSpot(of: other)
        try await scene.deliver(by: scene.courier(), rounds: 20)
        #expect(try await hubspot.get("state")["unsubscribed"] as? [String] == ["kari@firma.example"])
        try await scene.expect(
            "select count(*) from notice where state = 'delivered' and controller_id = \(other.id)", is: 1)
        hubspot.stop()
        await scene.close()
    }

    /// The courier learns the addresses of those whom it tells now, and no others.
    @Test func nobodyAsksForTheAddressesOfOthers() async throws {
        let scene = try await CourierScene.make()
        try await scene.store("kari@firma.example", at: scene.access.controller)
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        let place = "\(scene.access.controller.id), 'hubspot', (select array_agg(id) from notice)"
        try await scene.setEndpoint("http://127.0.0.1:1", kind: .hubspot, withAddress: true)
        try await scene.expect("select count(*) from notice_addresses(\(place))", is: 0)
        let endpoint = try #require(try await scene.outbox.endpoints().first)
        let claim = try await scene.outbox.claimNotices(for: endpoint, max: 1, lease: .seconds(60))
        #expect(claim.notices.map(\.address) == ["kari@firma.example"])
        try await scene.expect("select count(*) from notice_addresses(\(place))", is: 1)
        try await scene.database.run("update maysend.recipient_endpoint set with_address = false")
        try await scene.expect("select count(*) from notice_addresses(\(place))", is: 0)
        await scene.close()
    }

    @Test func aRecipientThatNeedsTheAddressNoLongerIsNotToldIt() async throws {
        let scene = try await CourierScene.make()
        let receiver = try await PythonServer.start(Self.receiver, [webhookSecret])
        let url = "http://127.0.0.1:\(receiver.port)/"
        try await scene.setEndpoint(url, withAddress: true)
        try await scene.report(.erased)
        // However it came about: what is sealed is not opened for it.
        try await scene.database.run("update maysend.recipient_endpoint set with_address = false")
        try await scene.deliver(by: scene.courier())
        #expect(try await receiver.get("report")["taken"] as? Int == 1)

        try await scene.setEndpoint(url, withAddress: true)
        try await scene.report(.erased, "ola@firma.example")
        try await scene.expect("select count(*) from notice where address is not null", is: 1)
        try await scene.setEndpoint(url, withAddress: false)
        try await scene.expect("select count(*) from notice where address is not null", is: 0)
        try await scene.deliver(by: scene.courier())
        let report = try await receiver.get("report")
        #expect((report["taken"] as? Int, report["addressed"] as? Int) == (2, 0))
        receiver.stop()
        await scene.close()
    }

    @Test func noAddressLiesInTheOutboxForever() async throws {
        let scene = try await CourierScene.make()
        try await scene.store("stored@firma.example", at: scene.access.controller)
        try await scene.setEndpoint("http://127.0.0.1:1", kind: .hubspot, withAddress: true)
        for address in ["kari@firma.example", "ola@firma.example", "stored@firma.example"] {
            try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), address)
        }
        let keys = try ["kari@firma.example", "stored@firma.example"].map { try scene.key($0).description }
        try await scene.database.run(
            """
            update maysend.notice set posted_at = now() - interval '31 days'
            where address_key in ('\(keys[0])', '\(keys[1])');
            update maysend.notice set state = 'quarantined' where address_key = '\(keys[0])';
            """)
        try await scene.outbox.wipeAddresses()
        // Of whom nobody has the address any more, the notice has ended; whoever is stored can still be told of; the third is
        // not due yet.
        try await scene.expect(
            """
            select count(*) from notice where state = 'undeliverable' and answer = 'not told in time'
                and settled_at is not null and address_key = '\(keys[0])'
            """, is: 1)
        try await scene.expect(
            "select count(*) from notice where state = 'waiting' and address is null and address_key = '\(keys[1])'",
            is: 1)
        try await scene.expect("select count(*) from notice where state = 'waiting' and address is not null", is: 1)
        let state = try await scene.state()
        #expect((state.waiting, state.quarantined, state.undeliverable) == (2, 0, 1))
        let hubspot = try await scene.startHubSpot()
        try await scene.deliver(by: scene.courier())
        #expect(
            Set(try #require(try await hubspot.get("state")["unsubscribed"] as? [String]))
                == ["ola@firma.example", "stored@firma.example"])
        hubspot.stop()
        await scene.close()
    }

    @Test func whatIsUndeliverableKeepsNoMonth() async throws {
        let scene = try await CourierScene.make()
        try await scene.database.run(
            """
            set search_path = maysend;
            create table notice_2020_01 partition of notice for values from ('2020-01-01') to ('2020-02-01');
            insert into notice (month, controller_id, group_id, recipient, act_id, act, at, recorded_at, address_key, state)
            select '2020-01-01', h.id, h.group_id, 'hubspot', 1, 'erased', now(), now(), gen_random_uuid(), 'undeliverable'
            from holder h where h.kind = 'controller'
            """)
        try await scene.outbox.rollPartitions()
        try await scene.expect("select count(*) from pg_class where relname = 'notice_2020_01'", is: 0)
        await scene.close()
    }

    @Test func whatIsDiscardedIsNeverToldAndWhatIsBehindGoesOn() async throws {
        let scene = try await CourierScene.make()
        let deaf = try await PythonServer.start(Self.receiver, [webhookSecret, "--answer", "500"])
        try await scene.setEndpoint("http://127.0.0.1:\(deaf.port)/", withAddress: true)
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil))
        try await scene.report(.erased)
        let courier = try scene.courier(schedule: CourierScene.hasty(tries: 1))
        for _ in 0..<3 { _ = await courier.sendNotices() }
        var state = try await scene.state()
        #expect((state.waiting, state.quarantined) == (1, 1))
        deaf.stop()
        let receiver = try await PythonServer.start(Self.receiver, [webhookSecret])
        try await scene.setEndpoint("http://127.0.0.1:\(receiver.port)/", withAddress: true)
        let hubspot = try slug("hubspot")
        #expect(try await scene.store.run(.discardNotices(of: hubspot, only: .max), by: scene.access) == 0)
        #expect(try await scene.store.run(.discardNotices(of: hubspot), by: scene.access) == 1)
        try await scene.deliver(by: courier)
        state = try await scene.state()
        #expect((state.waiting, state.quarantined, state.delivered, state.undeliverable) == (0, 0, 1, 1))
        let untold = try await scene.store.notices(
            of: hubspot, in: .undeliverable, after: 0, limit: 10, by: scene.access)
        #expect(untold.map(\.answer) == ["discarded by cli:test; it had answered 500"])
        try await scene.expect("select count(*) from notice where address is not null", is: 0)
        #expect(try await receiver.get("report")["taken"] as? Int == 1)
        receiver.stop()
        await scene.close()
    }

    @Test func whatIsNotApplicableIsNotDelivered() async throws {
        let scene = try await CourierScene.make()
        let hubspot = try await scene.startHubSpot()
        let domain = try Domain(parsing: "firma.example")
        _ = try await scene.store.run(
            .record(Report(.suppressed(.domainSuppressed, scope: .controller), of: .domain(domain))), by: scene.access)
        try await scene.deliver(by: scene.courier())
        let state = try await scene.state()
        #expect((state.delivered, state.undeliverable) == (0, 1))
        let untold = try await scene.store.notices(
            of: slug("hubspot"), in: .undeliverable, after: 0, limit: 10, by: scene.access)
        #expect(untold.map(\.answer) == ["not applicable: a whole domain"])
        #expect(try await hubspot.get("state")["calls"] as? [String] == [])
        hubspot.stop()
        await scene.close()
    }
}

extension CourierScene {
    func key(_ address: String) throws -> AddressKey { database.peppers.key(for: try Address(parsing: address)) }

    /// A contact, as an earlier list left it.
    func store(_ address: String, at controller: ControllerRecord) async throws {
        try await database.run(
            """
            insert into maysend.contact (controller_id, address_key, address)
            values (\(controller.id), '\(try key(address))', '\(address)')
            """)
    }

    /// The HubSpot of a company, of this one unless another is named, from now on.
    func startHubSpot(_ mode: String = "honest", of controller: ControllerRecord? = nil) async throws -> PythonServer {
        let hubspot = try await PythonServer.start("Tests/WorkTests/Servers/hubspot.py", ["pat-eu1-test", mode])
        try await setEndpoint(
            "http://127.0.0.1:\(hubspot.port)", kind: .hubspot, withAddress: true, secret: "pat-eu1-test",
            of: controller)
        return hubspot
    }
}
