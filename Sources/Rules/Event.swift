/// Something that happened, as a scenario, the API or an import reports it.
///
/// An event leaves out what the policy fills in; `act(under:)` does that.
public enum Event: Hashable, Sendable {
    case collected
    /// Collected from the person (Art. 13), so that no notice is due.
    case collectedFromPerson
    /// A message with the notice of Article 14 went to the person.
    case notified
    case contacted
    case organisationContacted
    case demoBooked
    case customerStarted
    case customerEnded
    case leftOrganisation
    case joinedOrganisation
    case eventAttended
    case questionAsked
    case questionAnswered
    case consentAsked(Slug)
    case consentGiven(Slug, by: ConsentSource)
    case consentWithdrawn(Slug)
    case unsubscribed(scope: Scope?, purpose: Slug?, topic: Slug?)
    case topicResumed(Slug, purpose: Slug?)
    case objected(purpose: Slug?)
    case complained
    case bounced(Bounce)
    case addressConfirmed
    case restricted
    case restrictionLifted
    /// The person was told that the restriction will be lifted, as Article 18(3) wants it first.
    case restrictionLiftingTold
    /// What is stored of the person was corrected: Article 16.
    case rectified
    /// The address itself was corrected to another; what was known under this one goes on under that.
    case addressCorrected
    case holdPlaced(Slug, until: Instant?)
    case holdReleased(Slug)
    case erased
    case swept
    case suppressed(Suppression, scope: WideScope)

    /// How a message came back (RFC 3463): for good, or for now.
    public enum Bounce: String, Sendable, CaseIterable {
        case hard, soft
    }

    /// Why an address is on a suppression list.
    public enum Suppression: String, Sendable, CaseIterable {
        case imported
        case domainSuppressed = "domain-suppressed"

        var reason: EntryReason {
            switch self {
            case .imported: .imported
            case .domainSuppressed: .domainSuppressed
            }
        }
    }

    /// The scopes of a suppression.
    public enum WideScope: String, Sendable, CaseIterable {
        case controller, group
    }
}
