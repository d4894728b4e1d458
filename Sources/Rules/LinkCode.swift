/// A link as octets, before it is sealed: the same octets for the same link, and padded, so that their number says little.
///
/// Controller (8), pepper version (2), address key (16), alias key (16), instant of minting (8), reference (8), then
/// purpose, topic and campaign, each behind its length; then zeros. All numbers big-endian; an absent part is zero.
enum LinkCode {
    /// The octets before the names.
    private static let fixedOctets = 58
    /// The number of octets is a multiple of this. Most links have two of it.
    private static let step = 64
    /// The most octets of a link.
    static let octetsMax = padded(fixedOctets + 3 + 2 * Slug.charactersMax + Campaign.bytesMax)
    /// The octets of a link with short names.
    static let octetsUsual = 2 * step

    private static func padded(_ count: Int) -> Int { (count + step - 1) / step * step }

    static func encode(_ link: Link) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(octetsMax)
        append(UInt64(bitPattern: link.controller), 8, to: &octets)
        append(UInt64(truncatingIfNeeded: link.person.pepper), 2, to: &octets)
        for key in [link.person.own, link.person.alias] {
            append(key.high, 8, to: &octets)
            append(key.low, 8, to: &octets)
        }
        append(UInt64(bitPattern: link.mintedAt.microseconds), 8, to: &octets)
        append(UInt64(bitPattern: link.reference ?? 0), 8, to: &octets)
        for name in [link.purpose?.text, link.topic?.text, link.campaign?.text] {
            let name = name ?? ""
            octets.append(UInt8(truncatingIfNeeded: name.utf8.count))
            octets.append(contentsOf: name.utf8)
        }
        octets.append(contentsOf: repeatElement(0, count: padded(octets.count) - octets.count))
        return octets
    }

    /// Nil for octets that `encode` does not give.
    static func decode(_ octets: [UInt8], as type: LinkType) -> Link? {
        guard octets.count <= octetsMax else { return nil }
        var reader = Reader(octets: octets)
        guard let controller = reader.number(8), let pepper = reader.number(2),
            let own = reader.key(), let alias = reader.key(),
            let mintedAt = reader.number(8), let reference = reader.number(8),
            let purpose = reader.text(), let topic = reader.text(), let campaign = reader.text()
        else { return nil }
        let link = Link(
            type, controller: Int64(bitPattern: controller),
            person: KeyedPerson(pepper: Int(pepper), own: own, alias: alias), purpose: Slug(purpose),
            topic: Slug(topic), campaign: Campaign(campaign),
            reference: reference == 0 ? nil : Int64(bitPattern: reference),
            mintedAt: Instant(microseconds: Int64(bitPattern: mintedAt)))
        return encode(link) == octets ? link : nil
    }

    private static func append(_ number: UInt64, _ count: UInt64, to octets: inout [UInt8]) {
        for place in (0..<count).reversed() { octets.append(UInt8(truncatingIfNeeded: number >> (place * 8))) }
    }

    private struct Reader {
        let octets: [UInt8]
        var place = 0

        mutating func number(_ count: Int) -> UInt64? {
            guard octets.count - place >= count else { return nil }
            var number: UInt64 = 0
            for index in place..<place + count { number = number << 8 | UInt64(octets[index]) }
            place += count
            return number
        }

        mutating func key() -> AddressKey? {
            guard let high = number(8), let low = number(8) else { return nil }
            return AddressKey(high: high, low: low)
        }

        mutating func text() -> String? {
            guard let count = number(1).map(Int.init), octets.count - place >= count else { return nil }
            defer { place += count }
            return String(validating: octets[place..<place + count], as: UTF8.self)
        }
    }
}
