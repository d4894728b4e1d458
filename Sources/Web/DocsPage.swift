import Formats
import Mustache

/// The description as one page to be read: no script, nothing from another host.
enum DocsPage {
    static let mediaType = "text/html; charset=utf-8"
    static let headers = [
        (
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        ("Referrer-Policy", "no-referrer"),
    ]

    /// The page of a description; empty where the template is at fault, which a test would see.
    static func html(of description: [UInt8]) -> [UInt8] {
        do {
            let template = try MustacheTemplate(string: DocsTemplate.text)
            return Array(template.render(page(of: try JSON(parsing: description))).utf8)
        } catch {
            return []
        }
    }

    private static func page(of document: JSON) -> [String: Any] {
        let operations = members(document["paths"]).flatMap { path, methods in
            members(methods).map { method, operation in self.operation(method, path, operation, in: document) }
        }
        let groups = (document["tags"]?.elements ?? []).map { tag -> [String: Any] in
            let name = tag["name"]?.text ?? ""
            return [
                "name": name, "text": prose(tag["description"]),
                "operations": operations.filter { $0["tag"] as? String == name },
            ]
        }
        let problems = Problem.Code.allCases.map { code -> [String: Any] in
            ["code": code.rawValue, "status": code.status, "title": code.title]
        }
        return [
            "title": document["info"]?["title"]?.text ?? "", "summary": document["info"]?["summary"]?.text ?? "",
            "text": prose(document["info"]?["description"]), "groups": groups, "problems": problems,
            "key": document["components"]?["securitySchemes"]?["key"]?["description"]?.text ?? "",
        ]
    }

    private static func operation(
        _ method: String, _ path: String, _ operation: JSON, in document: JSON
    ) -> [String: Any] {
        let scopes = (operation["security"]?.elements ?? []).flatMap { $0["key"]?.elements ?? [] }.compactMap(\.text)
        let contents = members(operation["requestBody"]?["content"])
        let request = contents.first { $0.key == "application/json" }?.value
        // Media types that mean the same have the same examples.
        var named: Set<String> = []
        let requests = contents.flatMap { examples($0.value) }.filter {
            named.insert($0["name"] as? String ?? "").inserted
        }
        let responses = members(operation["responses"])
        let success = responses.first { $0.key.hasPrefix("2") }?.value
        let parameters = (operation["parameters"]?.elements ?? []).map { resolve($0, in: document) }
        return [
            "id": operation["operationId"]?.text ?? "", "method": method.uppercased(), "path": path,
            "tag": operation["tags"]?.elements?.first?.text ?? "", "summary": operation["summary"]?.text ?? "",
            "text": prose(operation["description"]), "scopes": scopes.joined(separator: " or "),
            "parameters": parameters.map { parameter in
                ["name": parameter["name"]?.text ?? "", "text": prose(parameter["description"])]
            },
            "fields": fields(of: request?["schema"], in: document), "request": requests,
            "answers": members(success?["content"]).flatMap { examples($0.value) },
            "statuses": responses.map { status, response in
                let codes = members(response["content"]?[Problem.mediaType]?["examples"]).map(\.key)
                let text = codes.isEmpty ? response["description"]?.text ?? "" : ""
                return ["status": status, "text": text, "codes": codes]
            },
        ]
    }

    private static func fields(of schema: JSON?, in document: JSON) -> [[String: Any]] {
        guard let schema = schema.map({ resolve($0, in: document) }) else { return [] }
        let required = (schema["required"]?.elements ?? []).compactMap(\.text)
        return members(schema["properties"]).map { name, reference in
            let field = resolve(reference, in: document)
            return [
                "name": name, "required": required.contains(name), "type": type(of: field),
                "text": prose(field["description"]),
            ]
        }
    }

    private static func type(of field: JSON) -> String {
        if let words = field["enum"]?.elements { return words.compactMap(\.text).joined(separator: " | ") }
        let types = field["type"]?.elements?.compactMap(\.text) ?? [field["type"]?.text ?? ""]
        return (field["format"]?.text ?? types.filter { $0 != "null" }.joined(separator: " | "))
    }

    /// Prose without the marks of code.
    private static func prose(_ value: JSON?) -> String { (value?.text ?? "").replacing("`", with: "") }

    private static func examples(_ content: JSON?) -> [[String: Any]] {
        members(content?["examples"]).compactMap { name, example in
            guard let value = example["value"] else { return nil }
            return ["name": name, "json": value.text ?? PrintedJSON.text(of: value)]
        }
    }

    private static func members(_ value: JSON?) -> [(key: String, value: JSON)] {
        guard case .object(let object) = value else { return [] }
        return object.members.map { ($0.key, $0.value) }
    }

    private static func resolve(_ value: JSON, in document: JSON) -> JSON {
        guard let reference = value["$ref"]?.text else { return value }
        return reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .null }
    }
}

/// JSON with line breaks, for people.
enum PrintedJSON {
    private static let lineCharactersMax = 56

    /// The value, where so many characters of its first line are taken already.
    static func text(of value: JSON, indent: String = "", taken: Int = 0) -> String {
        let short = String(decoding: value.encoded, as: UTF8.self)
        guard indent.count + taken + short.count > lineCharactersMax else { return short }
        let inner = indent + "  "
        switch value {
        case .object(let object):
            let members = object.members.map { member in
                let name = String(decoding: JSON.string(member.key).encoded, as: UTF8.self) + ": "
                return inner + name + text(of: member.value, indent: inner, taken: name.count)
            }
            return "{\n" + members.joined(separator: ",\n") + "\n" + indent + "}"
        case .array(let elements):
            let lines = elements.map { inner + text(of: $0, indent: inner) }
            return "[\n" + lines.joined(separator: ",\n") + "\n" + indent + "]"
        default: return short
        }
    }
}

extension JSON {
    fileprivate subscript(_ key: String) -> JSON? { if case .object(let object) = self { object[key] } else { nil } }
    fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }
    fileprivate var elements: [JSON]? { if case .array(let elements) = self { elements } else { nil } }
}
