import Foundation
import Harness

/// A running `maysend serve` on a port of its own.
struct Instance: Sendable {
    let port: UInt16
    private let process: Process

    /// Starts it with these settings.
    init(_ settings: [String: String]) throws {
        port = try Self.freePort()
        process = Program.process(
            ["serve"], settings.merging(["MAYSEND_PORT": "\(port)", "MAYSEND_LOG_LEVEL": "error"]) { _, new in new })
        try process.run()
    }

    /// Ends it, and says with which status.
    func stop() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// One that nobody uses now; the system hands out others for a while before it comes back to it.
    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        guard Loopback.with(0, { bind(descriptor, $0, $1) }) == 0 else { throw SiteError.noPort }
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) == 0 }
        }
        guard isKnown else { throw SiteError.noPort }
        return UInt16(bigEndian: address.sin_port)
    }
}

/// The built program.
enum Program {
    /// A run of it that has not begun. Its words go to standard error, what it prints nowhere.
    static func process(_ arguments: [String], _ settings: [String: String]) -> Process {
        let process = Process()
        process.executableURL = binary
        process.arguments = arguments
        let handed = ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("MAYSEND_TEST_") }
        process.environment = settings.merging(handed) { own, _ in own }.merging(["PATH": "/usr/bin:/bin"]) { own, _ in
            own
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        return process
    }

    static let binary: URL = {
        let path = ProcessInfo.processInfo.environment["MAYSEND_TEST_BINARY"]
        return path.map { URL(fileURLWithPath: $0) } ?? Checkout.top.appendingPathComponent(".build/debug/maysend")
    }()
}

/// Why something could not be tried.
enum SiteError: Error, CustomStringConvertible {
    case noPort
    case importFailed(Int32)
    /// With the status of the last answer, if there was one.
    case noRightAnswer(Int?)
    case badEnd([Int32])

    var description: String {
        switch self {
        case .noPort: "the system has no port to give"
        case .importFailed(let status): "maysend import ended with status \(status)"
        case .noRightAnswer(let status): "no right answer in time; the last was \(status.map(String.init) ?? "none")"
        case .badEnd(let statuses): "the instances ended with the statuses \(statuses)"
        }
    }
}
