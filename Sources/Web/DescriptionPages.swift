import Formats

/// The service describes itself: for machines, and for people.
enum DescriptionPages {
    /// The routes of the description, which describes them too.
    static func routes(describing served: [Route]) -> [Route] {
        let pages: [(path: String, page: Documentation)] = [
            ("/openapi.json", OperationPages.openAPI), ("/docs", OperationPages.docs),
            ("/docs/style.css", OperationPages.style),
        ]
        let all =
            served
            + pages.map { path, page in
                Route(.get, path, .everybody, page) { _ throws(Problem) in throw .ours("a page that is only described")
                }
            }
        let description = OpenAPIDocument.bytes(of: all)
        let answers = [
            Answer(200, "application/json", description),
            Answer(200, DocsPage.mediaType, DocsPage.html(of: description), headers: DocsPage.headers),
            Answer(200, DocsStyle.mediaType, Array(DocsStyle.sheet.utf8)),
        ]
        return zip(pages, answers).map { page, answer in
            Route(.get, page.path, .everybody, page.page) { _ throws(Problem) in answer }
        }
    }
}
