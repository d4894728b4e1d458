import Formats
import Hummingbird
import Rules
import Store

/// One operation of the service: where it is, who may, what it takes, what it can answer, and what does it.
struct Route: Sendable {
    let method: Method
    let path: String
    let access: RouteAccess
    let body: BodyRule
    /// The query parameters; any other is refused.
    let query: [String]
    let documentation: Documentation
    let handler: @Sendable (Call) async throws(Problem) -> Answer

    init(
        _ method: Method, _ path: String, _ access: RouteAccess, body: BodyRule = .none, query: [String] = [],
        _ documentation: Documentation, _ handler: @escaping @Sendable (Call) async throws(Problem) -> Answer
    ) {
        (self.method, self.path, self.access, self.body, self.query) = (method, path, access, body, query)
        (self.documentation, self.handler) = (documentation, handler)
    }

    enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
    }

    /// What a request may carry.
    enum BodyRule: Sendable, Equatable {
        case none
        /// A JSON document of at most so many bytes.
        case json(bytesMax: Int)

        /// A public page behind a token in the path; the handler reads its form, if it wants one.
        case page

        /// Anything of these media types, of any length, that the handler takes while it comes.
        case stream(mediaTypes: [String])

        static let single = BodyRule.json(bytesMax: requestBodyBytesMax)
    }
}

/// Who may call an operation.
enum RouteAccess: Sendable, Equatable {
    /// Anybody: operations and documentation.
    case everybody
    /// A key with any of the scopes, proven by the database before the handler runs.
    case key([AccessScope])
    /// A key with the scope, believed from memory until the handler's own query proves it.
    case keyProvenByHandler(AccessScope)

    var scopes: [AccessScope] {
        switch self {
        case .everybody: []
        case .key(let scopes): scopes
        case .keyProvenByHandler(let scope): [scope]
        }
    }
}

/// A request that has come through the door: who asks, and what.
struct Call: Sendable {
    let store: Store
    /// The one reading of the clock for this request.
    let now: Instant
    /// Nil where everybody may call.
    let caller: Caller?
    /// Nil where the operation takes none.
    let document: JSON?
    let query: [String: String]
    let once: Once?
    /// What stands in the path where the route's has a name in braces.
    var parameters: [String: String] = [:]
    /// The media types that the client takes, as it says them.
    var accept: String?
    /// Nil where the operation takes no stream.
    var stream: BodyStream?
    /// Nil where the operation is no public page.
    var visit: Visit?
    /// Nil where links are not set up.
    var links: LinkService?
    /// Nil where there are no texts for recipients.
    var pages: Pages?
    /// What is found out on the way, for the log line.
    var trail = Trail()

    /// Who asks.
    struct Caller: Sendable {
        let key: APIKey
        let access: Access
        /// Nil where the handler's own query is to prove the key.
        let catalogue: Catalogue?
    }

    func page() throws(Problem) -> Visit {
        guard let visit else { throw .ours("a handler asked for the visit of a route that is no page") }
        return visit
    }

    /// The query parameter's value; nil where it is not there. Throws where it is none, with what is allowed.
    func parsed<Value>(
        _ name: String, _ allowed: String, _ parse: (String) -> Value?
    ) throws(Problem) -> Value? {
        guard let text = query[name] else { return nil }
        guard let value = parse(text) else {
            throw Problem(
                .invalidParameter, "The query parameter “\(name)” is none; allowed: \(allowed).", parameter: name)
        }
        return value
    }

    func access() throws(Problem) -> Access {
        guard let caller else { throw .ours("a handler asked for the access of a route that needs none") }
        return caller.access
    }

    /// The policy that judges now.
    func policy() async throws(Problem) -> Policy {
        let access = try access()
        do throws(StoreError) {
            var catalogue = caller?.catalogue
            if catalogue == nil { catalogue = try await store.catalogue() }
            guard let policy = try catalogue?.policy(of: access.controller, at: now) else {
                throw StoreError.noPolicy(group: access.controller.groupSlug, at: now, first: nil)
            }
            return policy
        } catch {
            throw Problem(error)
        }
    }

    /// The fields of the body; a `controller` among them must be the key's own.
    func fields() throws(Problem) -> RequestFields {
        guard let document else { throw .ours("a handler asked for the body of a route that has none") }
        var fields = try RequestFields(document)
        try fields.ownController(try access().controller.slug)
        return fields
    }

    /// Does the verb, once where the request says so, and answers from what was committed.
    func perform<Result>(
        _ verb: Verb<Result>, answer: @escaping @Sendable (Result) -> StoredAnswer
    ) async throws(Problem) -> Answer {
        let access = try access()
        do throws(StoreError) {
            if let once { return Answer(try await store.run(verb, by: access, once: once, answer: answer)) }
            return Answer(answer(try await store.run(verb, by: access)))
        } catch {
            throw Problem(error)
        }
    }
}
