import Postgres
import Rules

/// Which staged rows a slice has, as its statements name them.
struct SliceRange {
    let parameters: (Int64, AddressKey, Int64, AddressKey, Int64)

    init(_ number: Int64, after held: HeldImport, rowsMax: Int) {
        parameters = (
            number, held.cursorKey ?? AddressKey(high: 0, low: 0), held.cursorLine ?? 0, held.untilKey, Int64(rowsMax)
        )
    }

    func parameters(and controller: Int64) -> (Int64, AddressKey, Int64, AddressKey, Int64, Int64) {
        (parameters.0, parameters.1, parameters.2, parameters.3, parameters.4, controller)
    }

    func parameters(
        and controller: Int64, lines: [Int64]
    ) -> (Int64, AddressKey, Int64, AddressKey, Int64, Int64, [Int64]) {
        (parameters.0, parameters.1, parameters.2, parameters.3, parameters.4, controller, lines)
    }
}

/// People of a slice whose rows say the same, as one statement tells them; each list in the same order.
struct SliceGroup {
    let isRole: Bool
    let declined: ListedReason?
    let isHashed: Bool
    let isFromPerson: Bool
    let at: Instant?
    let contactedAt: Instant?
    let consentAt: Instant?
    /// Where they stand in the slice, which is in the order of keys, counted from 1.
    let places: [Int64]
    let lines: [Int64]
    let keys: [AddressKey]
    let aliases: [AddressKey?]
    /// The organisation that each row names, where it is there.
    let organisations: [Int64?]
    /// The one that it names, where that is not there.
    let newOrganisations: [String?]
    /// What each row says of why its person is not to be written to.
    let words: [String?]
}

/// One of a slice's people, as they are locked.
struct SlicePerson {
    let place: Int64
    let line: Int64
    let key: AddressKey
    let alias: AddressKey?
    let organisation: Int64?
    let newOrganisation: String?
    let words: String?
    /// Of which group.
    let group: Int
}

/// Newcomers of a slice as a statement takes them, each list in the same order: that of keys.
struct SliceNewcomers {
    fileprivate(set) var lines: [Int64] = []
    fileprivate(set) var keys = PackedUUIDs()
    /// Empty where nobody has any.
    fileprivate(set) var aliases: [AddressKey?] = []
    /// Empty where nothing is said of anybody.
    fileprivate(set) var words: [String?] = []
    /// Of which class each is, counted from 1.
    fileprivate(set) var classes: [Int64] = []
}

/// Newcomers of a slice who are judged together.
struct SliceClass {
    /// What their rows have in common.
    let row: SliceRow
    let people: [SlicePerson]
}

/// A row that is judged by itself.
struct SliceSingle {
    let line: Int64
    /// Its organisation, where anything is known of that.
    let shared: Int64?
}

/// The people of a slice, in the order of their keys.
struct SlicePeople {
    private let groups: [SliceGroup]
    private let people: [SlicePerson]

    init(_ groups: [SliceGroup]) {
        self.groups = groups
        var people: [SlicePerson] = []
        people.reserveCapacity(groups.reduce(0) { $0 + $1.places.count })
        for (number, group) in groups.enumerated() {
            for index in group.places.indices {
                people.append(
                    SlicePerson(
                        place: group.places[index], line: group.lines[index], key: group.keys[index],
                        alias: group.aliases[index], organisation: group.organisations[index],
                        newOrganisation: group.newOrganisations[index], words: group.words[index], group: number))
            }
        }
        if groups.count > 1 { people.sort { $0.place < $1.place } }
        self.people = people
    }

    var count: Int { people.count }
    var last: SlicePerson? { people.last }
    var keys: PackedUUIDs {
        people.reduce(into: PackedUUIDs(reserving: people.count)) { $0.append(high: $1.key.high, low: $1.key.low) }
    }
    /// Empty where nobody has any.
    var aliases: [AddressKey?] { people.contains { $0.alias != nil } ? people.map(\.alias) : [] }
    var subjects: [LedgerSubject] {
        people.map { .address(PersonKeys(own: $0.key, alias: $0.alias ?? $0.key)) }
    }

    /// The organisations that are there, each once, in order.
    var organisations: [Int64] { Set(people.compactMap(\.organisation)).sorted() }

    /// By line, those that these lines name and that are not there.
    func newOrganisations(of lines: [Int64]) -> [Int64: String] {
        let new = people.filter { $0.newOrganisation != nil }
        guard !new.isEmpty else { return [:] }
        let wanted = Set(lines)
        return new.reduce(into: [:]) { if wanted.contains($1.line) { $0[$1.line] = $1.newOrganisation } }
    }

    /// What each person's organisation is, by place; `made` are those that were just made.
    func organisations(with made: [String: Int64]) -> [Int64] {
        people.map { person in person.organisation ?? person.newOrganisation.flatMap { made[$0] } ?? 0 }
    }

    /// Of which of these classes each is, by place, counted from 1; 0 of none that is wanted.
    func classes(_ classes: [NewcomerClass], where isWanted: (NewcomerClass) -> Bool = { _ in true }) -> [Int64] {
        var numbers = [Int64](repeating: 0, count: people.count)
        for (index, one) in classes.enumerated() where isWanted(one) {
            for person in one.people { numbers[Int(person.place) - 1] = Int64(index + 1) }
        }
        return numbers
    }

    /// The people of these classes, in order.
    func newcomers(of classes: [NewcomerClass]) -> SliceNewcomers {
        let numbers = self.classes(classes)
        let hasWords = people.contains { $0.words != nil }
        let hasAliases = people.contains { $0.alias != nil }
        var newcomers = SliceNewcomers()
        for (person, number) in zip(people, numbers) where number > 0 {
            newcomers.lines.append(person.line)
            newcomers.keys.append(high: person.key.high, low: person.key.low)
            if hasAliases { newcomers.aliases.append(person.alias) }
            if hasWords { newcomers.words.append(person.words) }
            newcomers.classes.append(number)
        }
        return newcomers
    }

    /// The first of them, whose locks are so many at most; one at least.
    func fitting(locksMax: Int) -> SlicePeople {
        var organisations: Set<Int64> = []
        var named: Set<String> = []
        var locks = 0
        var last: AddressKey?
        for (index, person) in people.enumerated() {
            if person.key != last { locks += person.alias == nil ? 1 : 2 }
            if let organisation = person.organisation, organisations.insert(organisation).inserted { locks += 1 }
            if let name = person.newOrganisation, named.insert(name).inserted { locks += 1 }
            if locks > locksMax, index > 0 { return SlicePeople(groups, Array(people[..<index])) }
            last = person.key
        }
        return self
    }

    private init(_ groups: [SliceGroup], _ people: [SlicePerson]) { (self.groups, self.people) = (groups, people) }

    /// Cuts the slice into classes of newcomers and the rows that are judged one by one: of whom something is known (by
    /// place), whose row is not simple, or whose address stands on more than one row.
    func parts(
        known: Set<Int64>, isTellable: Bool, isByKeysAlone: Bool, cursorKey: AddressKey?, _ shared: SharedFacts
    ) -> (classes: [SliceClass], singles: [SliceSingle]) {
        var singles: [SliceSingle] = []
        var classes: [ClassKey: [SlicePerson]] = [:]
        for (index, person) in people.enumerated() {
            let ofWhich = person.organisation.flatMap { shared.isKnown($0) ? $0 : nil }
            let isRepeated =
                index > 0 && people[index - 1].key == person.key
                || index + 1 < people.count && people[index + 1].key == person.key
                || person.key == cursorKey
            if isRepeated || !isByKeysAlone || known.contains(person.place)
                || isSingular(person, groups[person.group], isTellable: isTellable)
            {
                singles.append(SliceSingle(line: person.line, shared: ofWhich))
            } else {
                classes[ClassKey(group: person.group, shared: ofWhich), default: []].append(person)
            }
        }
        let sorted = classes.sorted { ($0.value.first?.place ?? 0) < ($1.value.first?.place ?? 0) }
        let judged = sorted.map { key, people in
            SliceClass(row: groups[key.group].row(shared: key.shared), people: people)
        }
        return (judged, singles)
    }

    private func isSingular(_ person: SlicePerson, _ group: SliceGroup, isTellable: Bool) -> Bool {
        group.isHashed || group.declined != nil && (person.alias != nil || !isTellable)
    }

    private struct ClassKey: Hashable {
        let group: Int
        let shared: Int64?
    }
}

extension SliceGroup {
    /// What the rows have in common.
    fileprivate func row(shared: Int64?) -> SliceRow {
        SliceRow(
            line: 0, key: AddressKey(high: 0, low: 0), alias: nil, isRole: isRole, declined: declined, hashed: nil,
            words: nil, isFromPerson: isFromPerson, at: at, contactedAt: contactedAt, consentAt: consentAt, address: "",
            organisation: nil, shared: shared)
    }
}
