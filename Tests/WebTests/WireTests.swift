import Testing

@testable import Web

/// What only a connection shows.
@Suite(.serialized) struct WireTests {
    @Test func brokenRequestsGetAnAnswer() async throws {
        try await LiveService.run { service in
            let long = String(repeating: "x", count: headerFieldBytesMax + 1)
            let many = (0...headerFieldsMax).map { "X-\($0): 1\r\n" }.joined()
            let cases: [(String, String)] = [
                ("GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: \(long)\r\n\r\n", "431"),
                ("GET /healthz HTTP/1.1\r\nHost: a\r\n\(many)\r\n", "431"),
                ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\r\n\r\n", "400"), ("GET /healthz\r\n\r\n", "400"),
                ("GET /health z HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
                ("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "400"),
                ("GET /healthz HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n", "400"),
                (
                    "POST /v1/eligibility HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                    "400"
                ),
            ]
            for (request, status) in cases {
                let answer = try await service.exchange(Array(request.utf8))
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(request.prefix(60)) → \(answer)")
                #expect(answer.contains("application/problem+json"), "\(request.prefix(60)) → \(answer)")
            }
            let answer = try await service.exchange(Array("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func aBodyThatBreaksOffOrIsMisframedIsRefused() async throws {
        try await LiveService.run { service in
            let head =
                "POST /v1/eligibility HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(service.key)\r\n"
                + "Content-Type: application/json\r\n"
            for body in ["Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", "Content-Length: 100\r\n\r\n{"] {
                let answer = try await service.exchange(Array((head + body).utf8))
                #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
            }
            let chunked = "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
            let answer = try await service.exchange(Array((head + chunked).utf8))
            #expect(answer.hasPrefix("HTTP/1.1 422 "), "\(answer)")
        }
    }

    @Test func aBodyOverTheLimitIsAnsweredWhetherOrNotItsLengthIsSaid() async throws {
        try await LiveService.run { service in
            let head =
                "POST /v1/eligibility HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(service.key)\r\n"
                + "Content-Type: application/json\r\n"
            let fill = [UInt8](repeating: 0x20, count: requestBodyBytesMax + 1)
            let size = String(fill.count, radix: 16)
            let said = Array((head + "Content-Length: \(fill.count)\r\n\r\n").utf8) + fill
            let unsaid =
                Array((head + "Transfer-Encoding: chunked\r\n\r\n\(size)\r\n").utf8) + fill
                + Array("\r\n0\r\n\r\n".utf8)
            for request in [said, unsaid] {
                // The connection is good for another request afterwards.
                let next = Array("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
                let answer = try await service.exchange(request + next)
                #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(answer.prefix(200))")
                #expect(answer.contains("HTTP/1.1 200 "), "\(answer.suffix(300))")
            }
        }
    }

    @Test func aBodyWithoutEndIsNotReadForever() async throws {
        try await LiveService.run { service in
            let head = "POST /v1/eligibility HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            let fill = [UInt8](repeating: 0x20, count: 2 * abandonedBodyBytesMax)
            let body = Array("\(String(fill.count, radix: 16))\r\n".utf8) + fill + Array("\r\n0\r\n\r\n".utf8)
            let next = Array("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            // Answered 401 before the body; whether the client still sees that is the network's business.
            let answer = try await service.exchange(Array(head.utf8) + body + next)
            #expect(!answer.contains("HTTP/1.1 200 "), "\(answer.suffix(300))")
            #expect(try await service.exchange(next).hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func requestsInOnePieceAreAnsweredInOrder() async throws {
        try await LiveService.run { service in
            let one = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
            let other = "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"
            let answer = try await service.exchange(Array((one + other + one).utf8))
            let statuses = answer.split(separator: "HTTP/1.1 ").map { String($0.prefix(3)) }
            #expect(statuses == ["200", "404", "200"])
        }
    }
}
