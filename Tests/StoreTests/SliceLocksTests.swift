import Rules
import Testing

@testable import Store

/// A slice takes no more locks than there is room for, whatever its rows need, and as many rows as these suffice for.
@Suite struct SliceLocksTests {
    @Test func aSliceHasTheRowsWhoseLocksFit() {
        // One lock each.
        let plain = slice((1...10).map { Row(key: $0) })
        #expect(plain.fitting(locksMax: 7).count == 7)
        #expect(plain.fitting(locksMax: 10).count == 10)
        #expect(plain.fitting(locksMax: 100).count == 10)
        // The address, its alias form, its organisation or the one that it will have.
        let leads = slice((1...10).map { Row(key: $0, alias: 100 + $0, organisation: Int64($0)) })
        #expect(leads.fitting(locksMax: 9).count == 3)
        #expect(leads.fitting(locksMax: 11).count == 3)
        let new = slice((1...10).map { Row(key: $0, newOrganisation: "o\($0)") })
        #expect(new.fitting(locksMax: 8).count == 4)
        #expect(new.fitting(locksMax: 8).last?.line == 4)
    }

    @Test func whatIsTheSameIsLockedOnce() {
        let company = slice((1...10).map { Row(key: $0, organisation: 1) })
        #expect(company.fitting(locksMax: 6).count == 5)
        let repeated = slice([1, 1, 1, 2, 3].map { Row(key: $0) })
        #expect(repeated.fitting(locksMax: 2).count == 4)
    }

    /// Else an import would stand still.
    @Test func aSliceHasARow() {
        #expect(slice([Row(key: 1, alias: 2, organisation: 1)]).fitting(locksMax: 1).count == 1)
    }

    private struct Row {
        let key: UInt64
        var alias: UInt64?
        var organisation: Int64?
        var newOrganisation: String?
    }

    private func slice(_ rows: [Row]) -> SlicePeople {
        let places = rows.indices.map { Int64($0 + 1) }
        return SlicePeople([
            SliceGroup(
                isRole: false, declined: nil, isHashed: false, isFromPerson: false, at: nil, contactedAt: nil,
                consentAt: nil, places: places, lines: places, keys: rows.map { AddressKey(high: $0.key, low: 0) },
                aliases: rows.map { row in row.alias.map { AddressKey(high: $0, low: 0) } },
                organisations: rows.map(\.organisation), newOrganisations: rows.map(\.newOrganisation),
                words: rows.map { _ in nil })
        ])
    }
}
