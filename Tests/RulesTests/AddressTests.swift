import Foundation
import Rules
import Testing

@Suite("Address")
struct AddressTests {
    @Test("every vector has its form or its error", arguments: try AddressVector.load())
    func vector(_ vector: AddressVector) throws {
        if let code = vector.error {
            let error = #expect(throws: AddressError.self) { try Address(parsing: vector.octets.span) }
            #expect(error?.code == code)
            return
        }
        let address = try Address(parsing: vector.octets.span)
        // Octets, because == on String takes NFC and NFD for the same.
        #expect(Array(address.canonical.utf8) == vector.canonical.map { Array($0.utf8) })
        #expect(Array(address.alias.utf8) == vector.alias.map { Array($0.utf8) })
        #expect(address.isRole == vector.role)
    }

    @Test("the vectors show every error")
    func everyErrorIsShown() throws {
        let vectors = try AddressVector.load()
        #expect(Set(vectors.compactMap(\.error)) == Set(AddressError.allCases.map(\.code)))
        #expect(vectors.count >= 250)
    }

    @Test("a code is kebab-case, and a sentence ends as one")
    func codesAndSentences() {
        for error in AddressError.allCases {
            #expect(error.code.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil)
            #expect(error.sentence.hasSuffix("."))
        }
        #expect(Set(AddressError.allCases.map(\.sentence)).count == AddressError.allCases.count)
    }

    @Test("a string, a part of one, a span and a raw buffer give the same address")
    func doors() throws {
        let text = " Kåre@BLÅBÆR.example "
        let address = try Address(parsing: text)
        let part = "x" + text + "x"
        #expect(try Address(parsing: part.dropFirst().dropLast()) == address)
        #expect(try Address(parsing: Array(text.utf8).span) == address)
        let raw = try Array(text.utf8).withUnsafeBytes { octets in try Address(parsing: octets) }
        #expect(raw == address)
        #expect(throws: AddressError.empty) { try Address(parsing: UnsafeRawBufferPointer(start: nil, count: 0)) }
    }

    @Test("the parts are those of the canonical form")
    func parts() throws {
        let address = try Address(parsing: "\"Bjørn@ Ø\"@BLÅBÆR.example.")
        #expect(address.localPart == "\"bjørn@ ø\"")
        #expect(address.domain == "xn--blbr-roah.example")
        #expect(Domain(of: address).canonical == "xn--blbr-roah.example")
    }

    @Test("a canonical form is its own canonical form, and an alias form its own alias form")
    func idempotence() throws {
        var soup = AddressSoup(seed: 1)
        var accepted = 0
        for _ in 0..<20_000 {
            let text = soup.text()
            guard let address = Self.accepted(Array(text.utf8)) else { continue }
            accepted += 1
            try Self.expectSound(address, from: text)
        }
        #expect(accepted > 5_000)
    }

    @Test("octets without sense give an error or a sound address, never a trap")
    func senselessOctets() throws {
        var soup = AddressSoup(seed: 2)
        var refusals: Set<AddressError> = []
        for _ in 0..<40_000 {
            let octets = soup.octets()
            do {
                try Self.expectSound(Address(parsing: octets.span), from: "\(octets)")
            } catch let error as AddressError {
                refusals.insert(error)
            }
        }
        #expect(refusals.count >= 20)
    }

    @Test("every single character is refused or sound, on both sides of the @")
    func everyCharacter() throws {
        for value in UInt32(0)...0x10_FFFF {
            // All of the first plane, and every 61st of the others.
            guard let scalar = Unicode.Scalar(value), value < 0x1_0000 || value % 61 == 0 else { continue }
            if let address = Self.accepted(Array("a\(scalar)b@firma.example".utf8)) {
                try Self.expectSound(address, from: "U+\(String(value, radix: 16)) before the @")
            }
            if value % 7 == 0, let address = Self.accepted(Array("kari@a\(scalar)b.example".utf8)) {
                try Self.expectSound(address, from: "U+\(String(value, radix: 16)) after the @")
            }
        }
    }

    @Test("capitals and small letters, composed and decomposed, are one address")
    func variants() throws {
        var soup = AddressSoup(seed: 3)
        for _ in 0..<3_000 {
            let text = soup.casedAddress()
            let address = try Address(parsing: text)
            for variant in [
                text.uppercased(), text.decomposedStringWithCanonicalMapping,
                text.uppercased().decomposedStringWithCanonicalMapping, text.precomposedStringWithCanonicalMapping,
            ] {
                #expect(try Address(parsing: variant) == address, "\(text) and \(variant)")
            }
        }
    }

    @Test("U-labels and A-labels are one domain, however they are written")
    func labels() throws {
        var soup = AddressSoup(seed: 4)
        for _ in 0..<1_000 {
            let text = soup.unicodeDomain()
            let domain = try Domain(parsing: text)
            #expect(domain.canonical.hasPrefix("xn--"))
            for variant in [
                text.uppercased(), text.decomposedStringWithCanonicalMapping, domain.canonical,
                domain.canonical.uppercased(), text + ".", text.replacing(".", with: "\u{3002}"),
            ] {
                #expect(try Domain(parsing: variant) == domain, "\(text) and \(variant)")
                #expect(try Address(parsing: "kari@" + variant).domain == domain.canonical)
            }
        }
    }

    @Test("every role name is one, and is none inside another name")
    func roles() throws {
        let names = """
            info marketing sales support abuse noc security postmaster hostmaster usenet news webmaster www uucp ftp \
            post firmapost postmottak kontakt contact kundeservice salg admin office faktura invoice hr jobb \
            no-reply noreply
            """
        for name in names.split(separator: " ") {
            #expect(try Address(parsing: "\(name)@firma.example").isRole)
            #expect(try Address(parsing: "\(name.uppercased())+Messe@firma.example").isRole)
            #expect(try !Address(parsing: "\(name)x@firma.example").isRole)
            #expect(try !Address(parsing: "x+\(name)@firma.example").isRole)
        }
    }

    @Test("no way of printing shows an address")
    func redaction() throws {
        struct Holder { let address: Address, domain: Domain }
        let address = try Address(parsing: "kari.nordmann@firma.example")
        let holder = Holder(address: address, domain: Domain(of: address))
        var dumped = ""
        dump(holder, to: &dumped)
        dump([address: Optional(address)], to: &dumped)
        let printed = [
            "\(address)", "\(holder)", "\([address])", "\([address: Domain(of: address)])", String(describing: address),
            String(reflecting: address), String(reflecting: holder), "\(Mirror(reflecting: address).children.count)",
            dumped,
        ]
        for text in printed {
            #expect(!text.contains("kari") && !text.contains("firma"))
        }
        #expect(printed[0] == "Address(redacted)")
        #expect(address.canonical == "kari.nordmann@firma.example")
    }

    private static func accepted(_ octets: [UInt8]) -> Address? {
        do throws(AddressError) {
            return try Address(parsing: octets.span)
        } catch {
            return nil
        }
    }

    /// What holds of every address, wherever it came from.
    private static func expectSound(_ address: Address, from text: String) throws {
        let canonical = Array(address.canonical.utf8)
        let again = try Address(parsing: address.canonical)
        #expect(Array(again.canonical.utf8) == canonical, "canonical of \(text)")
        #expect(again == address && again.hashValue == address.hashValue)
        #expect(canonical.count <= 254 && (1...64).contains(address.localPart.utf8.count), "limits of \(text)")
        #expect(address.localPart + "@" + address.domain == address.canonical)
        let labels = address.domain.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        #expect(labels.count >= 2 && labels.allSatisfy { (1...63).contains($0.count) }, "labels of \(text)")
        #expect(
            address.domain.wholeMatch(of: /[-.0-9a-z]+/) != nil,
            "domain of \(text)")
        #expect(!canonical.contains { $0 < 0x20 || $0 == 0x7F || (65...90).contains($0) }, "octets of \(text)")

        let alias = try Address(parsing: address.alias)
        #expect(Array(alias.canonical.utf8) == Array(address.alias.utf8), "alias of \(text)")
        #expect(Array(alias.alias.utf8) == Array(address.alias.utf8), "alias of the alias of \(text)")
    }
}

@Suite("Domain")
struct DomainTests {
    @Test(
        "a domain is read as it is in an address, or with an @ in front",
        arguments: ["firma.example", " Firma.Example. ", "@firma.example", "\u{3000}@FIRMA\u{3002}example\n"])
    func reads(_ text: String) throws {
        #expect(try Domain(parsing: text).canonical == "firma.example")
    }

    @Test(
        "what is no domain is an error",
        arguments: [
            ("", AddressError.domainEmpty), ("@", .domainEmpty), (" . ", .domainEmpty),
            ("@@firma.example", .severalAtSigns),
            ("kari@firma.example", .severalAtSigns), ("*.firma.example", .domainCharacter),
            ("firma", .domainWithoutDot),
            ("fir ma.example", .whiteSpace), ("192.0.2.1", .ipAddress), ("firma..example", .domainLabelEmpty),
        ])
    func refuses(_ text: String, _ error: AddressError) {
        #expect(throws: error) { try Domain(parsing: text) }
    }

    @Test("a domain has 253 octets at most")
    func limit() throws {
        let stem = Array(repeating: String(repeating: "d", count: 63), count: 3).joined(separator: ".") + "."
        #expect(try Domain(parsing: stem + String(repeating: "d", count: 61)).canonical.utf8.count == 253)
        #expect(throws: AddressError.domainTooLong) { try Domain(parsing: stem + String(repeating: "d", count: 62)) }
        #expect(throws: AddressError.domainTooLong) { try Domain(parsing: String(repeating: "ø", count: 513)) }
    }
}
