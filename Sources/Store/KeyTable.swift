import Rules

/// Keys, each once and numbered as they come. A key is a digest, so half of it is as good a hash as any.
struct KeyTable: Sendable {
    private(set) var keys: [AddressKey] = []
    /// The number of a key at the place that the key itself tells, or at the next free one; `free` where there is none.
    private var places: [Int32]
    private static let free: Int32 = -1

    init(reserving count: Int) {
        places = [Int32](repeating: Self.free, count: Self.placeCount(for: count))
        keys.reserveCapacity(count)
    }

    /// The number of the key, which is added where it is new.
    mutating func insert(_ key: AddressKey) -> Int32 {
        if 2 * (keys.count + 1) > places.count { grow() }
        let place = place(of: key)
        if places[place] != Self.free { return places[place] }
        let number = Int32(truncatingIfNeeded: keys.count)
        places[place] = number
        keys.append(key)
        return number
    }

    /// The number of the key; nil for one that was never added.
    func number(of key: AddressKey) -> Int32? {
        let number = places[place(of: key)]
        return number == Self.free ? nil : number
    }

    /// Where the key is, or would be.
    private func place(of key: AddressKey) -> Int {
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: key.low) & mask
        while places[place] != Self.free, keys[Int(places[place])] != key { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        places = [Int32](repeating: Self.free, count: 2 * places.count)
        for (number, key) in keys.enumerated() { places[place(of: key)] = Int32(truncatingIfNeeded: number) }
    }

    /// A power of two, at least twice as many as there will be keys.
    private static func placeCount(for count: Int) -> Int {
        var places = 16
        while places < 2 * count { places *= 2 }
        return places
    }
}
