import Rules
import Store

extension SubjectTexts {
    static let english = SubjectTexts(
        language: "en",
        texts: [
            .title: "What {0} holds about you", .made: "As of {0} (UTC), under the privacy policy {1}.",
            .stored: "What is stored",
            .nothing: "Nothing but a keyed digest of your address, which is not the address.",
            .address: "Address", .name: "Name", .position: "Position", .phone: "Phone", .organisation: "Organisation",
            .source: "Where it comes from", .keptTitle: "How long, and why",
            .keptUntil: "Until {0}, if nothing else happens.",
            .keptOpen: "Without a fixed end, as long as the reason lasts.",
            .keptNot: "Nothing keeps it any more; the next sweep erases what is left.",
            .keptHold: "A legal reason to keep it: {0}.", .keptRestriction: "Its use is restricted at your request.",
            .keptPendingConsent: "You were asked for a consent and have not answered.",
            .erasurePending: "You are erased from every use. What a legal reason keeps goes when that ends.",
            .useTitle: "What it is used for", .used: "Used: {0}.", .usedUntil: "Used until {1}: {0}.",
            .notUsed: "Not used: {0}.", .decidedTitle: "Decisions by computer",
            .decided:
                "Before each mailing a computer checks by fixed rules, the same for everybody, whether it may be sent: first your opt-outs, then restrictions, then whether a legal basis holds. It decides about sending mail alone and scores nobody, so it is no decision with legal or similar effect (Article 22).",
            .recipientsTitle: "Who has been given it", .recipientsNone: "Nobody.",
            .outsideEEA: "outside the EEA", .safeguard: "safeguard: {0}", .rightsTitle: "Your rights",
            .authority: "The supervisory authority is {0}.", .actsTitle: "What has happened", .actsNone: "Nothing.",
            .afterTitle: "What would be kept after an erasure", .portableTitle: "To carry elsewhere (Article 20)",
            .portable: "What you gave rests on a consent or contract for: {0}. The same document as JSON carries it.",
            .notPortable: "Nothing here rests on a consent or a contract, so Article 20 covers none of it.",
            .linkTitle: "Your request",
            .linkAsk: "{0} received this request on {1}. Press the button, and it is carried out at once.",
            .linkRectify:
                "Write what is right and leave the rest empty. To correct the address itself, write to the company.",
            .linkButton: "Carry it out", .linkDone: "Done.", .linkAnswered: "This request has been answered.",
            .linkNotUnderstood: "Nothing was changed: what was sent says nothing that can be done.",
            .linkNotFound: "This link opens nothing, or its day has passed. Ask again to get a new one.",
            .linkUnavailable: "Nothing can be done now, and nothing was changed. Try again in a while.",
            .letterSubject: "Your request to {0}",
            .letterText:
                "{0} received a request from this address: {1}. If it is yours, open this link within 24 hours and press the button there:",
            .letterIgnore: "If it is not yours, do nothing. Nothing is changed.",
        ],
        events: [
            .collected: "your data was collected", .contacted: "we were in contact",
            .organisationContacted: "we were in contact with your organisation", .demoBooked: "you booked a demo",
            .customerStarted: "your organisation became a customer",
            .customerEnded: "your organisation ceased to be a customer", .leftOrganisation: "you left the organisation",
            .joinedOrganisation: "you joined the organisation", .eventAttended: "you attended an event",
            .questionAsked: "you asked a question", .questionAnswered: "your question was answered",
            .consentAsked: "you were asked for a consent", .consentGiven: "a consent was given",
            .consentWithdrawn: "a consent was withdrawn", .unsubscribed: "you unsubscribed",
            .topicResumed: "you resumed a topic", .objected: "you objected", .complained: "you marked a mail as spam",
            .bounced: "a mail came back", .addressConfirmed: "the address was confirmed",
            .restricted: "use was restricted", .restrictionLifted: "the restriction was lifted",
            .restrictionLiftingTold: "you were told that the restriction would be lifted",
            .rectified: "data was corrected", .addressCorrected: "the address was corrected to another",
            .holdPlaced: "a legal reason to keep began", .holdReleased: "a legal reason to keep ended",
            .erased: "you were erased", .swept: "the data was erased at the end of its time",
            .suppressed: "the address was put on a suppression list",
        ],
        rights: [
            .withdraw: "Withdraw a consent at any time", .access: "See what is held, as here",
            .rectification: "Have what is wrong corrected", .erasure: "Have it erased",
            .restriction: "Have it stored and not used", .recipients: "Be told who has been given it",
            .portability: "Carry what you gave elsewhere",
            .objection: "Object to marketing, profiling and tracking, without a reason",
            .humanLook: "Have a person look at a decision", .complaint: "Complain to the supervisory authority",
        ],
        kept: [
            .addressDigest:
                "A keyed digest of your address, because without it we could not recognise and refuse it when it comes in again.",
            .register: "That marketing to you is stopped, because the law obliges us to honour it without end.",
            .marks: "That you left the organisation or the address bounces, so that no old list revives you.",
            .ledger: "What was done and when, without your address, because we must be able to show it.",
            .hold: "What a legal duty or a dispute needs, until that ends.",
        ],
        bases: [
            .consent: "consent", .contract: "contract", .legalObligation: "legal obligation",
            .legitimateInterest: "legitimate interest",
        ])
}
