/// An address of a machine, version 4 or 6, and whether anybody on the open Internet may have it.
public struct OutboundAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16.
    public let octets: [UInt8]

    public init?(octets: [UInt8]) {
        guard octets.count == 4 || octets.count == 16 else { return nil }
        self.octets = octets
    }

    /// Reads the one plain spelling of version 4 (four decimal numbers, no leading zeros) or any of RFC 4291 of version 6,
    /// without a zone.
    public init?(parsing text: some StringProtocol) {
        if let four = Self.version4(text) {
            octets = four
        } else if let sixteen = Self.version6(String(text)) {
            octets = sixteen
        } else {
            return nil
        }
    }

    private static func version4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var octets: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part.utf8.count == 1 || part.first != "0", let value = UInt8(part)
            else { return nil }
            octets.append(value)
        }
        return octets
    }

    private static func version6(_ text: String) -> [UInt8]? {
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard halves.count <= 2, !text.contains(":::"), let front = groups(halves[0], isEnd: halves.count == 1) else {
            return nil
        }
        guard halves.count == 2 else { return front.count == 16 ? front : nil }
        guard let back = groups(halves[1], isEnd: true), front.count + back.count <= 14 else { return nil }
        return front + Array(repeating: 0, count: 16 - front.count - back.count) + back
    }

    private static func groups(_ text: Substring, isEnd: Bool) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var octets: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, isEnd, part.contains(".") {
                guard let four = version4(part) else { return nil }
                octets += four
                continue
            }
            guard (1...4).contains(part.utf8.count),
                part.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }),
                let value = UInt16(part, radix: 16)
            else { return nil }
            octets += [UInt8(value >> 8), UInt8(value & 0xFF)]
        }
        return octets.count <= 16 ? octets : nil
    }

    /// Whether it is out there for everybody, by IANA's registries of special addresses: of version 6 only what is global
    /// unicast, and nothing that carries an address of version 4 in it (mapped, 6to4, NAT64, Teredo).
    public var isPublic: Bool { octets.count == 4 ? Self.isPublic4(octets) : Self.isPublic6(octets) }

    private static func isPublic4(_ octets: [UInt8]) -> Bool {
        !special4.contains { $0.contains(octets) }
    }

    private static func isPublic6(_ octets: [UInt8]) -> Bool {
        guard octets[0] >> 5 == 0b001 else { return false }
        return !special6.contains { $0.contains(octets) }
    }

    private static let special4 = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    ].compactMap { OutboundNetwork(parsing: $0) }
    private static let special6 = [
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    ].compactMap { OutboundNetwork(parsing: $0) }

    /// As it is written in a URL without its brackets.
    public var description: String {
        guard octets.count == 16 else { return octets.map(String.init).joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2).map {
            String(UInt16(octets[$0]) << 8 | UInt16(octets[$0 + 1]), radix: 16)
        }.joined(separator: ":")
    }
}

/// A range of addresses, as `10.0.0.0/8`; an address alone is the range of itself.
public struct OutboundNetwork: Hashable, Sendable {
    private let base: [UInt8]
    private let bits: Int

    public init?(parsing text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = OutboundAddress(parsing: parts[0]) else { return nil }
        self.base = base.octets
        guard let width = parts.dropFirst().first else {
            bits = base.octets.count * 8
            return
        }
        guard (1...3).contains(width.utf8.count), width.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let bits = Int(width), bits <= base.octets.count * 8
        else { return nil }
        self.bits = bits
    }

    public func contains(_ address: OutboundAddress) -> Bool { contains(address.octets) }

    func contains(_ octets: [UInt8]) -> Bool {
        guard octets.count == base.count else { return false }
        for (index, pair) in zip(octets, base).enumerated() {
            let left = bits - index * 8
            guard left > 0 else { return true }
            let mask: UInt8 = left >= 8 ? 0xFF : ~(0xFF >> UInt8(left))
            guard pair.0 & mask == pair.1 & mask else { return false }
        }
        return true
    }
}
