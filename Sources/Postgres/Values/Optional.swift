extension Optional: PostgresValue where Wrapped: PostgresValue {
    /// The wrapped type's.
    public static var postgresType: OID { Wrapped.postgresType }
    /// The wrapped type's.
    public static var readableTypes: [OID] { Wrapped.readableTypes }
    /// True.
    public static var isNullable: Bool { true }

    /// Whether it is nil.
    @inlinable public var isNull: Bool { self?.isNull ?? true }

    /// The wrapped value's bytes; nothing for nil, which has no bytes.
    @inlinable public func encode(into buffer: inout ValueBuffer) throws(ValueReason) {
        guard let value = self else { return }
        try value.encode(into: &buffer)
    }

    /// Nil for NULL.
    public static func decode(_ cell: Cell) throws(ValueReason) -> Wrapped? {
        guard cell.bytes != nil else { return nil }
        return try Wrapped.decode(cell)
    }
}

extension Optional: PostgresElement where Wrapped: PostgresElement {
    /// The wrapped type's.
    public static var postgresArrayType: OID { Wrapped.postgresArrayType }
}
