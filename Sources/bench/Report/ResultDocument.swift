import Formats

/// A run as JSON, every round of it.
struct ResultDocument {
    let result: BenchResult

    var bytes: [UInt8] {
        var writer = JSONWriter(reservingBytes: 16_384)
        writer.beginObject()
        write(result.machine, to: &writer)
        writer.member("people", result.people)
        writer.member("seconds", result.seconds)
        writer.member("connections", result.connections)
        writer.key("cells")
        writer.beginArray()
        for cell in result.cells { write(cell, to: &writer) }
        writer.endArray()
        writer.key("ratios")
        writer.beginArray()
        for ratio in result.ratios {
            writer.beginObject()
            writer.member("of", ratio.one)
            writer.member("to", ratio.other)
            writer.member("value", ratio.value)
            writer.endObject()
        }
        writer.endArray()
        writer.key("latency-against-rate")
        writer.beginArray()
        for step in result.steps {
            writer.beginObject()
            writer.member("offered-per-second", step.offered)
            write(step.round, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.key("remarks")
        writer.beginArray()
        for remark in result.remarks { writer.value(remark) }
        writer.endArray()
        writer.endObject()
        writer.newline()
        return writer.bytes
    }

    private func write(_ machine: MachineCard, to writer: inout JSONWriter) {
        writer.key("machine")
        writer.beginObject()
        writer.member("processor", machine.processor)
        writer.member("cores", machine.cores)
        writer.member("memory-bytes", machine.memoryBytes)
        writer.member("kernel", machine.kernel)
        writer.member("postgres", machine.postgres)
        writer.member("swift", machine.swift)
        writer.member("date", machine.date)
        writer.endObject()
    }

    private func write(_ cell: Cell, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", cell.name)
        writer.member("meaning", cell.meaning)
        writer.member("unit", cell.unit)
        writer.key("rounds")
        writer.beginArray()
        for round in cell.rounds {
            writer.beginObject()
            write(round, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    private func write(_ round: Cell.Round, to writer: inout JSONWriter) {
        writer.member("per-second", round.perSecond)
        writer.key("latency-ms")
        writer.beginObject()
        for (name, value) in [
            ("p50", round.latencies.p50), ("p95", round.latencies.p95), ("p99", round.latencies.p99),
            ("p99.9", round.latencies.p999), ("max", round.latencies.max),
        ] {
            writer.key(named: name)
            writer.value(value)
        }
        writer.endObject()
        writer.key("cpu-microseconds")
        writer.beginObject()
        writer.key("server")
        if let server = round.serverMicroseconds { writer.value(server) } else { writer.null() }
        writer.key("database")
        writer.value(round.databaseMicroseconds)
        writer.key("driver")
        writer.value(round.driverMicroseconds)
        writer.endObject()
        writer.key("server-peak-bytes")
        if let peak = round.peakBytes { writer.value(peak) } else { writer.null() }
        writer.member("errors", round.errors)
        writer.member("error-text", round.errorText)
    }
}
