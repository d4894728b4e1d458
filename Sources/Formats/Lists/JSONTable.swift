/// Lays objects out as the rows of a table: a column for each name, in the order in which they first come; the names of
/// objects inside objects behind those around them with a dot (`reason.code`).
struct JSONTable: Sendable {
    private(set) var names: [String] = []
    private var places: [UTF8Key: Int] = [:]
    private let columnsMax: Int

    init(columnsMax: Int) { self.columnsMax = columnsMax }

    enum Layout {
        case row([String], grew: Bool)
        case tooManyColumns
    }

    /// The fields of an object; names that are new become columns behind the others.
    mutating func layOut(_ object: JSONObject) -> Layout {
        let before = names.count
        var fields = [String](repeating: "", count: before)
        guard add(object, under: "", to: &fields) else {
            for name in names[before...] { places[UTF8Key(name)] = nil }
            names.removeSubrange(before...)
            return .tooManyColumns
        }
        return .row(fields, grew: names.count > before)
    }

    private mutating func add(_ object: JSONObject, under prefix: String, to fields: inout [String]) -> Bool {
        for member in object.members {
            let name = prefix + member.key
            if case .object(let inner) = member.value {
                guard add(inner, under: name + ".", to: &fields) else { return false }
                continue
            }
            let place: Int
            if let known = places[UTF8Key(name)] {
                place = known
            } else {
                place = names.count
                guard place < columnsMax else { return false }
                names.append(name)
                places[UTF8Key(name)] = place
                fields.append("")
            }
            fields[place] = Self.text(of: member.value)
        }
        return true
    }

    private static func text(of value: JSON) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        case .bool(let bool): bool ? "true" : "false"
        case .int(let number): String(number)
        case .double, .array, .object: String(decoding: value.encoded, as: UTF8.self)
        }
    }
}
