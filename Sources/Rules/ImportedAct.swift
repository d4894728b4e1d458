/// Every act that an import, or its undo, may write: all of them, by name.
///
/// None of them lifts an entry of the register, and there is no other way from a list into the ledger.
public enum ImportedAct: Hashable, Sendable {
    /// The person is on the list.
    case collected
    /// The person is on the list, and gave the data.
    case collectedFromPerson
    /// The list says when the person was last met.
    case contacted
    /// The list claims a consent: no evidence of the person's act, so it counts only where no entry stands.
    case consentClaimed(Slug)
    /// The list says that the person is not to be written to.
    case refused(ListedReason, Event.WideScope)
    /// The undo of an import forgets somebody whom it had brought.
    case takenBack

    /// The act as the ledger keeps it.
    public var act: Act {
        switch self {
        case .collected: Act(.collected)
        case .collectedFromPerson: Act(.collected, source: .person(confirmsObjection: false))
        case .contacted: Act(.contacted)
        case .consentClaimed(let purpose): Act(.consentGiven, purpose: purpose, source: .import)
        case .refused(.bounced, _): Act(.bounced, bounce: .hard)
        case .refused(.complained, let scope): Act(.complained, scope: Self.scope(scope))
        case .refused(.unsubscribed, let scope): Act(.unsubscribed, scope: Self.scope(scope))
        case .refused(.listed, let scope): Act(.suppressed, scope: Self.scope(scope), suppression: .imported)
        case .takenBack: Act(.swept)
        }
    }

    private static func scope(_ scope: Event.WideScope) -> Scope { scope == .group ? .group : .controller }

    /// How far a refusal reaches: as far as the list is brought for, and as a person's own word by the policy, where that is
    /// farther. An unsubscribe at a provider was meant for all that came through it.
    public static func refused(_ reason: ListedReason, _ scope: Event.WideScope, under policy: Policy) -> ImportedAct {
        let isOwnWord = reason == .complained || reason == .unsubscribed
        return .refused(reason, isOwnWord && policy.defaultScope == .group ? .group : scope)
    }
}
