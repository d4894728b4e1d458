import Rules
import Spool
import Store
import Work

/// An opt-out by link as it lies in the spool: the token as it came and, behind a space, the scope that the person chose.
struct KeptOptOut {
    let token: String
    /// Nil: the policy's default.
    let scope: Scope?
    let receivedAt: Instant

    init(token: String, scope: Scope?, receivedAt: Instant) {
        (self.token, self.scope, self.receivedAt) = (token, scope, receivedAt)
    }

    /// Nil for what was not written by `bytes`.
    init?(_ record: SpoolRecord) {
        let words = record.token.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard let first = words.first, words.count <= 2, let token = String(validating: first, as: UTF8.self) else {
            return nil
        }
        var scope: Scope?
        if words.count == 2 {
            guard let known = Scope(rawValue: String(decoding: words[1], as: UTF8.self)) else { return nil }
            scope = known
        }
        self.init(token: token, scope: scope, receivedAt: Instant(microseconds: record.receivedAt))
    }

    var bytes: [UInt8] { Array((scope.map { "\(token) \($0.rawValue)" } ?? token).utf8) }
}

/// Brings opt-outs by link into the register that came while the database was away.
struct KeptOptOuts: Sendable {
    let store: Store
    let ring: LinkKeyRing

    /// Whether it could ever be recorded, as far as that is known without the database.
    func isReadable(_ optOut: KeptOptOut) -> Bool {
        guard let link = link(optOut) else { return false }
        return store.peppers.all.contains { $0.version == link.person.pepper }
    }

    /// Records it. What was drained before, because a process died in between, stands already and is not recorded again.
    func record(_ record: SpoolRecord) async throws(StoreError) -> Keeper.Drained {
        guard let optOut = KeptOptOut(record), let link = link(optOut), let access = try await store.access(of: link)
        else { return .unreadable }
        let order = LinkOptOut(link, scope: optOut.scope, at: optOut.receivedAt, evidence: Self.evidence(link))
        do throws(StoreError) {
            // Those that are drained at the same time share a transaction.
            _ = try await store.unsubscribe(order, by: access)
            return .recorded
        } catch .deadPepper {
            // No check would find it, whatever is done here.
            return .unreadable
        }
    }

    /// A link may be sealed with a key that was added since the start.
    private func link(_ optOut: KeptOptOut) -> Link? {
        open(optOut, with: ring) ?? LinkKeyFiles.reread().flatMap { open(optOut, with: $0) }
    }

    private func open(_ optOut: KeptOptOut, with keys: LinkKeyRing) -> Link? {
        do throws(LinkRefusal) { return try keys.link(in: optOut.token, as: .unsubscribe) } catch { return nil }
    }

    /// From whom it came is not kept beside the token.
    private static func evidence(_ link: Link) -> Evidence? {
        var fields = [(name: "method", word: "unsubscribe-link"), (name: "link-day", word: link.day)]
        if let campaign = link.campaign { fields.append((name: "campaign", word: campaign.text)) }
        fields.append((name: "kept", word: "spool"))
        do throws(EvidenceError) { return try Evidence(fields) } catch { return nil }
    }
}
