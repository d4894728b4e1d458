import Rules

/// Rows of a stream that are held between reading and writing, at most.
public let scrubHeldRowsMax = 60_000
/// Bytes of such rows, at most; the last page may go beyond.
public let scrubHeldBytesMax = 12 * 1_024 * 1_024
/// Rows that are asked in one question, at most.
public let scrubSliceRowsMax = 20_000
/// Rows that wait for one another, for as long as another question of the stream is under way: the more are asked together,
/// the less each costs.
public let scrubSliceRowsMin = 10_000
/// Questions of a stream that are under way at a time.
public let scrubSlicesInFlightMax = 2

/// Carries pages from who reads, past those who ask, to who writes: in order, and no more at a time than the limits.
///
/// What was read while the questions before were under way is asked together; while there is no question under way, nothing
/// waits for more.
actor ScrubBelt {
    /// Pages that are asked together.
    struct Slice: Sendable {
        /// The number of the first, counted from the beginning of the stream.
        let first: Int
        let pages: [ScrubPage]

        /// The addresses of all pages, in order.
        var addresses: AddressList {
            var addresses = pages[0].addresses
            for page in pages.dropFirst() { addresses.append(contentsOf: page.addresses) }
            return addresses
        }
    }

    private struct Place {
        let page: ScrubPage
        /// The rows with their verdicts; nil while there are none.
        var text: [UInt8]?
    }

    private var places: [Place] = []
    /// How many places there were before the first.
    private var passed = 0
    /// Places from the first on that were taken to be asked.
    private var asked = 0
    /// Rows behind them.
    private var waitingRows = 0
    /// Questions under way.
    private var questions = 0
    private var heldRows = 0
    private var heldBytes = 0
    private var isEnded = false
    private var failure: (any Error)?
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Puts a page on the belt; returns when there is room for another.
    func add(_ page: ScrubPage) async throws {
        places.append(Place(page: page))
        heldRows += page.rowCount
        waitingRows += page.rowCount
        heldBytes += page.byteCount
        wake()
        while heldRows >= scrubHeldRowsMax || heldBytes >= scrubHeldBytesMax {
            if failure != nil { break }
            await change()
        }
        if let failure { throw failure }
    }

    /// Says that there are no more pages.
    func end() {
        isEnded = true
        wake()
    }

    /// The next pages to be asked together, waited for; nil when there will be none.
    func next() async throws -> Slice? {
        while true {
            if let failure { throw failure }
            if asked < places.count, questions == 0 || isEnded || waitingRows >= scrubSliceRowsMin { return slice() }
            if isEnded, asked == places.count { return nil }
            await change()
        }
    }

    /// Puts the texts, one for each page, where the pages are.
    func answer(_ slice: Slice, with texts: [[UInt8]]) {
        questions -= 1
        guard failure == nil else { return }
        for (offset, text) in texts.enumerated() { places[slice.first - passed + offset].text = text }
        wake()
    }

    /// What can be written now, in order, waited for; nil at the end.
    func take() async throws -> [[UInt8]]? {
        while true {
            if let failure { throw failure }
            let ready = places.prefix { $0.text != nil }
            if !ready.isEmpty {
                for place in ready {
                    (heldRows, heldBytes) = (heldRows - place.page.rowCount, heldBytes - place.page.byteCount)
                }
                let texts = ready.compactMap(\.text)
                places.removeFirst(texts.count)
                passed += texts.count
                asked -= texts.count
                wake()
                return texts
            }
            if isEnded, places.isEmpty { return nil }
            await change()
        }
    }

    /// Ends it for everybody who waits or comes; the first failure counts.
    func fail(_ error: any Error) {
        guard failure == nil else { return }
        failure = error
        places = []
        wake()
    }

    private func slice() -> Slice {
        let first = asked
        var rows = 0
        repeat {
            rows += places[asked].page.rowCount
            asked += 1
        } while asked < places.count && rows + places[asked].page.rowCount <= scrubSliceRowsMax
        questions += 1
        waitingRows -= rows
        return Slice(first: passed + first, pages: places[first..<asked].map(\.page))
    }

    /// Waits until something is another than it was.
    private func change() async {
        await withCheckedContinuation { waiting.append($0) }
    }

    private func wake() {
        let all = waiting
        waiting = []
        for one in all { one.resume() }
    }
}
