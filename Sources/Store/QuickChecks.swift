public import Rules

/// A key that memory lets in. It holds for as long as the catalogue is the one that it was found in.
public final class BelievedKey: Sendable {
    public let access: Access
    fileprivate let catalogue: Catalogue
    fileprivate let expiresAt: Instant?

    fileprivate init(_ access: Access, _ catalogue: Catalogue, expiresAt: Instant?) {
        (self.access, self.catalogue, self.expiresAt) = (access, catalogue, expiresAt)
    }
}

/// A check with what its query read. Only the database's word is in it, so it can be answered anywhere.
public final class ReadCheck: Sendable {
    private let check: Check
    private let keys: LookupKeys
    private let believed: BelievedKey
    private let reading: CheckReading

    fileprivate init(_ check: Check, _ keys: LookupKeys, _ believed: BelievedKey, _ reading: CheckReading) {
        (self.check, self.keys, self.believed, self.reading) = (check, keys, believed, reading)
    }

    /// The answer; nil where the key or the question is not plainly right, or the catalogue is another one by now. Then
    /// the check has to be asked anew with ``Store/verdict(_:with:provisional:at:)``, which says what is wrong.
    public func answer(at now: Instant) -> CheckAnswer? {
        guard reading.edition == believed.catalogue.edition else { return nil }
        if let expiry = believed.expiresAt, expiry <= max(now, reading.now) { return nil }
        let judge = Judge(check.terms, at: believed.access.controller, believed.catalogue, reading.now)
        do throws(StoreError) {
            guard case .success(let answer) = try judge.answer(check.address, keys, reading.standings) else {
                return nil
            }
            return answer
        } catch {
            return nil
        }
    }
}

extension Store {
    /// What memory says of a key; nil where it does not let it check, or knows nothing yet.
    public func believed(_ key: APIKey, at now: Instant) -> BelievedKey? {
        guard let catalogue = catalogueInMemory, case .success(let access) = catalogue.outcome(of: key, at: now),
            access.scopes.contains(.check)
        else { return nil }
        return BelievedKey(access, catalogue, expiresAt: catalogue.key(prefix: key.prefix)?.expiresAt)
    }

    /// Has a check read by a query that is sent after this call, and returns at once. `reply` is called once, on a thread
    /// that must not be blocked; with nil where the database could not be asked.
    public func ask(_ check: Check, as believed: BelievedKey, reply: @escaping @Sendable (ReadCheck?) -> Void) {
        let controller = believed.access.controller
        let keys = LookupKeys(check.address, peppers, toCheckAt: controller)
        desk.read(keys.checkPlaces(at: controller)) { result in
            guard case .success(let reading) = result else { return reply(nil) }
            reply(ReadCheck(check, keys, believed, reading))
        }
    }
}
