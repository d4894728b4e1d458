/// An instant (`timestamptz`): microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
public struct Timestamp: Hashable, Comparable, Sendable, PostgresElement {
    /// Microseconds since 1970-01-01T00:00:00Z.
    public var microseconds: Int64

    /// That many microseconds after 1970-01-01T00:00:00Z.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Earlier first.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// `timestamptz`
    public static var postgresType: OID { 1184 }
    /// `timestamptz[]`
    public static var postgresArrayType: OID { 1185 }

    /// From 1970-01-01 to 2000-01-01, where the server counts from.
    private static let epochMicroseconds: Int64 = 946_684_800_000_000

    /// Eight bytes; ``ValueReason/range`` where the server could not count to it. What it counts to but does not
    /// store (before 4714-11-24 BC) it refuses with SQLSTATE 22008.
    public func encode(into buffer: inout ValueBuffer) throws(ValueReason) {
        let (wire, isOverflow) = microseconds.subtractingReportingOverflow(Self.epochMicroseconds)
        // The two ends of the range mean infinity on the wire.
        guard !isOverflow, wire != .min, wire != .max else { throw .range }
        buffer.append(wire)
    }

    /// Eight bytes; ``ValueReason/infinite`` for `infinity` and `-infinity`.
    public static func decode(_ cell: Cell) throws(ValueReason) -> Timestamp {
        let wire = try cell.number(Int64.self)
        guard wire != .min, wire != .max else { throw .infinite }
        let (microseconds, isOverflow) = wire.addingReportingOverflow(epochMicroseconds)
        guard !isOverflow else { throw .range }
        return Timestamp(microseconds: microseconds)
    }
}
