extension Bool: PostgresElement {
    /// `bool`
    public static var postgresType: OID { 16 }
    /// `bool[]`
    public static var postgresArrayType: OID { 1000 }

    /// One byte.
    @inlinable public func encode(into buffer: inout ValueBuffer) throws(ValueReason) {
        buffer.append(UInt8(self ? 1 : 0))
    }

    /// False for zero alone.
    public static func decode(_ cell: Cell) throws(ValueReason) -> Bool {
        try cell.number(UInt8.self) != 0
    }
}

extension Int16: PostgresElement {
    /// `int2`
    public static var postgresType: OID { 21 }
    /// `int2[]`
    public static var postgresArrayType: OID { 1005 }

    /// Two bytes.
    @inlinable public func encode(into buffer: inout ValueBuffer) throws(ValueReason) { buffer.append(self) }

    /// Two bytes, no other width.
    public static func decode(_ cell: Cell) throws(ValueReason) -> Int16 { try cell.number(Int16.self) }
}

extension Int32: PostgresElement {
    /// `int4`
    public static var postgresType: OID { 23 }
    /// `int4[]`
    public static var postgresArrayType: OID { 1007 }

    /// Four bytes.
    @inlinable public func encode(into buffer: inout ValueBuffer) throws(ValueReason) { buffer.append(self) }

    /// Four bytes, no other width.
    public static func decode(_ cell: Cell) throws(ValueReason) -> Int32 { try cell.number(Int32.self) }
}

extension Int64: PostgresElement {
    /// `int8`
    public static var postgresType: OID { 20 }
    /// `int8[]`
    public static var postgresArrayType: OID { 1016 }

    /// Eight bytes.
    @inlinable public func encode(into buffer: inout ValueBuffer) throws(ValueReason) { buffer.append(self) }

    /// Eight bytes, no other width.
    public static func decode(_ cell: Cell) throws(ValueReason) -> Int64 { try cell.number(Int64.self) }
}

extension Double: PostgresElement {
    /// `float8`
    public static var postgresType: OID { 701 }
    /// `float8[]`
    public static var postgresArrayType: OID { 1022 }

    /// The eight bytes of IEEE 754.
    @inlinable public func encode(into buffer: inout ValueBuffer) throws(ValueReason) { buffer.append(bitPattern) }

    /// The eight bytes of IEEE 754.
    public static func decode(_ cell: Cell) throws(ValueReason) -> Double {
        Double(bitPattern: try cell.number(UInt64.self))
    }
}
