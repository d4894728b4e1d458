import Glibc

/// One TCP connection that never blocks once it is open. Whoever opened it closes it.
struct Socket {
    let descriptor: Int32

    /// What a read or a write came to.
    enum Passage {
        case bytes(Int)
        /// Nothing just now.
        case later
        /// The other side has closed, or the connection broke.
        case ended
    }

    /// Connects; waits for that, and for nothing afterwards.
    init(to target: Target) throws(BenchFault) {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(target.host, String(target.port), &hints, &found) == 0 else {
            throw BenchFault("no host is named \(target.host)")
        }
        defer { freeaddrinfo(found) }
        var next = found
        while let address = next?.pointee {
            if let descriptor = Self.connect(to: address) {
                self.descriptor = descriptor
                return
            }
            next = address.ai_next
        }
        throw BenchFault("nobody listens at \(target.host), port \(target.port): \(String(cString: strerror(errno)))")
    }

    private static func connect(to address: addrinfo) -> Int32? {
        let kind = address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.ai_family, kind, address.ai_protocol)
        guard descriptor >= 0 else { return nil }
        var on: Int32 = 1
        guard Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0,
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size)) == 0,
            fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0
        else {
            Glibc.close(descriptor)
            return nil
        }
        return descriptor
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Passage {
        Self.passage(recv(descriptor, buffer.baseAddress, buffer.count, 0))
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> Passage {
        Self.passage(send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)))
    }

    func close() { Glibc.close(descriptor) }

    private static func passage(_ count: Int) -> Passage {
        if count > 0 { return .bytes(count) }
        if count < 0, errno == EAGAIN || errno == EINTR { return .later }
        return .ended
    }

    /// A port of 127.0.0.1 that nobody has just now.
    static func freePort() throws(BenchFault) -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw BenchFault("no port is free: \(String(cString: strerror(errno)))") }
        return UInt16(bigEndian: address.sin_port)
    }
}
