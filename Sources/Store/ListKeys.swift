import Postgres
import Rules

/// The keys under which something may be known of each address of a slice, as far as the record of the controller tells:
/// the same as ``LookupKeys/checkPlaces(at:)`` of each, together and each once.
struct ListKeys: Sendable {
    /// How an address is looked up.
    enum Look: Sendable {
        /// By one key of its own and perhaps one of its domain, as nearly every address.
        case plain(own: Int32, domain: Int32?)
        /// By all that ``LookupKeys`` has: it has an alias form, or there are several peppers, or digests.
        case full
    }

    let addresses: AddressList
    private(set) var table: KeyTable
    private(set) var looks: [Look] = []
    /// The numbers of the keys that are looked for among all standings, and of those among the domains.
    private var persons: [Int32] = []
    private var domains: [Int32] = []
    private let controller: ControllerRecord
    private let peppers: Peppers

    init(_ addresses: AddressList, _ peppers: Peppers, toCheckAt controller: ControllerRecord) {
        (self.addresses, self.peppers, self.controller) = (addresses, peppers, controller)
        table = KeyTable(reserving: addresses.count + addresses.count / 2)
        looks.reserveCapacity(addresses.count)
        persons.reserveCapacity(addresses.count)
        let isPlain = peppers.older.isEmpty && controller.hashes.isEmpty && controller.groupHashes.isEmpty
        let needsDomains = controller.hasDomains || controller.groupHasDomains
        var known = DomainNumbers(reserving: needsDomains ? addresses.count : 0)
        for index in addresses.indices {
            guard isPlain, !addresses.mayHaveAlias(index) else {
                addFull(index)
                continue
            }
            let own = addresses.withOctets(index) { canonical, _ in peppers.current.key(ofCanonical: canonical) }
            let domain = needsDomains ? addDomain(of: index, &known) : nil
            looks.append(.plain(own: addPerson(own), domain: domain))
        }
    }

    /// Every key under which something may be known of the address at the place.
    func lookup(_ index: Int) -> LookupKeys { LookupKeys(addresses[index], peppers, toCheckAt: controller) }

    /// The person at the place as a link names them, where the look is plain.
    func person(_ own: Int32) -> KeyedPerson {
        let key = table.keys[Int(own)]
        return KeyedPerson(pepper: peppers.current.version, own: key, alias: key)
    }

    /// What is asked, in the order of the index, so that neighbours are read together.
    var question: CheckSQL.ListQuestion {
        let persons = packed(persons)
        let hasGroup = controller.groupHasPersons || !controller.groupHashes.isEmpty
        return (
            controller.id, persons, controller.group, hasGroup ? persons : PackedUUIDs(),
            (controller.hasDomains ? [controller.id] : []) + (controller.groupHasDomains ? [controller.group] : []),
            packed(domains)
        )
    }

    private func packed(_ numbers: [Int32]) -> PackedUUIDs {
        var packed = PackedUUIDs(reserving: numbers.count)
        for key in numbers.map({ table.keys[Int($0)] }).sorted() { packed.append(high: key.high, low: key.low) }
        return packed
    }

    private mutating func addFull(_ index: Int) {
        let places = lookup(index).checkPlaces(at: controller)
        for place in places.persons { _ = addPerson(place.key) }
        for place in places.domains { _ = addDomain(place.key) }
        looks.append(.full)
    }

    /// The number of the domain of the address at the place.
    private mutating func addDomain(of index: Int, _ known: inout DomainNumbers) -> Int32 {
        let found = addresses.withOctets(index) { canonical, localPartOctets -> DomainNumbers.Found in
            let domain = UnsafeRawBufferPointer(rebasing: canonical[localPartOctets...])
            return known.find(domain, among: addresses) { peppers.current.domainKey(ofCanonical: domain) }
        }
        switch found {
        case .met(let number): return number
        case .new(let key, let place):
            let number = addDomain(key)
            known.note(index, number, at: place)
            return number
        }
    }

    private mutating func addPerson(_ key: AddressKey) -> Int32 {
        let count = table.keys.count
        let number = table.insert(key)
        if table.keys.count > count { persons.append(number) }
        return number
    }

    private mutating func addDomain(_ key: AddressKey) -> Int32 {
        let count = table.keys.count
        let number = table.insert(key)
        if table.keys.count > count { domains.append(number) }
        return number
    }
}

/// The numbers of the keys of domains that were met before: many people share a domain, and a key costs more than to
/// compare the texts.
private struct DomainNumbers {
    private struct Met {
        let hash: Int
        /// An address at the domain.
        let index: Int
        let number: Int32
    }

    private var places: [Met?]

    init(reserving count: Int) {
        var size = 16
        while size < 2 * count { size *= 2 }
        places = Array(repeating: nil, count: size)
    }

    enum Found {
        case met(Int32)
        /// With its key, and the place to note it at.
        case new(AddressKey, Place)
    }

    /// The number of the domain where it was met before.
    func find(_ domain: UnsafeRawBufferPointer, among addresses: AddressList, key: () -> AddressKey) -> Found {
        let hash = Self.hash(domain)
        let mask = places.count - 1
        var place = hash & mask
        while let met = places[place] {
            if met.hash == hash, Self.isSame(domain, addresses, met.index) { return .met(met.number) }
            place = (place + 1) & mask
        }
        return .new(key(), Place(index: place, hash: hash))
    }

    struct Place {
        let index: Int
        let hash: Int
    }

    /// Notes a domain that was met for the first time; there are no more than was reserved for.
    mutating func note(_ index: Int, _ number: Int32, at place: Place) {
        places[place.index] = Met(hash: place.hash, index: index, number: number)
    }

    private static func isSame(_ domain: UnsafeRawBufferPointer, _ addresses: AddressList, _ index: Int) -> Bool {
        addresses.withOctets(index) { canonical, localPartOctets in
            canonical.count - localPartOctets == domain.count
                && canonical[localPartOctets...].elementsEqual(domain)
        }
    }

    /// Seeded by the process, so that nobody can make up domains that meet.
    private static func hash(_ octets: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: octets)
        return hasher.finalize()
    }
}
