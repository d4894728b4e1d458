import Crypto
import Harness
import Testing

@testable import Rules

/// A list reads addresses as they are read one by one, and tells of each what the address itself tells.
@Suite struct AddressListTests {
    private static let parts = [
        "kari", "Kari.Nordmann", "info", "INFO", "post+x", "no-reply", "a", "\"a b\"", "\"info\"", "blå", "x..y", ".x",
        "x.",
        "kari+news", "+x", "postmaster", "postmasters", "k\u{E5}ri", "", "a@b", "<kari", "faktura",
    ]
    private static let domains = [
        "firma.example", "Gmail.com", "googlemail.com", "gmail.com.", "blåbær.no", "xn--blbr-roah.no", "localhost",
        "1.2.3.4",
        "gmail.co", "a-.example", "", "firma.example>", " firma.example ",
    ]

    @Test func itReadsAsOneByOne() {
        var list = AddressList()
        var single: [Address] = []
        for part in Self.parts {
            for domain in Self.domains {
                let text = part + "@" + domain
                var found: Result<Address, AddressError>?
                do throws(AddressError) { found = .success(try Address(parsing: text)) } catch {
                    found = .failure(error)
                }
                var copy = text
                let count = list.count
                let fault = copy.withUTF8 { bytes -> AddressError? in
                    do throws(AddressError) {
                        try list.append(parsing: UnsafeRawBufferPointer(bytes))
                        return nil
                    } catch { return error }
                }
                switch found {
                case .success(let address):
                    #expect(fault == nil && list.count == count + 1)
                    single.append(address)
                case .failure(let error): #expect(fault == error && list.count == count, "\(text)")
                case nil: break
                }
            }
        }
        #expect(single.count > 60)
        #expect(Array(list) == single)
        #expect(list.slices(countMax: 7).flatMap { Array($0) } == single)
        for (index, address) in single.enumerated() {
            #expect(list.isRole(index) == address.isRole)
            #expect(list.mayHaveAlias(index) || address.alias == address.canonical)
            let length = list.withOctets(index) { $1 }
            #expect(length == Int(address.localPartOctets))
        }
    }

    @Test func itHasTheKeysOfItsAddresses() throws {
        let pepper = try Pepper(version: 1, secret: Array(1...32))
        let address = try Address(parsing: "Kari@Firma.example")
        let list: AddressList = [address]
        let (own, domain) = list.withOctets(0) { canonical, localPartOctets in
            (
                pepper.key(ofCanonical: canonical),
                pepper.domainKey(ofCanonical: UnsafeRawBufferPointer(rebasing: canonical[localPartOctets...]))
            )
        }
        #expect(own == pepper.key(for: address))
        #expect(domain == pepper.domainKey(for: address))
    }

    /// The digests that a pepper keeps are those of RFC 2104, also for a secret that is longer than a block.
    @Test(arguments: [32, 63, 64, 65, 100, 128]) func aKeyIsAnHMACWhateverTheSecretsLength(octets: Int) throws {
        let secret = (0..<octets).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) }
        let address = try Address(parsing: "kari@firma.example")
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(address.canonical.utf8), using: SymmetricKey(data: secret))
        let key = try Pepper(version: 1, secret: secret).key(for: address)
        #expect(key.octets == Array(code.prefix(16)))
    }

    @Test func itShowsNoAddress() throws {
        let list: AddressList = [try Address(parsing: "kari@firma.example")]
        #expect("\(list)" == "AddressList(1, redacted)" && String(reflecting: list) == "AddressList(1, redacted)")
        var dumped = ""
        dump(list, to: &dumped)
        #expect(!dumped.contains("kari"))
    }
}
