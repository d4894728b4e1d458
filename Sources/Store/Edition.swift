import Postgres
import Rules

/// Which database is read, in which run of its server: another one after a restart, a fail-over, a restore or the check of one.
public struct DatabaseRun: Hashable, Sendable {
    /// Made anew by whatever follows a restore.
    let incarnation: PGUUID
    /// In which file of which database it stands: another one where a dump was read back, or a copy put in its place, beside a
    /// server that went on.
    let place: Int64
    /// When the server was started.
    let startedAt: Instant
}

/// A state of the catalogue. What memory holds is good for the very same one alone.
struct Edition: Hashable, Sendable {
    let run: DatabaseRun
    /// Moves with every change.
    let epoch: Int64

    /// Whether one that was read in this order after `former` shows that the database has gone back in time.
    func isBehind(_ former: Edition) -> Bool {
        run.incarnation == former.run.incarnation && epoch < former.epoch
    }

    /// Whether one that was read after `former` is of the same database.
    func follows(_ former: Edition) -> Bool { run == former.run && epoch >= former.epoch }
}

extension Edition {
    init(epoch: Int64, incarnation: PGUUID, place: Int64, startedAt: Instant) {
        self.init(
            run: DatabaseRun(incarnation: incarnation, place: place, startedAt: startedAt), epoch: epoch)
    }

    /// Of a row that may be one of another kind; nil then.
    init?(epoch: Int64?, incarnation: PGUUID?, place: Int64?, startedAt: Instant?) {
        guard let epoch, let incarnation, let place, let startedAt else { return nil }
        self.init(epoch: epoch, incarnation: incarnation, place: place, startedAt: startedAt)
    }
}
