import ArgumentParser
import Rules
import Store
import Work

/// The command `maysend restore-check`.
struct RestoreCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore-check",
        abstract: "After a restore: record again what the journal has and the database lacks, and open the doors.",
        discussion: """
            Run as the schema's owner after any restore from a backup or into another cluster; until it has ended no server \
            answers. Has the numbers of transactions go on behind all that was ever numbered, so that the register's export and \
            the seals step over nothing. Opt-outs, erasures, restrictions, marks and holds of the journal (MAYSEND_JOURNAL) count \
            again from their old time, and erased contacts are erased again, as far as no hold keeps them. Refuses a journal \
            that is not whole or ends before the backup. Harmless again and again.

              maysend restore-check
            """)

    @Option(
        help: ArgumentHelp("Journals beside the one of MAYSEND_JOURNAL, of other servers.", valueName: "folder"),
        completion: .directory)
    var journal: [String] = []
    @Flag(
        help: "Go on without any journal, or with one that is not whole: what no journal has is lost.")
    var withoutJournal = false

    func run() async throws {
        let folders = try (Settings.journalFolder().map { [$0] } ?? []) + journal
        guard !folders.isEmpty || withoutJournal else {
            throw Failure(
                "there is no journal: opt-outs since the backup would be lost",
                hint: "Name it in MAYSEND_JOURNAL or by --journal; --without-journal goes on and loses them.")
        }
        var journals: [JournalFolder] = []
        for folder in folders { journals.append(try JournalFolder(folder, .toReadBack)) }
        let peppers = try PepperFiles.read()
        let newest = try await Connections.withRestoreDesk { try await $0.newestRefusal() }
        let behind = try await Connections.withStore(peppers, isRestoring: true) { store in
            try review(journals, newest, knownTo: try await store.catalogue())
        }
        // From here on, and whatever happens, nothing is answered before all of it is done.
        let (state, offset) = try await Connections.withRestoreDesk { desk in
            (try await desk.state(), try await desk.settle(behind: behind))
        }
        if !state.isAtHome { Terminal.line("the database is in another cluster than before; it is known there now") }
        Terminal.line(
            offset > state.offset
                ? "transactions are numbered on behind \(behind): \(offset) is added to their numbers"
                : "transactions are numbered on as they were")
        let (entries, replayed) = try await Connections.withStore(peppers, isRestoring: true) { store in
            try await replay(journals, into: store)
        }
        try await Connections.withRestoreDesk { desk in try await desk.finish() }
        Terminal.line("\(entries) acts in the journal, \(replayed) of them recorded again")
        Terminal.line("the doors are open")
    }

    /// Reads every file before anything is changed; the newest place in them. `newest` is the newest refusal of the backup.
    private func review(
        _ journals: [JournalFolder], _ newest: JournalEntry?, knownTo catalogue: Catalogue
    ) throws -> ActPosition {
        var reviews: [JournalReview] = []
        do throws(JournalFault) {
            for journal in journals { reviews.append(try journal.review(for: newest)) }
        } catch {
            throw Failure("\(error.description); nothing was changed", hint: Self.damaged)
        }
        for torn in reviews.compactMap(\.torn) {
            Terminal.note("The last line of \(torn) was torn by a crash while it was written; it is left out.")
        }
        var gaps = reviews.flatMap(\.gaps)
        if newest != nil, !journals.isEmpty, !reviews.contains(where: \.hasWanted) {
            gaps.append("no journal has the newest refusal of the backup, so it is not known to go on behind that")
        }
        guard withoutJournal || gaps.isEmpty else {
            throw Failure(
                gaps.joined(separator: "; ") + "; nothing was changed",
                hint: "\(Self.damaged) --without-journal goes on with what there is: what no journal has is lost.")
        }
        for gap in gaps { Terminal.note("\(gap): what no journal has is lost.") }
        let known = Set(catalogue.controllers.map(\.slug))
        let unknown = Set(reviews.flatMap(\.controllers)).subtracting(known).map(\.text).sorted()
        guard unknown.isEmpty else {
            throw Failure(
                "the journal has acts at \(unknown.joined(separator: ", ")), which the backup lacks; nothing was changed",
                hint: "Put the policy that names it into effect first: 'maysend policy apply FILE'.")
        }
        return reviews.map(\.newest).max() ?? .start
    }

    private static let damaged = "Take the folder from another server by --journal, or mend the file by its backup."

    private func replay(_ journals: [JournalFolder], into store: Store) async throws -> (entries: Int, replayed: Int) {
        let catalogue = try await store.catalogue()
        var (entries, replayed) = (0, 0)
        for journal in journals {
            do {
                for file in try journal.files() {
                    let lines = try journal.lines(of: file).map(\.entry)
                    entries += lines.count
                    for (slug, ofOne) in Dictionary(grouping: lines, by: \.controller).sorted(by: { $0.key < $1.key }) {
                        let access = Access(operator: Machine.user, for: try catalogue.controller(slug))
                        for start in stride(from: 0, to: ofOne.count, by: journalEntriesPerStepMax) {
                            let step = Array(ofOne[start..<min(start + journalEntriesPerStepMax, ofOne.count)])
                            replayed += try await store.run(.replay(step), by: access)
                        }
                    }
                }
            } catch let fault as JournalFault {
                throw Failure("\(fault.description); the doors stay shut", hint: Self.damaged)
            }
        }
        return (entries, replayed)
    }
}
