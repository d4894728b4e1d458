import ArgumentParser
import Foundation
import Rules

/// `maysend policy …`
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Test, check, show and apply policies.", subcommands: [PolicyTest.self])
}

/// `maysend policy test FILE…`
struct PolicyTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Replay scenario files without a database.",
        discussion: "Prints a line per failing scenario. Exit 0 if all pass, 1 if one fails, 2 if a file cannot be read.")

    @Argument(help: "Scenario files (YAML).", completion: .file(extensions: ["yaml"]))
    var files: [String]

    func run() async throws {
        var passed = 0
        var failed = 0
        for file in files {
            let scenarios: ScenarioFile
            do {
                scenarios = try readScenarios(file)
            } catch {
                Terminal.error(error.description)
                throw ExitCode(2)
            }
            for scenario in scenarios.scenarios {
                switch scenario.run(under: scenarios.policy) {
                case .passed: passed += 1
                case .failed(let expected, let got):
                    failed += 1
                    Terminal.line("\(file):\(scenario.line): \(scenario.name): expected \(expected); got \(got)")
                }
            }
        }
        Terminal.line("\(passed) passed, \(failed) failed")
        if failed > 0 { throw ExitCode(1) }
    }

    private func readScenarios(_ file: String) throws(FileError) -> ScenarioFile {
        try ScenarioFile(parsing: PolicyFiles.read(file), file: file) { word throws(FileError) in
            try PolicyFiles.policy(named: word, besides: file)
        }
    }
}
