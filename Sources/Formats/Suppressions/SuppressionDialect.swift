/// A shape in which suppression lists come, and most of which they can be written in again.
///
/// What a row becomes:
///
/// | list | row | becomes |
/// |---|---|---|
/// | Amazon SES | `BOUNCE`, `COMPLAINT` | bounced, complained |
/// | SendGrid | bounces, blocks, invalid addresses; spam reports; unsubscribes, group unsubscribes | bounced; complained; unsubscribed |
/// | Mailgun | bounces; complaints; unsubscribes, whatever their tag | bounced; complained; unsubscribed |
/// | Postmark | `HardBounce`; `SpamComplaint`; `ManualSuppression` | bounced; complained; unsubscribed if by the recipient, else listed |
/// | Mailchimp | unsubscribed; cleaned; subscribed | unsubscribed; bounced; passed over |
/// | HubSpot | a spam report; an unsubscribe from all or from any type; a bounce | complained; unsubscribed; bounced |
/// | Klaviyo | `SPAM_COMPLAINT`; `UNSUBSCRIBE`; `HARD_BOUNCE`, `INVALID_EMAIL`; `USER_SUPPRESSED`; no consent any more | complained; unsubscribed; bounced; listed; unsubscribed |
/// | Brevo | on the blocklist, without a reason; blocked contacts by their reason | listed; as the reason says |
/// | Mautic | `doNotEmail` | listed |
/// | listmonk | `blocklisted`; another status | listed; passed over |
/// | MailUp; promio | an opt-out; by its source | unsubscribed; complained, bounced or unsubscribed |
/// | Mailtrain, OPTIZMO, hashed lists | a digest | listed |
/// | plain lists | an address; by a column with the reason, if there is one | listed |
///
/// A word that a list is not known to use stops the address too (listed). A row that says that somebody is subscribed is
/// passed over: it is no consent, and it lifts nothing. Scopes narrower than everything (a group, a tag, a type) are taken
/// as everything, for nobody can tell which of our purposes they mean.
public enum SuppressionDialect: String, Sendable, CaseIterable {
    /// No header: address and reason. Also as objects, and as the answer of its list interface.
    case ses
    case sesObjects = "ses-json"
    case sendgridBounces = "sendgrid-bounces"
    case sendgridUnsubscribes = "sendgrid-unsubscribes"
    case sendgridSpamReports = "sendgrid-spam-reports"
    case sendgridGroups = "sendgrid-groups"
    case mailgunBounces = "mailgun-bounces"
    case mailgunComplaints = "mailgun-complaints"
    case mailgunUnsubscribes = "mailgun-unsubscribes"
    case postmark
    case mailchimpUnsubscribed = "mailchimp-unsubscribed"
    case mailchimpCleaned = "mailchimp-cleaned"
    /// Has the columns of the two before it in common, so it is looked for behind them.
    case mailchimpSubscribed = "mailchimp-subscribed"
    case hubspot
    case klaviyo
    case brevo
    case brevoBlocked = "brevo-blocked"
    case mautic
    case listmonk
    case mailup
    case promio
    case mailtrain
    case optizmo
    case hashed
    case plain

    /// Whether lists can be written in this shape.
    public var isWritable: Bool {
        switch self {
        case .mailchimpSubscribed, .mailup, .promio: false
        default: true
        }
    }

    /// The first dialect whose columns these are; nil for a list of no known provider.
    static func recognised(by header: [String]) -> SuppressionDialect? {
        let names = Set(header.map(Heading.folded))
        return allCases.first { $0.shape.isRecognised(in: names, columns: header.count) }
    }
}

/// The columns of a dialect, the words of its reasons, and how it is written: one table for reading and writing.
struct SuppressionShape: Sendable {
    struct Column: Sendable {
        enum Role: Sendable {
            case address, date, reason
            /// Kept as evidence under this name.
            case evidence(String)
            /// Neither read nor filled.
            case other
        }

        let name: String
        let role: Role

        init(_ name: String, _ role: Role) { (self.name, self.role) = (name, role) }
    }

    enum Form: Sendable {
        case csv, csvWithoutHeader, ndjson
        /// An array of objects under this name.
        case envelope(String)
    }

    /// A word of the reason column; the first of those that mean the same is the one that is written. Nil: no opt-out.
    struct Word: Sendable {
        let word: String
        let reason: Suppression.Reason?

        init(_ word: String, _ reason: Suppression.Reason?) { (self.word, self.reason) = (word, reason) }
    }

    var form = Form.csv
    var columns: [Column] = []
    /// The names by which the dialect is known, folded; all of them.
    var signature: Set<String> = []
    /// Of which one at least must be there too; empty: none.
    var anyOf: Set<String> = []
    /// No other columns than those of the signature.
    var isExact = false
    /// Of every row, where there is no column for it.
    var reason: Suppression.Reason?
    var words: [Word] = []
    var dates = SuppressionDate.Style.iso
    /// Whether the address column holds digests.
    var isHashed = false

    func isRecognised(in names: Set<String>, columns: Int) -> Bool {
        guard !signature.isEmpty, signature.isSubset(of: names) else { return false }
        guard anyOf.isEmpty || !anyOf.isDisjoint(with: names) else { return false }
        return !isExact || columns == signature.count
    }
}
