import Foundation

/// A program that a test runs to its end.
enum Script {
    /// Its exit status, and what it said on both its outputs.
    static func run(_ script: URL, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = script
        process.arguments = arguments
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
            "script-\(UUID().uuidString).txt")
        try Data().write(to: file)
        defer { do { try FileManager.default.removeItem(at: file) } catch {} }
        let handle = try FileHandle(forWritingTo: file)
        process.standardOutput = handle
        process.standardError = handle
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return (status, String(decoding: try Data(contentsOf: file), as: UTF8.self))
    }
}
