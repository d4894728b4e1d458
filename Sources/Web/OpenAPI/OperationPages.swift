/// What the OpenAPI description says of operations and of itself.
enum OperationPages {
    static let health = Documentation(
        id: "health", tag: "operations", summary: "The process lives", text: "Looks at nothing but itself.",
        success: .init(status: 200, text: "It does.", content: .init("Health", [("alive", #"{"status": "alive"}"#)])))

    static let ready = Documentation(
        id: "ready", tag: "operations", summary: "The service may be asked",
        text:
            "Looks at the database's settings, schema, peppers and grants; what it finds is believed for a few seconds.",
        success: .init(
            status: 200, text: "It may.", content: .init("Ready", [("ready", #"{"ready": true, "notices": []}"#)])),
        problems: [.notReady])

    static let metrics = Documentation(
        id: "metrics", tag: "operations", summary: "Requests by route and status, and how long they took",
        text: "In Prometheus' text format.",
        success: .init(
            status: 200, text: "Counters since the start.", content: .init(nil, mediaType: Traffic.mediaType)))

    static let openAPI = Documentation(
        id: "openapi", tag: "operations", summary: "This description", text: "OpenAPI 3.1.",
        success: .init(status: 200, text: "The description.", content: .init("Description")))

    static let docs = Documentation(
        id: "docs", tag: "operations", summary: "This description, to be read",
        text: "One page without scripts, served from here alone.",
        success: .init(status: 200, text: "The page.", content: .init(nil, mediaType: DocsPage.mediaType)))

    static let style = Documentation(
        id: "docsStyle", tag: "operations", summary: "The page's style sheet", text: "Light and dark.",
        success: .init(status: 200, text: "The style sheet.", content: .init(nil, mediaType: DocsStyle.mediaType)))
}
