/// Where requests go: `http://host:port/path`.
struct Target: Equatable, Sendable {
    let host: String
    let port: UInt16
    /// Path and query, as they stand in the request line.
    let path: String

    init(host: String, port: UInt16, path: String) {
        (self.host, self.port, self.path) = (host, port, path)
    }

    /// Plain HTTP alone: what TLS costs is not what is measured here.
    init(parsing url: String) throws(BenchFault) {
        let scheme = "http://"
        guard url.hasPrefix(scheme) else { throw BenchFault("'\(url)' is no http:// URL") }
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = String(rest.dropFirst(authority.count))
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard let host = parts.first, !host.isEmpty, parts.count <= 2 else {
            throw BenchFault("'\(url)' has no host that this bench can reach")
        }
        guard let port = parts.count == 2 ? UInt16(parts[1]) : 80 else { throw BenchFault("'\(url)' has no port") }
        self.init(host: String(host), port: port, path: path.hasPrefix("/") ? path : "/" + path)
    }

    /// The same server, another path.
    func at(_ path: String) -> Target { Target(host: host, port: port, path: path) }
}
