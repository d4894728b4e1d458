extension BenchRun {
    /// Sends a long list through the route that answers while it comes in; a remark where there is none.
    func stream(_ service: Service, _ register: SeededRegister, into result: inout BenchResult) throws {
        let target = service.target.at("/v1/scrub?purpose=newsletter")
        let headers = ["Authorization: Bearer \(register.key)"]
        let book = register.population.book
        let probe = try Exchange.ask(
            target,
            RequestText(
                to: target, headers: headers + ["Content-Type: text/csv"], body: "address\n{address}\n", people: book,
                seed: 1))
        guard probe.status == 200 else {
            result.remarks.append("\(CellName.stream): left out, POST /v1/scrub answers \(probe.status)")
            Console.progress("stream: left out, POST /v1/scrub answers \(probe.status)")
            return
        }
        Console.progress("stream of \(Figures.whole(Double(plan.streamRows))) rows")
        let stream = ScrubStream(target: target, headers: headers, people: book, rows: plan.streamRows, seed: 1)
        let meter = Meter(server: service.child.pid, postmaster: postmaster)
        ProcessFiles.resetPeak(of: service.child.pid)
        let heldBefore = ProcessFiles.residentBytes(of: service.child.pid)
        let before = meter.read()
        let outcome = try stream.run()
        let after = meter.read()
        let isWhole = outcome.status == 200 && outcome.rowsBack == plan.streamRows
        let count = Double(max(1, outcome.rowsBack))
        var cell = Cell(
            name: CellName.stream,
            meaning:
                "POST /v1/scrub, one list of \(Figures.whole(Double(plan.streamRows))) rows, answered while it comes in; "
                + "the server held \(Figures.megabytes(heldBefore)) MB before",
            unit: "rows")
        cell.rounds = [
            Cell.Round(
                perSecond: count / max(outcome.seconds, 0.001),
                serverMicroseconds: Double(after.server - before.server) / 1_000 / count,
                databaseMicroseconds: Double(after.database - before.database) / 1_000 / count,
                driverMicroseconds: Double(outcome.driverNanoseconds) / 1_000 / count,
                peakBytes: ProcessFiles.peakBytes(of: service.child.pid), errors: isWhole ? 0 : 1,
                errorText: isWhole ? "" : "status \(outcome.status), \(outcome.rowsBack) rows back")
        ]
        result.cells.append(cell)
    }
}
