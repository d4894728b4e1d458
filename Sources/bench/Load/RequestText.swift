/// Makes requests, one after another: the same head, a body with random people in it.
///
/// In the body `{n}` stands for a random person's number, `{address}` for a random person's address, and
/// `{addresses:1000}` for a thousand of these, quoted and with commas between them.
struct RequestText {
    private enum Part: Equatable {
        case text([UInt8])
        case number
        case address
        case addresses(Int)
    }

    private let method: [UInt8]
    private let head: [UInt8]
    /// Each request goes to the next of them, and after the last to the first again.
    private let paths: [[UInt8]]
    private var nextPath = 0
    private let parts: [Part]
    private let people: AddressBook
    private var random: RandomNumbers
    private var body: [UInt8] = []

    /// Without a body a GET, else a POST. `headers` are lines as `Name: value`; `paths`, where there are any, stand in for
    /// the target's own.
    init(
        to target: Target, headers: [String] = [], body: String?, people: AddressBook, seed: UInt64,
        paths: [String] = []
    ) throws(BenchFault) {
        parts = try body.map { text throws(BenchFault) in try Self.parts(of: text) } ?? []
        var lines = [" HTTP/1.1", "Host: \(target.host):\(target.port)"]
        if body != nil, !headers.contains(where: { $0.lowercased().hasPrefix("content-type:") }) {
            lines.append("Content-Type: application/json")
        }
        lines += headers
        method = Array((body == nil ? "GET " : "POST ").utf8)
        self.paths = (paths.isEmpty ? [target.path] : paths).map { Array($0.utf8) }
        head = Array((lines.joined(separator: "\r\n") + "\r\nContent-Length: ").utf8)
        self.people = people
        random = RandomNumbers(seed: seed)
    }

    /// Replaces what is in the buffer by the next request.
    mutating func write(into buffer: inout [UInt8]) {
        body.removeAll(keepingCapacity: true)
        for part in parts {
            switch part {
            case .text(let bytes): body += bytes
            case .number: body.append(decimal: randomPerson())
            case .address: people.append(addressOf: randomPerson(), to: &body)
            case .addresses(let count):
                for index in 0..<count {
                    if index > 0 { body.append(UInt8(ascii: ",")) }
                    body.append(UInt8(ascii: "\""))
                    people.append(addressOf: randomPerson(), to: &body)
                    body.append(UInt8(ascii: "\""))
                }
            }
        }
        buffer.removeAll(keepingCapacity: true)
        buffer += method
        buffer += paths[nextPath]
        nextPath = (nextPath + 1) % paths.count
        buffer += head
        buffer.append(decimal: body.count)
        buffer += [13, 10, 13, 10]
        buffer += body
    }

    private mutating func randomPerson() -> Int { Int.random(in: 1...people.count, using: &random) }

    /// The most addresses in one body.
    private static let addressesMax = 100_000

    private static func parts(of body: String) throws(BenchFault) -> [Part] {
        var parts: [Part] = []
        var rest = body[...]
        while let open = rest.firstRange(of: /\{(n|address|addresses:[0-9]+)\}/) {
            if open.lowerBound > rest.startIndex { parts.append(.text(Array(rest[..<open.lowerBound].utf8))) }
            switch rest[open].dropFirst().dropLast() {
            case "n": parts.append(.number)
            case "address": parts.append(.address)
            case let many:
                guard let count = Int(many.dropFirst("addresses:".count)), (1...addressesMax).contains(count) else {
                    throw BenchFault("{\(many)} asks for 1 to \(addressesMax) addresses")
                }
                parts.append(.addresses(count))
            }
            rest = rest[open.upperBound...]
        }
        if !rest.isEmpty { parts.append(.text(Array(rest.utf8))) }
        return parts
    }
}

extension [UInt8] {
    /// Appends a number that is not negative in decimal digits.
    mutating func append(decimal number: Int) {
        let start = count
        var rest = number
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        self[start...].reverse()
    }
}
