import Formats
import HTTPTypes
import Harness
import Rules
import Store
import Testing

@testable import Web

/// Requests that link scanners, previews and prefetchers send, and others that mean nothing: a file of data.
private func corpus() throws -> [Probe] {
    let text = try Checkout.text("Tests/WebTests/Scanners/requests.json")
    guard case .array(let elements) = try JSON(parsing: Array(text.utf8)) else { return [] }
    return try elements.map { element in
        var headers: [String: String] = [:]
        for field in element["headers"]?.object?.members ?? [] { headers[field.key] = field.value.string }
        return Probe(
            name: try #require(element["name"]?.string), method: try #require(element["method"]?.string),
            query: element["query"]?.string, headers: headers, body: element["body"]?.string)
    }
}

private struct Probe {
    let name: String
    let method: String
    let query: String?
    let headers: [String: String]
    let body: String?
}

@Suite(.serialized) struct ScannerTests {
    @Test func theCorpusIsLargeAndEachIsAnother() throws {
        let probes = try corpus()
        #expect(probes.count >= 40)
        #expect(Set(probes.map(\.name)).count == probes.count)
        #expect(probes.count { $0.method == "GET" } >= 30 && probes.count { $0.method == "HEAD" } >= 5)
    }

    @Test func noScannerChangesAnything() async throws {
        try await Service.run { service async throws in
            let kari = try await service.subscriber("kari@firma.example")
            let before = try await service.database.ledgerRows()
            for probe in try corpus() {
                let method = try #require(HTTPRequest.Method(rawValue: probe.method))
                let reply = try await service.send(
                    method, kari.path + (probe.query.map { "?" + $0 } ?? ""), bytes: probe.body.map { Array($0.utf8) },
                    headers: probe.headers)
                #expect(reply.header("Set-Cookie") == nil && reply.header("Location") == nil, "\(probe.name)")
                #expect(!(300...399).contains(reply.status), "\(probe.name)")
                #expect(try await service.database.ledgerRows() == before, "\(probe.name)")
            }
            #expect(try await service.reason("kari@firma.example") == "ground-holds")
            // And the same link, pressed, does change something: the corpus could have failed.
            #expect(try await service.press(kari.path).status == 200)
            #expect(try await service.database.ledgerRows() == before + 1)
            #expect(try await service.reason("kari@firma.example") == "unsubscribed")
        }
    }
}
