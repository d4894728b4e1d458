import Formats
import Harness
import Rules
import Testing

/// What is written in a provider's shape comes back as it was, as far as the shape can hold it.
@Suite struct SuppressionRoundTripTests {
    private static let writable = SuppressionDialect.allCases.filter(\.isWritable)

    @Test(arguments: writable) func comesBackAsItWas(_ dialect: SuppressionDialect) throws {
        var generator = SeededGenerator(seed: 20 + UInt64(SuppressionDialect.allCases.firstIndex(of: dialect) ?? 0))
        for _ in 0..<60 {
            let entries = try (0..<Int.random(in: 1...12, using: &generator)).map { _ in
                try Self.entry(for: dialect, using: &generator)
            }
            var writer = try #require(SuppressionWriter(dialect))
            for entry in entries { writer.append(entry) }
            writer.finish()
            let bytes = writer.take()
            let list = ListOfSuppressions(bytes)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(writer.leftOut == 0)
            #expect(list.entries == entries, "\(text)")
            #expect(list.invalid == [] && list.passedOver == [] && list.failure == nil)
            let expected: [SuppressionDialect] = [dialect]
            // A bare list of MD5 is OPTIZMO's too: its name is not in it.
            #expect(list.dialects == expected, "\(text)")
        }
    }

    @Test func theExamplesComeBack() throws {
        for name in try exampleNames() {
            let list = ListOfSuppressions(try example(name))
            guard list.dialects.count == 1, list.dialects[0].isWritable else { continue }
            // A subscription type of HubSpot's has a column of its own name, which is not written.
            let entries = list.entries.filter { entry in !entry.evidence.contains { $0.name.hasPrefix("type-") } }
            var writer = try #require(SuppressionWriter(list.dialects[0]))
            for entry in entries { writer.append(entry) }
            writer.finish()
            let kept = list.dialects[0] == .ses ? entries.map { Suppression($0.subject, $0.reason) } : entries
            #expect(ListOfSuppressions(writer.take()).entries == kept, "\(name)")
        }
    }

    @Test func whatAShapeCannotHoldIsCounted() throws {
        let address = Suppression.Subject.address(try Address(parsing: "a@b.example"))
        let digest = try #require(HashedAddress(.md5, octets: [UInt8](repeating: 1, count: 16)))
        var writer = try #require(SuppressionWriter(.ses))
        writer.append(Suppression(address, .unsubscribed))
        writer.append(Suppression(.hashed(digest), .listed))
        writer.append(Suppression(address, .bounced))
        #expect(writer.leftOut == 2)
        #expect(String(decoding: writer.take(), as: UTF8.self) == "a@b.example,BOUNCE\n")
        #expect(SuppressionWriter(.mailchimpSubscribed) == nil)
    }

    @Test func noCellIsAFormula() throws {
        let words = ["=1+2", "+47 1", "-1", "@cmd", "'=x", "''+y", "'plain", "=\"a\nb\""]
        for word in words {
            let entry = Suppression(
                .address(try Address(parsing: "=sum@b.example")), .bounced,
                at: Instant(parsing: "2024-05-13T08:21:44Z"),
                evidence: [SuppressionWord("detail", word)])
            var writer = try #require(SuppressionWriter(.sendgridBounces))
            writer.append(entry)
            let bytes = writer.take()
            #expect(ListOfSuppressions(bytes).entries == [entry])
            let cells = Reading(bytes).rows.flatMap { $0 }
            #expect(cells.count == 4)
            #expect(!cells.contains { cell in "=+-@\t\r".contains(cell.first ?? " ") })
        }
        var kept = try #require(SuppressionWriter(.plain, formulas: .kept))
        kept.append(Suppression(.address(try Address(parsing: "+a@b.example")), .listed))
        #expect(String(decoding: kept.take(), as: UTF8.self).contains("\n+a@b.example,"))
    }

    @Test func undoneIsTheInverse() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<2_000 {
            let field = generator.text(of: ["'", "=", "+", "a", "@", "-", " ", "\t", "é"], upTo: 5)
            var writer = CSVWriter(formulas: .neutralised)
            writer.row([field, "x"])
            let written = Reading(writer.take(), CSVOptions(delimiter: .comma, header: .none)).rows
            #expect(written.first.map { CSVFormulas.undone($0[0]) } == field, "\(field)")
        }
    }

    private static func entry(
        for dialect: SuppressionDialect, using generator: inout SeededGenerator
    ) throws -> Suppression {
        if let kinds = hashedKinds(of: dialect) {
            let kind = generator.pick(kinds)
            let octets = (0..<kind.octetCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let digest = try #require(HashedAddress(kind, octets: octets))
            let at = dialect == .optizmo ? instant(&generator, whole: true) : nil
            return Suppression(.hashed(digest), .listed, at: at)
        }
        let local = generator.text(of: ["a", "b.", "+", "=", "-", "x", "ø", "'"], upTo: 5)
        let address = try Address(parsing: "q" + local + "z@firma.example")
        let reason = generator.pick(reasons(of: dialect))
        var evidence = words(of: dialect, reason, &generator)
        if dialect == .hubspot, reason == .bounced {
            evidence = [SuppressionWord("bounce", generator.pick(["true", "UNKNOWN_USER"]))]
        }
        if dialect == .postmark, reason == .unsubscribed { evidence = [SuppressionWord("origin", "Recipient")] }
        let hasDate = ![.ses, .hubspot, .mautic].contains(dialect) && Bool.random(using: &generator)
        return Suppression(
            .address(address), reason, at: hasDate ? instant(&generator, whole: !holdsMicroseconds(dialect)) : nil,
            evidence: evidence)
    }

    private static func holdsMicroseconds(_ dialect: SuppressionDialect) -> Bool {
        [.sesObjects, .postmark, .klaviyo, .brevoBlocked, .listmonk, .plain].contains(dialect)
    }

    private static func instant(_ generator: inout SeededGenerator, whole: Bool) -> Instant {
        // From 2001 on, in whole seconds or not.
        let microseconds = Int64.random(in: 1_000_000_000_000_000...1_800_000_000_000_000, using: &generator)
        return Instant(microseconds: whole ? microseconds / 1_000_000 * 1_000_000 : microseconds)
    }

    private static func hashedKinds(of dialect: SuppressionDialect) -> [HashedAddress.Kind]? {
        switch dialect {
        case .mailtrain: [.sha512]
        case .optizmo: [.md5]
        case .hashed: HashedAddress.Kind.allCases
        default: nil
        }
    }

    private static func reasons(of dialect: SuppressionDialect) -> [Suppression.Reason] {
        switch dialect {
        case .ses, .sesObjects: [.bounced, .complained]
        case .sendgridBounces, .mailgunBounces, .mailchimpCleaned: [.bounced]
        case .sendgridUnsubscribes, .sendgridGroups, .mailgunUnsubscribes, .mailchimpUnsubscribed: [.unsubscribed]
        case .sendgridSpamReports, .mailgunComplaints: [.complained]
        case .hubspot: [.complained, .unsubscribed, .bounced]
        case .brevo, .mautic, .listmonk: [.listed]
        default: Suppression.Reason.allCases
        }
    }

    /// What the shape has a place for, with all that CSV and JSON find hard.
    private static func words(
        of dialect: SuppressionDialect, _ reason: Suppression.Reason, _ generator: inout SeededGenerator
    ) -> [SuppressionWord] {
        let names: [String] =
            switch dialect {
            case .sendgridBounces: ["detail", "status"]
            case .sendgridGroups: ["group-id", "group-name"]
            case .mailgunBounces: ["code", "detail"]
            case .mailgunUnsubscribes: ["tags"]
            case .mailchimpUnsubscribed: ["campaign", "campaign-id", "detail"]
            case .mailchimpCleaned: ["campaign", "campaign-id"]
            case .brevoBlocked: ["detail"]
            default: []
            }
        return names.compactMap { name in
            let word = SuppressionWord(
                name, generator.text(of: ["a", "=", "+", "-", "'", ";", ",", "\"", "\\", "ø", " ", "1"], upTo: 6))
            return word.word.isEmpty ? nil : word
        }
    }
}
