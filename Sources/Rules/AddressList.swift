/// Addresses in order, their canonical forms one behind another in memory: what a list of a million has in place of a
/// million texts.
///
/// As silent as an ``Address`` when it is printed.
public struct AddressList: Sendable {
    /// What is known of an address without asking anybody.
    struct Traits: OptionSet {
        let rawValue: UInt8

        /// It is a function's, not a person's.
        static let isRole = Traits(rawValue: 1)
        /// Its alias form is, or may be, another address.
        static let mayHaveAlias = Traits(rawValue: 2)
    }

    private struct Place {
        let start: Int
        let end: Int
        let localPartOctets: UInt8
        let traits: Traits
    }

    private var octets: [UInt8] = []
    private var places: [Place] = []

    public init() {}

    /// Addresses that were read one by one.
    public init(_ addresses: some Sequence<Address>) {
        for address in addresses { append(address) }
    }

    public mutating func reserveCapacity(_ count: Int) {
        let octetsPerAddress = 32
        places.reserveCapacity(count)
        octets.reserveCapacity(count * octetsPerAddress)
    }

    /// Adds an address that was read.
    public mutating func append(_ address: Address) {
        let start = octets.count
        octets.append(contentsOf: address.canonical.utf8)
        end(start, address.localPartOctets)
    }

    /// Adds all addresses of another list.
    public mutating func append(contentsOf other: AddressList) {
        let shift = octets.count
        octets.append(contentsOf: other.octets)
        places.append(
            contentsOf: other.places.lazy.map {
                Place(
                    start: $0.start + shift, end: $0.end + shift, localPartOctets: $0.localPartOctets, traits: $0.traits
                )
            })
    }

    /// Reads one address as ``Address/init(parsing:)-(UnsafeRawBufferPointer)`` does, and adds it; at an error nothing is
    /// added.
    public mutating func append(parsing text: UnsafeRawBufferPointer) throws(AddressError) {
        let text = text.bindMemory(to: UInt8.self)
        var seen: UInt8 = 0
        for octet in text { seen |= octet }
        // Plain ASCII, which nearly every address is, goes straight into memory.
        if seen < 0x80 {
            let span = text.span
            let written = try WrittenAddress(span)
            if let name = try written.plainDomain(in: span) {
                let start = octets.count
                for index in written.localPart { octets.append(text[index].asciiLowered) }
                octets.append(UInt8(ascii: "@"))
                for index in name { octets.append(text[index].asciiLowered) }
                return end(start, UInt8(written.localPart.count))
            }
        }
        append(try Address(parsing: text.span))
    }

    /// The addresses in so few lists that none has more than so many, and none has many fewer than another.
    public func slices(countMax: Int) -> [AddressList] {
        let sliceCount = (count + countMax - 1) / countMax
        guard sliceCount > 1 else { return [self] }
        return (0..<sliceCount).map { number in
            slice(count * number / sliceCount..<count * (number + 1) / sliceCount)
        }
    }

    private func slice(_ range: Range<Int>) -> AddressList {
        guard !range.isEmpty else { return AddressList() }
        var slice = AddressList()
        let (start, end) = (places[range.lowerBound].start, places[range.upperBound - 1].end)
        slice.octets = Array(octets[start..<end])
        slice.places = places[range].map {
            Place(
                start: $0.start - start, end: $0.end - start, localPartOctets: $0.localPartOctets, traits: $0.traits)
        }
        return slice
    }

    private mutating func end(_ start: Int, _ localPartOctets: UInt8) {
        let end = octets.count
        let traits = octets.withUnsafeBufferPointer { all in
            Traits(UnsafeBufferPointer(rebasing: all[start..<end]), localPartOctets: Int(localPartOctets))
        }
        places.append(Place(start: start, end: end, localPartOctets: localPartOctets, traits: traits))
    }

    /// Whether the address at the place is a function's.
    public func isRole(_ index: Int) -> Bool { places[index].traits.contains(.isRole) }

    /// Whether the alias form of the address at the place may be another than itself; false is sure.
    public func mayHaveAlias(_ index: Int) -> Bool { places[index].traits.contains(.mayHaveAlias) }

    /// Lends the canonical form of the address at the place, and how many of its octets stand before the `@`.
    public func withOctets<Result>(
        _ index: Int, _ body: (_ canonical: UnsafeRawBufferPointer, _ localPartOctets: Int) -> Result
    ) -> Result {
        let place = places[index]
        return octets.withUnsafeBytes {
            body(UnsafeRawBufferPointer(rebasing: $0[place.start..<place.end]), Int(place.localPartOctets))
        }
    }
}

extension AddressList.Traits {
    init(_ canonical: UnsafeBufferPointer<UInt8>, localPartOctets: Int) {
        self = []
        if Address.isRole(UnsafeBufferPointer(rebasing: canonical[..<localPartOctets])) { insert(.isRole) }
        if Address.mayHaveAlias(canonical, localPartOctets: localPartOctets) { insert(.mayHaveAlias) }
    }
}

extension AddressList: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { places.count }

    /// The address at the place, made anew.
    public subscript(index: Int) -> Address {
        withOctets(index) { canonical, localPartOctets in
            Address(canonical: String(decoding: canonical, as: UTF8.self), localPartOctets: UInt8(localPartOctets))
        }
    }
}

extension AddressList: ExpressibleByArrayLiteral {
    public init(arrayLiteral addresses: Address...) { self.init(addresses) }
}

extension AddressList: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Shows how many there are, never which.
    public var description: String { "AddressList(\(count), redacted)" }
    /// Shows how many there are, never which.
    public var debugDescription: String { description }
    /// Has no children, so that a dump shows none of the text.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
