import Harness
import Rules
import Testing

@Suite("FactsCode")
struct FactsCodeTests {
    private static func facts(_ random: inout Timelines) -> [Fact] {
        random.drawInstants()
        let facts = random.facts(random.events(0..<12))
        return facts.own + facts.group
    }

    @Test("facts come back as they were, and equal sets have equal bytes", arguments: try Timelines.policies())
    func canonical(_ policy: Policy) throws {
        var random = Timelines(policy, seed: 61)
        for _ in 0..<1_500 {
            let facts = Self.facts(&random)
            let bytes = FactsCode.encode(facts)
            let decoded = try #require(FactsCode.decode(bytes))
            #expect(Set(decoded) == Set(facts))
            #expect(decoded.count == Set(facts).count)
            #expect(FactsCode.encode(random.shuffled(facts + random.shuffled(facts).prefix(3))) == bytes)
            #expect(FactsCode.encode(decoded) == bytes)
        }
    }

    @Test("the bytes of a fact are frozen")
    func frozen() throws {
        let news = try slug("news")
        let at = Instant(microseconds: 0x01_02_03)
        let head: [UInt8] = [0, 0, 0, 0, 0, 1, 2, 3]
        let word: [UInt8] = [4] + Array("news".utf8)
        let table: [(Fact.Kind, [UInt8])] = [
            (.collected, [1] + head), (.contacted, [2] + head), (.organisationContacted, [3] + head),
            (.demoBooked, [4] + head), (.eventAttended, [5] + head), (.questionAsked, [6] + head),
            (.questionAnswered, [7] + head), (.customerStarted, [8] + head), (.customerEnded, [9] + head),
            (.leftOrganisation, [10] + head), (.joinedOrganisation, [11] + head), (.hardBounced, [12] + head),
            (.addressConfirmed, [13] + head), (.restricted, [14] + head), (.restrictionLifted, [15] + head),
            (.forgotten, [16] + head), (.notified, [17] + head), (.consentAsked(news), [32] + head + word),
            (.consentGiven(news, by: .person(confirmsObjection: false)), [33] + head + word),
            (.consentGiven(news, by: .person(confirmsObjection: true)), [34] + head + word),
            (.consentGiven(news, by: .import), [35] + head + word),
            (.consentGiven(news, by: .operator), [36] + head + word),
            (.topicResumed(news, of: news), [37] + head + word + word),
            (.holdPlaced(news, until: nil), [38] + head + word),
            (.holdPlaced(news, until: at), [39] + head + word + head),
            (.holdReleased(news), [40] + head + word),
            (.entry(Entry(.unsubscribed, .topic(news, of: news))), [64] + head + word + word + [1]),
            (.entry(Entry(.consentWithdrawn, .purpose(news))), [65] + head + word + [2]),
            (.entry(Entry(.objected, .controller)), [66] + head + [3]),
            (.entry(Entry(.complained, .group)), [67] + head + [4]),
            (.entry(Entry(.erased, .controller)), [66] + head + [5]),
            (.entry(Entry(.domainSuppressed, .controller)), [66] + head + [6]),
            (.entry(Entry(.imported, .controller)), [66] + head + [7]),
        ]
        for (kind, bytes) in table {
            #expect(FactsCode.encode([Fact(at: at, kind)]) == [1] + bytes, "\(kind)")
            #expect(FactsCode.decode([1] + bytes) == [Fact(at: at, kind)], "\(kind)")
        }
        #expect(FactsCode.encode([]) == [] && FactsCode.decode([UInt8]()) == [])
    }

    @Test("bytes that no set of facts has are none, and never a trap", arguments: try Timelines.policies())
    func damage(_ policy: Policy) throws {
        var random = Timelines(policy, seed: 62)
        var refused = 0
        for _ in 0..<3_000 {
            var bytes = FactsCode.encode(Self.facts(&random))
            for _ in 0..<random.number(1..<4) {
                let place = random.number(0..<bytes.count + 1)
                switch random.number(0..<4) {
                case 0: bytes = Array(bytes.prefix(place))
                case 1: bytes.insert(UInt8(random.number(0..<256)), at: place)
                case 2: if place < bytes.count { bytes.remove(at: place) }
                default: if place < bytes.count { bytes[place] = UInt8(random.number(0..<256)) }
                }
            }
            guard let facts = FactsCode.decode(bytes) else {
                refused += 1
                continue
            }
            #expect(FactsCode.encode(facts) == bytes)
        }
        #expect(refused > 500)
    }

    @Test("random bytes never trap")
    func noise() {
        var chance = SeededGenerator(seed: 63)
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0...40, using: &chance)).map { _ in
                let limit: UInt8 = Bool.random(using: &chance) ? 70 : .max
                return UInt8.random(in: 0...limit, using: &chance)
            }
            if !bytes.isEmpty, Bool.random(using: &chance) { bytes[0] = 1 }
            if let facts = FactsCode.decode(bytes) { #expect(FactsCode.encode(facts) == bytes) }
            if let aliases = FactsCode.decodeAliases(bytes) { #expect(FactsCode.encodeAliases(aliases) == bytes) }
        }
    }

    @Test("what is out of order, twice, empty or of another version is refused")
    func notCanonical() throws {
        let one = FactsCode.encode([Fact(at: Timelines.start, .collected)])
        let two = FactsCode.encode([Fact(at: Timelines.start, .contacted)])
        #expect(FactsCode.decode(one + two.dropFirst()) != nil)
        #expect(FactsCode.decode(two + one.dropFirst()) == nil)
        #expect(FactsCode.decode(one + one.dropFirst()) == nil)
        #expect(FactsCode.decode([1]) == nil)
        #expect(FactsCode.decode([2] + one.dropFirst()) == nil)
        #expect(FactsCode.decode([0] + one.dropFirst()) == nil)
        let farAway = [UInt8](repeating: 0x7F, count: 8)
        #expect(FactsCode.decode([1, 1] + farAway) == nil)
    }

    @Test("facts of other addresses come back behind their keys", arguments: try Timelines.policies())
    func aliases(_ policy: Policy) throws {
        var random = Timelines(policy, seed: 64)
        for round in 0..<500 {
            let aliases = (0..<random.number(0..<4)).map { place in
                (key: AddressKey(high: UInt64(round % 7), low: UInt64(3 - place)), facts: Self.facts(&random))
            }
            let bytes = FactsCode.encodeAliases(aliases)
            let decoded = try #require(FactsCode.decodeAliases(bytes))
            let told = aliases.filter { !$0.facts.isEmpty }.sorted { $0.key < $1.key }
            #expect(decoded.map(\.key) == told.map(\.key))
            #expect(decoded.map { Set($0.facts) } == told.map { Set($0.facts) })
            #expect(FactsCode.encodeAliases(random.shuffled(aliases)) == bytes)
            var damaged = bytes
            if !damaged.isEmpty {
                damaged[random.number(0..<damaged.count)] ^= 1 << UInt8(random.number(0..<8))
                if let read = FactsCode.decodeAliases(damaged) { #expect(FactsCode.encodeAliases(read) == damaged) }
                #expect(FactsCode.decodeAliases(Array(bytes.dropLast())) == nil)
            }
        }
    }
}
