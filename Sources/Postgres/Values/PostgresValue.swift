/// A value that can be a parameter or a column, in PostgreSQL's binary format.
///
/// A room's own types conform through ``PostgresWrapped``, which needs no knowledge of that format.
public protocol PostgresValue: Sendable {
    /// The type this value is sent as.
    static var postgresType: OID { get }

    /// The column types whose binary form this type reads; `postgresType` alone unless stated.
    static var readableTypes: [OID] { get }

    /// Whether NULL is a value of this type; true of `Optional` alone.
    static var isNullable: Bool { get }

    /// Whether this very value is NULL.
    var isNull: Bool { get }

    /// Appends the binary form, without its length; not called on NULL.
    func encode(into buffer: inout ValueBuffer) throws(ValueReason)

    /// The value in a cell; the cell is NULL only if the type is nullable.
    static func decode(_ cell: Cell) throws(ValueReason) -> Self
}

extension PostgresValue {
    /// `postgresType` alone.
    public static var readableTypes: [OID] { [postgresType] }

    /// False.
    public static var isNullable: Bool { false }

    /// False.
    @inlinable public var isNull: Bool { false }
}

/// A value that may also stand inside an array.
public protocol PostgresElement: PostgresValue {
    /// The type of an array of such values.
    static var postgresArrayType: OID { get }
}

/// A room's own type, stored as one that this room knows. A `RawRepresentable` needs no member at all.
public protocol PostgresWrapped: PostgresElement {
    /// The type it is stored as.
    associatedtype PostgresStored: PostgresElement

    /// What is stored.
    var postgresValue: PostgresStored { get }

    /// Nil where what is stored is no value of this type; the reader then gets ``ValueReason/refused``.
    init?(postgresValue: PostgresStored)
}

extension PostgresWrapped {
    /// The stored type's.
    public static var postgresType: OID { PostgresStored.postgresType }

    /// The stored type's.
    public static var postgresArrayType: OID { PostgresStored.postgresArrayType }

    /// The stored type's.
    public static var readableTypes: [OID] { PostgresStored.readableTypes }

    /// The stored type's.
    public static var isNullable: Bool { PostgresStored.isNullable }

    /// The stored value's.
    @inlinable public var isNull: Bool { postgresValue.isNull }

    /// The stored value's.
    @inlinable public func encode(into buffer: inout ValueBuffer) throws(ValueReason) {
        try postgresValue.encode(into: &buffer)
    }

    /// The value made of the stored one, or ``ValueReason/refused``.
    public static func decode(_ cell: Cell) throws(ValueReason) -> Self {
        guard let value = Self(postgresValue: try PostgresStored.decode(cell)) else { throw .refused }
        return value
    }
}

extension PostgresWrapped where Self: RawRepresentable, RawValue: PostgresElement {
    /// The raw value.
    @inlinable public var postgresValue: RawValue { rawValue }

    /// Nil where no value of this type has that raw value.
    public init?(postgresValue: RawValue) {
        self.init(rawValue: postgresValue)
    }
}

/// Why a value could not be sent or read.
public enum ValueReason: Error, Equatable, Sendable {
    /// Text with a NUL in it, which PostgreSQL cannot store.
    case containsNUL
    /// Text that is not UTF-8.
    case notUTF8
    /// A cell of another length than the type has.
    case length
    /// More bytes than a value may have (``ValueBuffer/valueBytesMax``).
    case tooLong
    /// A number or an instant outside the range of the type.
    case range
    /// `infinity` or `-infinity` where an instant is expected.
    case infinite
    /// NULL where the type has none.
    case null
    /// An array of more than one dimension, of another element type, or cut short.
    case array
    /// A binary version this room does not know.
    case version
    /// A stored value that the room's own type refuses.
    case refused
}
