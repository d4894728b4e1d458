import Rules
import Store

/// Who asks, found out in the order that tells the least: the key's form, the key, its scopes.
struct Authentication: Sendable {
    let store: Store

    /// The key in the header field; nil where there is none of that form.
    static func key(in header: String?) -> APIKey? {
        guard let header else { return nil }
        let parts = header.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return APIKey(parsing: parts[1])
    }

    /// The caller, where the key has one of the scopes; nil where everybody may call.
    func caller(_ key: APIKey?, for rule: RouteAccess, at now: Instant) async throws(Problem) -> Call.Caller? {
        if rule == .everybody { return nil }
        guard let key else { throw .noKey }
        if case .keyProvenByHandler = rule, let caller = try await believed(key, for: rule, at: now) { return caller }
        return try await proven(key, for: rule, at: now)
    }

    /// The caller as the database knows it now.
    func proven(_ key: APIKey, for rule: RouteAccess, at now: Instant) async throws(Problem) -> Call.Caller {
        let catalogue: Catalogue
        do throws(StoreError) { catalogue = try await store.catalogue() } catch { throw Problem(error) }
        let access: Access
        do throws(AccessRefusal) { access = try catalogue.access(of: key, at: now) } catch { throw Problem(error) }
        try Self.require(rule.scopes, of: access)
        return Call.Caller(key: key, access: access, catalogue: catalogue)
    }

    /// The caller as memory has it; nil where memory does not let it in, which only the database may say to it.
    private func believed(
        _ key: APIKey, for rule: RouteAccess, at now: Instant
    ) async throws(Problem) -> Call.Caller? {
        let outcome: Result<Access, AccessRefusal>
        do throws(StoreError) {
            outcome = try await store.provisionalAccess(of: key, at: now)
        } catch {
            throw Problem(error)
        }
        guard case .success(let access) = outcome, rule.scopes.contains(where: access.scopes.contains) else {
            return nil
        }
        return Call.Caller(key: key, access: access, catalogue: nil)
    }

    /// Throws where the key has none of the scopes.
    static func require(_ scopes: [AccessScope], of access: Access) throws(Problem) {
        guard !scopes.contains(where: access.scopes.contains) else { return }
        let names = scopes.map { "“\($0.rawValue)”" }.joined(separator: " or ")
        throw Problem(.missingScope, "This needs a key with scope \(names).", known: scopes.map(\.rawValue))
    }
}
