import Foundation
import Harness
import Testing

@testable import Work

@Suite struct OutboundGuardTests {
    @Test func noHostileURLIsLetOut() async throws {
        let lines = try Checkout.text("Tests/WorkTests/hostile-urls.txt").split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
        #expect(lines.count >= 150)
        for line in lines {
            let words = line.split(separator: " ")
            let url = try Self.unescaped(words[0])
            let address = words.dropFirst().first.flatMap { OutboundAddress(parsing: $0) }
            #expect((address == nil) == (words.count == 1), "\(line)")
            // What is refused before it is resolved would be let out by this resolver, so that it cannot hide behind it.
            let outbound = OutboundGuard(allowed: []) { host, _ in
                host == "gone.example" ? nil : address ?? OutboundAddress(parsing: "93.184.215.14")
            }
            await #expect(throws: OutboundRefusal.self, "\(line)") {
                try await outbound.admit(OutboundURL(parsing: url))
            }
        }
    }

    @Test(arguments: [
        ("https://hooks.example.com/a?b=c", "93.184.215.14"), ("https://hooks.example.com:8443/", "2606:2800:21f::1"),
        ("https://xn--mpel-iua.example/", "93.184.215.14"), ("https://93.184.215.14/", "93.184.215.14"),
        ("https://[2606:2800:21f::1]/", "2606:2800:21f:0:0:0:0:1"), ("https://1password.example/", "8.8.8.8"),
    ])
    func whatIsOnTheOpenInternetIsLetOutToTheVeryAddress(_ url: String, _ address: String) async throws {
        let outbound = OutboundGuard(allowed: []) { _, _ in OutboundAddress(parsing: address) }
        #expect(try await outbound.admit(OutboundURL(parsing: url)) == OutboundAddress(parsing: address))
    }

    @Test func theNameThatIsJudgedIsTheNameThatIsUsed() throws {
        let url = try OutboundURL(parsing: "https://Hooks.EXAMPLE.com:8443/Path?Q=A")
        #expect(url.text == "https://hooks.example.com:8443/Path?Q=A")
        #expect(url.host == "hooks.example.com")
        #expect(try OutboundURL(parsing: "https://[2606:2800:21F::1]").text == "https://[2606:2800:21f::1]")
    }

    @Test func aNameIsResolvedOnce() async throws {
        // Rebinding: the second answer would be another.
        let asked = Asked()
        let outbound = OutboundGuard(allowed: []) { _, _ in await asked.next() }
        let address = try await outbound.admit(OutboundURL(parsing: "https://rebind.example/"))
        #expect(address.description == "93.184.215.14")
        #expect(await asked.count == 1)
    }

    private actor Asked {
        private var answers = ["93.184.215.14", "127.0.0.1"]
        var count = 0

        func next() -> OutboundAddress? {
            count += 1
            return answers.isEmpty ? nil : OutboundAddress(parsing: answers.removeFirst())
        }
    }

    @Test func whatIsAllowedIsLetOutAndNothingBesideIt() async throws {
        let allowed = try ["127.0.0.0/8", "10.1.2.3", "fd00::/8"].map { try #require(OutboundNetwork(parsing: $0)) }
        let outbound = OutboundGuard(allowed: allowed) { _, _ in OutboundAddress(parsing: "10.1.2.3") }
        for url in ["http://127.0.0.1:25/", "https://127.255.255.255/", "http://named.example/", "http://[fd00::1]/"] {
            _ = try await outbound.admit(OutboundURL(parsing: url))
        }
        for url in ["http://10.1.2.4/", "https://10.1.2.4/", "https://[fe80::1]/", "https://[::ffff:127.0.0.1]/"] {
            await #expect(throws: OutboundRefusal.self, "\(url)") {
                try await outbound.admit(OutboundURL(parsing: url))
            }
        }
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.4/33", "1.2.3.4/", "::/129", ":::", "1::2::3",
        "1:2:3:4:5:6:7:8:9", "12345::", "g::", "1:2:3:4:5:6:7", "1.2.3.4/-1", "fe80::1%eth0", "::1.2.3",
    ])
    func whatIsNoNetworkIsRefused(_ text: String) { #expect(OutboundNetwork(parsing: text) == nil) }

    /// `\xNN` as the byte.
    private static func unescaped(_ text: Substring) throws -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x") else {
                bytes.append(byte)
                continue
            }
            rest = rest.dropFirst()
            bytes.append(try #require(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)))
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
