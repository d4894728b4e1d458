import Foundation
import Synchronization

/// A client of the stream on a socket of its own: sends and reads piece by piece, as the test says.
final class StreamClient: Sendable {
    private let descriptor: Int32
    private let isClosed = Mutex(false)

    enum WireError: Error { case noConnection, notSent }

    /// Connects and sends the head of a chunked request.
    init(_ service: LiveService, _ query: String, type: String = "text/csv; charset=utf-8") throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(service.port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw WireError.noConnection }
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let head =
            "POST /v1/scrub?\(query) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(service.key)\r\n"
            + "Content-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n"
        guard sendNow(Array(head.utf8)) == head.utf8.count else { throw WireError.notSent }
    }

    deinit { if !isClosed.withLock({ $0 }) { close(descriptor) } }

    /// Sends one chunk.
    func send(_ text: String) async throws {
        let chunk = Array("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n".utf8)
        try await blocking { guard self.sendNow(chunk) == chunk.count else { throw WireError.notSent } }
    }

    /// Sends chunks of this for as long as they are taken within the pause; how many bytes that were.
    func pour(_ text: String, pauseMilliseconds: Int) async throws -> Int {
        let chunk = Array("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n".utf8)
        var patience = timeval(tv_sec: pauseMilliseconds / 1_000, tv_usec: pauseMilliseconds % 1_000 * 1_000)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        return try await blocking {
            var sent = 0
            while true {
                let count = self.sendNow(chunk)
                sent += count
                if count < chunk.count || sent > 1 << 30 { return sent }
            }
        }
    }

    /// Says that the list ends here.
    func finish() async throws {
        try await blocking { guard self.sendNow(Array("0\r\n\r\n".utf8)) == 5 else { throw WireError.notSent } }
    }

    /// Goes away at once, with a reset.
    func reset() {
        var hard = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
        isClosed.withLock { $0 = true }
        close(descriptor)
    }

    /// Reads until the bytes hold the words, or nothing more comes.
    func read(until words: String) async throws -> String {
        try await blocking {
            var answer: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 65_536)
            while !String(decoding: answer, as: UTF8.self).contains(words) {
                let count = recv(self.descriptor, &chunk, chunk.count, 0)
                guard count > 0 else { break }
                answer += chunk.prefix(count)
            }
            return String(decoding: answer, as: UTF8.self)
        }
    }

    /// Reads to the end of the connection or of the answer: how many bytes, the last of them, and how it ended.
    func drain() async throws -> (count: Int, tail: String) {
        try await blocking {
            var (count, tail): (Int, [UInt8]) = (0, [])
            var chunk = [UInt8](repeating: 0, count: 262_144)
            while !tail.suffix(5).elementsEqual("0\r\n\r\n".utf8) {
                let read = recv(self.descriptor, &chunk, chunk.count, 0)
                guard read > 0 else { break }
                count += read
                tail = Array((tail + chunk.prefix(read)).suffix(1_024))
            }
            return (count, String(decoding: tail, as: UTF8.self))
        }
    }

    private func sendNow(_ bytes: [UInt8]) -> Int {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        return bytes.count - rest.count
    }

    /// On a thread of its own: the service needs the cooperative ones to answer.
    private func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { done in
            Thread.detachNewThread { done.resume(with: Result { try work() }) }
        }
    }
}
