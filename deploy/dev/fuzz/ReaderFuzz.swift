// The target of `make fuzz`: whatever bytes come, the readers of lists end, without a trap, and say the same however the
// bytes were cut. Compiled together with the sources of Formats, so that libFuzzer sees their branches.

/// Fed in pieces that the input's own bytes cut, and asked for all there is after each.
private func cut(_ bytes: [UInt8], _ take: ([UInt8]) -> Void) {
    var start = 0
    while start < bytes.count {
        let length = 1 + Int(bytes[start]) % 61
        let end = min(bytes.count, start + length)
        take(Array(bytes[start..<end]))
        start = end
    }
}

private struct Outcome<Event: Equatable, Failure: Equatable>: Equatable {
    var events: [Event] = []
    var failure: Failure?
}

/// So little is held back to guess by that the pieces come through.
private let options = CSVOptions(
    limits: CSVLimits(fieldBytesMax: 300, lineBytesMax: 1_000, sampleBytesMax: 48, columnsMax: 20))

private func list(_ bytes: [UInt8], _ options: CSVOptions, inPieces: Bool) -> Outcome<ListEvent, UnpackError> {
    var reader = ListReader(options)
    var outcome = Outcome<ListEvent, UnpackError>()
    func drain() {
        guard outcome.failure == nil else { return }
        do throws(UnpackError) {
            while let event = try reader.next() { outcome.events.append(event) }
        } catch {
            outcome.failure = error
        }
    }
    if inPieces {
        cut(bytes) {
            reader.feed($0)
            drain()
        }
    } else {
        reader.feed(bytes)
    }
    reader.finish()
    drain()
    return outcome
}

private func suppressions(_ bytes: [UInt8], _ options: CSVOptions, inPieces: Bool) -> Outcome<SuppressionListEvent, SuppressionListError> {
    var reader = SuppressionReader(nil, options)
    var outcome = Outcome<SuppressionListEvent, SuppressionListError>()
    func drain() {
        guard outcome.failure == nil else { return }
        do throws(SuppressionListError) {
            while let event = try reader.next() { outcome.events.append(event) }
        } catch {
            outcome.failure = error
        }
    }
    if inPieces {
        cut(bytes) {
            reader.feed($0)
            drain()
        }
    } else {
        reader.feed(bytes)
    }
    reader.finish()
    drain()
    return outcome
}

/// Rows begin on lines that only grow, from one file to the next anew.
private func linesGrow(_ events: [ListEvent]) -> Bool {
    var last = 0
    for event in events {
        switch event {
        case .file: last = 0
        case .row(let row):
            guard row.line >= last else { return false }
            last = row.line
        case .broken(let broken):
            guard broken.rowLine >= last else { return false }
            last = broken.rowLine
        case .header, .end: break
        }
    }
    return true
}

@_cdecl("LLVMFuzzerTestOneInput") public func readerFuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    for options in [CSVOptions(), options] {
        let whole = list(bytes, options, inPieces: false)
        guard whole == list(bytes, options, inPieces: true) else { fatalError("the events depend on the pieces") }
        guard linesGrow(whole.events) else { fatalError("lines go back") }
    }
    guard suppressions(bytes, options, inPieces: false) == suppressions(bytes, options, inPieces: true) else {
        fatalError("the entries depend on the pieces")
    }
    return 0
}
