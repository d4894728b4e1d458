import ArgumentParser
import Foundation
import Logging
import NIOCore
import Rules
import ServiceLifecycle
import Store
import UnixSignals
import Web
import Work

/// The command `maysend serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer over HTTP until SIGTERM or SIGINT.",
        discussion: """
            Starts without its database, and is not ready (/readyz) until that is back. Refuses to start for a database that \
            is newer than this program, or that was filled with another pepper, and with texts for recipients of which one is \
            missing. Logs JSON lines on standard error. On a signal it takes no more requests, answers those it has, and ends: with
            exit status 3 where opt-outs are left in its spool, because the database is away.

              MAYSEND_PORT=8090 maysend serve
            """)

    /// How long requests that are being answered may take after a signal.
    private static let drainMax: Duration = .seconds(10)

    func run() async throws {
        var address = WebServer.Configuration(host: try Settings.hostName(), port: try Settings.portNumber())
        address.pages = try TextFiles.pages()
        let url = try Settings.databaseURL()
        let level = Logger.Level(rawValue: try Settings.logLevelWord()) ?? .info
        let sweeps = try Settings.sweepSchedule()
        let sealKey = try SealKeyFiles.read()
        let folder = try Settings.journalFolder().map { path throws(Failure) in try JournalFolder(path, .toWrite) }
        let peppers = try PepperFiles.read()
        let (mail, outbound) = (try Settings.mailRoute(), OutboundGuard(allowed: try Settings.outboundAllowed()))
        let schedule = try Settings.courierSchedule()
        let issuer = try LinkKeyFiles.issuer()
        let logger = Self.startLog(level)
        let store: Store
        let outbox: Outbox
        let (desk, journalDesk): (SealDesk, JournalDesk?)
        let connections = ConnectionLog(logger)
        let ending: Keeper.Ending
        do {
            desk = try SealDesk(url: url, random: Machine.random, observe: connections.hear)
            journalDesk =
                folder == nil ? nil : try JournalDesk(url: url, random: Machine.random, observe: connections.hear)
            store = try Store(
                Store.Configuration(url: url, peppers: peppers), random: Machine.random, observe: connections.hear)
            outbox = try Outbox(url: url, peppers: peppers, random: Machine.random, observe: connections.hear)
        } catch {
            throw Failure(error)
        }
        do {
            let standby = try Standby(
                store, links: issuer?.ring, url: url, name: "\(Machine.hostName):\(address.port)", logger: logger,
                observe: connections.hear)
            let links = issuer.map {
                LinkService(
                    issuer: $0, random: { UInt64.random(in: 0 ... .max) }, rereadKeys: LinkKeyFiles.reread,
                    spool: standby.spool)
            }
            do {
                try await Self.requireFit(store, logger)
                let courier = Courier(
                    outbox: outbox, store: store, mail: mail, outbound: outbound, schedule: schedule, logger: logger,
                    clock: Machine.now, random: Machine.random)
                let sweeper = Sweeper(
                    store: store, schedule: sweeps, random: Machine.randomNumbers(), logger: logger, clock: Machine.now)
                var journal: JournalService?
                if let folder, let journalDesk { journal = Self.journal(store, journalDesk, folder, logger) }
                let witness = Witness(Sealer(desk: desk, key: sealKey, logger: logger), journal)
                let imports = ImportService(store: store, logger: logger)
                try await Self.serve(
                    store, links, standby, behind: witness, beside: [courier, sweeper, imports], at: address, logger)
            } catch {
                _ = await standby.end()
                throw error
            }
            ending = await standby.end()
        } catch {
            await journalDesk?.shutdown()
            await desk.shutdown()
            await outbox.shutdown(within: .zero)
            await store.shutdown(within: .zero)
            throw Self.failure(error, at: address)
        }
        await journalDesk?.shutdown()
        await desk.shutdown()
        await outbox.shutdown(within: .seconds(5))
        await store.shutdown(within: .seconds(5))
        logger.info("stopped")
        if ending == .holding { throw Failure.endedHolding }
    }

    private static func startLog(_ level: Logger.Level) -> Logger {
        LoggingSystem.bootstrap { label in JSONLogHandler(label: label, level: level, clock: Machine.now) }
        return Logger(label: "maysend")
    }

    /// A database that is away may come back; one that does not fit may not be touched.
    private static func requireFit(_ store: Store, _ logger: Logger) async throws {
        do throws(StoreError) {
            try await store.ready(within: Connections.waitMax)
            switch try await store.fitness() {
            case .fits, .unconfirmed: try await store.rollPartitions()
            case .notYet(let finding): logger.warning("not ready: \(finding.subject): \(finding.text)")
            case .never(let finding): throw StoreError.schema("\(finding.subject): \(finding.text)")
            }
        } catch .schema(let why) {
            throw Failure("this program does not serve this database: \(why)")
        } catch {
            logger.warning("not ready: the database is away; it is asked again until it answers")
        }
    }

    private static func serve(
        _ store: Store, _ links: LinkService?, _ standby: Standby, behind witness: Witness,
        beside work: [any Service], at address: WebServer.Configuration, _ logger: Logger
    ) async throws {
        let host = address.host
        var settings = address
        settings.gauges = { standby.gauges + witness.metrics }
        settings.findings = { standby.findings + witness.findings }
        let server = WebServer(
            store: store, configuration: settings, logger: logger, clock: Machine.now,
            random: { UInt64.random(in: 0 ... .max) }, links: links,
            isListening: { port in
                logger.info("listening", metadata: ["host": .string(host), "port": .stringConvertible(port)])
            })
        // The first is stopped last: no opt-out comes any more when the heart stops, nor when the last are sealed.
        var configuration = ServiceGroupConfiguration(
            services: ([standby] + witness.services + [Serving(server: server)] + work).map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger)
        configuration.maximumGracefulShutdownDuration = drainMax
        try await ServiceGroup(configuration: configuration).run()
    }

    /// With a journal nothing is answered from any run of the database before that is known to have all that is in it.
    private static func journal(
        _ store: Store, _ desk: JournalDesk, _ folder: JournalFolder, _ logger: Logger
    ) -> JournalService {
        store.requireConfirmation()
        return JournalService(Journal(desk, folder.shelf) { store.confirm($0) }, logger: logger)
    }

    private static func failure(_ error: any Error, at address: WebServer.Configuration) -> any Error {
        guard let fault = error as? IOError else { return error }
        let why = String(cString: strerror(fault.errnoCode))
        return Failure(
            "cannot listen at \(address.host), port \(address.port): \(why)",
            hint: "MAYSEND_HOST and MAYSEND_PORT say where; 'ss -ltnp' shows who has the port.")
    }
}

/// What keeps evidence of all that is recorded: the seals, and the journal where there is one.
private struct Witness {
    private let sealer: Sealer
    private let journal: JournalService?

    init(_ sealer: Sealer, _ journal: JournalService?) { (self.sealer, self.journal) = (sealer, journal) }

    var services: [any Service] {
        guard let journal else { return [sealer] }
        return [sealer, journal]
    }

    var metrics: String { sealer.metrics + (journal?.metrics ?? "") }

    var findings: [Finding] { sealer.findings + (journal?.findings ?? []) }
}

/// The server as one of the services that a signal ends.
private struct Serving: Service {
    let server: WebServer

    func run() async throws { try await server.run() }
}
