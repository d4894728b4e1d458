import Formats
import Rules
import Testing

/// What a list says, before any database is asked.
@Suite struct LeadListTests {
    @Test func aRowBecomesALead() throws {
        let text = """
            E-post;Fornavn;Etternavn;Stilling;Organisasjon;Orgnr;Telefon;Sist kontaktet
            Kari.Nordmann@Firma.example;Kari;Nordmann;Økonomisjef;Firma AS;100 000 113;+47 22 00 00 00;01.03.2026

            """
        let (rows, _) = try rows(of: text)
        guard rows.count == 1, case .lead(let imported) = rows[0].reading else {
            Issue.record("\(rows.map(\.words))")
            return
        }
        let lead = imported.lead
        #expect(rows[0].place.line == 2)
        #expect(lead.address.canonical == "kari.nordmann@firma.example")
        #expect(lead.name == "Kari Nordmann")
        #expect(lead.position == "Økonomisjef")
        #expect(lead.organisation == OrganisationName(number: "100000113", name: "Firma AS"))
        #expect(lead.phone == "+47 22 00 00 00")
        #expect(lead.source == "fair-2026")
        #expect(lead.collectedAt == collected)
        #expect(lead.contactedAt?.description == "2026-03-01T00:00:00Z")
    }

    @Test func aRowsOwnSourceAndDateComeFirst() throws {
        let (rows, _) = try rows(
            of: "email,source,collected at\na@firma.example,web form,2026-02-01\nb@firma.example,,\n")
        let leads = rows.compactMap { row in
            if case .lead(let lead) = row.reading { lead.lead } else { nil }
        }
        #expect(leads.map(\.source) == ["web form", "fair-2026"])
        #expect(leads.map(\.collectedAt?.description) == ["2026-02-01T00:00:00Z", collected.description])
    }

    @Test(arguments: [
        ("email\nkari(at)firma.example\n", "2 invalid email: at-sign-missing: "),
        ("email,name\n,Kari\n", "2 invalid email: address-empty: "),
        ("email,name\na@firma.example,Nordmann, Kari\n", "2 invalid 1 fields more than the header has"),
        ("email,collected\na@firma.example,01/02/2026\n", "2 invalid collected-at: this may be day/month or month/day"),
        ("email,collected\na@firma.example,2030-01-01\n", "2 invalid collected-at: lies in the future"),
        ("email,last contact\na@firma.example,2030-01-01\n", "2 invalid contacted-at: lies in the future"),
        (
            "email,name\na@firma.example,\(String(repeating: "x", count: 501))\n",
            "2 invalid name: longer than 500 bytes"
        ),
        ("email,unsubscribed\na@firma.example,perhaps\n", "2 invalid opt-out: neither a yes nor a no nor a date"),
        ("email,unsubscribed\na@firma.example\n", "2 invalid opt-out: the row ends before that column"),
        ("email,name\na@firma.example,\"Kari\n", "2 invalid line 2, column "),
    ])
    func aRowThatCannotBeReadSaysWhy(_ text: String, _ expected: String) throws {
        let (rows, _) = try rows(of: text)
        #expect(rows.count == 1)
        #expect(rows.first?.words.hasPrefix(expected) == true, "\(rows.map(\.words))")
    }

    @Test func noFaultQuotesTheRow() throws {
        let (rows, _) = try rows(of: "email,unsubscribed\nkari.nordmann(at)firma.example,secretly\n")
        #expect(rows.count == 1)
        for row in rows { #expect(!row.words.contains("nordmann") && !row.words.contains("secretly")) }
    }

    @Test func whoTheListSaysHasDeclinedIsNoLead() throws {
        let text = """
            email,unsubscribed
            a@firma.example,yes
            b@firma.example,2026-02-01
            c@firma.example,no
            d@firma.example,
            e@firma.example,JA

            """
        #expect(
            try rows(of: text).rows.map(\.words) == [
                "2 declined a@firma.example \(collected)", "3 declined b@firma.example 2026-02-01T00:00:00Z",
                "4 lead c@firma.example", "5 lead d@firma.example", "6 declined e@firma.example \(collected)",
            ])
    }

    @Test func blankRowsAndEmptyLinesAreCounted() throws {
        let (rows, list) = try rows(of: "email;name\n\na@firma.example;A\n ; \n\n")
        #expect(rows.map(\.words) == ["3 lead a@firma.example", "4 empty"])
        #expect(list.emptyLines == 2)
    }

    @Test func wherePiecesAreCutDoesNotMatter() throws {
        let text =
            "E-post;Navn\r\nå@bedrift.example;Åse\r\n\"b@firma.example\";\"B;\nB\"\r\nx;y;z\r\n;\r\nc@firma.example;\r\n"
        let whole = try rows(of: text).rows.map(\.words)
        #expect(whole.count == 5)
        for bytes in [1, 2, 3, 7, 16] {
            #expect(try rows(of: text, pieceBytes: bytes).rows.map(\.words) == whole, "pieces of \(bytes) bytes")
        }
    }

    @Test func aListWithoutAHeaderNeedsToldColumns() throws {
        let text = "Kari;kari@firma.example\nOla;ola@firma.example\n"
        expect("the first row is no header", from: text, order())
        let told = order(overrides: [LeadColumnOverride(.email, column: "#2"), LeadColumnOverride(.name, column: "#1")])
        #expect(
            try rows(of: text, told).rows.map(\.words) == ["1 lead kari@firma.example", "2 lead ola@firma.example"])
    }

    @Test func aDoubtThatCouldCostAPersonStopsTheList() {
        expect("no column is known to hold the addresses", from: "Navn;Telefon\nKari;1\n", order())
        expect("several columns may be email", from: "email;e-post\na@firma.example;b@firma.example\n", order())
        // A status may say who declined: reading it as anything else would be a guess.
        expect(
            "“status” (#2) may be one of consent, opt-out", from: "email;status\na@firma.example;unsubscribed\n",
            order())
        expect("it is not said where the list comes from", from: "email\na@firma.example\n", order(source: nil))
        expect("it is not said when the list was collected", from: "email\na@firma.example\n", order(collectedAt: nil))
        expect(
            "map: there is no column “nobody”", from: "email\na@firma.example\n",
            order(overrides: [LeadColumnOverride(.name, column: "nobody")]))
    }

    private func expect(_ problem: String, from text: String, _ order: ImportOrder) {
        do {
            let read = try rows(of: text, order).rows
            Issue.record("read \(read.map(\.words)) where was expected: \(problem)")
        } catch {
            #expect(error.description.hasPrefix(problem), "\(error)")
        }
    }
}
