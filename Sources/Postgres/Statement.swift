/// A statement as one value: static text, typed input, typed row, named columns.
///
/// Prepared on a connection when first used there. The name is unique among all statements of the process.
public struct Statement<Input: Sendable, Row: Sendable>: Sendable {
    /// Its name, in errors and on the server; at most 63 bytes.
    public let name: StaticString
    let text: StaticString
    let parameters: [ParameterSpec]
    let columns: [ColumnSpec]
    let bind: @Sendable (Input, inout ValueBuffer) throws(ValueReason) -> Void
    let read: @Sendable (inout RowReader) throws(ValueReason) -> Row

    /// A statement whose input and row are the tuples of the types listed (one type: that type; none: `()`).
    public init<each Parameter: PostgresValue, each Column: PostgresValue>(
        _ name: StaticString, _ text: StaticString,
        in inputs: (repeat (each Parameter).Type),
        out outputs: repeat (StaticString, (each Column).Type)
    ) where Input == (repeat each Parameter), Row == (repeat each Column) {
        self.name = name
        self.text = text
        parameters = ParameterSpec.list(repeat each inputs)
        columns = ColumnSpec.list(repeat each outputs)
        bind = { (input: (repeat each Parameter), buffer: inout ValueBuffer) throws(ValueReason) -> Void in
            repeat try buffer.append(field: each input)
        }
        read = { (row: inout RowReader) throws(ValueReason) -> (repeat each Column) in
            (repeat try row.next((each Column).self))
        }
    }

    /// As above, with a row of the room's own that `make` makes of the columns.
    public init<each Parameter: PostgresValue, each Column: PostgresValue>(
        _ name: StaticString, _ text: StaticString,
        in inputs: (repeat (each Parameter).Type),
        out outputs: repeat (StaticString, (each Column).Type),
        into make: @escaping @Sendable (repeat each Column) -> Row
    ) where Input == (repeat each Parameter) {
        self.name = name
        self.text = text
        parameters = ParameterSpec.list(repeat each inputs)
        columns = ColumnSpec.list(repeat each outputs)
        bind = { (input: (repeat each Parameter), buffer: inout ValueBuffer) throws(ValueReason) -> Void in
            repeat try buffer.append(field: each input)
        }
        read = { (row: inout RowReader) throws(ValueReason) -> Row in
            make(repeat try row.next((each Column).self))
        }
    }

    /// The statement without its Swift types, for the census.
    public var erased: AnyStatement {
        AnyStatement(
            name: name.description, kind: .query, text: text.description, parameters: parameters, columns: columns)
    }
}

/// A statement without its Swift types: what the census compares with the server's own description.
public struct AnyStatement: Sendable {
    /// What kind of statement it is.
    public enum Kind: Sendable {
        /// A prepared statement.
        case query
        /// The text selects the columns that a COPY fills.
        case copyIn
        /// The text is the query that a COPY returns.
        case copyOut
    }

    /// Its name.
    public let name: String
    /// Its kind.
    public let kind: Kind
    /// What is prepared to describe it.
    public let text: String
    /// The parameters as declared.
    public let parameters: [ParameterSpec]
    /// The columns as declared.
    public let columns: [ColumnSpec]
}

/// A parameter as declared.
public struct ParameterSpec: Equatable, Sendable {
    /// The type it is sent as.
    public let type: OID
    /// Whether NULL may be sent.
    public let isNullable: Bool
    /// The types that are the same on the wire.
    public let readable: [OID]

    static func list<each Value: PostgresValue>(_ types: repeat (each Value).Type) -> [ParameterSpec] {
        var specs: [ParameterSpec] = []
        for type in repeat each types {
            specs.append(
                ParameterSpec(type: type.postgresType, isNullable: type.isNullable, readable: type.readableTypes))
        }
        return specs
    }
}

/// A column as declared.
public struct ColumnSpec: Equatable, Sendable {
    /// Its name.
    public let name: String
    /// The type it is read as.
    public let type: OID
    /// Whether NULL is expected.
    public let isNullable: Bool
    /// The types that can be read as it.
    public let readable: [OID]

    static func list<each Value: PostgresValue>(
        _ columns: repeat (StaticString, (each Value).Type)
    ) -> [ColumnSpec] {
        var specs: [ColumnSpec] = []
        for (name, type) in repeat each columns {
            specs.append(
                ColumnSpec(
                    name: name.description, type: type.postgresType, isNullable: type.isNullable,
                    readable: type.readableTypes))
        }
        return specs
    }
}
