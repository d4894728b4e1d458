/// The time within which a person's request must be answered: Article 12(3).
public enum RequestClock {
    /// Without undue delay and in any event within one month of receipt.
    private static let months = 1
    /// By how many further months it may be extended, where that is necessary and said with its reason.
    public static let extensionMonthsMax = 2

    /// When an answer to what was received then is due, extended by so many months; nil for more than may be.
    public static func due(receivedAt: Instant, extendedByMonths extension: Int = 0) -> Instant? {
        guard (0...extensionMonthsMax).contains(`extension`) else { return nil }
        return Period(months + `extension`, .months)?.end(from: receivedAt)
    }
}

/// What a person may ask for, by the verb that answers it.
public enum RequestKind: String, Sendable, CaseIterable {
    /// A copy of the data (Article 15) in a form that can be carried elsewhere (Article 20).
    case export
    /// A correction: Article 16.
    case rectify
    /// Erasure: Article 17.
    case erase
    /// Storage without use: Article 18.
    case restrict
    /// An objection to direct marketing: Article 21(2).
    case object

    /// The article that grants it.
    public var article: String {
        switch self {
        case .export: "15"
        case .rectify: "16"
        case .erase: "17"
        case .restrict: "18"
        case .object: "21"
        }
    }
}
