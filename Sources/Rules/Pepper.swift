import Crypto

/// One version of the secret under which addresses become keys.
///
/// Losing it loses the register: no key can be found again, and none can be made anew without the addresses.
/// The secret can be used and cannot be read back; printing, dumping or reflecting a `Pepper` shows the version alone.
public struct Pepper: Sendable {
    /// The octets of a secret, at least (the digest's own length, RFC 2104 3).
    public static let secretOctetsMin = 32
    /// The octets of a secret, at most.
    public static let secretOctetsMax = 128
    /// The highest version there can be.
    public static let versionMax = 9_999
    /// The different octets in a secret, at least; 32 random ones have fewer about once in 10^16 draws.
    public static let differentOctetsMin = 16

    /// The version, from 1; a newer pepper has a higher one.
    public let version: Int

    /// The two digests of an HMAC (RFC 2104), each of which has taken in the secret, copied for every key; that halves the
    /// cost of one.
    private let inner: SHA256
    private let outer: SHA256

    /// Takes a secret that was drawn at random; one that is too short, too long or plainly not random is an error.
    public init(version: Int, secret: [UInt8]) throws(PepperFault) {
        guard (1...Self.versionMax).contains(version) else { throw .version }
        guard secret.count >= Self.secretOctetsMin else { throw .secretTooShort }
        guard secret.count <= Self.secretOctetsMax else { throw .secretTooLong }
        guard Set(secret).count >= Self.differentOctetsMin else { throw .secretNotRandom }
        self.version = version
        var block = secret.count > SHA256.blockByteCount ? Array(SHA256.hash(data: secret)) : secret
        block += [UInt8](repeating: 0, count: SHA256.blockByteCount - block.count)
        var (inner, outer) = (SHA256(), SHA256())
        inner.update(data: block.map { $0 ^ 0x36 })
        outer.update(data: block.map { $0 ^ 0x5C })
        (self.inner, self.outer) = (inner, outer)
    }

    /// The key of an address: the first 16 octets of HMAC-SHA-256 over its canonical form.
    public func key(for address: Address) -> AddressKey {
        key(over: address.canonical)
    }

    /// The key of an address's alias form; the same as its ``key(for:)-(Address)`` if that is its canonical form.
    public func aliasKey(for address: Address) -> AddressKey {
        key(over: address.alias)
    }

    /// The key of an address's domain: over `@` and the domain, which no address is, since none begins with `@`.
    public func domainKey(for address: Address) -> AddressKey {
        key(over: "@" + address.domain)
    }

    /// The key of a domain, equal to the domain key of every address at it.
    public func domainKey(for domain: Domain) -> AddressKey {
        key(over: "@" + domain.canonical)
    }

    /// 32 hexadecimal digits that tell this secret from every other and nothing about it.
    ///
    /// Stored in the database, they show at start whether the right pepper is loaded.
    public var fingerprint: String {
        let digest = key(over: "maysend pepper fingerprint")
        return digest.description.filter { $0 != "-" }
    }

    /// The key under which `Peppers` seals; over a text that is neither an address nor a domain.
    var sealingKey: SymmetricKey {
        SymmetricKey(data: Array(Array("maysend sealing key".utf8).withUnsafeBytes { code(over: $0) }))
    }

    /// 32 octets that only whoever has the secret can make again of a request.
    ///
    /// What is digested begins as no address, domain or other text that the secret is used for does.
    public func digest(ofRequest octets: [UInt8]) -> [UInt8] {
        Array((Array("maysend request\n".utf8) + octets).withUnsafeBytes { code(over: $0) })
    }

    /// Whether both have the same secret, whatever their versions.
    func hasSecret(of other: Pepper) -> Bool { fingerprint == other.fingerprint }

    /// The key of an address whose canonical form, or alias form, is lent.
    public func key(ofCanonical octets: UnsafeRawBufferPointer) -> AddressKey { key(over: octets) }

    /// The key of a domain that is lent with its `@` before it, as it stands in a canonical address.
    public func domainKey(ofCanonical octets: UnsafeRawBufferPointer) -> AddressKey { key(over: octets) }

    func key(over text: String) -> AddressKey {
        text.utf8Span.span.withUnsafeBytes { key(over: $0) }
    }

    private func key(over octets: UnsafeRawBufferPointer) -> AddressKey {
        code(over: octets).withUnsafeBytes { digest in
            AddressKey(
                high: UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                low: UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }

    private func code(over octets: UnsafeRawBufferPointer) -> SHA256Digest {
        var (inner, outer) = (inner, outer)
        inner.update(bufferPointer: octets)
        inner.finalize().withUnsafeBytes { outer.update(bufferPointer: $0) }
        return outer.finalize()
    }
}

extension Pepper: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Shows the version, never the secret.
    public var description: String { "Pepper(v\(version), redacted)" }
    /// Shows the version, never the secret.
    public var debugDescription: String { description }
    /// Has no children, so that a dump shows nothing of the secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Every live version of the pepper: keys are written under the newest and looked for under all.
///
/// A version stays live as long as the register holds a key made with it.
public struct Peppers: Sendable {
    /// The versions that may be live at once, at most; each costs every check one look-up more.
    public static let liveVersionsMax = 16

    /// The newest version, under which everything is written.
    public let current: Pepper
    /// The other live versions, newest first.
    public private(set) var older: [Pepper]

    /// Takes the live versions, each older than the one before it.
    public init(current: Pepper, older: [Pepper] = []) throws(PepperFault) {
        self.current = current
        self.older = []
        for pepper in older { try add(pepper) }
    }

    /// Adds a version older than all others.
    mutating func add(_ pepper: Pepper) throws(PepperFault) {
        guard all.count < Self.liveVersionsMax else { throw .tooMany }
        guard all.allSatisfy({ pepper.version < $0.version }) else { throw .order }
        guard !all.contains(where: { pepper.hasSecret(of: $0) }) else { throw .secretRepeated }
        older.append(pepper)
    }

    /// Every live version, newest first; never empty.
    public var all: [Pepper] { [current] + older }

    /// The key of an address under the current version.
    public func key(for address: Address) -> AddressKey { current.key(for: address) }

    /// The key of an address's alias form under the current version.
    public func aliasKey(for address: Address) -> AddressKey { current.aliasKey(for: address) }

    /// The key of an address's domain under the current version.
    public func domainKey(for address: Address) -> AddressKey { current.domainKey(for: address) }

    /// The key of a domain under the current version.
    public func domainKey(for domain: Domain) -> AddressKey { current.domainKey(for: domain) }

    /// The keys of an address under every live version, newest first.
    public func keys(for address: Address) -> [AddressKey] { all.map { $0.key(for: address) } }

    /// The keys of a domain under every live version, newest first.
    public func domainKeys(for domain: Domain) -> [AddressKey] { all.map { $0.domainKey(for: domain) } }
}
