import Glibc

extension String: PostgresElement {
    /// `text`
    public static var postgresType: OID { 25 }
    /// `text[]`
    public static var postgresArrayType: OID { 1009 }
    /// `text`, `varchar`, `bpchar` and `name`: one binary form.
    public static var readableTypes: [OID] { [25, 1043, 1042, 19] }

    /// The UTF-8; ``ValueReason/containsNUL`` where it has a NUL.
    public func encode(into buffer: inout ValueBuffer) throws(ValueReason) {
        var text = self
        let isSent = text.withUTF8 { (utf8: UnsafeBufferPointer<UInt8>) -> Bool in
            guard let start = utf8.baseAddress, utf8.count > 0 else { return true }
            guard memchr(start, 0, utf8.count) == nil else { return false }
            buffer.append(contentsOf: UnsafeRawBufferPointer(utf8))
            return true
        }
        guard isSent else { throw .containsNUL }
    }

    /// The text, checked to be UTF-8.
    public static func decode(_ cell: Cell) throws(ValueReason) -> String { try cell.text() }
}
