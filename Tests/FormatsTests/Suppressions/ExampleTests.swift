import Formats
import Rules
import Testing

/// Each list of the examples folder is recognised and says what it should.
@Suite struct ExampleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let file: String
        let dialects: [SuppressionDialect]
        /// The first letter of each address, or the kind of the digest, and the reason.
        let words: [String]
        /// When the first entry counts from.
        let at: String?
        var passedOver = 0

        var testDescription: String { file }
    }

    private static let morning = "2024-05-13T08:21:44Z"
    /// The latest instant that half past eight of no known place can mean.
    private static let evening = "2024-05-13T20:21:44Z"

    private static let cases: [Case] = [
        Case(file: "ses.csv", dialects: [.ses], words: ["k bounced", "o complained"], at: nil),
        Case(file: "ses.ndjson", dialects: [.sesObjects], words: ["k bounced", "o complained"], at: nil),
        Case(file: "ses-list.json", dialects: [.sesObjects], words: ["k bounced", "o complained"], at: morning),
        Case(
            file: "sendgrid-bounces.csv", dialects: [.sendgridBounces], words: ["k bounced", "p bounced"],
            at: "2024-05-13T08:21:44Z"),
        Case(
            file: "sendgrid-bounces.json", dialects: [.sendgridBounces], words: ["k bounced", "p bounced"], at: morning),
        Case(
            file: "sendgrid-unsubscribes.csv", dialects: [.sendgridUnsubscribes], words: ["o unsubscribed"], at: morning
        ),
        Case(
            file: "sendgrid-unsubscribes.json", dialects: [.sendgridUnsubscribes], words: ["o unsubscribed"],
            at: morning),
        Case(
            file: "sendgrid-spam-reports.json", dialects: [.sendgridSpamReports], words: ["p complained"], at: morning),
        Case(file: "sendgrid-groups.json", dialects: [.sendgridGroups], words: ["o unsubscribed"], at: morning),
        Case(file: "mailgun-bounces.csv", dialects: [.mailgunBounces], words: ["k bounced", "p bounced"], at: morning),
        Case(file: "mailgun-bounces.json", dialects: [.mailgunBounces], words: ["k bounced"], at: morning),
        Case(file: "mailgun-complaints.csv", dialects: [.mailgunComplaints], words: ["p complained"], at: morning),
        Case(
            file: "mailgun-unsubscribes.csv", dialects: [.mailgunUnsubscribes],
            words: ["o unsubscribed", "k unsubscribed"], at: morning),
        Case(
            file: "postmark.json", dialects: [.postmark],
            words: ["k bounced", "p complained", "o unsubscribed", "i listed"], at: morning),
        Case(
            file: "mailchimp.zip", dialects: [.mailchimpSubscribed, .mailchimpUnsubscribed, .mailchimpCleaned],
            words: ["o unsubscribed", "k bounced"], at: evening, passedOver: 1),
        Case(
            file: "hubspot.csv", dialects: [.hubspot],
            words: ["k bounced", "o unsubscribed", "p complained", "i bounced", "a unsubscribed"], at: nil,
            passedOver: 1),
        Case(
            file: "klaviyo.json", dialects: [.klaviyo], words: ["k bounced", "o unsubscribed", "p complained"],
            at: morning,
            passedOver: 1),
        Case(file: "brevo.csv", dialects: [.brevo], words: ["o listed"], at: evening, passedOver: 1),
        Case(
            file: "brevo-blocked.json", dialects: [.brevoBlocked], words: ["o unsubscribed", "k bounced"],
            at: "2024-05-13T06:21:44Z"),
        Case(file: "mautic.csv", dialects: [.mautic], words: ["o listed", "k listed"], at: nil, passedOver: 1),
        Case(
            file: "listmonk.csv", dialects: [.listmonk], words: ["o listed"], at: "2024-05-13T08:21:44.123456Z",
            passedOver: 1),
        Case(file: "mailup.csv", dialects: [.mailup], words: ["o unsubscribed"], at: evening),
        Case(
            file: "promio.csv", dialects: [.promio], words: ["o unsubscribed", "k bounced", "p complained"], at: evening
        ),
        Case(file: "mailtrain.csv", dialects: [.mailtrain], words: ["sha-512 listed", "sha-512 listed"], at: nil),
        Case(file: "optizmo.txt", dialects: [.hashed], words: ["md5 listed", "md5 listed"], at: nil),
        Case(file: "optizmo.csv", dialects: [.optizmo], words: ["md5 listed"], at: evening),
        Case(file: "hashed-sha1.txt", dialects: [.hashed], words: ["sha-1 listed"], at: nil),
        Case(file: "hashed-sha256.csv", dialects: [.hashed], words: ["sha-256 listed", "sha-256 listed"], at: nil),
        Case(file: "hashed-sha512.txt", dialects: [.hashed], words: ["sha-512 listed"], at: nil),
        Case(file: "plain.txt", dialects: [.plain], words: ["o listed", "k listed"], at: nil),
        Case(
            file: "plain-latin1.csv", dialects: [.plain], words: ["p unsubscribed"], at: "2024-05-14T12:00:00Z",
            passedOver: 1),
    ]

    @Test(arguments: cases) func isRead(_ one: Case) throws {
        let list = ListOfSuppressions(try example(one.file))
        #expect(list.failure == nil)
        #expect(list.dialects == one.dialects)
        #expect(list.words == one.words)
        #expect(list.entries.first?.at?.description == one.at)
        #expect(list.passedOver == Array(repeating: .noOptOut, count: one.passedOver))
        #expect(list.invalid == [])
    }

    @Test func everyExampleHasACase() throws {
        #expect(try exampleNames() == Self.cases.map(\.file).sorted())
    }

    /// Whoever has not opted out is nobody's entry, and no event of a list is anything but an entry against mail.
    @Test func nobodyIsSubscribedByAList() throws {
        for name in try exampleNames() {
            for entry in ListOfSuppressions(try example(name)).entries {
                guard case .address(let address) = entry.subject else { continue }
                #expect(address.localPart != "welcome", "\(name)")
            }
        }
    }

    /// The digests are those of the people in the other lists.
    @Test func digestsMeetTheirAddresses() throws {
        let ola = try Address(parsing: "ola@gaard.example")
        for (name, kind) in [
            ("mailtrain.csv", HashedAddress.Kind.sha512), ("optizmo.txt", .md5), ("hashed-sha1.txt", .sha1),
            ("hashed-sha256.csv", .sha256), ("hashed-sha512.txt", .sha512),
        ] {
            let first = try #require(ListOfSuppressions(try example(name)).entries.first)
            #expect(first.subject == .hashed(HashedAddress(of: ola, kind)))
        }
    }
}
