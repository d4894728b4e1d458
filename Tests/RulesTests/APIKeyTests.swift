import Foundation
import Harness
import Rules
import Testing

@Suite("APIKey")
struct APIKeyTests {
    private static func key(seed: UInt64) -> APIKey {
        var chance = SeededGenerator(seed: seed)
        return APIKey(random: (0..<APIKey.randomOctets).map { _ in UInt8.random(in: 0 ... .max, using: &chance) })
    }

    @Test("a key has its form, and is read again")
    func form() throws {
        for seed in 0..<200 as Range<UInt64> {
            let key = Self.key(seed: seed)
            #expect(key.secret.wholeMatch(of: /msk_[a-km-np-z2-9]{8}_[a-km-np-z2-9]{47}/) != nil, "\(key.secret.count)")
            let again = try #require(APIKey(parsing: key.secret))
            #expect(again.secret == key.secret && again.prefix == key.prefix && again.digest == key.digest)
            #expect(key.secret.dropFirst(4).hasPrefix(key.prefix + "_"))
        }
    }

    @Test("every change of one character, every swap and every cut is noticed")
    func checksum() {
        let octets = Array(Self.key(seed: 1).secret.utf8)
        for place in octets.indices {
            for octet in UInt8(0x20)...0x7E where octet != octets[place] {
                var changed = octets
                changed[place] = octet
                #expect(APIKey(parsing: String(decoding: changed, as: UTF8.self)) == nil)
            }
            var cut = octets
            cut.remove(at: place)
            #expect(APIKey(parsing: String(decoding: cut, as: UTF8.self)) == nil)
            var longer = octets
            longer.insert(UInt8(ascii: "a"), at: place)
            #expect(APIKey(parsing: String(decoding: longer, as: UTF8.self)) == nil)
            guard place + 1 < octets.count, octets[place] != octets[place + 1] else { continue }
            var swapped = octets
            swapped.swapAt(place, place + 1)
            #expect(APIKey(parsing: String(decoding: swapped, as: UTF8.self)) == nil)
        }
    }

    @Test(
        "what is no key is none",
        arguments: [
            "", "msk", "msk__", "msk_a_b", " ", "Bearer", String(repeating: "_", count: 60),
            String(repeating: "\u{301}", count: 100_000),
        ])
    func noKey(_ text: String) {
        #expect(APIKey(parsing: text) == nil)
        #expect(APIKey(parsing: Self.key(seed: 1).secret + text + "x") == nil)
        #expect(APIKey(parsing: Self.key(seed: 1).secret.uppercased()) == nil)
    }

    @Test("the digest is SHA-256 of the whole, and knows its own")
    func digest() {
        let key = APIKey(random: [UInt8](repeating: 0, count: APIKey.randomOctets))
        #expect(key.secret == "msk_aaaaaaaa_" + String(repeating: "a", count: 40) + "4f52dtb")
        #expect(
            key.digest.map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
                == "a0797fe40197a7286bbae6fcbd7aa7e014413b2c8d44b13acf79f1e1ea2ce702")
        #expect(key.digest.count == 32 && key.hasDigest(key.digest))
        for place in 0..<32 {
            var other = key.digest
            other[place] ^= 1
            #expect(!key.hasDigest(other))
        }
        #expect(!key.hasDigest([]) && !key.hasDigest(Array(key.digest.dropLast())) && !key.hasDigest(key.digest + [0]))
        #expect(Self.key(seed: 1).digest != Self.key(seed: 2).digest)
    }

    @Test("no way of writing a key out shows the secret")
    func secret() throws {
        let key = Self.key(seed: 3)
        let secret = String(key.secret.dropFirst(13).prefix(40))
        var dumped = ""
        dump(key, to: &dumped)
        for shown in [
            key.description, "\(key)", String(reflecting: key), String(describing: Optional(key)), dumped, "\([key])",
        ] {
            #expect(!shown.contains(secret) && !shown.contains(secret.suffix(8)))
        }
        #expect(key.description == "msk_\(key.prefix)_…")
    }

    @Test("too few random octets make a key that is none")
    func shortRandom() {
        #expect(APIKey(parsing: APIKey(random: []).secret) == nil)
        #expect(APIKey(parsing: APIKey(random: [UInt8](repeating: 7, count: 47)).secret) == nil)
    }
}
