import Harness
import Rules
import Testing

@Suite("The clock of a request")
struct RequestClockTests {
    @Test(
        "one calendar month from receipt, two more at most",
        arguments: [
            ("2026-01-31T10:00:00Z", 0, "2026-02-28T10:00:00Z"), ("2026-11-30T10:00:00Z", 2, "2027-02-28T10:00:00Z"),
            ("2028-01-31T00:00:00Z", 0, "2028-02-29T00:00:00Z"), ("2026-12-15T12:30:00Z", 1, "2027-02-15T12:30:00Z"),
        ])
    func due(_ received: String, _ months: Int, _ expected: String) throws {
        #expect(
            RequestClock.due(receivedAt: try instant(received), extendedByMonths: months) == (try instant(expected)))
    }

    @Test("no more may be had", arguments: [-1, 3, 12])
    func bounds(_ months: Int) throws {
        #expect(RequestClock.due(receivedAt: try instant("2026-01-31T10:00:00Z"), extendedByMonths: months) == nil)
    }
}
