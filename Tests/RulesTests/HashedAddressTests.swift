import Rules
import Testing

@Suite struct HashedAddressTests {
    /// Made by `printf kari@firma.example | md5sum` and its siblings.
    private static let known: [(HashedAddress.Kind, String)] = [
        (.md5, "c68ba33aa276a8f909cbdb2db23c58e1"),
        (.sha1, "3ff62dcf3b2e65bb801684d8e4f7a18d3d43f233"),
        (.sha256, "55b66abaa072e0bad2de974b9a31ddfa031e0e244f42fc14ae6b93aa7e20d2a5"),
        (
            .sha512,
            "a7a868bf59ca1e125493df425fe81d796c162838031da1b2bf4200db250bfe7b761d54a085d8d6bbb3f2b418d4bd68207258637c8c5f4677917aa17e2d92d864"
        ),
    ]

    @Test(arguments: known) func digestsAreThoseOfOtherTools(kind: HashedAddress.Kind, hexadecimal: String) throws {
        let address = try Address(parsing: " Kari@FIRMA.example ")
        let made = HashedAddress(of: address, kind)
        #expect(made.hexadecimal == hexadecimal)
        #expect(HashedAddress(parsing: hexadecimal) == made)
        #expect(HashedAddress(parsing: hexadecimal.uppercased()) == made)
        #expect(HashedAddress(parsing: made.base64) == made)
        #expect(HashedAddress(parsing: made.base64.filter { $0 != "=" }) == made)
        #expect(HashedAddress(parsing: String(made.base64.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })) == made)
    }

    /// Mailtrain's export: `printf kari@firma.example | openssl dgst -sha512 -binary | base64 -w0`.
    @Test func base64IsThatOfOtherTools() throws {
        let address = try Address(parsing: "kari@firma.example")
        #expect(
            HashedAddress(of: address, .sha512).base64
                == "p6hov1nKHhJUk99CX+gdeWwWKDgDHaGyv0IA2yUL/nt2HVSghdjWu7PytBjUvWggclhjfIxfRneReqF+LZLYZA==")
    }

    @Test(arguments: [
        "", "kari@firma.example", "abc", String(repeating: "g", count: 32), String(repeating: "a", count: 31),
        String(repeating: "a", count: 33), String(repeating: "a", count: 129), String(repeating: "=", count: 24),
        String(repeating: "A", count: 21) + "B==", String(repeating: "A", count: 23) + "=",
        String(repeating: "é", count: 16),
    ]) func whatIsNoDigestIsNone(text: String) {
        #expect(HashedAddress(parsing: text) == nil)
    }

    @Test func aDigestHasItsLength() {
        #expect(HashedAddress(.md5, octets: [1, 2]) == nil)
        #expect(HashedAddress(.md5, octets: [UInt8](repeating: 1, count: 16)) != nil)
    }

    @Test func keysOfDigestsAreNobodyElses() throws {
        let pepper = try Pepper(version: 1, secret: (0..<32).map { UInt8($0) })
        let address = try Address(parsing: "kari@firma.example")
        var keys = Set([pepper.key(for: address), pepper.domainKey(for: address)])
        for kind in HashedAddress.Kind.allCases { keys.insert(pepper.key(for: HashedAddress(of: address, kind))) }
        #expect(keys.count == 2 + HashedAddress.Kind.allCases.count)
    }
}
