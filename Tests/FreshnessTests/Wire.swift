import Foundation

/// One connection to an instance that stays open: a request out, its answer in, on the thread that calls. It is cheap, so
/// that two cores have room for the instances, the database and those who ask.
final class Wire {
    private let port: UInt16
    private var descriptor: Int32 = -1
    private var buffer = [UInt8](repeating: 0, count: 16_384)
    private var filled = 0

    init(to port: UInt16) { self.port = port }

    deinit { drop() }

    /// The answer to one request; nil where the connection broke or said nothing in time.
    func ask(_ request: [UInt8]) -> Reply? {
        send(request) ? receive() : nil
    }

    /// Whether all of it went out; a connection that broke is opened anew first.
    func send(_ request: [UInt8]) -> Bool {
        guard descriptor >= 0 || open() else { return false }
        var rest = request[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                drop()
                return false
            }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// The answer to the one request that is out.
    func receive() -> Reply? {
        guard descriptor >= 0 else { return nil }
        filled = 0
        var head: Head?
        while true {
            if head == nil { head = Head(buffer, count: filled) }
            if let head, filled >= head.bytes + head.bodyBytes {
                return Reply(status: head.status, body: Array(buffer[head.bytes..<head.bytes + head.bodyBytes]))
            }
            if filled == buffer.count { buffer += [UInt8](repeating: 0, count: buffer.count) }
            let count = buffer.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress?.advanced(by: filled), $0.count - filled, 0)
            }
            guard count > 0 else {
                drop()
                return nil
            }
            filled += count
        }
    }

    private func drop() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    private func open() -> Bool {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var now: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &now, socklen_t(MemoryLayout<Int32>.size))
        var patience = timeval(tv_sec: Self.silenceSecondsMax, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let isConnected = Loopback.with(port) { connect(descriptor, $0, $1) } == 0
        if !isConnected { drop() }
        return isConnected
    }

    private static let silenceSecondsMax = 20
}

/// The lines of an answer before its body.
private struct Head {
    let status: Int
    /// With the empty line.
    let bytes: Int
    let bodyBytes: Int

    /// Nil while it has not come in full.
    init?(_ buffer: [UInt8], count: Int) {
        let found = buffer.withUnsafeBytes { bytes -> (status: Int, head: Int, body: Int)? in
            let read = UnsafeRawBufferPointer(rebasing: bytes[..<count])
            guard let end = offset(of: "\r\n\r\n", in: read),
                let length = offset(of: "ontent-", "ength: ", in: UnsafeRawBufferPointer(rebasing: read[..<end]))
            else { return nil }
            return (number(in: read, at: "HTTP/1.1 ".utf8.count), end + 4, number(in: read, at: length))
        }
        guard let found else { return nil }
        (status, bytes, bodyBytes) = (found.status, found.head, found.body)
    }
}

/// An address on this machine's loopback.
enum Loopback {
    /// Calls the body with the address of a port, as the calls of the system want it.
    static func with(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// Where the text begins; the C library looks for it, which is as fast in a debug build.
func offset(of text: StaticString, in bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
    guard let base = bytes.baseAddress, text.utf8CodeUnitCount > 0 else { return nil }
    let last = bytes.count - text.utf8CodeUnitCount
    var place = start
    while place <= last, let found = memchr(base + place, Int32(text.utf8Start[0]), last - place + 1) {
        if memcmp(found, text.utf8Start, text.utf8CodeUnitCount) == 0 { return UnsafeRawPointer(found) - base }
        place = UnsafeRawPointer(found) - base + 1
    }
    return nil
}

/// Where what follows both texts begins: a field's name without the letters that may be of either case.
private func offset(of first: StaticString, _ second: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let start = offset(of: first, in: bytes), let end = offset(of: second, in: bytes, from: start) else {
        return nil
    }
    return end + second.utf8CodeUnitCount
}

/// The digits at a place, as a number.
func number(in bytes: UnsafeRawBufferPointer, at place: Int) -> Int {
    var (number, place) = (0, place)
    while place < bytes.count, (0x30...0x39).contains(bytes[place]), number < Int.max / 100 {
        number = number * 10 + Int(bytes[place]) - 0x30
        place += 1
    }
    return number
}
