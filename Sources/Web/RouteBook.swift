import Hummingbird
import Rules
import Store

/// Every operation of the service.
struct RouteBook: Sendable {
    let routes: [Route]

    /// `gauges` are lines for those who watch the service, `findings` what they are to know, beside its own.
    init(
        traffic: Traffic, streams: Streams = Streams(StreamLimits()), gauges: @escaping @Sendable () -> String = { "" },
        findings: @escaping @Sendable () -> [Finding] = { [] }
    ) {
        let served =
            EligibilityAPI.routes + RegisterAPI.routes + ConsentAPI.routes + ContactAPI.routes + OrganisationAPI.routes
            + EventAPI.routes + SubjectAPI.routes + SubjectSchema.routes + RequestAPI.routes + RecipientAPI.routes
            + RetentionAPI.routes + ScrubAPI.routes(streams) + UnsubscribeLink.routes + PreferenceLink.routes
            + ConfirmationLink.routes + RequestLink.routes + ConsentRequestAPI.routes + ImportAPI.routes(streams)
            + DueNoticeAPI.routes
            + Operations.routes(Readiness(findings), traffic, streams, gauges)
        routes = served + DescriptionPages.routes(describing: served)
    }

    /// The router that leads each request through the door to its handler.
    func router(_ reception: Reception, log: (RouteBook) -> AccessLog) -> Router<CallContext> {
        let router = Router(context: CallContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: log(self))
        for route in routes {
            router.on(RouterPath(route.path), method: route.method == .get ? .get : .post) { request, context in
                Response(try await reception.receive(request, for: route, in: context))
            }
        }
        return router
    }

    /// Why no route takes the request: no such path, or not with this method.
    func problem(for request: Request) -> Problem {
        let path = Self.parts(request.uri.path)
        let here = routes.filter { Self.fits(path, $0.path) }
        guard !here.isEmpty else {
            return Problem(.notFound, "There is nothing at this path; /docs lists what there is.")
        }
        var methods = here.map(\.method.rawValue)
        if methods.contains("GET") { methods.append("HEAD") }
        var problem = Problem(
            .methodNotAllowed, "This path has \(methods.joined(separator: ", ")).", known: methods)
        problem.methods = methods
        return problem
    }

    /// Whether the path is the route's, whose names in braces stand for anything.
    private static func fits(_ path: [Substring], _ route: String) -> Bool {
        let parts = parts(route)
        return path.count == parts.count && zip(path, parts).allSatisfy { $0 == $1 || $1.hasPrefix("{") }
    }

    private static func parts(_ path: String) -> [Substring] { path.split(separator: "/") }
}
