import Formats
import HTTPTypes
import Hummingbird
import Rules
import Store

/// The door: takes a request through what is the same for every operation, in the order that tells a stranger least and
/// costs us least: key, scope, query, media type, size, JSON.
struct Reception: Sendable {
    let store: Store
    let clock: @Sendable () -> Instant
    /// Nil where links are not set up.
    let links: LinkService?
    /// Nil where there are no texts for recipients.
    let pages: Pages?

    /// The answer of the route's handler, or why there is none.
    func receive(_ request: Request, for route: Route, in context: CallContext) async throws(Problem) -> Answer {
        let trail = context.trail
        let now = clock()
        let authentication = Authentication(store: store)
        let key = Authentication.key(in: request.headers[.authorization])
        if let key, route.access != .everybody { trail.note(key: key.prefix) }
        let caller = try await authentication.caller(key, for: route.access, at: now)
        if let caller { trail.note(controller: caller.access.controller.slug.text) }
        do throws(Problem) {
            var call = try await self.call(request, for: route, by: caller, at: now)
            call.accept = request.headers[.accept]
            for (name, value) in context.parameters { call.parameters[String(name)] = String(value) }
            (call.links, call.pages, call.trail) = (links, pages, trail)
            if route.body == .page { call.visit = Visit(request, in: context) }
            if case .stream(let mediaTypes) = route.body {
                call.stream = try BodyStream(request, of: mediaTypes, clock: clock, cut: context.cut)
            }
            return try await route.handler(call)
        } catch {
            // Nothing but the database says what a key opens, so a fault is told only to one that it knows.
            if let caller, caller.catalogue == nil, error.code.status < 500 {
                _ = try await authentication.proven(caller.key, for: route.access, at: now)
            }
            throw error
        }
    }

    private func call(
        _ request: Request, for route: Route, by caller: Call.Caller?, at now: Instant
    ) async throws(Problem) -> Call {
        let query = route.access == .everybody ? [:] : try Self.query(of: request, known: route.query)
        guard case .json(let bytesMax) = route.body else {
            return Call(store: store, now: now, caller: caller, document: nil, query: query, once: nil)
        }
        let idempotencyKey = try Self.idempotencyKey(of: request)
        try Self.requireJSON(request)
        let bytes = try await RequestBytes.read(request, bytesMax: bytesMax)
        let document: JSON
        do throws(JSONError) { document = try JSON(parsing: bytes) } catch { throw Problem(error, in: bytes) }
        let once = idempotencyKey.map { key in
            Once(key: key, request: Array("\(route.method.rawValue) \(request.uri.path)\n".utf8) + bytes)
        }
        return Call(store: store, now: now, caller: caller, document: document, query: query, once: once)
    }

    private static func query(of request: Request, known: [String]) throws(Problem) -> [String: String] {
        var query: [String: String] = [:]
        for (name, value) in request.uri.queryParameters {
            let name = String(name)
            guard known.contains(name) else {
                let allowed = known.isEmpty ? "there are none" : "known are " + known.joined(separator: ", ")
                throw Problem(
                    .invalidParameter, "The query parameter “\(excerpt(name))” is not known; \(allowed).",
                    parameter: excerpt(name), known: known)
            }
            guard query.updateValue(String(value), forKey: name) == nil else {
                throw Problem(.invalidParameter, "The query parameter “\(name)” is there twice.", parameter: name)
            }
        }
        return query
    }

    /// Visible ASCII, so that two keys that look the same are the same; no address, since a key outlives an erasure.
    private static func idempotencyKey(of request: Request) throws(Problem) -> String? {
        guard let name = HTTPField.Name.idempotencyKey, let key = request.headers[name] else { return nil }
        guard (1...Once.keyBytesMax).contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "@") })
        else {
            throw Problem(
                .invalidParameter,
                "An Idempotency-Key has 1 to \(Once.keyBytesMax) visible ASCII characters, and no @: it is kept, so it may hold no "
                    + "address.", parameter: "Idempotency-Key")
        }
        return key
    }

    private static func requireJSON(_ request: Request) throws(Problem) {
        let parts = (request.headers[.contentType] ?? "").lowercased().split(separator: ";").map(trimmed)
        let charset = parts.dropFirst().first { $0.hasPrefix("charset=") }?.dropFirst("charset=".count)
        guard parts.first == "application/json", ["utf-8", "\"utf-8\"", nil].contains(charset.map(String.init)) else {
            throw Problem(.unsupportedMediaType, "Send a body of “Content-Type: application/json”, in UTF-8.")
        }
    }
}

/// The bytes of a request's body.
enum RequestBytes {
    /// Reads all of it, in at most `requestBodySecondsMax`; what is over the limit is not kept.
    static func read(_ request: Request, bytesMax: Int) async throws(Problem) -> [UInt8] {
        let declared = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard declared <= bytesMax else { throw tooLarge(bytesMax) }
        let start = ContinuousClock.now
        var bytes: [UInt8] = []
        bytes.reserveCapacity(declared)
        do {
            for try await chunk in request.body {
                guard chunk.readableBytes <= bytesMax - bytes.count else { throw tooLarge(bytesMax) }
                bytes.append(contentsOf: chunk.readableBytesView)
                guard ContinuousClock.now - start <= .seconds(requestBodySecondsMax) else {
                    throw Problem(.requestTimeout, "The body must come within \(requestBodySecondsMax) seconds.")
                }
            }
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(.malformedRequest, "The body breaks off or is not framed as HTTP says.")
        }
        return bytes
    }

    private static func tooLarge(_ bytesMax: Int) -> Problem {
        Problem(.bodyTooLarge, "The body may have \(bytesMax) bytes here.")
    }
}
