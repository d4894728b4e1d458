/// Why somebody stands on a suppression list, in our words; where a row gives several, the first of these counts.
public enum ListedReason: String, Sendable, CaseIterable {
    case complained
    case unsubscribed
    /// Came back for good.
    case bounced
    /// On the list, for a reason that the list does not say or that only its maker knows.
    case listed
}
