import Store
import Testing

@testable import Work

@Suite struct SliceStrideTests {
    @Test func aSliceTakesAsManyRowsAsFitIntoItsTime() {
        var stride = SliceStride(rowsMax: 1_000)
        for _ in 0..<10 { stride.note(stride.rows, took: .milliseconds(20)) }
        #expect(stride.rows == 1_000)
        // The machine is busy: it takes ten times as long, and the next slice is as much smaller.
        stride.note(1_000, took: .seconds(1))
        #expect(stride.rows == 200)
        // It grows again step by step.
        stride.note(200, took: .milliseconds(10))
        #expect(stride.rows == 400)
    }

    /// The rows of the next slice need about as many locks each; what is read beyond them is read in vain.
    @Test func aSliceThatWasFullOfLocksIsFollowedByOneOfAboutItsSize() {
        var stride = SliceStride(rowsMax: 1_000)
        stride.note(250, took: .milliseconds(20))
        #expect(stride.rows == 500)
        stride.note(320, took: .milliseconds(20))
        #expect(stride.rows == 340)
        // It finds out where locks become fewer.
        for _ in 0..<3 { stride.note(stride.rows, took: .milliseconds(20)) }
        #expect(stride.rows == 1_000)
    }

    @Test func itHasBoundsAndNeverMoreThanTheLimit() {
        var stride = SliceStride(rowsMax: 1_000)
        stride.note(250, took: .seconds(3_600))
        #expect(stride.rows == 50)
        stride.note(0, took: .seconds(1))
        stride.note(10, took: .zero)
        #expect(stride.rows == 50)
        #expect(SliceStride(rowsMax: 7).rows == 7)
        #expect(SliceStride().rows <= importSliceRowsMax)
    }
}
