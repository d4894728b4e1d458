/// What outlives the erasure of one person, and what it rests on.
public struct KeptAfterErasure: Hashable, Sendable {
    /// What is kept, by the word of the API.
    public let what: What
    /// The exception of Article 17(3), or the legal basis where none fits, as an article is named.
    public let exception: String
    /// Which hold; nil for all else.
    public let hold: Slug?
    /// Its end, where a hold names one.
    public let until: Instant?

    /// The kinds of things that are kept.
    public enum What: String, Sendable, CaseIterable {
        /// The keyed digest of the address, without which no opt-out could be recognised.
        case addressDigest = "address-digest"
        /// The entries of the register: the duty to stop marketing is a legal obligation without end.
        case register
        /// That the person left the organisation, or that the address bounces: so that no old list revives it. No law obliges
        /// to keep it; the interest in being right does (Articles 5(1)(d) and 6(1)(f)).
        case marks
        /// The acts, without the address: what shows that the law was kept.
        case ledger
        /// What the person asked for and what was done with it, by the digest: the controller must be able to show it (Articles
        /// 5(2) and 12).
        case requests
        /// On which line of a list the address stood and what became of that, by the digest, for 13 months.
        case importLines = "import-lines"
        /// The sealed address in a notice to a recipient (Article 19) or in a letter, until it is delivered.
        case undelivered
        /// What a hold names.
        case hold

        /// The exception or basis that each rests on; a hold's own is ``KeptAfterErasure/exception``.
        fileprivate var exception: String {
            switch self {
            case .addressDigest, .register, .requests, .undelivered: "17(3)(b)"
            case .ledger, .importLines: "17(3)(e)"
            case .marks: "6(1)(f)"
            case .hold: "17(3)"
            }
        }
    }

    /// What is there of a person, and not of everybody.
    public struct Traces: Hashable, Sendable {
        /// What keeps the contact though it was to be erased.
        public var holds: [KeptBy] = []
        /// Whether a mark stands: that the person left, or that the address bounces.
        public var isMarked = false
        /// Whether the person asked for anything.
        public var hasRequests = false
        /// Whether the controller took a list in whose lines are still on record.
        public var hasImportLines = false
        /// Whether the address is sealed in something that is on its way.
        public var hasUndelivered = false

        public init() {}
    }

    private init(_ what: What, _ exception: String? = nil, hold: Slug? = nil, until: Instant? = nil) {
        (self.what, self.exception, self.hold, self.until) = (what, exception ?? what.exception, hold, until)
    }

    /// What an erasure leaves of a person of whom this is there: always the digest and its entry, since the erasure is one.
    public static func all(of traces: Traces) -> [KeptAfterErasure] {
        let found: [(what: What, isThere: Bool)] = [
            (.addressDigest, true), (.register, true), (.marks, traces.isMarked), (.ledger, true),
            (.requests, traces.hasRequests), (.importLines, traces.hasImportLines),
            (.undelivered, traces.hasUndelivered),
        ]
        return found.filter(\.isThere).map { KeptAfterErasure($0.what) }
            + traces.holds.compactMap { reason in
                reason.hold.map { KeptAfterErasure(.hold, exception(of: $0), hold: $0, until: reason.until) }
            }
    }

    /// A legal obligation or a claim, where the hold's name says so; of another the file of the case says which letter it is.
    private static func exception(of hold: Slug) -> String {
        switch hold.text {
        case "accounting", "bookkeeping", "tax": "17(3)(b)"
        case "dispute", "claim", "claims", "legal-claim", "legal-claims", "litigation": "17(3)(e)"
        default: What.hold.exception
        }
    }
}
