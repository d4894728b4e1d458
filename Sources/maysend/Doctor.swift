import Postgres
import Rules
import Store
import Work

/// Looks at the settings, the files and the database, as far as each can be looked at without the others.
struct Doctor {
    func examine() async -> [Finding] {
        var findings = settings()
        let peppers = pepper(&findings)
        findings.append(links())
        findings.append(files())
        findings.append(texts())
        if let damage = spoolDamage() { findings.append(damage) }
        await database(peppers, &findings)
        return findings
    }

    /// Every setting that is set, by its name alone, and every one that is not allowed.
    private func settings() -> [Finding] {
        let findings = [
            mistake { () throws(Failure) -> String? in try Settings.databaseURL() },
            mistake { () throws(Failure) -> String? in try Settings.controllerName()?.text },
            mistake { () throws(Failure) -> String? in try Settings.hostName() },
            mistake { () throws(Failure) -> String? in "\(try Settings.portNumber())" },
            mistake { () throws(Failure) -> String? in try Settings.logLevelWord() },
            mistake { () throws(Failure) -> String? in try Settings.spoolFolder() },
            mistake { () throws(Failure) -> String? in "\(try Settings.peerAbsenceSeconds())" },
        ].compactMap { $0 }
        let unknown = Settings.unknownVariables.map {
            Finding(.notice, "settings", "\($0) is no setting, so it does nothing; 'maysend --help' lists them")
        }
        return (findings.isEmpty ? [Finding(.good, "settings", "all can be understood")] : findings) + unknown
    }

    private func mistake(_ read: () throws(Failure) -> String?) -> Finding? {
        do throws(Failure) {
            _ = try read()
            return nil
        } catch {
            return error.finding("settings")
        }
    }

    private func pepper(_ findings: inout [Finding]) -> Peppers? {
        do throws(Failure) {
            let peppers = try PepperFiles.read()
            let path = try Settings.pepperPath() ?? ""
            if let mode = PepperFiles.looseMode(path) {
                findings.append(
                    Finding(
                        .bad, "pepper file", "\(path) has mode \(mode), so others can read it; run: chmod 600 \(path)"))
            } else {
                findings.append(
                    Finding(
                        .good, "pepper file",
                        "\(path), v\(peppers.current.version); losing it loses the register, so keep a copy apart from the database"
                    ))
            }
            return peppers
        } catch {
            findings.append(error.finding("pepper file"))
            return nil
        }
    }

    private func links() -> Finding {
        do throws(Failure) {
            guard let issuer = try LinkKeyFiles.issuer(), let path = try Settings.linkKeysPath() else {
                return Finding(
                    .notice, "links",
                    "MAYSEND_LINK_KEYS and MAYSEND_PUBLIC_URL are not set, so no verdict carries an unsubscribe link")
            }
            if let mode = PepperFiles.looseMode(path) {
                return Finding(.bad, "links", "\(path) has mode \(mode), so others can read it; run: chmod 600 \(path)")
            }
            let keys = issuer.ring.count == 1 ? "1 key" : "\(issuer.ring.count) keys"
            return Finding(
                .good, "links",
                "\(issuer.base), sealed with k\(issuer.ring.newest.number) of \(path) (\(keys)); losing it breaks the links in"
                    + " every mail that was sent, so keep a copy")
        } catch {
            return error.finding("links")
        }
    }

    private func files() -> Finding {
        do throws(Failure) {
            let files = try SQLFiles.read()
            return Finding(.good, "migrations", "\(files.migrations.count) in \(files.folder)")
        } catch {
            return Finding(.notice, "migrations", error.sentence)
        }
    }

    private func texts() -> Finding {
        do throws(Failure) {
            _ = try TextFiles.pages()
            return Finding(.good, "texts", "every language is whole")
        } catch {
            return error.finding("texts")
        }
    }

    /// Nil where no spool is set, or it is sound.
    private func spoolDamage() -> Finding? {
        do throws(Failure) { return try Settings.spoolFolder().flatMap { Keeper.damage(ofSpoolIn: $0) } } catch {
            return nil
        }
    }

    private func database(_ peppers: Peppers?, _ findings: inout [Finding]) async {
        do {
            // Without its own pepper the rest of the database can still be looked at, with one that fits nothing.
            let stand =
                try peppers
                ?? Peppers(
                    current: Pepper(version: Pepper.versionMax, secret: Machine.randomOctets(Pepper.secretOctetsMin)))
            let found = try await Connections.withStore(stand) { store in
                try await store.findings(clock: Machine.now())
            }
            findings.append(Finding(.good, "database", "answers"))
            findings += peppers == nil ? found.filter { $0.subject != "pepper" } : found
        } catch let error as Failure {
            findings.append(error.finding("database"))
            return
        } catch {
            findings.append(Finding(.bad, "database", "\(error)"))
            return
        }
        await role("maysend_admin", for: "policies and keys", &findings) {
            try await Connections.withAdministration { _ in }
        }
        await role("maysend_audit", for: "'maysend verify'", &findings) { try await Connections.withVerifier { _ in } }
        await role("maysend_seal", for: "sealing and the journal", &findings) {
            try await Connections.withSealDesk { _ in }
        }
    }

    private func role(
        _ name: String, for use: String, _ findings: inout [Finding], _ connect: () async throws -> Void
    ) async {
        do {
            try await connect()
            findings.append(Finding(.good, "role \(name)", "may be taken"))
        } catch {
            findings.append(
                Finding(
                    .notice, "role \(name)",
                    "this login may not take it, which is needed for \(use); grant it where that is done"))
        }
    }
}

extension Failure {
    /// What is wrong and what to do, in one line.
    var sentence: String { hint.map { "\(text). \($0)" } ?? text }

    func finding(_ subject: String) -> Finding { Finding(.bad, subject, sentence) }
}
