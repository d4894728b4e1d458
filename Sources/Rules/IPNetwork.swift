/// The network of an IP address: enough to show where an act came from, not enough to name a household.
///
/// IPv4 is cut to /24, IPv6 to /48, and an IPv4 address in IPv6's clothes to /24 as well.
enum IPNetwork {
    /// The text with every IP address in it cut to its network: words apart by white space or commas, in brackets, with a
    /// port or a zone.
    static func cut(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }) else { return text }
        var result = ""
        var word = ""
        func flush() {
            result += network(of: word) ?? word
            word = ""
        }
        for character in text {
            if character.isWhitespace || character == "," || character == ";" {
                flush()
                result.append(character)
            } else {
                word.append(character)
            }
        }
        flush()
        return result
    }

    /// The network of what is an IP address; nil for all else.
    static func network(of text: String) -> String? {
        if let octets = plainOctets(text) { return network(ofIPv4: octets) }
        let bare = unwrapped(text)
        if let octets = octets(of: bare) { return network(ofIPv4: octets) }
        if text.utf8.count != bare.utf8.count || !text.contains(":") { return groups(of: bare).map(network(ofIPv6:)) }
        // An IPv4 address with a port has one colon, an IPv6 address at least two.
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, UInt16(parts[1]) != nil, let octets = octets(of: parts[0]) {
            return network(ofIPv4: octets)
        }
        return groups(of: bare).map(network(ofIPv6:))
    }

    /// Of an IPv4 address and nothing else, which most are; nil also for some that are one.
    private static func plainOctets(_ text: String) -> [UInt8]? {
        var octets: [UInt8] = []
        var (value, digits) = (0, 0)
        for octet in text.utf8 {
            switch octet {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                (value, digits) = (value * 10 + Int(octet - UInt8(ascii: "0")), digits + 1)
                guard digits <= 3 else { return nil }
            case UInt8(ascii: "."):
                guard digits > 0, octets.count < 3, let part = UInt8(exactly: value) else { return nil }
                octets.append(part)
                (value, digits) = (0, 0)
            default: return nil
            }
        }
        guard digits > 0, octets.count == 3, let last = UInt8(exactly: value) else { return nil }
        return octets + [last]
    }

    /// Without brackets, what stands behind them, and the zone.
    private static func unwrapped(_ text: String) -> Substring {
        var bare = text[...]
        if bare.first == "[", let end = bare.firstIndex(of: "]") {
            bare = bare[bare.index(after: bare.startIndex)..<end]
        }
        if let zone = bare.firstIndex(of: "%") { bare = bare[..<zone] }
        return bare
    }

    private static func network(ofIPv4 octets: [UInt8]) -> String {
        octets.prefix(3).map { String($0) }.joined(separator: ".") + ".0/24"
    }

    private static func network(ofIPv6 groups: [UInt16]) -> String {
        if groups.prefix(5).allSatisfy({ $0 == 0 }), groups[5] == 0xFFFF {
            return network(ofIPv4: groups.suffix(2).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
        }
        var head = groups.prefix(3).map { String($0, radix: 16) }
        while head.last == "0" { head.removeLast() }
        return head.joined(separator: ":") + "::/48"
    }

    private static func octets(of text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let octets = parts.compactMap { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt8($0) : nil }
        return octets.count == 4 ? octets : nil
    }

    /// The eight groups of an IPv6 address (RFC 4291, 2.2); nil for what is none.
    private static func groups(of text: Substring) -> [UInt16]? {
        guard text.utf8.count <= 45, let gap = gap(in: text) else { return plain(text, count: 8) }
        guard let head = plain(text[..<gap], count: nil),
            let tail = plain(text[text.index(gap, offsetBy: 2)...], count: nil),
            head.count + tail.count < 8
        else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    /// Where two colons stand together.
    private static func gap(in text: Substring) -> Substring.Index? {
        text.indices.first { text[$0...].hasPrefix("::") }
    }

    /// Groups with a colon between them, the last two perhaps as an IPv4 address.
    private static func plain(_ text: Substring, count: Int?) -> [UInt16]? {
        if text.isEmpty { return count == nil ? [] : nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let octets = octets(of: part) {
                groups += [UInt16(octets[0]) << 8 | UInt16(octets[1]), UInt16(octets[2]) << 8 | UInt16(octets[3])]
                continue
            }
            guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }),
                let group = UInt16(part, radix: 16)
            else { return nil }
            groups.append(group)
        }
        return count.map { groups.count == $0 } ?? true ? groups : nil
    }
}
