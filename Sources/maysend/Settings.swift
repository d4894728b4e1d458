import Configuration
import Foundation
import Rules
import Work

/// One setting, as `--help` and the README show it.
struct Setting {
    /// Its environment variable.
    let variable: String
    /// Nil: there is none, and what needs it says so.
    let standard: String?
    let meaning: String
    var isSecret = false
}

extension Setting {
    static let databaseURL = Setting(
        variable: "MAYSEND_DATABASE_URL", standard: nil,
        meaning: "the database, as postgresql://LOGIN@HOST/DATABASE or libpq's key=value words", isSecret: true)
    static let pepperFile = Setting(
        variable: "MAYSEND_PEPPER_FILE", standard: nil,
        meaning: "the secret file under which addresses become keys ('maysend pepper create')")
    static let controller = Setting(
        variable: "MAYSEND_CONTROLLER", standard: nil,
        meaning: "the controller that commands speak for; without it the only one there is")
    static let host = Setting(variable: "MAYSEND_HOST", standard: "127.0.0.1", meaning: "where 'serve' listens")
    static let port = Setting(
        variable: "MAYSEND_PORT", standard: "8080", meaning: "on which port; 0 takes any free one")
    static let logLevel = Setting(
        variable: "MAYSEND_LOG_LEVEL", standard: "info",
        meaning: "what 'serve' logs: \(Settings.logLevels.joined(separator: ", "))")
    static let linkKeys = Setting(
        variable: "MAYSEND_LINK_KEYS", standard: nil,
        meaning: "the secret file with the keys that seal the links in mails ('maysend key rotate-links')")
    static let publicURL = Setting(
        variable: "MAYSEND_PUBLIC_URL", standard: nil,
        meaning: "where people reach this service, as https://opt.firma.example; every link begins with it")
    static let unsubscribeMailto = Setting(
        variable: "MAYSEND_UNSUBSCRIBE_MAILTO", standard: nil,
        meaning: "a mailbox that takes unsubscribe mails too, named in List-Unsubscribe behind the link")
    static let policies = Setting(
        variable: "MAYSEND_POLICIES", standard: nil,
        meaning: "the folder of the shipped policies; without it deploy/policies, /usr/share/maysend/policies")
    static let texts = Setting(
        variable: "MAYSEND_TEXTS", standard: nil,
        meaning: "the folder of what recipients read; without it deploy/texts, /usr/share/maysend/texts")
    static let sql = Setting(
        variable: "MAYSEND_SQL", standard: nil,
        meaning: "the folder with roles.sql and migrations; without it sql, /usr/share/maysend/sql")

    static let spool = Setting(
        variable: "MAYSEND_SPOOL", standard: nil,
        meaning:
            "the folder in which 'serve' keeps opt-outs while the database is away; without it they are refused then")
    static let peerAbsence = Setting(
        variable: "MAYSEND_PEER_ABSENCE", standard: "900",
        meaning:
            "seconds for which the other instances wait for this one when it does not answer, and it keeps opt-outs")

    static let sweep = Setting(
        variable: "MAYSEND_SWEEP", standard: "03:00",
        meaning: "when 'serve' erases what nothing keeps: \(SweepSchedule.allowed)")

    static let sealKey = Setting(
        variable: "MAYSEND_SEAL_KEY", standard: nil,
        meaning:
            "the secret file that signs the sealed ledger ('maysend audit key create'); without it nothing is signed")

    static let journal = Setting(
        variable: "MAYSEND_JOURNAL", standard: nil,
        meaning: "a folder outside the database where 'serve' writes down opt-outs, for 'restore-check'")

    static let key = Setting(
        variable: "MAYSEND_API_KEY", standard: nil,
        meaning: "the API key with which 'scrub --url' asks another server", isSecret: true)

    static let all: [Setting] =
        [
            databaseURL, pepperFile, controller, host, port, logLevel, linkKeys, publicURL, unsubscribeMailto, policies,
            texts, sql, spool, peerAbsence, key,
        ] + outgoing + [sweep, sealKey, journal]
}

/// Every setting of the program, read from the environment. A value that is not allowed is an error that names the
/// variable; no secret is ever shown.
enum Settings {
    static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

    /// Two or three lines per setting, none wider than a terminal.
    static var help: String {
        Setting.all.map { setting in
            let standard = setting.standard.map { " (\($0))" } ?? ""
            return "  \(setting.variable)\(standard)\n" + Terminal.wrapped(setting.meaning, indent: 6)
        }.joined(separator: "\n")
    }

    /// Variables that begin like a setting and are none: a slip of the pen, most likely.
    static var unknownVariables: [String] {
        let known = Set(Setting.all.map(\.variable) + ["MAYSEND_URL"])
        return ProcessInfo.processInfo.environment.keys.sorted().filter { name in
            name.hasPrefix("MAYSEND_") && !name.hasPrefix("MAYSEND_TEST_") && !known.contains(name)
        }
    }

    /// The database's URL, understood by nobody but libpq.
    static func databaseURL() throws(Failure) -> String {
        guard let url = try value(of: .databaseURL) else {
            throw Failure(
                "MAYSEND_DATABASE_URL is not set",
                hint: "Name the database: MAYSEND_DATABASE_URL=postgresql://maysend@localhost/maysend")
        }
        let isURL = url.hasPrefix("postgresql://") || url.hasPrefix("postgres://")
        guard isURL || url.contains("=") else { throw databaseURLMalformed }
        return url
    }

    static let databaseURLMalformed = Failure(
        "MAYSEND_DATABASE_URL is no connection string",
        hint:
            "Allowed are postgresql://LOGIN@HOST/DATABASE and libpq's words, as 'host=/run/postgresql dbname=maysend'.")

    static func pepperPath() throws(Failure) -> String? { try value(of: .pepperFile) }

    static func controllerName() throws(Failure) -> Slug? {
        guard let text = try value(of: .controller) else { return nil }
        guard let name = Slug(text) else {
            throw Failure("MAYSEND_CONTROLLER is '\(text)', which is no name", hint: "Allowed are \(Slug.allowed).")
        }
        return name
    }

    static func hostName() throws(Failure) -> String { try value(of: .host) ?? Setting.host.standard ?? "" }

    static func portNumber() throws(Failure) -> Int {
        let text = try value(of: .port) ?? Setting.port.standard ?? ""
        guard let number = Int(text), (0...65_535).contains(number) else {
            throw Failure(
                "MAYSEND_PORT is '\(text)'", hint: "Allowed is a number from 0 to 65535; 0 takes any free port.")
        }
        return number
    }

    static func logLevelWord() throws(Failure) -> String {
        let word = try value(of: .logLevel) ?? Setting.logLevel.standard ?? ""
        guard logLevels.contains(word) else {
            throw Failure("MAYSEND_LOG_LEVEL is '\(word)'", hint: "Allowed are \(logLevels.joined(separator: ", ")).")
        }
        return word
    }

    static func linkKeysPath() throws(Failure) -> String? { try value(of: .linkKeys) }

    static func publicURL() throws(Failure) -> PublicURL? {
        guard let text = try value(of: .publicURL) else { return nil }
        guard let url = PublicURL(text) else {
            throw Failure("MAYSEND_PUBLIC_URL is '\(text)'", hint: "Allowed is \(PublicURL.allowed).")
        }
        return url
    }

    static func unsubscribeMailbox() throws(Failure) -> Address? {
        guard var text = try value(of: .unsubscribeMailto) else { return nil }
        if text.hasPrefix("mailto:") { text.removeFirst("mailto:".count) }
        do {
            return try Address(parsing: text)
        } catch {
            throw Failure(
                "MAYSEND_UNSUBSCRIBE_MAILTO is no address (\(error.code)): \(error.sentence)",
                hint: "Allowed is \(LinkIssuer.mailboxAllowed).")
        }
    }

    static func spoolFolder() throws(Failure) -> String? { try value(of: .spool) }

    /// A week at most: for so long nobody may be written to.
    private static let peerAbsenceSecondsAllowed = 10...604_800

    static func peerAbsenceSeconds() throws(Failure) -> Int {
        let text = try value(of: .peerAbsence) ?? Setting.peerAbsence.standard ?? ""
        let allowed = peerAbsenceSecondsAllowed
        guard let seconds = Int(text), allowed.contains(seconds) else {
            throw Failure(
                "MAYSEND_PEER_ABSENCE is '\(text)'",
                hint: "Allowed is a number of seconds from \(allowed.lowerBound) to \(allowed.upperBound).")
        }
        return seconds
    }

    static func sweepSchedule() throws(Failure) -> SweepSchedule {
        let text = try value(of: .sweep) ?? Setting.sweep.standard ?? ""
        guard let schedule = SweepSchedule(parsing: text) else {
            throw Failure("MAYSEND_SWEEP is '\(text)'", hint: "Allowed are \(SweepSchedule.allowed).")
        }
        return schedule
    }

    static func sealKeyPath() throws(Failure) -> String? { try value(of: .sealKey) }
    static func journalFolder() throws(Failure) -> String? { try value(of: .journal) }
    static func keyText() throws(Failure) -> String? { try value(of: .key) }
    static func policiesFolder() -> String? { environment.string(forKey: key(of: .policies)) }
    static func textsFolder() -> String? { environment.string(forKey: key(of: .texts)) }
    static func sqlFolder() -> String? { environment.string(forKey: key(of: .sql)) }

    private static let environment = ConfigReader(provider: EnvironmentVariablesProvider())

    private static func key(of setting: Setting) -> ConfigKey {
        ConfigKey(setting.variable.lowercased().split(separator: "_").map(String.init))
    }

    /// Nil where it is not set. Set to nothing is a mistake, most likely of a script.
    static func value(of setting: Setting) throws(Failure) -> String? {
        guard let text = environment.string(forKey: key(of: setting), isSecret: setting.isSecret) else { return nil }
        guard !text.isEmpty else {
            throw Failure(
                "\(setting.variable) is set and empty", hint: "It is \(setting.meaning). Unset it, or fill it.")
        }
        return text
    }
}
