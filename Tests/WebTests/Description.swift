import Formats
import HTTPTypes

@testable import Web

/// The served OpenAPI description, and what does not fit it.
struct Description: Sendable {
    let document: JSON

    init(_ bytes: [UInt8]) throws { document = try JSON(parsing: bytes) }

    /// `GET /healthz`, in the order of the document.
    var operations: [String] {
        paths.flatMap { path in
            path.value.members.map { "\($0.key.uppercased()) \(path.key)" }
        }
    }

    private var paths: [(key: String, value: JSONObject)] { members(document["paths"]) }

    private func members(_ value: JSON?) -> [(key: String, value: JSONObject)] {
        (value?.object?.members ?? []).compactMap { member in member.value.object.map { (member.key, $0) } }
    }

    func operation(_ method: String, _ path: String) -> JSON? {
        if let exact = document["paths"]?[path] { return exact[method.lowercased()] }
        let parts = path.split(separator: "/")
        let template = paths.first { known in
            let names = known.key.split(separator: "/")
            return names.count == parts.count && zip(names, parts).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
        }
        return template?.value[method.lowercased()]
    }

    /// The request examples of an operation.
    func requestExamples(
        _ method: String, _ path: String, _ mediaType: String = "application/json"
    ) -> [(name: String, value: JSON)] {
        let content = operation(method, path)?["requestBody"]?["content"]?[mediaType]
        return members(content?["examples"]).compactMap { name, example in example["value"].map { (name, $0) } }
    }

    /// Everything about the answer that the description does not say.
    ///
    /// Paths and methods that it does not have answer with
    /// a problem.
    func faults(of reply: Reply, to method: String, _ path: String) -> [String] {
        guard let operation = operation(method == "HEAD" ? "GET" : method, path) else {
            return [404, 405].contains(reply.status)
                ? problemFaults(reply) : ["status of an operation that is not there"]
        }
        guard let response = operation["responses"]?[String(reply.status)] else { return ["undocumented status"] }
        guard method != "HEAD" else { return reply.bytes.isEmpty ? [] : ["a body for HEAD"] }
        let mediaType = reply.headers[.contentType] ?? "none"
        guard let content = response["content"]?[mediaType] else { return ["undocumented media type \(mediaType)"] }
        if reply.status >= 400, mediaType != LinkPageText.mediaType { return problemFaults(reply) }
        guard mediaType == "application/json", let schema = content["schema"] else { return [] }
        guard let value = reply.json else { return ["no JSON"] }
        return faults(of: value, under: schema, at: "")
    }

    private func problemFaults(_ reply: Reply) -> [String] {
        guard reply.headers[.contentType] == "application/problem+json" else { return ["no problem+json"] }
        guard let value = reply.json else { return reply.bytes.isEmpty ? [] : ["no JSON"] }
        let schema = document["components"]?["schemas"]?["Problem"] ?? .null
        let status = value["status"] == .int(Int64(reply.status)) ? [] : ["another status inside"]
        return status + faults(of: value, under: schema, at: "")
    }

    /// Where the value does not fit the schema: the part of JSON Schema that the description uses.
    func faults(of value: JSON, under schema: JSON, at place: String) -> [String] {
        if case .string(let reference) = schema["$ref"] {
            guard let target = resolve(reference) else { return ["\(place): \(reference) is not there"] }
            return faults(of: value, under: target, at: place)
        }
        if case .array(let choices) = schema["anyOf"] {
            let each = choices.map { faults(of: value, under: $0, at: place) }
            return each.contains([]) ? [] : ["\(place): fits none of anyOf: \(each)"]
        }
        var found: [String] = []
        if let constant = schema["const"], constant != value { found.append("\(place): not the constant") }
        if case .array(let words) = schema["enum"], !words.contains(value) { found.append("\(place): not in enum") }
        if let type = schema["type"] {
            let types = type.strings ?? [type.string ?? "?"]
            if !types.contains(where: { value.isOf(type: $0) }) { found.append("\(place): not of type \(types)") }
        }
        switch value {
        case .object(let object): found += objectFaults(object, schema, place)
        case .array(let elements):
            if let items = schema["items"] {
                for (index, element) in elements.enumerated() {
                    found += faults(of: element, under: items, at: "\(place)/\(index)")
                }
            }
        default: break
        }
        return found
    }

    private func objectFaults(_ object: JSONObject, _ schema: JSON, _ place: String) -> [String] {
        var found: [String] = []
        for name in schema["required"]?.strings ?? [] where object[name] == nil { found.append("\(place): no \(name)") }
        for member in object.members {
            let inside = "\(place)/\(member.key)"
            if let known = schema["properties"]?[member.key] {
                found += faults(of: member.value, under: known, at: inside)
            } else if let rest = schema["additionalProperties"] {
                if rest == .bool(false) { found.append("\(inside): not described") }
                if rest.object != nil { found += faults(of: member.value, under: rest, at: inside) }
            }
        }
        return found
    }

    private func resolve(_ reference: String) -> JSON? {
        var value: JSON? = document
        for step in reference.split(separator: "/").dropFirst() { value = value?[String(step)] }
        return value
    }
}

extension JSON {
    subscript(_ key: String) -> JSON? { object?[key] }

    var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
    var string: String? { if case .string(let text) = self { text } else { nil } }

    var strings: [String]? {
        guard case .array(let values) = self else { return nil }
        return values.compactMap(\.string)
    }

    func isOf(type: String) -> Bool {
        switch (self, type) {
        case (.null, "null"), (.bool, "boolean"), (.int, "integer"), (.int, "number"), (.double, "number"),
            (.string, "string"), (.array, "array"), (.object, "object"):
            true
        default: false
        }
    }
}
