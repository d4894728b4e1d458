/// The stored form of facts: one octet of version, then each fact as kind, instant and what the kind needs.
///
/// Canonical: equal sets of facts have equal bytes, whatever their order was. Frozen: a later version reads this one.
public enum FactsCode {
    static let version: UInt8 = 1

    /// The sorted, duplicate-free set as bytes; empty for no facts.
    public static func encode(_ facts: [Fact]) -> [UInt8] {
        guard !facts.isEmpty else { return [] }
        var encoded = facts.map { fact in
            var writer = ByteWriter()
            writer.write(fact)
            return writer.bytes
        }
        encoded.sort { $0.lexicographicallyPrecedes($1) }
        var bytes = [version]
        bytes.reserveCapacity(encoded.reduce(1) { $0 + $1.count })
        var last: [UInt8] = []
        for one in encoded where one != last {
            bytes += one
            last = one
        }
        return bytes
    }

    /// Nil for bytes that no `encode` has made: a damaged row, never a guess.
    public static func decode(_ bytes: [UInt8]) -> [Fact]? {
        bytes.withUnsafeBufferPointer { decode($0) }
    }

    /// The same from borrowed bytes.
    public static func decode(_ bytes: UnsafeBufferPointer<UInt8>) -> [Fact]? {
        guard !bytes.isEmpty else { return [] }
        var reader = ByteReader(bytes)
        guard reader.octet() == version else { return nil }
        var facts: [Fact] = []
        var last = 0..<0
        while !reader.isAtEnd {
            let start = reader.position
            guard let fact = reader.fact() else { return nil }
            let range = start..<reader.position
            guard bytes[last].lexicographicallyPrecedes(bytes[range]) else { return nil }
            last = range
            facts.append(fact)
        }
        return facts.isEmpty ? nil : facts
    }

    /// The facts of several other addresses, each behind its key, in one canonical form.
    ///
    /// No key stands twice.
    public static func encodeAliases(_ aliases: [(key: AddressKey, facts: [Fact])]) -> [UInt8] {
        var bytes: [UInt8] = []
        for alias in aliases.sorted(by: { $0.key < $1.key }) where !alias.facts.isEmpty {
            let facts = encode(alias.facts)
            bytes += alias.key.octets
            withUnsafeBytes(of: UInt32(clamping: facts.count).bigEndian) { bytes += $0 }
            bytes += facts
        }
        return bytes
    }

    /// Nil for bytes that no `encodeAliases` has made.
    public static func decodeAliases(_ bytes: [UInt8]) -> [(key: AddressKey, facts: [Fact])]? {
        var aliases: [(key: AddressKey, facts: [Fact])] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard rest.count >= 20, let key = AddressKey(octets: Array(rest.prefix(16)).span) else { return nil }
            let count = rest.dropFirst(16).prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard count > 0, rest.count >= 20 + count, aliases.last.map({ $0.key < key }) ?? true,
                let facts = decode(Array(rest.dropFirst(20).prefix(count)))
            else { return nil }
            aliases.append((key, facts))
            rest = rest.dropFirst(20 + count)
        }
        return aliases
    }
}

/// The numbers of the kinds; never given to another kind.
private enum Code: UInt8 {
    case collected = 1
    case contacted = 2
    case organisationContacted = 3
    case demoBooked = 4
    case eventAttended = 5
    case questionAsked = 6
    case questionAnswered = 7
    case customerStarted = 8
    case customerEnded = 9
    case leftOrganisation = 10
    case joinedOrganisation = 11
    case hardBounced = 12
    case addressConfirmed = 13
    case restricted = 14
    case restrictionLifted = 15
    case forgotten = 16
    case notified = 17
    case consentAsked = 32
    case consentByPerson = 33
    case consentByPersonConfirmingObjection = 34
    case consentByImport = 35
    case consentByOperator = 36
    case topicResumed = 37
    case holdPlaced = 38
    case holdPlacedUntil = 39
    case holdReleased = 40
    case entryTopic = 64
    case entryPurpose = 65
    case entryController = 66
    case entryGroup = 67
}

private struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func write(_ fact: Fact) {
        switch fact.kind {
        case .collected: head(.collected, fact.at)
        case .contacted: head(.contacted, fact.at)
        case .organisationContacted: head(.organisationContacted, fact.at)
        case .demoBooked: head(.demoBooked, fact.at)
        case .eventAttended: head(.eventAttended, fact.at)
        case .questionAsked: head(.questionAsked, fact.at)
        case .questionAnswered: head(.questionAnswered, fact.at)
        case .customerStarted: head(.customerStarted, fact.at)
        case .customerEnded: head(.customerEnded, fact.at)
        case .leftOrganisation: head(.leftOrganisation, fact.at)
        case .joinedOrganisation: head(.joinedOrganisation, fact.at)
        case .hardBounced: head(.hardBounced, fact.at)
        case .addressConfirmed: head(.addressConfirmed, fact.at)
        case .restricted: head(.restricted, fact.at)
        case .restrictionLifted: head(.restrictionLifted, fact.at)
        case .forgotten: head(.forgotten, fact.at)
        case .notified: head(.notified, fact.at)
        case .consentAsked(let purpose): head(.consentAsked, fact.at, purpose)
        case .consentGiven(let purpose, let source): head(code(of: source), fact.at, purpose)
        case .topicResumed(let topic, let purpose): head(.topicResumed, fact.at, topic, purpose)
        case .holdPlaced(let id, until: nil): head(.holdPlaced, fact.at, id)
        case .holdPlaced(let id, until: .some(let until)):
            head(.holdPlacedUntil, fact.at, id)
            instant(until)
        case .holdReleased(let id): head(.holdReleased, fact.at, id)
        case .entry(let entry): write(entry, at: fact.at)
        }
    }

    private mutating func write(_ entry: Entry, at instant: Instant) {
        switch entry.reach {
        case .topic(let topic, let purpose): head(.entryTopic, instant, topic, purpose)
        case .purpose(let purpose): head(.entryPurpose, instant, purpose)
        case .controller: head(.entryController, instant)
        case .group: head(.entryGroup, instant)
        }
        bytes.append(entry.reason.code)
    }

    private func code(of source: ConsentSource) -> Code {
        switch source {
        case .person(confirmsObjection: false): .consentByPerson
        case .person(confirmsObjection: true): .consentByPersonConfirmingObjection
        case .import: .consentByImport
        case .operator: .consentByOperator
        }
    }

    private mutating func head(_ code: Code, _ at: Instant, _ names: Slug...) {
        bytes.append(code.rawValue)
        instant(at)
        for name in names {
            bytes.append(UInt8(clamping: name.text.utf8.count))
            bytes += name.text.utf8
        }
    }

    private mutating func instant(_ instant: Instant) {
        withUnsafeBytes(of: instant.microseconds.bigEndian) { bytes += $0 }
    }
}

extension EntryReason {
    fileprivate var code: UInt8 {
        switch self {
        case .unsubscribed: 1
        case .consentWithdrawn: 2
        case .objected: 3
        case .complained: 4
        case .erased: 5
        case .domainSuppressed: 6
        case .imported: 7
        }
    }

    fileprivate init?(code: UInt8) {
        guard let reason = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = reason
    }
}

private struct ByteReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func octet() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func fact() -> Fact? {
        guard let code = octet().flatMap(Code.init(rawValue:)), let at = instant(), let kind = kind(code)
        else { return nil }
        return Fact(at: at, kind)
    }

    private mutating func kind(_ code: Code) -> Fact.Kind? {
        switch code {
        case .collected: .collected
        case .contacted: .contacted
        case .organisationContacted: .organisationContacted
        case .demoBooked: .demoBooked
        case .eventAttended: .eventAttended
        case .questionAsked: .questionAsked
        case .questionAnswered: .questionAnswered
        case .customerStarted: .customerStarted
        case .customerEnded: .customerEnded
        case .leftOrganisation: .leftOrganisation
        case .joinedOrganisation: .joinedOrganisation
        case .hardBounced: .hardBounced
        case .addressConfirmed: .addressConfirmed
        case .restricted: .restricted
        case .restrictionLifted: .restrictionLifted
        case .forgotten: .forgotten
        case .notified: .notified
        case .consentAsked: slug().map { .consentAsked($0) }
        case .consentByPerson: slug().map { .consentGiven($0, by: .person(confirmsObjection: false)) }
        case .consentByPersonConfirmingObjection: slug().map { .consentGiven($0, by: .person(confirmsObjection: true)) }
        case .consentByImport: slug().map { .consentGiven($0, by: .import) }
        case .consentByOperator: slug().map { .consentGiven($0, by: .operator) }
        case .topicResumed: pair().map { .topicResumed($0.0, of: $0.1) }
        case .holdPlaced: slug().map { .holdPlaced($0, until: nil) }
        case .holdPlacedUntil: slug().flatMap { id in instant().map { .holdPlaced(id, until: $0) } }
        case .holdReleased: slug().map { .holdReleased($0) }
        case .entryTopic: pair().flatMap { entry(.topic($0.0, of: $0.1)) }
        case .entryPurpose: slug().flatMap { entry(.purpose($0)) }
        case .entryController: entry(.controller)
        case .entryGroup: entry(.group)
        }
    }

    private mutating func entry(_ reach: Entry.Reach) -> Fact.Kind? {
        octet().flatMap(EntryReason.init(code:)).map { .entry(Entry($0, reach)) }
    }

    private mutating func pair() -> (Slug, Slug)? {
        guard let one = slug(), let two = slug() else { return nil }
        return (one, two)
    }

    private mutating func slug() -> Slug? {
        guard let count = octet(), position + Int(count) <= bytes.count else { return nil }
        let text = String(validating: bytes[position..<position + Int(count)], as: UTF8.self)
        position += Int(count)
        return text.flatMap { Slug($0) }
    }

    private mutating func instant() -> Instant? {
        guard position + 8 <= bytes.count else { return nil }
        var value: UInt64 = 0
        for byte in bytes[position..<position + 8] { value = value << 8 | UInt64(byte) }
        position += 8
        let instant = Instant(microseconds: Int64(bitPattern: value))
        return instant.microseconds == Int64(bitPattern: value) ? instant : nil
    }
}
