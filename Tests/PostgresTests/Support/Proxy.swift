import Foundation
import Glibc
import Synchronization

/// Stands between libpq and a server's unix socket, and breaks the connection at COMMIT when it is told to.
final class Proxy: Sendable {
    enum Cut: Sendable {
        /// The server never gets the COMMIT.
        case before
        /// The server gets it and answers; the answer is kept back. `then` runs before the connection breaks.
        case after(then: @Sendable () -> Void)
        /// The server gets it; the connection breaks before it answers, and the server does not notice.
        case during
        /// The server gets it and answers; nothing is passed on and nothing is broken.
        case silence
    }

    let folder: String
    private let upstream: String
    private let listener: Int32
    private let cut = Mutex<Cut?>(nil)
    /// How often a COMMIT was cut.
    let cuts = Log<Int>()
    /// Server ends that are kept open without a client.
    private let orphans = Mutex<[Int32]>([])

    init(upstream: String) throws {
        self.upstream = upstream
        var template = Array("/tmp/pgproxy.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Cluster.Failure(what: "mkdtemp") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let path = folder + "/.s.PGSQL.5432"
        guard Self.withAddress(path, { bind(listener, $0, $1) }) == 0, listen(listener, 64) == 0 else {
            throw Cluster.Failure(what: "bind")
        }
        Thread.detachNewThread { [self] in accept() }
    }

    func arm(_ cut: Cut) { self.cut.withLock { $0 = cut } }

    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        for end in orphans.withLock({ $0 }) { Glibc.close(end) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else {
                Glibc.close(listener)
                return
            }
            let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            guard Self.withAddress(upstream, { connect(server, $0, $1) }) == 0 else {
                Glibc.close(server)
                Glibc.close(client)
                continue
            }
            Thread.detachNewThread { [self] in relay(client, server) }
        }
    }

    private func relay(_ client: Int32, _ server: Int32) {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        var ends = [
            pollfd(fd: client, events: Int16(POLLIN), revents: 0),
            pollfd(fd: server, events: Int16(POLLIN), revents: 0),
        ]
        defer { Glibc.close(client) }
        while poll(&ends, 2, -1) > 0 {
            for (index, from, to) in [(0, client, server), (1, server, client)] where ends[index].revents != 0 {
                let count = read(from, &bytes, bytes.count)
                guard count > 0 else {
                    Glibc.close(server)
                    return
                }
                let isCommit = index == 0 && bytes[..<count].starts(with: Array("Q\0\0\0\u{b}COMMIT\0".utf8))
                if isCommit, let cut = cut.withLock({ $0.take() }) {
                    perform(cut, Array(bytes[..<count]), client, server)
                    return
                }
                guard Self.writeAll(to, bytes[..<count]) else {
                    Glibc.close(server)
                    return
                }
            }
        }
    }

    private func perform(_ cut: Cut, _ commit: [UInt8], _ client: Int32, _ server: Int32) {
        cuts.append(1)
        var answer = [UInt8](repeating: 0, count: 1_024)
        switch cut {
        case .before: Glibc.close(server)
        case .after(let then):
            _ = Self.writeAll(server, commit[...])
            _ = read(server, &answer, answer.count)
            then()
            Glibc.close(server)
        case .during:
            _ = Self.writeAll(server, commit[...])
            orphans.withLock { $0.append(server) }
        case .silence:
            _ = Self.writeAll(server, commit[...])
            // Until libpq gives up by itself.
            _ = read(client, &answer, answer.count)
            Glibc.close(server)
        }
    }

    private static func writeAll(_ end: Int32, _ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(end, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(100)) }
        return withUnsafePointer(to: &address) { (pointer: UnsafePointer<sockaddr_un>) in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
