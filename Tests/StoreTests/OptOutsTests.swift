import Harness
import Rules
import Store
import Testing

/// An opt-out by a link, as the store records it.
@Suite struct OptOutsTests {
    private func link(
        _ scene: Scene, _ address: String = "kari@firma.example", purpose: String? = "newsletter",
        topic: String? = nil, mintedAt: Instant = Instant(microseconds: 1_700_000_000_000_000)
    ) throws -> Link {
        Link(
            .unsubscribe, controller: scene.access.controller.id,
            person: scene.store.peppers.current.person(try Address(parsing: address)),
            purpose: purpose.flatMap { Slug($0) }, topic: topic.flatMap { Slug($0) }, campaign: Campaign("spring"),
            mintedAt: mintedAt)
    }

    private func press(
        _ scene: Scene, _ link: Link, _ scope: Scope? = nil, at: Instant? = nil, saysMore: Bool = false
    ) async throws -> LinkReceipt {
        let access = try #require(try await scene.store.access(of: link))
        let words = saysMore ? [("reason", "too-many")] : []
        let evidence = try Evidence([("method", "one-click")] + words)
        return try await scene.store.unsubscribe(
            LinkOptOut(link, scope: scope, at: at, evidence: evidence, saysMore: saysMore), by: access)
    }

    private func back(_ scene: Scene, _ link: Link, narrow: Bool = false) async throws -> LinkReceipt {
        let access = try #require(try await scene.store.access(of: link))
        let evidence = try Evidence([("method", "preference-page")])
        return try await scene.store.run(
            narrow ? .narrow(link, evidence: evidence) : .comeBack(link, evidence: evidence), by: access)
    }

    @Test func itStopsWhomeverTheLinkWasMadeFor() async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted)
        let receipt = try await press(scene, try link(scene))
        #expect(receipt.id != nil)
        #expect(receipt.entry?.entry == Entry(.unsubscribed, .controller))
        #expect(receipt.standing.entry == receipt.entry)
        #expect(receipt.standing.stopped.map(\.text).contains("newsletter"))
        #expect(try await scene.reason() == "unsubscribed")
        #expect(try await scene.reason("ola@firma.example") == "unknown-address")
        let entries = try await scene.store.entries(on: Address(parsing: "kari@firma.example"), by: scene.access)
        #expect(entries.map(\.actor) == ["link"])
        #expect(entries.first?.evidence?.contains("one-click") == true)
        await scene.close()
    }

    /// The receipt is reckoned from what stood and what was added; whoever asks afterwards reads what was derived.
    @Test func theReceiptSaysWhatIsReadAfterwards() async throws {
        let scene = try await Scene.make()
        for scope in [nil, Scope.topic, .purpose, .controller, .group] {
            for isKnown in [true, false] {
                let address = "\(scope?.rawValue ?? "any")-\(isKnown)@firma.example"
                if isKnown { try await scene.report(.contacted, address) }
                let link = try link(scene, address, topic: "product-news")
                for _ in 0..<2 {
                    let said = try await press(scene, link, scope).standing
                    let read = try #require(try await scene.store.standing(of: link))
                    #expect(said.entry == read.entry)
                    #expect(said.stopped == read.stopped)
                    #expect(said.scopes == read.scopes)
                    #expect(said.undo == read.undo)
                }
            }
        }
        await scene.close()
    }

    @Test func itNeedsNoContactAndSurvivesErasureAndSweep() async throws {
        let scene = try await Scene.make()
        for (address, event) in [("a@firma.example", Event.erased), ("b@firma.example", .swept)] {
            try await scene.report(.contacted, address)
            try await scene.report(event, address)
            _ = try await press(scene, try link(scene, address))
            #expect(["unsubscribed", "erased"].contains(try await scene.reason(address)))
        }
        _ = try await press(scene, try link(scene, "never@firma.example"))
        #expect(try await scene.reason("never@firma.example") == "unsubscribed")
        try await scene.report(.contacted, "never@firma.example")
        #expect(try await scene.reason("never@firma.example") == "unsubscribed")
        await scene.close()
    }

    @Test func anAliasIsRefusedToo() async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted, "kari@firma.example")
        _ = try await press(scene, try link(scene, "kari+liste@firma.example"))
        #expect(try await scene.reason("kari@firma.example") == "unsubscribed")
        #expect(try await scene.reason("kari+annen@firma.example") == "unsubscribed")
        await scene.close()
    }

    @Test func pressingAgainRecordsNothingNeedless() async throws {
        let scene = try await Scene.make()
        let link = try link(scene, topic: "events")
        let first = try await press(scene, link)
        let rows = try await scene.database.ledgerRows()
        for scope in [nil, Scope.controller, .purpose, .topic] {
            let again = try await press(scene, link, scope)
            #expect(again.id == nil && again.entry == first.entry)
        }
        #expect(try await scene.database.ledgerRows() == rows)
        // More than that is new, and so is a reason.
        #expect(try await press(scene, link, .group).id != nil)
        #expect(try await press(scene, link, .group).id == nil)
        // But once: a page may be sent as often as somebody likes.
        #expect(try await press(scene, link, saysMore: true).id != nil)
        #expect(try await press(scene, link, saysMore: true).id == nil)
        await scene.close()
    }

    /// An entry that stands at the company of the link may have been lifted at another of its group.
    @Test func pressingAgainBindsTheCompanyToWhichThePersonCameBack() async throws {
        let one = try await Scene.make("infobric", "infobric-ab")
        let other = try await one.of("infobric-as")
        let link = try link(one)
        #expect(try await press(one, link).entry?.entry.reach == .group)
        try await cameBack(to: other)
        #expect(try await one.store.standing(of: link)?.scopes.contains(.group) == true)
        let again = try await press(one, link)
        #expect(again.id != nil)
        #expect(try await other.reason() == "unsubscribed")
        #expect(try await one.reason() == "unsubscribed")
        #expect(try await press(one, link).id == nil)
        #expect(try await one.store.standing(of: link)?.scopes.contains(.group) == false)
        await one.close()
    }

    /// The same where it was received earlier, and where an old answer would be given again.
    @Test func aGroupWideOptOutStopsWhereThePersonCameBackMeanwhile() async throws {
        let one = try await Scene.make("infobric", "infobric-ab")
        let other = try await one.of("infobric-as")
        let unsubscribed = Event.unsubscribed(scope: nil, purpose: nil, topic: nil)
        let once = Once(key: "again", request: [1])
        func post() async throws {
            let report = Report(unsubscribed, of: .address(try Address(parsing: "kari@firma.example")))
            _ = try await one.store.run(.record(report), by: one.access, once: once) { _ in
                StoredAnswer(status: 201, body: [])
            }
        }
        try await post()
        var consent = try await cameBack(to: other)
        try await post()
        #expect(try await other.reason() == "unsubscribed")
        consent = try await cameBack(to: other)
        let late = try await one.report(unsubscribed, at: consent.advanced(byMicroseconds: -2_000_000).description)
        #expect(late.at > consent)
        #expect(try await other.reason() == "unsubscribed")
        consent = try await cameBack(to: other)
        let link = try link(one)
        let spooled = try await press(one, link, at: consent.advanced(byMicroseconds: -2_000_000))
        #expect(spooled.id != nil)
        #expect(try await other.reason() == "unsubscribed")
        await one.close()
    }

    @discardableResult
    private func cameBack(to scene: Scene) async throws -> Instant {
        let consent = try Event.consentGiven(slug("newsletter"), by: .person(confirmsObjection: false))
        let receipt = try await scene.report(consent, evidence: Evidence([("method", "double-opt-in")]))
        #expect(try await scene.reason() == "ground-holds")
        return receipt.at
    }

    /// Nothing leaves the ledger, so nobody may press to and fro for ever.
    @Test func comingBackEndsAfterSomeTimes() async throws {
        let scene = try await Scene.make()
        let link = try link(scene)
        for _ in 0..<Undo.timesMax {
            _ = try await press(scene, link)
            _ = try await back(scene, link)
        }
        _ = try await press(scene, link)
        await #expect(throws: StoreError.nothingToUndo) { _ = try await back(scene, link) }
        #expect(try await scene.reason() == "unsubscribed")
        await scene.close()
    }

    @Test func eachScopeStopsWhatItSays() async throws {
        let scene = try await Scene.make()
        for (name, scope) in [("t", Scope.topic), ("p", .purpose), ("c", .controller), ("g", .group)] {
            let address = "\(name)@firma.example"
            try await scene.report(.contacted, address)
            let receipt = try await press(scene, try link(scene, address, topic: "events"), scope)
            #expect(receipt.entry?.entry.reach.scope == scope)
            #expect(try await scene.reason(address, topic: "events") == "unsubscribed")
            #expect(
                try await scene.reason(address, topic: "product-news")
                    == (scope == .topic ? "ground-holds" : "unsubscribed"))
            #expect(
                (try await scene.reason(address, purpose: "outreach") == "unsubscribed") == (scope >= .controller))
        }
        await scene.close()
    }

    @Test func anEntryOfAListIsNotThePersonsOwn() async throws {
        let scene = try await Scene.make()
        try await scene.report(.suppressed(.imported, scope: .controller))
        let receipt = try await press(scene, try link(scene))
        #expect(receipt.id != nil)
        #expect(receipt.standing.undo == nil, "what stood before the press is not taken back by it")
        await scene.close()
    }

    @Test func ofOldNamesTheNextWiderScopeIsMeant() async throws {
        let scene = try await Scene.make()
        let gone = try link(scene, purpose: "christmas-cards", topic: "stars")
        for scope in [Scope.topic, .purpose, nil] {
            #expect(try await press(scene, gone, scope).entry?.entry.reach == .controller)
        }
        let topic = try link(scene, "b@firma.example", topic: "stars")
        #expect(try await press(scene, topic, .topic).entry?.entry.reach == .purpose(slug("newsletter")))
        await scene.close()
    }

    @Test func aServiceMessageIsStoppedByItsPurpose() async throws {
        let scene = try await Scene.make()
        let receipt = try await press(scene, try link(scene, purpose: "service-notice"))
        #expect(receipt.entry?.entry.reach == .purpose(try slug("service-notice")))
        #expect(try await scene.reason(purpose: "service-notice") == "unsubscribed")
        await scene.close()
    }

    // MARK: Coming back

    @Test func comingBackIsAConsentToThePurposeAlone() async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted)
        let link = try link(scene)
        let pressed = try await press(scene, link)
        let undo = try #require(pressed.standing.undo)
        #expect(undo.purpose.text == "newsletter" && undo.needsConsent && undo.topic == nil && undo.narrowsTo == nil)
        let receipt = try await back(scene, link)
        #expect(receipt.standing.entry == nil && receipt.standing.undo == nil)
        #expect(receipt.standing.consentedAt != nil)
        #expect(try await scene.reason() == "ground-holds")
        #expect(try await scene.reason(purpose: "outreach") == "unsubscribed")
        // A one-click always counts, also of an older mail against a newer consent.
        #expect(try await press(scene, link).id != nil)
        #expect(try await scene.reason() == "unsubscribed")
        await scene.close()
    }

    @Test func aTopicIsResumedAndAWideOptOutNarrowed() async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted)
        let link = try link(scene, topic: "events")
        _ = try await press(scene, link, .topic)
        #expect(try await scene.reason(topic: "events") == "unsubscribed")
        _ = try await back(scene, link)
        #expect(try await scene.reason(topic: "events") == "ground-holds")
        let wide = try await press(scene, link, .purpose)
        #expect(wide.standing.undo?.narrowsTo?.text == "events")
        let narrowed = try await back(scene, link, narrow: true)
        #expect(narrowed.standing.entry?.entry.reach.scope == .topic)
        #expect(try await scene.reason(topic: "events") == "unsubscribed")
        #expect(try await scene.reason(topic: "product-news") == "ground-holds")
        await scene.close()
    }

    @Test func whatStoodBeforeIsNotTakenBack() async throws {
        let scene = try await Scene.make()
        try await scene.report(.contacted)
        let link = try link(scene)
        // An old opt-out, an objection, a complaint: none is undone by whoever is handed the mail.
        for (address, event) in [
            ("o@firma.example", Event.objected(purpose: nil)), ("c@firma.example", .complained),
        ] {
            try await scene.report(event, address)
            await #expect(throws: StoreError.nothingToUndo) { try await back(scene, try self.link(scene, address)) }
        }
        try await scene.report(.unsubscribed(scope: nil, purpose: nil, topic: nil), at: "2024-01-01T00:00:00Z")
        await #expect(throws: StoreError.nothingToUndo) { try await back(scene, link) }
        #expect(try await press(scene, link, .group).standing.undo == nil)
        await #expect(throws: StoreError.nothingToUndo) { try await back(scene, link) }
        #expect(try await scene.reason() == "unsubscribed")
        await scene.close()
    }

    @Test func comingBackTakesThePersonsOwnMethod() async throws {
        let scene = try await Scene.make()
        let link = try link(scene)
        _ = try await press(scene, link)
        let access = try #require(try await scene.store.access(of: link))
        let evidence = try Evidence([("method", "one-click")])
        await #expect(throws: StoreError.nothingToUndo) {
            try await scene.store.run(.comeBack(link, evidence: evidence), by: access)
        }
        await scene.close()
    }

    // MARK: Keys and controllers

    @Test func anOlderPepperIsFoundAndADeadOneIsNotAcknowledged() async throws {
        let scene = try await Scene.make()
        let old = try link(scene)
        try await scene.report(.contacted)
        let newer = try Pepper(version: 2, secret: (1...32).map { UInt8($0) &* 41 &+ 3 })
        let both = try Peppers(current: newer, older: [scene.store.peppers.current])
        let rotated = try await scene.database.store(peppers: both)
        let access = try #require(try await rotated.access(of: old))
        _ = try await rotated.unsubscribe(LinkOptOut(old), by: access)
        let check = Check(address: try Address(parsing: "kari@firma.example"), purpose: try slug("newsletter"))
        func reason() async throws -> String {
            try await rotated.verdict(check, by: scene.access).get().verdict.reason.code
        }
        #expect(try await reason() == "unsubscribed")
        // Under the newer one they come back, which the link does not know of; pressing it again stops all the same.
        let consent = try Report(
            .consentGiven(slug("newsletter"), by: .person(confirmsObjection: false)), of: .address(check.address),
            at: nil, evidence: Evidence([("method", "double-opt-in")]))
        for at in [nil, Instant(microseconds: 1_790_000_000_000_000)] {
            _ = try await rotated.run(.record(consent), by: scene.access)
            #expect(try await reason() == "ground-holds")
            let again = try await rotated.unsubscribe(LinkOptOut(old, at: at), by: access)
            #expect(again.id != nil)
            #expect(try await reason() == "unsubscribed")
        }
        await rotated.shutdown(within: .seconds(5))

        let alone = try await scene.database.store(peppers: Peppers(current: newer))
        let before = try await scene.database.ledgerRows()
        // A store whose pepper file lacks one that the database has keys of does nothing at all.
        await #expect(throws: StoreError.self) { try await alone.unsubscribe(LinkOptOut(old), by: access) }
        #expect(try await scene.database.ledgerRows() == before)
        await alone.shutdown(within: .seconds(5))
        await scene.close()
    }

    @Test func aControllerThatIsNotHereIsNone() async throws {
        let scene = try await Scene.make()
        let person = scene.store.peppers.current.person(try Address(parsing: "kari@firma.example"))
        for id in [Int64(999), -1, scene.access.controller.group] {
            let stray = Link(.unsubscribe, controller: id, person: person, mintedAt: .min)
            #expect(try await scene.store.access(of: stray) == nil)
            #expect(try await scene.store.standing(of: stray) == nil)
        }
        await scene.close()
    }

    // MARK: Many at once

    @Test func manyAtOnceShareTransactionsAndEachIsTold() async throws {
        let scene = try await Scene.make()
        let access = try #require(try await scene.store.access(of: try link(scene)))
        let addresses = (0..<200).map { "p\($0 % 150)@firma.example" }
        let receipts = try await withThrowingTaskGroup(of: (String, LinkReceipt).self) { group in
            for address in addresses {
                let link = try link(scene, address)
                group.addTask { (address, try await scene.store.unsubscribe(LinkOptOut(link), by: access)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(receipts.count == 200)
        #expect(receipts.count { $0.1.id != nil } == 150)
        #expect(Set(receipts.compactMap(\.1.id)).count == 150)
        for address in addresses { #expect(try await scene.reason(address) == "unsubscribed") }
        let transactions = try await scene.database.ledgerTransactions()
        #expect(transactions < 150, "\(transactions) transactions")
        let entry = try #require(receipts.first?.1.entry)
        #expect(receipts.allSatisfy { $0.1.entry?.entry == entry.entry })
        await scene.close()
    }

    @Test func oneOfADeadPepperDoesNotStopTheOthers() async throws {
        let scene = try await Scene.make()
        let access = try #require(try await scene.store.access(of: try link(scene)))
        let dead = Link(
            .unsubscribe, controller: access.controller.id,
            person: KeyedPerson(pepper: 9, own: AddressKey(high: 1, low: 1), alias: AddressKey(high: 1, low: 1)),
            mintedAt: .min)
        let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<40 {
                let link = number.isMultiple(of: 4) ? dead : try link(scene, "p\(number)@firma.example")
                group.addTask {
                    do throws(StoreError) {
                        return try await scene.store.unsubscribe(LinkOptOut(link), by: access).id != nil
                    } catch {
                        #expect(error == .deadPepper)
                        return false
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 } == 30)
        await scene.close()
    }

    @Test func oneOfThePastCountsFromThenAndNeverBeforeALift() async throws {
        let scene = try await Scene.make()
        let link = try link(scene)
        let received = try instant("2026-01-01T10:00:00Z")
        #expect(try await press(scene, link, at: received).entry?.at == received)
        let other = try self.link(scene, "b@firma.example")
        _ = try await press(scene, other)
        _ = try await back(scene, other)
        // It was received before the consent and is recorded after it: what is acknowledged stops.
        let late = try await press(scene, other, at: received)
        #expect(try #require(late.entry?.at) > received)
        #expect(try await scene.reason("b@firma.example") == "unsubscribed")
        await scene.close()
    }
}
