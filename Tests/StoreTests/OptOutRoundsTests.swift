import Harness
import Rules
import Store
import Testing

/// Opt-outs that share a transaction: what is written is what one at a time would write.
@Suite struct OptOutRoundsTests {
    /// Whatever happened to people before and beside, every standing is what the whole ledger says, and every receipt what is
    /// read afterwards.
    @Test(arguments: 1...8)
    func whatIsDerivedIsWhatTheLedgerSays(_ seed: UInt64) async throws {
        var chance = SeededGenerator(seed: seed)
        let isGroup = seed.isMultiple(of: 2)
        let scene = try await Scene.make(
            isGroup ? "infobric" : "stratsys", isGroup ? "infobric-ab" : "stratsys-ab")
        let other = isGroup ? try await scene.of("infobric-as") : scene
        let firm = OrganisationName(number: "1", name: nil)
        _ = try await scene.collect((0..<6).map { try lead("p\($0)@firma.example", organisation: $0 < 3 ? firm : nil) })
        for _ in 0..<4 {
            for _ in 0..<6 {
                let event = Self.events[Int.random(in: 0..<Self.events.count, using: &chance)]
                let whose = Bool.random(using: &chance) ? scene : other
                do {
                    try await whose.report(event, Self.address(&chance), evidence: Evidence(confirmed))
                } catch StoreError.standingEntry {
                    continue
                }
            }
            let presses = try (0..<20).map { _ in
                (
                    try link(scene, Self.address(&chance)),
                    [nil, Scope.purpose, .controller, .group].randomElement(using: &chance) ?? nil
                )
            }
            let ofFirm = Bool.random(using: &chance) ? Event.customerStarted : .organisationContacted
            try await withThrowingTaskGroup(of: Void.self) { group in
                // An act of the organisation moves its people's standings without the lock of each.
                group.addTask { try await scene.report(ofFirm, "p1@firma.example") }
                for (link, scope) in presses {
                    group.addTask {
                        let access = try #require(try await scene.store.access(of: link))
                        _ = try await scene.store.unsubscribe(LinkOptOut(link, scope: scope), by: access)
                    }
                }
                try await group.waitForAll()
            }
            for (link, scope) in presses.prefix(4) {
                let access = try #require(try await scene.store.access(of: link))
                let said = try await scene.store.unsubscribe(LinkOptOut(link, scope: scope), by: access).standing
                let read = try #require(try await scene.store.standing(of: link))
                #expect(said.entry == read.entry && said.stopped == read.stopped && said.scopes == read.scopes)
            }
            let verifier = try Verifier(url: scene.database.url, random: { 0.5 })
            try await verifier.ready(within: .seconds(30))
            #expect(try await verifier.verify().drifts == [])
            await verifier.shutdown()
        }
        await scene.close()
    }

    private static let events: [Event] =
        [
            .contacted, .customerStarted, .customerEnded, .erased, .bounced(.hard), .restricted, .complained,
            .unsubscribed(scope: .group, purpose: nil, topic: nil),
        ] + (Slug("newsletter").map { [.consentGiven($0, by: .person(confirmsObjection: true))] } ?? [])

    private static func address(_ chance: inout SeededGenerator) -> String {
        let tag = Bool.random(using: &chance) ? "" : "+\(Int.random(in: 0..<2, using: &chance))"
        return "p\(Int.random(in: 0..<6, using: &chance))\(tag)@firma.example"
    }

    private func link(_ scene: Scene, _ address: String) throws -> Link {
        Link(
            .unsubscribe, controller: scene.access.controller.id,
            person: scene.store.peppers.current.person(try Address(parsing: address)), purpose: Slug("newsletter"),
            mintedAt: Instant(microseconds: 1_700_000_000_000_000))
    }

    /// The recipients of the company, or of every company of the group where that is bound; as of an opt-out on the API.
    @Test(arguments: [false, true])
    func recipientsAreToldAsOfAnyOtherOptOut(_ needsAddress: Bool) async throws {
        let scene = try await Scene.make("infobric", "infobric-ab")
        let text = try Checkout.text("deploy/policies/infobric.yaml")
            .replacing("version: 1", with: "version: 2")
            .replacing("effective: 2018-05-25T00:00:00Z", with: "effective: 2020-01-01T00:00:00Z")
        try await scene.database.apply(
            policyText: text
                + "recipients:\n  - {id: crm, name: CRM, country: NO}\n  - {id: mailer, name: Mailer, country: NO}\n")
        if needsAddress {
            try await scene.database.run(
                """
                insert into maysend.recipient_endpoint (controller_id, recipient, kind, url, with_address, secrets, updated_by)
                values (\(scene.access.controller.id), 'crm', 'webhook', 'https://crm.example', true, array['\\x00'::bytea], 'test')
                """)
        }
        for (scope, pressed, reported) in [(Scope.controller, "a", "b"), (.group, "c", "d"), (.purpose, "e", "f")] {
            for name in [pressed, reported] { try await scene.report(.contacted, "\(name)@firma.example") }
            let link = try link(scene, "\(pressed)@firma.example")
            let access = try #require(try await scene.store.access(of: link))
            _ = try await scene.store.unsubscribe(LinkOptOut(link, scope: scope), by: access)
            let purpose = scope == .purpose ? try slug("newsletter") : nil
            try await scene.report(
                .unsubscribed(scope: scope, purpose: purpose, topic: nil), "\(reported)@firma.example")
        }
        let told = try await scene.database.texts(
            """
            select string_agg(concat_ws(' ', n.controller_id, n.recipient, n.act, n.scope, n.at = l.at, n.recorded_at = l.recorded_at,
                n.address_key = l.address_key, n.group_id, n.domain, n.new_key, n.state, n.suppression), ', ' order by n.id) as text
            from maysend.notice n join maysend.ledger l on l.id = n.act_id group by n.act_id order by n.act_id
            """)
        #expect(told.count == 6)
        for pair in stride(from: 0, to: told.count - 1, by: 2) { #expect(told[pair] == told[pair + 1]) }
        #expect(told.first?.split(separator: ",").count == 2, "\(told)")
        await scene.close()
    }
}
