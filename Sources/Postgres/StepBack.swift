import Glibc

/// How a connection asks the server to work for it when nobody else wants the processor.
public struct StepBack: Sendable {
    let isOffered: Statement<Void, Bool>
    let ask: Script

    /// `isOffered` says whether this server, and this role, has what `ask` calls.
    public init(isOffered: Statement<Void, Bool>, ask: Script) {
        (self.isOffered, self.ask) = (isOffered, ask)
    }
}

/// What came of asking for it.
public enum StepBackOutcome: Equatable, Sendable {
    case done
    /// Nobody has installed it here.
    case notOffered
    /// It is there and failed.
    case failed(PostgresError)
}

/// The longest that asking may take.
private let stepBackMax: Duration = .seconds(5)
/// How nice a thread is that has stepped back: it gets a tenth of the processor beside one that has not, and never makes
/// that one wait for the end of its turn. Linux gives no way back without a right to it.
private let niceness: Int32 = 10

extension Session {
    /// Asks the server, and goes on without where it cannot be had. It runs before any job, so it needs no transaction.
    func stepBack(_ how: StepBack) -> StepBackOutcome {
        startRun()
        term = .housekeeping(stepBackMax)
        do throws(PostgresError) {
            guard try rows(how.isOffered, ()).first == true else { return .notOffered }
            _ = try command(how.ask.text, "postgres.step-back")
            return .done
        } catch {
            return .failed(error)
        }
    }
}

/// Has the calling thread step back, for good: of the threads of this process, those that answer a check go first.
func stepBackThread() {
    // It can fail only where the thread is nicer already.
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
}
