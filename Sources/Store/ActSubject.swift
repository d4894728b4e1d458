import Rules

/// Whose act it is, as seen from an address.
public enum ActSubject: Hashable, Sendable {
    case person
    /// Whoever's address has a digest: an entry of a list that named nobody.
    case digest
    /// Another address of the same alias form.
    case alias
    case domain(String)
    /// The person's organisation.
    case organisation

    /// The word of the API.
    public var word: String {
        switch self {
        case .person: "person"
        case .digest: "digest"
        case .alias: "alias"
        case .domain: "domain"
        case .organisation: "organisation"
        }
    }

    /// The domain, where the act is a whole domain's.
    public var domain: String? { if case .domain(let domain) = self { domain } else { nil } }
}

extension LookupKeys {
    /// Whose an act with these columns of the ledger is.
    func subject(_ key: AddressKey?, organisation: Int64?, domain: String?) -> ActSubject {
        if organisation != nil { return .organisation }
        if let domain { return .domain(domain) }
        guard let key else { return .alias }
        if isOwn(key) { return .person }
        return other(key) == nil ? .digest : .alias
    }
}
