import Store

/// How many rows the next slice of an import takes: as many as are merged in a set time, however busy the machine is.
///
/// A slice holds the locks of its people to its end, and one that has stepped back behind the checks takes the longer the more
/// there are of them. An opt-out of somebody in it waits that long.
struct SliceStride {
    private(set) var rows: Int
    private let rowsMax: Int

    private static let sliceGoal: Duration = .milliseconds(200)
    private static let rowsMin = 50

    init(rowsMax: Int = importSliceRowsMax) {
        self.rowsMax = rowsMax
        rows = min(rowsMax, 250)
    }

    /// Hears how long a slice took; the next has at most twice its rows, and no more than would have taken the set time. One
    /// that had fewer than it might have was full of locks, and those of the next are about as many.
    mutating func note(_ merged: Int, took: Duration) {
        guard merged > 0, took > .zero else { return }
        let fitting = Double(merged) * (Self.sliceGoal / took)
        let most = merged < rows ? merged + max(merged / 16, 1) : merged * 2
        rows = Int(min(max(fitting, Double(Self.rowsMin)), Double(most), Double(rowsMax)))
    }
}

extension Store {
    /// Does the next slice of an import, of as many rows as the stride says.
    func merge(_ turn: ImportTurn, _ stride: inout SliceStride) async throws(StoreError) -> ImportStep {
        let start = ContinuousClock.now
        let step = try await mergeImport(turn, rowsMax: stride.rows)
        if case .merged(let rows) = step { stride.note(rows, took: ContinuousClock.now - start) }
        return step
    }
}
