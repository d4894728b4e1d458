/// A binary COPY into a table, as one value.
public struct CopyIn<Row: Sendable>: Sendable {
    /// Its name, in errors.
    public let name: StaticString
    let text: String
    let selection: String
    let columns: [ColumnSpec]
    let bind: @Sendable (Row, inout ValueBuffer) throws(ValueReason) -> Void

    /// Fills the columns listed of `table`; the rest get their defaults.
    public init<each Column: PostgresValue>(
        _ name: StaticString, table: StaticString, columns: repeat (StaticString, (each Column).Type)
    ) where Row == (repeat each Column) {
        self.name = name
        self.columns = ColumnSpec.list(repeat each columns)
        let names = self.columns.map(\.name).joined(separator: ", ")
        text = "COPY \(table) (\(names)) FROM STDIN (FORMAT binary)"
        selection = "SELECT \(names) FROM \(table)"
        bind = { (row: (repeat each Column), buffer: inout ValueBuffer) throws(ValueReason) -> Void in
            repeat try buffer.append(field: each row)
        }
    }

    /// As above, of rows of the room's own; `bind` appends every column, in order.
    ///
    /// For many rows with many columns: to take a tuple of twenty types apart costs several times what its bytes do.
    public init<each Column: PostgresValue>(
        _ name: StaticString, table: StaticString, columns: repeat (StaticString, (each Column).Type),
        bind: @escaping @Sendable (Row, inout ValueBuffer) throws(ValueReason) -> Void
    ) {
        self.name = name
        self.columns = ColumnSpec.list(repeat each columns)
        let names = self.columns.map(\.name).joined(separator: ", ")
        text = "COPY \(table) (\(names)) FROM STDIN (FORMAT binary)"
        selection = "SELECT \(names) FROM \(table)"
        self.bind = bind
    }

    /// The COPY without its Swift types, for the census.
    public var erased: AnyStatement {
        AnyStatement(name: name.description, kind: .copyIn, text: selection, parameters: [], columns: columns)
    }
}

/// A binary COPY of a query's rows, as one value; for results too many to hold.
public struct CopyOut<Row: Sendable>: Sendable {
    /// Its name, in errors.
    public let name: StaticString
    let text: String
    let query: StaticString
    let columns: [ColumnSpec]
    let read: @Sendable (inout RowReader) throws(ValueReason) -> Row

    /// The rows of `query`, which takes no parameters.
    public init<each Column: PostgresValue>(
        _ name: StaticString, query: StaticString, out columns: repeat (StaticString, (each Column).Type)
    ) where Row == (repeat each Column) {
        self.name = name
        self.query = query
        self.columns = ColumnSpec.list(repeat each columns)
        text = "COPY (\(query)) TO STDOUT (FORMAT binary)"
        read = { (row: inout RowReader) throws(ValueReason) -> (repeat each Column) in
            (repeat try row.next((each Column).self))
        }
    }

    /// The COPY without its Swift types, for the census.
    public var erased: AnyStatement {
        AnyStatement(
            name: name.description, kind: .copyOut, text: query.description, parameters: [], columns: columns)
    }
}

/// A COPY in PostgreSQL's own text or CSV format, whose bytes the caller makes or reads.
public struct CopyText: Sendable {
    /// Its name, in errors.
    public let name: StaticString
    let text: StaticString

    /// `text` is the whole command: `COPY … FROM STDIN …` or `COPY … TO STDOUT …`.
    public init(_ name: StaticString, _ text: StaticString) {
        self.name = name
        self.text = text
    }
}

/// SQL that is no `StaticString`: migrations and the set-up of tests. Never made of input.
public struct Script: Sendable {
    let text: String

    /// Text that a person has reviewed; several commands may stand in it.
    public init(reviewed text: String) {
        self.text = text
    }
}
