import Harness
import Rules
import Testing

/// The pepper of the vectors: the octets 0 to 31.
private let vectorPepper = "v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
/// The octets 32 to 63.
private let newerPepper = "v2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="

@Suite("AddressKey")
struct AddressKeyTests {
    @Test("every vector has the keys that another HMAC-SHA-256 gives", arguments: try AddressVector.load())
    func vector(_ vector: AddressVector) throws {
        guard vector.error == nil else {
            #expect(vector.key == nil)
            return
        }
        let peppers = try Peppers(parsing: vectorPepper, file: "pepper")
        let address = try Address(parsing: vector.octets.span)
        #expect(peppers.key(for: address).description == vector.key)
        #expect(peppers.aliasKey(for: address).description == vector.aliasKey)
        #expect(peppers.domainKey(for: address).description == vector.domainKey)
        #expect(peppers.domainKey(for: Domain(of: address)) == peppers.domainKey(for: address))
        #expect((vector.canonical == vector.alias) == (peppers.key(for: address) == peppers.aliasKey(for: address)))
    }

    @Test("no two forms of the vectors share a key, addresses and domains together")
    func distinct() throws {
        let vectors = try AddressVector.load()
        let forms = vectors.flatMap { [$0.canonical, $0.alias].compactMap(\.self) }
        let keys = vectors.flatMap { [$0.key, $0.aliasKey].compactMap(\.self) }
        #expect(Set(forms.map { Array($0.utf8) }).count == Set(keys).count)
        #expect(Set(keys).isDisjoint(with: vectors.compactMap(\.domainKey)))
    }

    @Test("text, octets and halves are three faces of one key")
    func faces() throws {
        let text = "00112233-4455-6677-8899-aabbccddeeff"
        let key = try #require(AddressKey(uuid: text))
        #expect(key.high == 0x0011_2233_4455_6677 && key.low == 0x8899_AABB_CCDD_EEFF)
        #expect(key.description == text)
        #expect(key.octets == (0...15).map { UInt8($0 * 0x11) })
        #expect(AddressKey(octets: key.octets.span) == key)
        #expect(AddressKey(uuid: text.uppercased()) == key)
        #expect(AddressKey(high: key.high, low: key.low) == key)
    }

    @Test("faces of random keys")
    func randomFaces() {
        var chance = SeededGenerator(seed: 5)
        for _ in 0..<1_000 {
            let key = AddressKey(high: chance.next(), low: chance.next())
            #expect(AddressKey(uuid: key.description) == key)
            #expect(AddressKey(octets: key.octets.span) == key)
        }
    }

    @Test(
        "what is no uuid text is no key",
        arguments: [
            "", "00112233445566778899aabbccddeeff", "00112233-4455-6677-8899-aabbccddeef",
            "00112233-4455-6677-8899-aabbccddeeff0", "00112233-4455-6677-8899-aabbccddeefg",
            "0011223-34455-6677-8899-aabbccddeeff", "{0112233-4455-6677-8899-aabbccddeeff",
            "ø0112233-4455-6677-8899-aabbccddee",
        ])
    func noText(_ text: String) {
        #expect(AddressKey(uuid: text) == nil)
    }

    @Test("only 16 octets are a key", arguments: [0, 1, 15, 17, 32])
    func noOctets(_ count: Int) {
        #expect(AddressKey(octets: [UInt8](repeating: 7, count: count).span) == nil)
    }

    @Test("keys stand in the order of their octets")
    func order() {
        var chance = SeededGenerator(seed: 6)
        let keys = (0..<500).map { _ in AddressKey(high: chance.next() % 3 &- 1, low: chance.next()) }
        #expect(keys.sorted().map(\.octets) == keys.map(\.octets).sorted { $0.lexicographicallyPrecedes($1) })
    }
}

@Suite("Pepper")
struct PepperTests {
    @Test("the newest pepper writes, every live one is asked, newest first")
    func versions() throws {
        let text = "# maysend\n\(newerPepper)\r\n\n  \(vectorPepper)\n"
        let peppers = try Peppers(parsing: text, file: "pepper")
        let old = try Peppers(parsing: vectorPepper, file: "pepper")
        let address = try Address(parsing: "kari+a@firma.example")
        #expect(peppers.all.map(\.version) == [2, 1])
        #expect(peppers.key(for: address) != old.key(for: address))
        #expect(peppers.keys(for: address) == [peppers.current.key(for: address), old.key(for: address)])
        let domainKeys = [peppers.domainKey(for: address), old.domainKey(for: address)]
        #expect(peppers.domainKeys(for: Domain(of: address)) == domainKeys)
        let aliasKeys = [peppers.aliasKey(for: address), old.aliasKey(for: address)]
        #expect(Set(peppers.keys(for: address) + aliasKeys).count == 4)
    }

    @Test("the fingerprint is the secret's, whatever its version")
    func fingerprint() throws {
        let first = try Peppers(parsing: vectorPepper, file: "pepper").current
        #expect(first.fingerprint == "e88f7f6894b10c5290e2b25d79e38e73")
        #expect(try Pepper(version: 7, secret: Array(0..<32)).fingerprint == first.fingerprint)
        #expect(try Pepper(version: 1, secret: Array(1..<33)).fingerprint != first.fingerprint)
    }

    @Test("base64 with and without padding is read", arguments: 32...128)
    func base64(_ count: Int) throws {
        let secret = (0..<count).map { UInt8($0 * 2 % 251) }
        let line = "v3:" + Self.base64(secret)
        let pepper = try Peppers(parsing: line, file: "pepper").current
        #expect(try pepper.fingerprint == Pepper(version: 3, secret: secret).fingerprint)
    }

    @Test(
        "a fault names the file and the line",
        arguments: [
            ("", 1, PepperFault.empty), ("\n# none\n", 1, .empty), ("v1", 1, .form), ("1:AAAA", 1, .form),
            ("\nv0:AAAA", 2, .version), ("v01:AAAA", 1, .version), ("v:AAAA", 1, .version), ("v1 :AAAA", 1, .version),
            ("v99999:" + vectorPepper.dropFirst(3), 1, .version), ("v99999999999999999999:AAAA", 1, .version),
            ("v1:", 1, .secretTooShort), ("v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", 1, .secretTooShort),
            ("v1:" + String(repeating: "AAEC", count: 43), 1, .secretTooLong),
            ("v1:" + String(repeating: "AAEC", count: 11), 1, .secretNotRandom),
            (String(vectorPepper.dropLast()), 1, .base64), (vectorPepper + "=", 1, .base64),
            (vectorPepper.replacing("h8=", with: "h9="), 1, .base64),
            (vectorPepper.replacing("A", with: "-"), 1, .base64),
            (vectorPepper.replacing("FBg", with: "F="), 1, .base64), (vectorPepper + " #", 1, .base64),
            ("\(vectorPepper)\n\(newerPepper)", 2, .order), ("\(newerPepper)\n\n\(newerPepper)", 3, .order),
            ("v9:" + vectorPepper.dropFirst(3) + "\n\(newerPepper)\n\(vectorPepper)", 3, .secretRepeated),
        ])
    func faults(_ text: String, _ line: Int, _ fault: PepperFault) throws {
        let error = try #require(throws: PepperError.self) { try Peppers(parsing: text, file: "/etc/maysend/pepper") }
        #expect(error.line == line && error.fault == fault, "\(error)")
        #expect(error.description.hasPrefix("/etc/maysend/pepper:\(line): "))
        for secret in text.split(whereSeparator: { $0 == ":" || $0 == "\n" }) where secret.count > 8 {
            #expect(!error.description.contains(secret))
        }
    }

    @Test("sixteen versions may be live, not one more")
    func liveVersions() throws {
        let peppers = try (0..<17).map { index in
            try Pepper(version: 100 - index, secret: (0..<32).map { UInt8($0 + index) })
        }
        #expect(try Peppers(current: peppers[0], older: Array(peppers[1..<16])).all.count == 16)
        #expect(throws: PepperFault.tooMany) { try Peppers(current: peppers[0], older: Array(peppers[1..<17])) }
    }

    @Test("no way of printing shows a secret")
    func redaction() throws {
        let peppers = try Peppers(parsing: vectorPepper, file: "pepper")
        var dumped = ""
        dump(peppers, to: &dumped)
        for text in ["\(peppers.current)", "\(peppers)", String(reflecting: peppers), dumped] {
            #expect(text.contains("Pepper(v1, redacted)"))
            #expect(!text.contains("AAEC") && !text.contains("SymmetricKey") && !text.lowercased().contains("0001"))
        }
    }

    private static func base64(_ octets: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let bits = octets.flatMap { octet in (0..<8).map { octet >> (7 - $0) & 1 } }
        var text = ""
        for start in stride(from: 0, to: bits.count, by: 6) {
            let six = (start..<start + 6).map { $0 < bits.count ? Int(bits[$0]) : 0 }
            text.append(digits[six.reduce(0) { $0 * 2 + $1 }])
        }
        while !text.count.isMultiple(of: 4) { text.append("=") }
        return text
    }
}
