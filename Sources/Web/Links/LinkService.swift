public import Rules
import Store

/// What the service needs for links: keys, a public name, chance for nonces, and a place for opt-outs while the database is
/// away.
public struct LinkService: Sendable {
    /// Makes an opt-out durable that the database cannot take now: the token as it came, the scope chosen (nil: the
    /// policy's default), and when it was received. True once it is on disk and will be recorded before any check answers.
    public typealias Spool = @Sendable (_ token: String, _ scope: Scope?, _ receivedAt: Instant) async -> Bool

    let press: LinkPress
    private let keys: OpeningKeys
    /// Nil: while the database is away, nothing can be promised.
    let spool: Spool?

    /// Without a spool an opt-out that meets no database is answered with 503. `rereadKeys` reads the key file anew, or
    /// gives nil where it cannot be read.
    public init(
        issuer: LinkIssuer, random: @escaping @Sendable () -> UInt64,
        rereadKeys: (@Sendable () -> LinkKeyRing?)? = nil, spool: Spool? = nil
    ) {
        keys = OpeningKeys(issuer.ring, read: rereadKeys)
        press = LinkPress(issuer: issuer, random: random)
        self.spool = spool
    }

    /// Has an opt-out kept that came by a page and not by an unsubscribe link: as a press of one that names no purpose, so
    /// that the scope binds whatever the page's own mail was. False where it is not on a disk.
    func keep(_ scope: Scope, of link: Link, receivedAt: Instant) async -> Bool {
        let stop = Link(
            .unsubscribe, controller: link.controller, person: link.person, campaign: link.campaign,
            mintedAt: link.mintedAt)
        guard let spool, let token = press.token(of: stop) else { return false }
        return await spool(token, scope, receivedAt)
    }

    /// The link in a token of that type; nil where it opens nothing, whatever is wrong with it.
    func link(in token: String, as type: LinkType) -> Link? {
        do throws(LinkRefusal) { return try keys.ring().link(in: token, as: type) } catch { return nil }
    }
}

extension StoreError {
    /// Whether an opt-out that met it may be kept on this machine's disk: the database took nothing, and will be back.
    var leavesToSpool: Bool {
        switch self {
        case .unavailable, .unsure, .schema, .heldBack, .draining: true
        default: false
        }
    }
}

/// Prints links, each with a nonce of its own.
struct LinkPress: Sendable {
    let issuer: LinkIssuer
    let random: @Sendable () -> UInt64

    /// Nil where the cipher itself fails.
    func url(of link: Link) -> String? { issuer.url(of: link, nonce: nonce()) }

    /// What stands at the end of such a URL.
    func token(of link: Link) -> String? { issuer.ring.token(for: link, nonce: nonce()) }

    private func nonce() -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(LinkToken.nonceOctets)
        let (first, second) = (random(), random())
        for shift in stride(from: UInt64(0), to: 64, by: 8) { octets.append(UInt8(truncatingIfNeeded: first >> shift)) }
        for shift in stride(from: UInt64(0), to: 32, by: 8) {
            octets.append(UInt8(truncatingIfNeeded: second >> shift))
        }
        return octets
    }
}
