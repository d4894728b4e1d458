import Formats
import Harness
import Rules
import Testing

@Suite struct SuppressionReaderTests {
    @Test func evidenceHoldsNoAddressAndNobodysName() throws {
        let bounce = try #require(ListOfSuppressions(try example("sendgrid-bounces.csv")).entries.first)
        #expect(bounce.evidence.map(\.word) == ["550 5.1.1 (address) user unknown", "5.1.1"])
        for name in try exampleNames() {
            for entry in ListOfSuppressions(try example(name)).entries {
                let fields = entry.evidence.map { (name: $0.name, word: $0.word) }
                #expect(throws: Never.self) { try Evidence(fields) }
                for field in fields {
                    #expect(
                        !["Ola", "Gård", "Kari", "Nordmann", "Pär"].contains { field.word.contains($0) }, "\(name)")
                }
            }
        }
    }

    @Test func aWordNobodyKnowsStopsTheAddressAllTheSame() {
        let list = ListOfSuppressions(#"{"emailAddress":"a@b.example","reason":"POLICY"}"#)
        #expect(list.words == ["a listed"])
        #expect(list.entries[0].evidence == [SuppressionWord("reason", "POLICY")])
    }

    @Test func aDateThatIsNoneIsKeptAsAWord() {
        let list = ListOfSuppressions("email,unsubscribed at\na@b.example,03/04/2021\nc@d.example,31/12/2021\n")
        #expect(list.entries.map { $0.at?.description } == [nil, "2022-01-01T12:00:00Z"])
        #expect(list.entries[0].evidence == [SuppressionWord("date", "03/04/2021")])
    }

    @Test func aRowWithoutAnAddressIsInvalidAndCostsNoOther() {
        let list = ListOfSuppressions("address,code,error,created_at\nnobody,550,,\na@b.example,550,,\n;;\n,,,\n")
        #expect(list.words == ["a bounced"])
        #expect(list.invalid.map(\.column) == ["address", "address"])
        #expect(list.passedOver == [.blank])
    }

    @Test func everyRowIsSomething() {
        let list = ListOfSuppressions("a@b.example\n\"c@d.example\nx@y.example\nno address\nx@y.example\n")
        let lines = list.events.compactMap { event -> Int? in
            switch event {
            case .entry(let line, _), .passedOver(let line, _), .invalid(let line, _, _): line
            default: nil
            }
        }
        #expect(lines == [1, 2, 3, 4, 5])
    }

    @Test func theOperatorMaySayWhichColumnAndWhichDialect() throws {
        let text = Array("who,backup email,email\na,a@b.example,c@d.example\n".utf8)
        #expect(ListOfSuppressions(text).words == ["c listed"])
        var reader = SuppressionReader(addressColumn: "backup email")
        reader.feed(text)
        reader.finish()
        var words: [String] = []
        while let event = try reader.next() {
            if case .entry(_, let entry) = event, case .address(let address) = entry.subject {
                words.append(address.canonical)
            }
        }
        #expect(words == ["a@b.example"])
        let bounced = ListOfSuppressions(Array("a@b.example\n".utf8), .mailgunBounces)
        #expect(bounced.dialects == [.mailgunBounces])
        #expect(bounced.words == ["a bounced"])
    }

    @Test func aListWithoutAddressesSaysSo() {
        #expect(ListOfSuppressions("a,b\n1,2\n").failure == .columnNotFound(["a", "b"]))
        #expect(
            ListOfSuppressions("e-mail,email\na@b.example,c@d.example\n").failure
                == .columnAmbiguous(["e-mail", "email"]))
        var reader = SuppressionReader(addressColumn: "nothing")
        reader.feed(Array("email\na@b.example\n".utf8))
        reader.finish()
        #expect(throws: SuppressionListError.self) { while try reader.next() != nil {} }
    }

    @Test func whatIsReportedOfAnEntry() throws {
        let policy = try Policy(
            parsing: """
                policy: p
                version: 1
                effective: 2023-03-21T00:00:00Z
                default-scope: topic
                controllers: [{id: c, name: C, number: 1, country: NO, time-zone: Europe/Oslo, authority: D, languages: [nb]}]
                purposes:
                  newsletter: {kind: marketing, grounds: [{id: s, basis: consent}]}
                """, file: "p.yaml")
        let address = Suppression.Subject.address(try Address(parsing: "a@b.example"))
        #expect(Suppression(address, .complained).event(under: policy) == .complained)
        #expect(Suppression(address, .bounced).event(under: policy) == .bounced(.hard))
        #expect(Suppression(address, .listed).event(under: policy) == .suppressed(.imported, scope: .controller))
        // Never narrower than the controller, whatever the policy's own unsubscribe binds.
        #expect(
            Suppression(address, .unsubscribed).event(under: policy)
                == .unsubscribed(scope: .controller, purpose: nil, topic: nil))
        let digest = try #require(HashedAddress(.md5, octets: [UInt8](repeating: 1, count: 16)))
        #expect(Suppression(.hashed(digest), .complained).reason == .listed)
    }

    @Test(arguments: [
        ("1715588504", "2024-05-13T08:21:44Z"), ("1715588504250", "2024-05-13T08:21:44.25Z"),
        ("1715588504.5", "2024-05-13T08:21:44.5Z"), ("2024-05-13T10:21:44+02:00", "2024-05-13T08:21:44Z"),
        ("2024-05-13 08:21:44 UTC", "2024-05-13T08:21:44Z"),
        ("2024-05-13 08:21:44.5 +0200 CEST", "2024-05-13T06:21:44.5Z"),
        ("Mon, 13 May 2024 08:21:44 GMT", "2024-05-13T08:21:44Z"),
        ("13 May 2024 08:21:44 +0200", "2024-05-13T06:21:44Z"),
        ("2024-05-13 08:21:44", "2024-05-13T20:21:44Z"), ("20240513T082144", "2024-05-13T20:21:44Z"),
        ("13.05.2024", "2024-05-14T12:00:00Z"), ("2024-05-13", "2024-05-14T12:00:00Z"),
    ]) func datesOfEveryShape(text: String, instant: String) {
        let list = ListOfSuppressions("email,created at\na@b.example,\"\(text)\"\n")
        #expect(list.entries.first?.at?.description == instant)
    }

    @Test func theExamplesDoNotDependOnThePieces() throws {
        var generator = SeededGenerator(seed: 11)
        for name in try exampleNames() {
            let bytes = try example(name)
            let whole = ListOfSuppressions(bytes, nil, tightOptions)
            for _ in 0..<20 { #expect(ListOfSuppressions(bytes, tightOptions, cutBy: &generator) == whole, "\(name)") }
        }
    }
}
