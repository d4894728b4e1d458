import Foundation
import Testing

/// What each room may import: the arrows of the map, and the few modules of the toolchain.
private let mayImport: [String: Set<String>] = [
    "CPQ": [],
    "Postgres": ["CPQ", "Glibc", "Synchronization"],
    // Yams reads policies and scenarios. Foundation is for one file: the Unicode tables behind the address form.
    "Rules": ["Crypto", "CryptoExtras", "Yams", "Foundation"],
    "CZlib": [],
    "Spool": ["Glibc", "Synchronization"],
    "Formats": ["Rules", "CZlib", "Crypto", "Synchronization"],
    "Store": ["Rules", "Postgres", "Synchronization"],
    "Web": [
        "Rules", "Formats", "Store", "Hummingbird", "HummingbirdCore", "HTTPTypes", "Mustache", "Logging", "Metrics",
        "NIOCore", "NIOHTTP1", "ServiceLifecycle", "Synchronization", "Glibc",
    ],
    "Work": [
        "Rules", "Formats", "Spool", "Store", "AsyncHTTPClient", "Logging", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL",
        "ServiceLifecycle", "Synchronization",
    ],
    "maysend": [
        "Rules", "Formats", "Postgres", "Spool", "Store", "Web", "Work", "ArgumentParser", "Configuration",
        "Foundation",
        "Logging", "NIOCore", "ServiceLifecycle", "Synchronization", "UnixSignals",
    ],
    "CEpoll": [],
    // No part of the product: it starts servers, fills a database of its own and measures.
    "bench": [
        "CEpoll", "Rules", "Formats", "Postgres", "Store", "Web", "ArgumentParser", "Foundation", "Glibc", "Histogram",
        "Hummingbird", "Logging", "NIOCore",
    ],
]

/// Imports that only the named files of a room may have.
private let onlyIn: [String: Set<String>] = [
    "Rules/Foundation": ["UnicodeForm.swift"],
    "Rules/Yams": ["YAMLValue.swift"],
    "Formats/CZlib": ["Lists/Inflater.swift", "Lists/Unzip.swift"],
    // zlib's state stays in one place and is used by one at a time.
    "Formats/Synchronization": ["Lists/Inflater.swift"],
    "bench/CEpoll": ["Load/Poller.swift", "Measure/Child.swift"],
    "bench/Hummingbird": ["Measure/EchoServer.swift"],
    "bench/Histogram": ["Load/Latencies.swift"],
]

/// Words that would break a promise of the house. A clock, chance or a detached task is handed in from the top.
private let banned = [
    "Date()", "Date.now", "ContinuousClock()", "Task {", "Task.detached", "@unchecked", "nonisolated(unsafe)", "try?",
    "try!", "as!", "fatalError", "preconditionFailure", "print(", "UnsafeContinuation",
]

/// Where a banned word is allowed, and why.
private let exceptions: [(word: String, file: String, why: String)] = []

@Suite struct ArchitectureTests {
    @Test func everyRoomIsInTheTable() throws {
        #expect(Set(try Room.all().map(\.name)) == Set(mayImport.keys))
    }

    @Test func everyRoomImportsOnlyWhatItMay() throws {
        for room in try Room.all() {
            let allowed = mayImport[room.name] ?? []
            for file in room.files {
                for module in file.imports where !allowed.contains(module) {
                    Issue.record("\(room.name)/\(file.path) imports \(module)")
                }
            }
        }
    }

    @Test func someModulesAreForNamedFilesOnly() throws {
        for room in try Room.all() {
            for file in room.files {
                for module in file.imports {
                    guard let files = onlyIn["\(room.name)/\(module)"] else { continue }
                    #expect(files.contains(file.path), "\(room.name)/\(file.path) imports \(module)")
                }
            }
        }
    }

    @Test func noBannedWordIsUsed() throws {
        var used: Set<String> = []
        for room in try Room.all() {
            for file in room.files {
                let place = "\(room.name)/\(file.path)"
                for (index, line) in file.code.enumerated() {
                    for word in banned where contains(line, word) {
                        let isAllowed = exceptions.contains { $0.word == word && $0.file == place }
                        if isAllowed { used.insert("\(word) \(place)") }
                        #expect(isAllowed, "\(place):\(index + 1) uses \(word)")
                    }
                }
            }
        }
        // An exception that nothing needs any more is taken out.
        for exception in exceptions {
            #expect(
                used.contains("\(exception.word) \(exception.file)"), "\(exception.file) needs no \(exception.word)")
        }
    }

    /// Not inside a longer name: `fingerprint(` is no `print(`.
    private func contains(_ line: String, _ word: String) -> Bool {
        line.ranges(of: word).contains { range in
            guard range.lowerBound > line.startIndex, let first = word.first, first.isLetter else { return true }
            let before = line[line.index(before: range.lowerBound)]
            return !before.isLetter && !before.isNumber && before != "_" && before != "."
        }
    }

    @Test func rulesKnowNoClockNoChanceAndNoWaiting() throws {
        let rules = try #require(try Room.all().first { $0.name == "Rules" })
        for file in rules.files {
            for (index, line) in file.code.enumerated() {
                for word in [
                    "async", "await", "random(in", "SystemRandomNumberGenerator", "Logger", "FileManager", "getenv",
                ] {
                    #expect(!contains(line, word), "Rules/\(file.path):\(index + 1) uses \(word)")
                }
            }
        }
    }

    @Test func sqlIsStaticTextOfTheStore() throws {
        // The bench fills a database of its own by COPY, from one file.
        for room in try Room.all() where !["Store", "Postgres"].contains(room.name) {
            for file in room.files where "\(room.name)/\(file.path)" != "bench/Seed/BenchSQL.swift" {
                for line in file.lines where !line.trimmingCharacters(in: .whitespaces).hasPrefix("//") {
                    #expect(
                        !line.lowercased().contains(/\b(insert into|delete from|select .* from|update \w+ set)\b/),
                        "\(room.name)/\(file.path) speaks SQL: \(line)")
                }
            }
        }
    }

    @Test func noFileIsALumberRoom() throws {
        for room in try Room.all() {
            for file in room.files {
                #expect(
                    !file.path.contains(/(^|\/)(Models|Helpers|Utils|Utilities|Common|Misc|Extensions)|\+/),
                    "\(room.name)/\(file.path)")
            }
        }
    }

    @Test func theTopLevelHoldsWhatTheDesignNames() throws {
        let allowed: Set = [
            "Package.swift", "Sources", "Tests", "sql", "deploy", "Makefile", "README.md", "Package.resolved",
        ]
        let found = try FileManager.default.contentsOfDirectory(atPath: Room.top.path).filter { !$0.hasPrefix(".") }
        #expect(Set(found).subtracting(allowed) == [])
    }

    @Test func everyTestRoomMirrorsARoom() throws {
        let rooms = Set(try Room.all().map(\.name))
        let others: Set = ["ArchitectureTests", "BenchTests", "CommandTests", "FreshnessTests", "Harness"]
        let tests = Room.top.appendingPathComponent("Tests")
        for folder in try FileManager.default.contentsOfDirectory(atPath: tests.path) where !others.contains(folder) {
            #expect(folder.hasSuffix("Tests") && rooms.contains(String(folder.dropLast(5))), "Tests/\(folder)")
        }
    }
}
