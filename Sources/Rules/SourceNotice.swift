/// The notice of Article 14: whoever's data came from elsewhere is told where from.
public enum SourceNotice {
    /// Within a month of collection, at the latest (Art. 14(3)(a)).
    public static let period = Period(months: 1)
}

extension Picture {
    /// Until when the person is to be told; nil where they were, or gave the data themselves, or nothing was collected.
    ///
    /// What was told before the collection, or at its instant, is no word about it but where the person gave the data.
    var noticeDue: Instant? {
        guard let collected = firstCollected else { return nil }
        if let notifiedAt, notifiedAt >= collected { return nil }
        return SourceNotice.period.end(from: collected)
    }
}

extension Facts {
    /// By when the person is due a notice; nil where none is.
    public func noticeDue(under policy: Policy, at now: Instant) -> Instant? {
        Picture(self, under: policy, at: now).noticeDue
    }
}
