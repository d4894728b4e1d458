/// Counts what a cell of the bench costs the server and the database.
struct Meter {
    /// The server's process; nil where no server is asked.
    let server: Int32?
    /// The database's postmaster.
    let postmaster: Int32

    /// Processor time used so far.
    struct Reading {
        let server: UInt64
        let database: UInt64
    }

    func read() -> Reading {
        Reading(
            server: server.flatMap { ProcessFiles.times(of: $0)?.own } ?? 0,
            database: ProcessFiles.familyNanoseconds(of: postmaster))
    }
}
