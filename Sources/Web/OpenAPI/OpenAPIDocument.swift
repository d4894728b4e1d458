import Formats
import Store

/// The description of the service in OpenAPI 3.1, made of the routes, so that neither can be without the other.
enum OpenAPIDocument {
    static func bytes(of routes: [Route]) -> [UInt8] {
        var writer = JSONWriter(reservingBytes: 64 * 1_024)
        writer.beginObject()
        writer.member("openapi", "3.1.0")
        writer.raw("info", info)
        writer.key("servers")
        writer.raw(Array(#"[{"url": "/"}]"#.utf8))
        writer.raw("tags", tags)
        write(routes, to: &writer)
        components(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private static let info = #"""
        {
          "title": "maysend",
          "version": "1",
          "summary": "May this message go to this person now, and on what ground?",
          "description": "Asked before every send. An opt-out that was acknowledged is never lost, and a check that \#
          starts after the acknowledgement never says eligible. Addresses go into bodies only, never into a URL. \#
          A body has at most \#(requestBodyBytesMax) bytes, a batch \#(batchBodyBytesMax); header fields \#
          \#(headerFieldBytesMax) bytes each, \#(headerBytesMax) and \#(headerFieldsMax) fields in all. What is not known (a field, a word, a query parameter) is an error that names what is. Problems are RFC \#
          9457 with a stable `code`; a path without the method answers 405, an unknown path 404."
        }
        """#

    private static let tags = #"""
        [
          {"name": "eligibility", "description": "The question before a send."},
          {"name": "register", "description": "The unsubscribe register."},
          {"name": "links", "description": "The pages behind the links in mails. No key."},
          {"name": "relations", "description": "Consents, contacts, organisations and what happens to them."},
          {"name": "recipients", "description": "Third parties that got the data, and what they were told."},
          {"name": "subjects", "description": "The rights of the person (GDPR, chapter III)."},
          {"name": "retention", "description": "What falls due, and what was swept."},
          {"name": "imports", "description": "Lists in bulk, and who of them is to be told."},
          {"name": "operations", "description": "For those who run the service. No key."}
        ]
        """#

    private static func write(_ routes: [Route], to writer: inout JSONWriter) {
        writer.key("paths")
        writer.beginObject()
        var written: Set<String> = []
        for route in routes where written.insert(route.path).inserted {
            writer.key(named: route.path)
            writer.beginObject()
            for operation in routes where operation.path == route.path {
                writer.key(named: operation.method.rawValue.lowercased())
                write(operation, to: &writer)
            }
            writer.endObject()
        }
        writer.endObject()
    }

    private static func write(_ route: Route, to writer: inout JSONWriter) {
        let page = route.documentation
        writer.beginObject()
        writer.member("operationId", page.id)
        writer.strings("tags", [page.tag])
        writer.member("summary", page.summary)
        writer.member("description", page.text)
        writer.key("security")
        writer.beginArray()
        // Each is enough alone.
        for scope in route.access.scopes {
            writer.beginObject()
            writer.strings("key", [scope.rawValue])
            writer.endObject()
        }
        writer.endArray()
        let parameters =
            page.parameters + (route.isRepeatable ? [##"{"$ref": "#/components/parameters/IdempotencyKey"}"##] : [])
        if !parameters.isEmpty { writer.raw("parameters", "[" + parameters.joined(separator: ", ") + "]") }
        if let request = page.request {
            writer.key("requestBody")
            writer.beginObject()
            writer.member("required", true)
            write([request] + page.otherRequests, to: &writer)
            writer.endObject()
        }
        writer.key("responses")
        writer.beginObject()
        write(page.success, to: &writer)
        write(page.pages, to: &writer)
        write(route.problems, to: &writer)
        writer.endObject()
        writer.endObject()
    }

    private static func write(_ success: Documentation.Success, to writer: inout JSONWriter) {
        writer.key(named: String(success.status))
        writer.beginObject()
        writer.member("description", success.text)
        var headers = ##""X-Request-Id": {"$ref": "#/components/headers/RequestId"}"##
        if success.isReplayable {
            headers += ##", "Idempotent-Replayed": {"$ref": "#/components/headers/IdempotentReplayed"}"##
        }
        writer.raw("headers", "{" + headers + "}")
        write([success.content] + success.otherContents, to: &writer)
        writer.endObject()
    }

    private static func write(_ pages: [(status: Int, text: String)], to writer: inout JSONWriter) {
        for page in pages {
            writer.key(named: String(page.status))
            writer.beginObject()
            writer.member("description", page.text)
            // A path that is not even a token's has a problem for machines.
            write(
                [.init(nil, mediaType: LinkPageText.mediaType), .init("Problem", mediaType: Problem.mediaType)],
                to: &writer)
            writer.endObject()
        }
    }

    private static func write(_ problems: [Problem.Code], to writer: inout JSONWriter) {
        var statuses: [Int] = []
        for code in problems where !statuses.contains(code.status) { statuses.append(code.status) }
        for status in statuses.sorted() {
            let codes = problems.filter { $0.status == status }
            writer.key(named: String(status))
            writer.beginObject()
            writer.member(
                "description", codes.map { "`\($0.rawValue)`: \($0.title.lowercasedFirst)." }.joined(separator: " "))
            let name = status == 401 || status == 403 ? "WwwAuthenticate" : status == 503 ? "RetryAfter" : nil
            let field = status == 503 ? "Retry-After" : "WWW-Authenticate"
            let more = name.map { ##", "\##(field)": {"$ref": "#/components/headers/\##($0)"}"## } ?? ""
            writer.raw("headers", ##"{"X-Request-Id": {"$ref": "#/components/headers/RequestId"}"## + more + "}")
            let examples = codes.map { code in (name: code.rawValue, json: code.example) }
            write([Documentation.Content("Problem", mediaType: Problem.mediaType, examples)], to: &writer)
            writer.endObject()
        }
    }

    private static func write(_ contents: [Documentation.Content], to writer: inout JSONWriter) {
        writer.key("content")
        writer.beginObject()
        for content in contents { write(content, to: &writer) }
        writer.endObject()
    }

    private static func write(_ content: Documentation.Content, to writer: inout JSONWriter) {
        writer.key(named: content.mediaType)
        writer.beginObject()
        writer.raw(
            "schema", content.schema.map { ##"{"$ref": "#/components/schemas/\##($0)"}"## } ?? #"{"type": "string"}"#)
        if !content.examples.isEmpty {
            writer.key("examples")
            writer.beginObject()
            for (name, json) in content.examples {
                writer.key(named: name)
                writer.beginObject()
                writer.raw("value", json)
                writer.endObject()
            }
            writer.endObject()
        }
        writer.endObject()
    }

    private static func components(to writer: inout JSONWriter) {
        writer.key("components")
        writer.beginObject()
        writer.key("schemas")
        writer.beginObject()
        for (name, json) in Schemas.all { writer.raw(name, json) }
        writer.endObject()
        writer.raw("parameters", Schemas.parameters)
        writer.raw("headers", Schemas.headers)
        writer.raw("securitySchemes", Schemas.security)
        writer.endObject()
    }
}

extension Problem.Code {
    /// A problem of this code as it may look.
    fileprivate var example: String {
        var problem = Problem(self, title + ".")
        if self == .notReady {
            problem.findings = [("fsync", "off: an acknowledged opt-out can be lost; set fsync = on")]
        }
        return String(decoding: problem.answer.body, as: UTF8.self)
    }
}

extension JSONWriter {
    fileprivate mutating func raw(_ name: String, _ json: String) {
        key(named: name)
        raw(Array(json.utf8))
    }

    fileprivate mutating func strings(_ name: String, _ texts: [String]) {
        key(named: name)
        beginArray()
        for text in texts { value(text) }
        endArray()
    }
}

extension String {
    fileprivate var lowercasedFirst: String {
        hasPrefix("API") || hasPrefix("HTTP") ? self : prefix(1).lowercased() + dropFirst()
    }
}
