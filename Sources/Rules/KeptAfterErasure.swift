/// What outlives an erasure, and under which exception of Article 17(3).
public struct KeptAfterErasure: Hashable, Sendable {
    /// What is kept, by the word of the API.
    public let what: What
    /// The exception, as an article is named.
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
        /// That the person left the organisation, or that the address bounces: so that no old list revives it.
        case marks
        /// The acts, without the address: what shows that the law was kept.
        case ledger
        /// What a hold names.
        case hold
    }

    /// A hold by name, else what is kept of everybody.
    private init(_ what: What, _ exception: String, hold: Slug? = nil, until: Instant? = nil) {
        (self.what, self.exception, self.hold, self.until) = (what, exception, hold, until)
    }

    /// What an erasure leaves of a person with these holds.
    public static func all(holds: [KeptBy]) -> [KeptAfterErasure] {
        [
            KeptAfterErasure(.addressDigest, "17(3)(b)"), KeptAfterErasure(.register, "17(3)(b)"),
            KeptAfterErasure(.marks, "17(3)(b)"), KeptAfterErasure(.ledger, "17(3)(e)"),
        ]
            + holds.compactMap { reason in
                reason.hold.map { KeptAfterErasure(.hold, exception(of: $0), hold: $0, until: reason.until) }
            }
    }

    /// The design's two kinds of hold have an exception each; of another the file of the case says which.
    private static func exception(of hold: Slug) -> String {
        switch hold.text {
        case "accounting": "17(3)(b)"
        case "dispute": "17(3)(e)"
        default: "17(3)"
        }
    }
}
