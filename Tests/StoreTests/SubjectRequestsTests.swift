import Harness
import Rules
import Store
import Testing

@Suite struct SubjectRequestsTests {
    private func open(
        _ scene: Scene, _ kind: RequestKind = .export, _ address: String = "kari@firma.example",
        receivedAt: String? = nil
    ) async throws -> RequestOpening {
        let origin = RequestOrigin.staff(receivedAt: try receivedAt.map(instant))
        return try await scene.store.run(
            .openRequest(kind, of: .address(Address(parsing: address)), language: "nb", from: origin), by: scene.access)
    }

    private func move(_ scene: Scene, _ id: Int64, _ move: RequestMove) async throws -> SubjectRequest {
        try await scene.store.run(.move(id, move), by: scene.access).request
    }

    /// As if so many days had passed since the request was opened.
    private func wait(_ scene: Scene, days: Int, for id: Int64) async throws {
        try await scene.database.run(
            """
            update maysend.subject_request set received_at = received_at - interval '\(days) days',
                due_at = due_at - interval '\(days) days' where id = \(id)
            """)
    }

    @Test func itIsDueAMonthAfterReceipt() async throws {
        let scene = try await Scene.make()
        let opening = try await open(scene, receivedAt: "2021-01-31T10:00:00Z")
        #expect(opening.dueAt == (try instant("2021-02-28T10:00:00Z")) && opening.isNew)
        #expect(opening.state == .received)
        await scene.close()
    }

    @Test func askingAgainIsTheSameRequest() async throws {
        let scene = try await Scene.make()
        let first = try await open(scene)
        let again = try await open(scene)
        #expect(again.id == first.id && !again.isNew && again.dueAt == first.dueAt)
        #expect(try await open(scene, .erase).id != first.id)
        _ = try await move(scene, first.id, .complete(note: "sent"))
        #expect(try await open(scene).id != first.id)
        await scene.close()
    }

    @Test func theListIsByWhatIsDueFirst() async throws {
        let scene = try await Scene.make()
        let late = try await open(scene, .export, "a@firma.example")
        let early = try await open(scene, .export, "b@firma.example", receivedAt: "2020-11-01T00:00:00Z")
        let middle = try await open(scene, .export, "c@firma.example", receivedAt: "2020-11-10T00:00:00Z")
        let done = try await open(scene, .export, "d@firma.example", receivedAt: "2020-10-25T00:00:00Z")
        _ = try await move(scene, done.id, .refuse(reason: "not the person"))
        let listed = try await scene.store.openRequests(after: nil, limit: 2, by: scene.access)
        #expect(listed.map(\.id) == [early.id, middle.id])
        let last = try #require(listed.last)
        let rest = try await scene.store.openRequests(after: (last.dueAt, last.id), limit: 2, by: scene.access)
        #expect(rest.map(\.id) == [late.id])
        await scene.close()
    }

    @Test func anExtensionHasItsBounds() async throws {
        let scene = try await Scene.make()
        let opening = try await open(scene)
        let due = RequestClock.due(receivedAt: opening.receivedAt, extendedByMonths: 1)
        let extended = try await move(scene, opening.id, .extend(months: 1, reason: "many at once"))
        #expect(extended.dueAt == due && extended.extendedMonths == 1)
        await #expect(throws: StoreError.requestNotExtendable(due: extended.dueAt)) {
            try await move(scene, opening.id, .extend(months: 1, reason: "again"))
        }
        await #expect(throws: StoreError.requestNotExtendable(due: extended.dueAt)) {
            try await move(scene, opening.id, .extend(months: 3, reason: "again"))
        }
        #expect(try await move(scene, opening.id, .extend(months: 2, reason: "still")).extendedMonths == 2)
        // Too late: the month has passed.
        let late = try await open(scene, .erase, receivedAt: "2021-01-31T10:00:00Z")
        await #expect(throws: StoreError.requestNotExtendable(due: late.dueAt)) {
            try await move(scene, late.id, .extend(months: 1, reason: "late"))
        }
        await scene.close()
    }

    /// A first extension moves the due date; what may still be said to the person ends with the first month all the same.
    @Test func afterTheFirstMonthNothingIsExtended() async throws {
        let scene = try await Scene.make()
        let opening = try await open(scene)
        _ = try await move(scene, opening.id, .extend(months: 1, reason: "many at once"))
        try await wait(scene, days: 35, for: opening.id)
        let open = try await scene.store.request(opening.id, by: scene.access).request
        #expect(systemNow() < open.dueAt)
        await #expect(throws: StoreError.requestNotExtendable(due: open.dueAt)) {
            try await move(scene, opening.id, .extend(months: 2, reason: "still"))
        }
        await scene.close()
    }

    /// Moves with a letter that says what it is about.
    private func tell(_ scene: Scene, _ id: Int64, _ move: RequestMove) async throws -> MovedRequest.Telling? {
        let purpose = try slug("request")
        let verb = Verb<MovedRequest>.move(id, move) { request, address in
            do {
                return try Letter(
                    to: address, purpose: purpose, language: "nb", subject: "Moved",
                    text: "\(request.id) \(request.extendedMonths) \(request.state.rawValue)", html: "-")
            } catch {
                return nil
            }
        }
        return try await scene.store.run(verb, by: scene.access).telling
    }

    private func steps(_ scene: Scene, _ id: Int64) async throws -> [String] {
        try await scene.store.request(id, by: scene.access).steps.map { step in
            step.step.rawValue + (step.note.map { ": " + $0 } ?? "")
        }
    }

    @Test func whoIsPutOffOrRefusedIsToldByLetter() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead("kari@firma.example")])
        let opening = try await open(scene)
        #expect(try await tell(scene, opening.id, .extend(months: 1, reason: "many")) == .letter)
        #expect(try await tell(scene, opening.id, .refuse(reason: "no identity")) == .letter)
        #expect(
            try await letters(scene).map { "\($0.to.canonical) \($0.text)" } == [
                "kari@firma.example \(opening.id) 1 received", "kari@firma.example \(opening.id) 1 refused",
            ])
        #expect(
            try await steps(scene, opening.id) == [
                "received", "extended: many", "told: letter", "refused: no identity", "told: letter",
            ])
        let answered = try await open(scene)
        #expect(try await tell(scene, answered.id, .complete(note: nil)) == nil)
        #expect(try await letters(scene).isEmpty)
        await scene.close()
    }

    @Test func whomNoLetterReachesStaffMustTell() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead("bounced@firma.example")])
        try await scene.report(.bounced(.hard), "bounced@firma.example")
        for address in ["bounced@firma.example", "stranger@firma.example"] {
            let opening = try await open(scene, .export, address)
            #expect(try await tell(scene, opening.id, .refuse(reason: "no identity")) == .notYet)
            #expect(try await steps(scene, opening.id).last == "to-be-told")
            let told = try await scene.store.run(.told(opening.id, method: "phone"), by: scene.access)
            #expect(told.telling == .staff && told.request.state == .refused)
            #expect(try await steps(scene, opening.id).last == "told: phone")
        }
        #expect(try await letters(scene).isEmpty)
        await #expect(throws: StoreError.unknownRequest(99)) {
            try await scene.store.run(.told(99, method: "phone"), by: scene.access)
        }
        await scene.close()
    }

    @Test func whatCameEarlierIsDueEarlierAndNeverLater() async throws {
        let scene = try await Scene.make()
        let opening = try await open(scene)
        _ = try await move(scene, opening.id, .extend(months: 1, reason: "many"))
        let came = opening.receivedAt.advanced(byMicroseconds: -9 * 86_400_000_000)
        let earlier = try await open(scene, receivedAt: came.description)
        let due = RequestClock.due(receivedAt: came, extendedByMonths: 1)
        #expect(earlier.id == opening.id && earlier.receivedAt == came && earlier.dueAt == due)
        let later = try await open(scene, receivedAt: opening.receivedAt.description)
        #expect(later.receivedAt == came && later.dueAt == due)
        #expect(
            try await steps(scene, opening.id) == [
                "received", "extended: many", "to-be-told", "asked-again", "received-earlier: \(opening.receivedAt)",
                "asked-again",
            ])
        await scene.close()
    }

    /// The clock runs from the letter, whoever it was from, not from the question who that is.
    @Test func askingForTheIdentityStopsNoClock() async throws {
        let scene = try await Scene.make()
        let came = systemNow().advanced(byMicroseconds: -9 * 86_400_000_000)
        let purpose = try slug("request")
        let origin = RequestOrigin.staff(receivedAt: came) { opening, address in
            do {
                return try Letter(
                    to: address, purpose: purpose, language: "nb", subject: "Request", text: "\(opening.id)", html: "-")
            } catch {
                return nil
            }
        }
        let opening = try await scene.store.run(
            .openRequest(.erase, of: .address(Address(parsing: "kari@firma.example")), language: "nb", from: origin),
            by: scene.access)
        #expect(opening.receivedAt == came && opening.dueAt == RequestClock.due(receivedAt: came))
        #expect(opening.state == .identityAsked)
        #expect(try await letters(scene).map(\.text) == ["\(opening.id)"])
        await scene.close()
    }

    @Test func whoDidWhatIsKept() async throws {
        let scene = try await Scene.make()
        let opening = try await open(scene)
        _ = try await open(scene)
        _ = try await move(scene, opening.id, .extend(months: 1, reason: "many at once"))
        _ = try await move(scene, opening.id, .complete(note: nil))
        let file = try await scene.store.request(opening.id, by: scene.access)
        #expect(file.request.state == .done && file.request.closedAt != nil)
        #expect(file.steps.map(\.step) == [.received, .askedAgain, .extended, .toBeTold, .done])
        #expect(file.steps.map(\.note) == [nil, nil, "many at once", nil, nil])
        #expect(Set(file.steps.map(\.actor)) == ["cli:test"])
        await #expect(throws: StoreError.requestClosed(opening.id)) {
            try await move(scene, opening.id, .complete(note: nil))
        }
        await scene.close()
    }

    @Test func anotherControllersRequestIsNotThere() async throws {
        let scene = try await Scene.make("infobric", "infobric-ab")
        let sister = try await scene.of("infobric-as")
        let opening = try await open(scene)
        await #expect(throws: StoreError.unknownRequest(opening.id)) {
            try await sister.store.request(opening.id, by: sister.access)
        }
        await #expect(throws: StoreError.unknownRequest(opening.id)) {
            try await move(sister, opening.id, .complete(note: nil))
        }
        #expect(try await sister.store.openRequests(after: nil, limit: 9, by: sister.access).isEmpty)
        await scene.close()
    }

    @Test func whoHasOnlyAnAddressLearnsNothing() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead("known@firma.example")])
        try await scene.report(.objected(purpose: nil), "objector@firma.example")
        for address in ["known@firma.example", "objector@firma.example", "stranger@firma.example"] {
            let opening = try await ask(scene, .export, of: .address(Address(parsing: address)))
            #expect(opening.state == .identityAsked && opening.isNew)
        }
        #expect(try await letters(scene).map(\.to.canonical).sorted().map { $0.prefix(1) } == ["k", "o", "s"])
        await scene.close()
    }

    /// As a page does it; the letter holds the request's number.
    private func ask(
        _ scene: Scene, _ kind: RequestKind, of subject: RequestSubject
    ) async throws -> RequestOpening {
        let purpose = try slug("request")
        let origin = RequestOrigin.page { opening, address in
            do {
                return try Letter(
                    to: address, purpose: purpose, language: "nb", subject: "Request", text: "\(opening.id)", html: "-")
            } catch {
                return nil
            }
        }
        return try await scene.store.run(
            .openRequest(kind, of: subject, language: "nb", from: origin), by: scene.access)
    }

    private func letters(_ scene: Scene) async throws -> [Letter] {
        let outbox = try Outbox(url: scene.database.url, peppers: testPeppers(), random: { 0.5 })
        try await outbox.ready(within: .seconds(30))
        let claimed = try await outbox.claimLetters(max: 100, lease: .seconds(60)).letters
        await outbox.shutdown(within: .seconds(5))
        return claimed.map(\.letter)
    }

    private func person(_ address: String) throws -> KeyedPerson {
        try testPeppers().current.person(Address(parsing: address))
    }

    @Test func aLetterGoesToTheAddressItselfAndOnceADayForEachRight() async throws {
        let scene = try await Scene.make()
        let kari = try person("kari@firma.example")
        // Nothing is stored of whoever holds the link, so there is nowhere to write to; the request is taken in all the same.
        let unanswered = try await ask(scene, .export, of: .link(kari))
        #expect(unanswered.isNew && unanswered.state == .received)
        #expect(try await letters(scene).isEmpty)
        _ = try await scene.collect([try lead("kari@firma.example")])
        let opening = try await ask(scene, .export, of: .link(kari))
        #expect(opening.state == .identityAsked && opening.id == unanswered.id)
        _ = try await ask(scene, .export, of: .link(kari))
        let other = try await ask(scene, .erase, of: .link(kari))
        let sent = try await letters(scene)
        #expect(Set(sent.map(\.to.canonical)) == ["kari@firma.example"])
        #expect(sent.map(\.text).sorted() == ["\(opening.id)", "\(other.id)"].sorted())
        let steps = try await scene.store.request(opening.id, by: scene.access).steps.map(\.step)
        #expect(steps == [.received, .identityAsked])
        await scene.close()
    }

    @Test func whatStaffTookInIsAnsweredByTheLinkToo() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead("kari@firma.example")])
        let taken = try await open(scene, .erase)
        let asked = try await ask(scene, .erase, of: .link(try person("kari@firma.example")))
        #expect(asked.id == taken.id && asked.state == .identityAsked)
        #expect(try await letters(scene).count == 1)
        await scene.close()
    }

    @Test func aLinkUnderADeadPepperDoesNothing() async throws {
        let scene = try await Scene.make()
        let opening = try await ask(scene, .erase, of: .address(Address(parsing: "kari@firma.example")))
        let kari = try person("kari@firma.example")
        let dead = KeyedPerson(pepper: 99, own: kari.own, alias: kari.alias)
        let link = Link(
            .request, controller: 1, person: dead, reference: opening.id, mintedAt: opening.receivedAt)
        await #expect(throws: StoreError.deadPepper) {
            try await scene.store.answer(link, evidence: nil, by: scene.access)
        }
        await #expect(throws: StoreError.deadPepper) { try await ask(scene, .export, of: .link(dead)) }
        await scene.close()
    }

    private func link(_ opening: RequestOpening, of address: String = "kari@firma.example") throws -> Link {
        Link(
            .request, controller: 1, person: try person(address), reference: opening.id,
            mintedAt: opening.receivedAt)
    }

    @Test(arguments: [RequestKind.erase, .restrict, .object])
    func whoFollowsTheLinkHasItDone(_ kind: RequestKind) async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead("kari@firma.example")])
        let opening = try await ask(scene, kind, of: .address(Address(parsing: "kari@firma.example")))
        let link = try link(opening)
        let shown = try await scene.store.request(of: link, by: scene.access)
        #expect(shown?.request.state == .identityAsked && shown?.request.kind == kind)
        #expect(try await scene.reason() == "ground-holds")
        _ = try await scene.store.answer(link, evidence: Evidence([("method", "request-link")]), by: scene.access)
        let reasons: [RequestKind: String] = [.erase: "erased", .restrict: "restricted", .object: "objected"]
        #expect(try await scene.reason() == reasons[kind])
        let file = try await scene.store.request(opening.id, by: scene.access)
        #expect(file.request.state == .done && file.steps.suffix(2).map(\.step) == [.identified, .done])
        await #expect(throws: StoreError.requestClosed(opening.id)) {
            try await scene.store.answer(link, evidence: nil, by: scene.access)
        }
        await scene.close()
    }

    @Test func pressedManyTimesAtOnceItIsDoneOnce() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead("kari@firma.example")])
        let kari = try person("kari@firma.example")
        let link = try link(try await ask(scene, .erase, of: .link(kari)))
        let (store, access) = (scene.store, scene.access)
        let answers = try await withThrowingTaskGroup(of: Bool?.self) { group in
            for number in 0..<12 {
                group.addTask {
                    guard number.isMultiple(of: 2) else {
                        let origin = RequestOrigin.page { _, _ in nil }
                        _ = try await store.run(
                            .openRequest(.erase, of: .link(kari), language: "nb", from: origin), by: access)
                        return nil
                    }
                    do {
                        _ = try await store.answer(link, evidence: nil, by: access)
                        return true
                    } catch StoreError.requestClosed {
                        return false
                    }
                }
            }
            return try await group.reduce(into: [Bool?]()) { $0.append($1) }
        }
        #expect(answers.count { $0 == true } == 1 && answers.count { $0 == false } == 5)
        #expect(try await scene.reason() == "erased")
        await scene.close()
    }

    @Test func anExportIsShownAsLongAsItsLinkOpens() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead("kari@firma.example", name: "Kari")])
        let link = try link(try await ask(scene, .export, of: .address(Address(parsing: "kari@firma.example"))))
        for _ in 0..<2 {
            let answer = try await scene.store.answer(link, evidence: nil, by: scene.access)
            guard case .exported(let file) = answer else {
                Issue.record("no export")
                return
            }
            #expect(file.contact?.name == "Kari" && file.address == "kari@firma.example")
        }
        let file = try await scene.store.request(link.reference ?? 0, by: scene.access)
        #expect(file.steps.map(\.step) == [.received, .identityAsked, .identified, .done])
        await scene.close()
    }

    @Test func aPersonCorrectsEverythingButTheAddress() async throws {
        let scene = try await Scene.make()
        _ = try await scene.collect([try lead("kari@firma.example", name: "Karri")])
        let link = try link(try await ask(scene, .rectify, of: .address(Address(parsing: "kari@firma.example"))))
        let right = Correction(address: try Address(parsing: "other@firma.example"), name: "Kari")
        let answer = try await scene.store.answer(link, correction: right, evidence: nil, by: scene.access)
        guard case .rectified(let receipt) = answer else {
            Issue.record("no correction")
            return
        }
        #expect(receipt.corrected == ["name"])
        let file = try await scene.store.subjectFile(of: Address(parsing: "kari@firma.example"), by: scene.access)
        #expect(file.contact?.name == "Kari")
        await scene.close()
    }

    @Test func aLinkIsGoodForItsOwnPersonAlone() async throws {
        let scene = try await Scene.make()
        let opening = try await ask(scene, .erase, of: .address(Address(parsing: "kari@firma.example")))
        let other = try link(opening, of: "ola@firma.example")
        let shown = try await scene.store.request(of: other, by: scene.access)
        #expect(shown == nil)
        await #expect(throws: StoreError.unknownRequest(opening.id)) {
            try await scene.store.answer(other, evidence: nil, by: scene.access)
        }
        await scene.close()
    }

    @Test func theServingRoleCannotRewriteHistory() async throws {
        let scene = try await Scene.make()
        _ = try await open(scene)
        for text in [
            "delete from subject_request", "delete from subject_request_step",
            "update subject_request_step set note = ''",
            "update subject_request set received_at = now()", "delete from pending_erasure",
            "update subject_request set address_key = gen_random_uuid()",
        ] {
            await #expect(throws: (any Error).self, "\(text)") {
                try await scene.database.run("set role maysend_write; set search_path = maysend; \(text)")
            }
        }
        await scene.close()
    }
}
