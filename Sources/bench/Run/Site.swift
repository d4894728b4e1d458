import ArgumentParser
import Foundation

/// Where a run finds what it needs, and leaves what it makes.
struct Site: ParsableArguments {
    @Option(help: ArgumentHelp("The database, of a superuser; it is filled if it is empty.", valueName: "url"))
    var database: String
    @Option(help: ArgumentHelp("The maysend that is measured.", valueName: "file"))
    var maysend = ".build/release/maysend"
    @Option(help: ArgumentHelp("Where pepper, keys and results are kept.", valueName: "folder"))
    var folder = ".local/bench"
    @Option(help: ArgumentHelp("The policy that judges.", valueName: "file"))
    var policy = "deploy/policies/stratsys.yaml"
    @Option(help: ArgumentHelp("The controller in that policy.", valueName: "id"))
    var controller = "stratsys-ab"

    var pepperFile: String { folder + "/pepper" }

    /// What programs of the product are told.
    var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("MAYSEND_") }
        environment["MAYSEND_DATABASE_URL"] = database
        environment["MAYSEND_PEPPER_FILE"] = pepperFile
        return environment
    }

    var linkKeysFile: String { folder + "/links" }

    /// What makes verdicts carry links, and links open.
    var linkSettings: [String: String] {
        ["MAYSEND_LINK_KEYS": linkKeysFile, "MAYSEND_PUBLIC_URL": "https://opt.bench.example"]
    }

    /// Runs a command of the product to its end, with more settings; what it printed.
    @discardableResult
    func maysend(_ arguments: String..., with settings: [String: String] = [:]) throws -> String {
        let environment = environment.merging(settings) { _, more in more }
        let output = folder + "/command.out"
        let complaints = folder + "/command.err"
        let child = try Child(maysend, arguments, environment: environment, output: output, complaints: complaints)
        guard child.wait().status == 0 else {
            throw BenchFault(
                "maysend \(arguments.joined(separator: " ")) failed: \(ProcessFiles.read(complaints) ?? "")")
        }
        defer { unlink(output) }
        return (ProcessFiles.read(output) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
