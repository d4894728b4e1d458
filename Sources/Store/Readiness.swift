import Postgres
public import Rules

/// What was found about the database, and what to do about it.
public struct Finding: Hashable, Sendable {
    /// How bad.
    public let level: Level
    /// What was looked at.
    public let subject: String
    /// What was found and, where that is not good, what to do.
    public let text: String

    public enum Level: String, Sendable, Comparable {
        case good, notice, bad

        public static func < (left: Level, right: Level) -> Bool { left.order < right.order }
        private var order: Int { self == .good ? 0 : self == .notice ? 1 : 2 }
    }

    public init(_ level: Level, _ subject: String, _ text: String) {
        (self.level, self.subject, self.text) = (level, subject, text)
    }
}

enum ReadinessSQL {
    static let settings = Statement(
        "readiness.settings",
        """
        select current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
            current_setting('synchronous_commit') as synchronous_commit, current_setting('data_checksums') as data_checksums,
            current_setting('server_version') as server_version, current_setting('server_version_num')::integer as number,
            current_setting('log_parameter_max_length') as log_parameters,
            current_setting('log_parameter_max_length_on_error') as log_parameters_on_error,
            pg_is_in_recovery() as is_standby, current_user::text as role_name
        """,
        in: (), out: ("fsync", String?.self), ("full_page_writes", String?.self), ("synchronous_commit", String?.self),
        ("data_checksums", String?.self), ("server_version", String?.self), ("number", Int32?.self),
        ("log_parameters", String?.self), ("log_parameters_on_error", String?.self), ("is_standby", Bool?.self),
        ("role_name", String?.self))
    static let schema = Statement(
        "readiness.schema", "select max(version) as version from migration", in: (), out: ("version", Int32?.self),
        into: { (version: Int32?) in version })
    static let peppers = Statement(
        "readiness.peppers", "select version, encode(fingerprint, 'hex') as fingerprint from pepper", in: (),
        out: ("version", Int32.self), ("fingerprint", String?.self))
    static let grants = Statement(
        "readiness.grants",
        """
        select has_table_privilege('maysend_write', 'ledger', 'update') or has_table_privilege('maysend_write', 'ledger', 'delete')
            or has_table_privilege('maysend_write', 'ledger', 'truncate') as can_change_evidence
        """,
        in: (), out: ("can_change_evidence", Bool?.self), into: { (can: Bool?) in can })

    static let all: [AnyStatement] = [settings.erased, schema.erased, peppers.erased, grants.erased]
}

extension Store {
    /// Looks at all that must be right before a server may answer: settings, schema, peppers, grants, clock, policies.
    ///
    /// A finding of level `bad` makes the server not ready. Throws where the database cannot be asked.
    public func findings(clock: Instant) async throws(StoreError) -> [Finding] {
        let peppers = peppers
        return try await checks.read(.check, deadlines: .standard(for: .normal)) { tx throws(StoreError) in
            var findings = try Self.settings(tx)
            let version = try tx.first(ReadinessSQL.schema, ()) ?? nil
            findings.append(Self.schema(version.map { Int($0) }))
            findings.append(try Self.peppers(peppers, tx))
            if version == Int32(schemaVersion) {
                let former = self.catalogueInMemory?.edition
                let edition = try tx.one(CatalogueSQL.edition, ())
                findings.append(
                    try self.restoreFinding(edition, after: former, tx)
                        ?? (self.isConfirmed(edition.run)
                            ? Finding(.good, "restore", "the database is the one that was served before")
                            : Self.unconfirmed))
            }
            let canChange = try tx.first(ReadinessSQL.grants, ()) ?? nil
            findings.append(
                canChange == false
                    ? Finding(.good, "grants", "the serving role cannot change the ledger")
                    : Finding(.bad, "grants", "maysend_write may change the ledger; run 'maysend migrate' as the owner")
            )
            findings.append(try Self.stepBack(tx))
            let now = try tx.one(LedgerSQL.clock, ())
            findings.append(Self.clock(now, clock))
            // An older schema has no editions.
            if version ?? 0 >= Int32(schemaVersion) {
                let edition = try tx.one(CatalogueSQL.edition, ())
                findings += Self.policies(try Catalogue.load(edition, tx, after: self.catalogueInMemory), at: now)
            }
            findings += try tx.all(InstanceSQL.all, ()).compactMap(Self.missing)
            return findings
        }
    }

    private static func settings(_ tx: borrowing Transaction<StoreError>) throws(StoreError) -> [Finding] {
        let (fsync, pages, commit, checksums, version, number, log, logOnError, isStandby, _) =
            try tx.one(ReadinessSQL.settings, ())
        func good(_ is: Bool, _ subject: String, _ good: String, _ otherwise: Finding) -> Finding {
            `is` ? Finding(.good, subject, good) : otherwise
        }
        return [
            good(
                (number ?? 0) >= 150_000, "server", "PostgreSQL \(version ?? "?")",
                Finding(.bad, "server", "PostgreSQL \(version ?? "?") is too old; 15 is the oldest that is supported")),
            good(
                fsync == "on", "fsync", "on",
                Finding(.bad, "fsync", "off: an acknowledged opt-out can be lost; set fsync = on")),
            good(
                pages == "on", "full_page_writes", "on",
                Finding(.bad, "full_page_writes", "off: a crash can damage the register; set full_page_writes = on")),
            good(
                commit != "off", "synchronous_commit", commit ?? "?",
                Finding(
                    .bad, "synchronous_commit",
                    "off: an acknowledged opt-out can be lost; set synchronous_commit = on")),
            good(
                checksums == "on", "data_checksums", "on",
                Finding(.notice, "data_checksums", "off: silent damage goes unnoticed; run pg_checksums --enable")),
            good(
                log == "0" && logOnError == "0", "log_parameter_max_length", "0: no address reaches the server's log",
                Finding(
                    .notice, "log_parameter_max_length",
                    "\(log ?? "?"): addresses can reach the server's log; set it and …_on_error to 0")),
            good(
                isStandby == false, "primary", "this is the primary",
                Finding(.bad, "primary", "this is a standby; checks must read the primary")),
        ]
    }

    static func schema(_ version: Int?) -> Finding {
        switch version {
        case .some(schemaVersion): Finding(.good, "schema", "migration \(schemaVersion)")
        case .some(let version) where version > schemaVersion:
            Finding(
                .bad, "schema",
                "the database is at migration \(version), newer than this program's \(schemaVersion); use a newer program"
            )
        default:
            Finding(
                .bad, "schema",
                "the database is at migration \(version ?? 0), this program needs \(schemaVersion); run 'maysend migrate'"
            )
        }
    }

    static func peppers(
        _ peppers: Peppers, _ tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> Finding {
        let known = Dictionary(
            try tx.all(ReadinessSQL.peppers, ()).map { (Int($0.0), $0.1 ?? "") },
            uniquingKeysWith: { first, _ in first })
        guard !known.isEmpty else {
            return Finding(
                .bad, "pepper", "none is registered in this database; run 'maysend migrate' with the pepper file")
        }
        do throws(StoreError) {
            try peppers.check(against: known)
        } catch {
            return Finding(.bad, "pepper", error.description)
        }
        return Finding(.good, "pepper", "v\(peppers.current.version) is the one this database was filled with")
    }

    private static func clock(_ database: Instant, _ own: Instant) -> Finding {
        let apart = abs(database.microseconds - own.microseconds)
        return apart <= clockApartMicrosecondsMax
            ? Finding(.good, "clock", "within \(clockApartMicrosecondsMax / 1_000_000) s of the database's")
            : Finding(
                .notice, "clock",
                "\(apart / 1_000_000) s from the database's, whose clock decides; set both by NTP")
    }

    /// No instance is less ready for it: opt-outs are to be taken all the same.
    private static func missing(_ instance: InstanceRecord) -> Finding? {
        let forget = "or if it never does, run 'maysend instance forget \(instance.id)'"
        switch instance.state {
        case .live where instance.isLapsed:
            return Finding(
                .notice, "instances",
                "'\(instance.name)' does not answer and may hold opt-outs, so no check is answered; start it again, "
                    + "\(forget); after \(instance.secondsLeft) s more nobody waits for it")
        case .absent:
            return Finding(
                .notice, "instances",
                "'\(instance.name)' was missed too long; opt-outs that it acknowledged may be ignored; start it again, \(forget)"
            )
        case .live, .forgotten: return nil
        }
    }

    private static func policies(_ catalogue: Catalogue, at now: Instant) -> [Finding] {
        guard !catalogue.controllers.isEmpty else {
            return [Finding(.notice, "policy", "none is applied; run 'maysend policy apply FILE'")]
        }
        return catalogue.controllers.map { controller in
            do throws(StoreError) {
                let policy = try catalogue.policy(of: controller, at: now)
                return Finding(.good, "policy", "\(controller.slug): \(policy.label)")
            } catch {
                return Finding(.notice, "policy", "\(controller.slug): \(error.description)")
            }
        }
    }
}

/// How far this machine's clock may be from the database's without a word.
private let clockApartMicrosecondsMax: Int64 = 2_000_000
