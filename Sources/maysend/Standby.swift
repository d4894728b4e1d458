import Logging
import Postgres
import Rules
import ServiceLifecycle
import Spool
import Store
import Web
import Work

/// What an instance does beside answering: keeps opt-outs while the database is away, where the settings name a spool, and
/// looks after the instances that do.
struct Standby: Service {
    private let presence: Presence
    private let keeper: Keeper?
    private let watch: PeerWatch
    private let optOuts: KeptOptOuts?

    /// Makes it of the settings; `links` opens what is kept.
    init(
        _ store: Store, links: LinkKeyRing?, url: String, name: String, logger: Logger,
        observe: @escaping @Sendable (PoolEvent) -> Void
    ) throws {
        let absenceSeconds = try Settings.peerAbsenceSeconds()
        let folder = try Settings.spoolFolder()
        let optOuts = links.map { KeptOptOuts(store: store, ring: $0) }
        let presence: Presence
        do throws(StoreError) {
            presence = try Presence(url: url, random: Machine.random, observe: observe)
        } catch {
            throw Failure(error)
        }
        (self.presence, self.optOuts) = (presence, optOuts)
        watch = PeerWatch(presence, id: nil, name: name, logger: logger)
        guard let folder else {
            keeper = nil
            return
        }
        guard let optOuts else {
            throw Failure(
                "MAYSEND_SPOOL is set and MAYSEND_LINK_KEYS is not: there are no links, so there is nothing to keep",
                hint: "Set MAYSEND_LINK_KEYS and MAYSEND_PUBLIC_URL too, or unset MAYSEND_SPOOL.")
        }
        keeper = Keeper(
            Keeper.Configuration(name: name, absenceSeconds: absenceSeconds), spool: try Self.spool(folder),
            presence: presence, gate: store.gate, logger: logger, drain: optOuts.record)
    }

    private static func spool(_ folder: String) throws(Failure) -> Spool {
        do throws(SpoolError) {
            return try Spool(folder: folder, freshIdentity: Machine.randomOctets(16))
        } catch {
            if case .inUse = error {
                throw Failure(
                    "the folder in MAYSEND_SPOOL, \(folder), belongs to another process",
                    hint: "Each instance has a folder of its own.")
            }
            throw Failure("\(error)", hint: "MAYSEND_SPOOL names a folder on a local disk that this user may write.")
        }
    }

    /// Where opt-outs by link go that the database did not take; nil without a spool.
    var spool: LinkService.Spool? {
        guard let keeper, let optOuts else { return nil }
        let safekeeping = Safekeeping { bytes, receivedAt in await keeper.keep(bytes, receivedAt: receivedAt) }
        return { token, scope, receivedAt in
            let optOut = KeptOptOut(token: token, scope: scope, receivedAt: receivedAt)
            guard optOuts.isReadable(optOut) else { return false }
            let record = SpoolRecord(receivedAt: receivedAt.microseconds, token: optOut.bytes)
            do throws(StoreError) {
                // The database may be back before it may be kept.
                switch try await safekeeping.take(
                    optOut.bytes, receivedAt: receivedAt,
                    record: { () async throws(StoreError) -> Keeper.Drained in try await optOuts.record(record) })
                {
                case .kept, .recorded(.recorded): return true
                case .recorded(.unreadable): return false
                }
            } catch {
                return false
            }
        }
    }

    /// For /readyz.
    var findings: [Finding] { (keeper?.damage).map { [$0] } ?? [] }

    /// For /metrics.
    var gauges: String { keeper?.metrics ?? watch.metrics }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            guard let keeper else { return await watch.run() }
            await keeper.run()
        }
    }

    /// To be called when nothing is answered any more.
    func end() async -> Keeper.Ending {
        let ending = await keeper?.end() ?? .empty
        await presence.shutdown()
        return ending
    }
}
