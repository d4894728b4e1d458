// swift-tools-version: 6.2
import PackageDescription

/// The strict settings every room of this package is compiled with.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")

let package = Package(
    name: "maysend",
    products: [
        .executable(name: "maysend", targets: ["maysend"])
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        .systemLibrary(name: "CPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(name: "Postgres", dependencies: ["CPQ"], swiftSettings: strict),
        .target(name: "Rules", dependencies: [crypto, cryptoExtras, yams], swiftSettings: strict),
        .target(name: "Spool", swiftSettings: strict),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "Formats", dependencies: ["Rules", "CZlib", crypto], swiftSettings: strict),
        .target(name: "Store", dependencies: ["Rules", "Postgres"], swiftSettings: strict),
        .target(
            name: "Web",
            dependencies: [
                "Rules", "Formats", "Store", hummingbird, hummingbirdCore, httpTypes, mustache, logging, metrics, nio,
                nioHTTP1,
            ],
            swiftSettings: strict),
        .target(
            name: "Work",
            dependencies: [
                "Rules", "Formats", "Spool", "Store", httpClient, logging, lifecycle, nio, nioHTTP1, nioPosix, nioSSL,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "maysend",
            dependencies: [
                "Rules", "Formats", "Postgres", "Spool", "Store", "Web", "Work", arguments, configuration, logging,
                lifecycle,
                signals,
                nio,
            ],
            swiftSettings: strict),
        .systemLibrary(name: "CEpoll"),
        .executableTarget(
            name: "bench",
            dependencies: [
                "CEpoll", "Rules", "Formats", "Postgres", "Store", "Web", hummingbird, arguments, histogram, logging,
                nio,
            ],
            swiftSettings: strict),
        .target(
            name: "Harness", dependencies: ["Rules", "Postgres", "Store"], path: "Tests/Harness", swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        .testTarget(name: "PostgresTests", dependencies: ["Postgres"], swiftSettings: strict),
        .testTarget(name: "SpoolTests", dependencies: ["Spool"], swiftSettings: strict),
        .testTarget(
            name: "RulesTests", dependencies: ["Rules", "Harness", crypto], exclude: ["Scenarios"],
            resources: [.copy("Vectors")], swiftSettings: strict
        ),
        .testTarget(
            name: "FormatsTests", dependencies: ["Formats", "Rules", "Harness", "CZlib"], swiftSettings: strict),
        .testTarget(
            name: "StoreTests", dependencies: ["Store", "Rules", "Postgres", "Harness"], swiftSettings: strict),
        .testTarget(
            name: "WebTests",
            dependencies: [
                "Web", "Store", "Rules", "Formats", "Harness", hummingbird, hummingbirdTesting, httpTypes, logging, nio,
                nioEmbedded, nioHTTP1,
            ],
            exclude: [
                "schemathesis.sh", "schemathesis.toml", "gallery.py", "subject_schema.py", "visit.py", "Scanners",
                "Mail",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WorkTests",
            dependencies: ["Work", "Spool", "Store", "Rules", "Formats", "Postgres", "Harness", logging, nio],
            exclude: ["Servers", "hostile-urls.txt"], swiftSettings: strict),
        .testTarget(
            name: "BenchTests", dependencies: ["bench", "Store", "Rules", "Formats", "Harness"],
            swiftSettings: strict),
        .testTarget(
            name: "CommandTests", dependencies: ["maysend", "Spool", "Store", "Rules", "Harness"], swiftSettings: strict
        ),
        .testTarget(
            name: "FreshnessTests", dependencies: ["Rules", "Harness"], exclude: ["Faults"], swiftSettings: strict),
    ]
)

/// MAYSEND_TEST_TARGETS=StoreTests,WebTests leaves the other tests (and without BenchTests the bench) out of a build: most of
/// the time of a build goes into the tests.
if let wanted = Context.environment["MAYSEND_TEST_TARGETS"]?.split(separator: ",").map(String.init) {
    package.targets.removeAll { target in
        target.type == .test && !wanted.contains(target.name)
            || target.name == "bench" && !wanted.contains("BenchTests")
    }
}
