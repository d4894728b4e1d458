import Foundation
import Synchronization

/// A small HTTP server for tests: one thread for each connection, answers as it is told.
final class LocalServer: Sendable {
    /// What a request is answered with.
    enum Answer: Sendable {
        case body(String)
        /// The same in two chunks.
        case chunks(String, String)
        case status(Int)
        /// The connection is closed without an answer.
        case hangUp
        /// Everybody waits so many milliseconds, then this one gets its answer.
        case stall(milliseconds: UInt32, String)
    }

    let port: UInt16
    private let listener: Int32
    /// Held while a request is answered, so that a stall stops all connections.
    private let requests = Mutex(0)
    private let bodies = Mutex<[String]>([])
    private let answer: @Sendable (_ number: Int) -> Answer

    /// `answer` is given the number of the request, from 1.
    init(_ answer: @escaping @Sendable (_ number: Int) -> Answer) throws {
        self.answer = answer
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 128) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        guard isOpen else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in acceptAll() }
    }

    func close() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// How many requests came.
    var count: Int { requests.withLock { $0 } }
    /// The bodies of the first of them.
    var firstBodies: [String] { bodies.withLock { $0 } }

    private func acceptAll() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            Thread.detachNewThread { [self] in serve(connection) }
        }
        _ = Glibc.close(listener)
    }

    private func serve(_ connection: Int32) {
        defer { _ = Glibc.close(connection) }
        var received: [UInt8] = []
        while let body = nextRequest(connection, &received) {
            bodies.withLock { if $0.count < 100 { $0.append(body) } }
            let text: String? = requests.withLock { number in
                number += 1
                switch answer(number) {
                case .body(let body): return Self.whole(200, body)
                case .status(let status): return Self.whole(status, "{}")
                case .chunks(let one, let two):
                    let chunks = [one, two, ""].map { "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }.joined()
                    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
                case .hangUp: return nil
                case .stall(let milliseconds, let body):
                    usleep(milliseconds * 1_000)
                    return Self.whole(200, body)
                }
            }
            guard let text else { return }
            let bytes = Array(text.utf8)
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                sent += count
            }
        }
    }

    private static func whole(_ status: Int, _ body: String) -> String {
        "HTTP/1.1 \(status) Whatever\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// The body of the next request; nil at the end.
    private func nextRequest(_ connection: Int32, _ received: inout [UInt8]) -> String? {
        let headEnd = Array("\r\n\r\n".utf8)
        while true {
            if let end = received.firstRange(of: headEnd) {
                let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
                if let body = Self.body(head, Array(received[end.upperBound...])) {
                    received.removeFirst(end.upperBound + body.taken)
                    return body.text
                }
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            received += buffer.prefix(count)
        }
    }

    /// Nil until it has come whole.
    private static func body(_ head: String, _ rest: [UInt8]) -> (text: String, taken: Int)? {
        if head.contains("Transfer-Encoding: chunked") {
            let last = Array("\r\n0\r\n\r\n".utf8)
            return rest.firstRange(of: last).map { ("", $0.upperBound) }
        }
        let length = head.split(separator: "Content-Length: ").dropFirst().first.flatMap {
            Int($0.prefix { $0.isNumber })
        }
        guard let length, rest.count >= length else { return nil }
        return (String(decoding: rest.prefix(length), as: UTF8.self), length)
    }
}
