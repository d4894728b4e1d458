import Testing

@testable import Formats

@Suite struct LeadColumnsTests {
    private static let headings: [(String, LeadField)] = [
        ("E-post", .email), ("E-postadress", .email), ("Epost", .email), ("Email Address", .email),
        ("E-Mail-Adresse", .email), ("Mail", .email), ("EMAIL", .email), ("e_mail", .email), (" e mail * ", .email),
        ("E\u{2011}post\u{a0}adresse", .email), ("Fornavn", .firstName), ("Förnamn", .firstName),
        ("Fo\u{308}rnamn", .firstName), ("VORNAME", .firstName), ("first_name", .firstName), ("FNAME", .firstName),
        ("Etternavn", .lastName), ("Efternamn", .lastName), ("Nachname", .lastName), ("Last Name", .lastName),
        ("Namn", .name), ("Navn", .name), ("Full name", .name), ("Ansprechpartner", .name), ("Titel", .position),
        ("Stilling", .position), ("Befattning", .position), ("Job Title", .position), ("Företag", .organisation),
        ("FÖRETAG", .organisation), ("Bedrift", .organisation), ("Unternehmen", .organisation),
        ("Company", .organisation),
        ("Org.nr.", .organisationNumber), ("Organisasjonsnummer", .organisationNumber),
        ("Org. number", .organisationNumber), ("Telefon", .phone), ("Tlf.", .phone), ("Mobil", .phone),
        ("Phone Number", .phone), ("Kilde", .source), ("Källa", .source), ("Quelle", .source), ("Lead Source", .source),
        ("Innsamlingsdato", .collectedAt), ("Create Date", .collectedAt), ("Insamlat", .collectedAt),
        ("Erfasst am", .collectedAt), ("Sist kontaktet", .contactedAt), ("Senaste kontakt", .contactedAt),
        ("Letzter Kontakt", .contactedAt), ("Last contacted", .contactedAt), ("Emne", .topic), ("Ämne", .topic),
        ("Samtykke", .consent), ("Samtycke", .consent), ("Einwilligung", .consent), ("Consent date", .consentAt),
        ("Unsubscribed from all email", .optOut), ("Avmeldt", .optOut), ("Avanmäld", .optOut), ("Abgemeldet", .optOut),
        ("Ønsker ikke e-post", .optOut), ("doNotEmail", .optOut), ("contacted-at", .contactedAt),
    ]

    @Test(arguments: headings)
    func headingsAreUnderstood(_ heading: String, _ field: LeadField) throws {
        let columns = try LeadColumns(header: [heading])
        #expect(columns.columns == [field: 0])
        #expect(columns.unmapped.isEmpty && columns.ambiguous.isEmpty)
    }

    @Test(arguments: LeadField.allCases)
    func everyFieldIsFoundByItsOwnWord(_ field: LeadField) throws {
        #expect(try LeadColumns(header: [field.rawValue]).columns == [field: 0])
    }

    @Test func noHeadingMeansTwoFieldsUnlessItIsListedAsUnclear() {
        let unclear = Set(LeadField.unclearHeadings.map { Heading.folded($0.heading) })
        for (heading, fields) in Heading.meanings {
            #expect((fields.count > 1) == unclear.contains(heading), "\(heading): \(fields)")
        }
        let known = Set(LeadField.allCases.flatMap(\.headings).map(Heading.folded))
        #expect(known.isDisjoint(with: unclear))
        #expect(!known.contains(""))
    }

    @Test func whatIsNotKnownOrNotClearIsReported() throws {
        let columns = try LeadColumns(header: ["E-post", "Skostørrelse", "Telefon", "Mobil", "Dato", "", "Navn"])
        #expect(columns.columns == [.email: 0, .name: 6])
        #expect(columns.unmapped == [LeadColumn(index: 1, name: "Skostørrelse"), LeadColumn(index: 5, name: "")])
        #expect(
            columns.ambiguous == [
                LeadAmbiguity(
                    columns: [LeadColumn(index: 4, name: "Dato")], fields: [.collectedAt, .contactedAt, .consentAt]),
                LeadAmbiguity(
                    columns: [LeadColumn(index: 2, name: "Telefon"), LeadColumn(index: 3, name: "Mobil")],
                    fields: [.phone]),
            ])
        #expect(
            columns.ambiguous[0].description
                == "“Dato” (#5) may be one of collected-at, contacted-at, consent-at; say which with --map field=column"
        )
        #expect(
            columns.ambiguous[1].description.hasPrefix("several columns may be phone: “Telefon” (#3), “Mobil” (#4)"))
    }

    @Test func theOperatorsWordCountsFirst() throws {
        let header = ["E-post", "Dato", "Telefon", "Mobil", "Email"]
        let words = ["email=email", "collected-at=dato", "phone=#4"]
        let columns = try LeadColumns(header: header, overrides: try words.map { try LeadColumnOverride(parsing: $0) })
        #expect(columns.columns == [.email: 4, .collectedAt: 1, .phone: 3])
        #expect(columns.unmapped.map(\.name) == ["E-post", "Telefon"])
        #expect(columns.ambiguous.isEmpty)
    }

    private static let refused: [([String], LeadColumnsError)] = [
        (["email"], .malformed("email")), (["=x"], .malformed("=x")), (["email="], .malformed("email=")),
        (["emial=x"], .unknownField("emial")),
        (["email=Nummer"], .unknownColumn("Nummer", known: ["A", "a", "B", "#9"])),
        (["email=#0"], .unknownColumn("#0", known: ["A", "a", "B", "#9"])),
        (["email=#5"], .unknownColumn("#5", known: ["A", "a", "B", "#9"])),
        (["email=#99999999999999999999"], .unknownColumn("#99999999999999999999", known: ["A", "a", "B", "#9"])),
        (["email=-"], .unknownColumn("-", known: ["A", "a", "B", "#9"])),
        (["email=a.", "name=B"], .columnNotUnique("a.")), (["email=A", "email=B"], .fieldMappedTwice(.email)),
        (["email=B", "name=#3"], .columnMappedTwice("B")),
    ]

    @Test(arguments: refused)
    func aMappingThatCannotBeMadeIsRefused(_ words: [String], _ error: LeadColumnsError) {
        #expect(throws: error) {
            try LeadColumns(
                header: ["A", "a", "B", "#9"], overrides: try words.map { try LeadColumnOverride(parsing: $0) })
        }
    }

    @Test func refusalsNameWhatIsAllowed() {
        #expect(LeadColumnsError.unknownField("emial").description.contains("did you mean “email”?"))
        let unknown = LeadColumnsError.unknownColumn("E-pos", known: ["E-post", "Navn"]).description
        #expect(unknown == "there is no column “E-pos”; did you mean “E-post”? allowed: E-post, Navn")
    }

    @Test func valuesComeWithoutSpaceAtTheirEnds() throws {
        let columns = try LeadColumns(header: ["Navn", "E-post", "Telefon"])
        let row = CSVRow(line: 2, fields: ["\u{a0} Kari  Nordmann\t", "  "], shape: .short(missing: 1))
        #expect(columns.value(.name, in: row) == "Kari  Nordmann")
        #expect(columns.value(.email, in: row) == nil)
        #expect(columns.value(.phone, in: row) == nil)
        #expect(columns.value(.topic, in: row) == nil)
    }

    @Test func headingsOfAnyKindAreTaken() throws {
        let long = String(repeating: "e\u{301}", count: 30_000)
        let columns = try LeadColumns(header: [long, "\u{301}", "***", "１", "Epost"])
        #expect(columns.columns == [.email: 4])
        #expect(columns.unmapped.count == 4)
    }
}
