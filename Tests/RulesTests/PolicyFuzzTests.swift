import Harness
import Rules
import Testing

@Suite("Policy fuzz")
struct PolicyFuzzTests {
    @Test(
        "a shipped policy with random damage is read or refused, and what is read can be asked",
        arguments: ["stratsys", "hydac", "consent-first", "infobric"])
    func damage(_ name: String) throws {
        let text = try Checkout.text("deploy/policies/\(name).yaml")
        var damage = Damage(seed: UInt64(name.utf8.count) &* 7_919)
        var read = 0
        var refused = 0
        for _ in 0..<1_500 {
            let damaged = damage.damaged(text)
            do throws(FileError) {
                let policy = try Policy(parsing: damaged, file: "damaged.yaml")
                read += 1
                for purpose in policy.purposes {
                    let question = try? Question(purpose: purpose.id, address: .named, under: policy)
                    #expect(question.map { decide($0, from: Facts(), under: policy, at: policy.effective).rule } == 9)
                }
            } catch {
                refused += 1
                #expect(error.file == "damaged.yaml" && !error.problem.isEmpty)
            }
        }
        #expect(read > 100 && refused > 100, "\(read) read, \(refused) refused")
    }

    @Test("a scenario file with random damage is run or refused")
    func scenarios() throws {
        let text = try Checkout.text("Tests/RulesTests/Scenarios/retention.yaml")
        let head = text.split(separator: "\n  - name:").prefix(8).joined(separator: "\n  - name:")
        var damage = Damage(seed: 41)
        var ran = 0
        for _ in 0..<600 {
            guard
                let file = try? ScenarioFile(
                    parsing: damage.damaged(head), file: "damaged.yaml",
                    policy: { name throws(FileError) in try loadPolicy(name) })
            else { continue }
            for scenario in file.scenarios { _ = scenario.run(under: file.policy) }
            ran += 1
        }
        #expect(ran > 20 && ran < 580, "\(ran) ran")
    }
}

extension Verdict {
    fileprivate var rule: Int { reason.rule }
}

/// Random edits of a text: octets, words and lines, one or two at a time.
struct Damage {
    private var chance: SeededGenerator

    init(seed: UInt64) { chance = SeededGenerator(seed: seed) }

    private static let octets = Array(" \t\n\r:-?,[]{}#&*!|>'\"%@`~0az\\".utf8) + [0, 0xC2, 0x85, 0xEF, 0xFF]
    private static let words = [
        "null", "~", "[]", "{}", "- ", "*a", "&a ", "<<: *relation", "!!binary ", "99999999999999999999", "-1",
        "while: newsletter", "for: 3 months", "customer", "\u{301}\u{323}", "\u{2028}", "\"", "''", "? ", "---\n",
    ]

    mutating func damaged(_ text: String) -> String {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...2, using: &chance) {
            guard !bytes.isEmpty else { break }
            let place = Int.random(in: 0..<bytes.count, using: &chance)
            switch Int.random(in: 0..<7, using: &chance) {
            case 0: bytes[place] = Self.octets.randomElement(using: &chance) ?? 0
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(Self.octets.randomElement(using: &chance) ?? 0, at: place)
            case 3: bytes.insert(contentsOf: (Self.words.randomElement(using: &chance) ?? "").utf8, at: place)
            case 4: bytes[place] = UInt8.random(in: 0 ... .max, using: &chance)
            case 5: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &chance)))
            default: bytes = swapLines(bytes)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// One line taken out and put in elsewhere, once or twice.
    private mutating func swapLines(_ bytes: [UInt8]) -> [UInt8] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let line = lines[Int.random(in: 0..<lines.count, using: &chance)]
        if Bool.random(using: &chance) { lines.remove(at: Int.random(in: 0..<lines.count, using: &chance)) }
        lines.insert(line, at: Int.random(in: 0...lines.count, using: &chance))
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }
}
