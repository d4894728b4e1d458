/// The name of a text that recipients read, as it stands in the file of each language.
enum TextKey: String, CaseIterable, Sendable {
    case languageName = "language.name"
    case languageChoose = "language.choose"

    case dateDay = "date.day"
    case dateMoment = "date.moment"
    case dateMonths = "date.months"
    case dateUtc = "date.utc"

    case listAnd = "list.and"

    case footerResponsible = "footer.responsible"
    case footerNumber = "footer.number"
    case footerContact = "footer.contact"
    case footerSite = "footer.site"
    case footerPolicy = "footer.policy"
    case footerAuthority = "footer.authority"
    case footerAnyAuthority = "footer.any-authority"

    case askTitle = "ask.title"
    case askAnyTitle = "ask.any-title"
    case askAny = "ask.any"
    case askTopic = "ask.topic"
    case askPurpose = "ask.purpose"
    case askController = "ask.controller"
    case askGroup = "ask.group"
    case askStops = "ask.stops"
    case askNewer = "ask.newer"
    case askButton = "ask.button"
    case askNote = "ask.note"

    case doneTitle = "done.title"
    case doneAgain = "done.again"
    case doneStopped = "done.stopped"
    case doneCompany = "done.company"
    case doneCompanies = "done.companies"
    case doneSince = "done.since"
    case doneSent = "done.sent"
    case doneMore = "done.more"
    case doneNarrow = "done.narrow"
    case doneNarrowTopic = "done.narrow-topic"
    case doneWider = "done.wider"
    case doneWiderPurpose = "done.wider-purpose"
    case doneWiderController = "done.wider-controller"
    case doneWiderGroup = "done.wider-group"
    case doneGroup = "done.group"
    case doneUndo = "done.undo"
    case doneUndoText = "done.undo-text"
    case doneUndoButton = "done.undo-button"

    case reasonTitle = "reason.title"
    case reasonNote = "reason.note"
    case reasonTooMany = "reason.too-many"
    case reasonNotRelevant = "reason.not-relevant"
    case reasonNeverAsked = "reason.never-asked"
    case reasonNewJob = "reason.new-job"
    case reasonOther = "reason.other"
    case reasonButton = "reason.button"
    case reasonThanks = "reason.thanks"

    case undoneTitle = "undone.title"
    case undoneText = "undone.text"
    case undoneLate = "undone.late"
    case undoneButton = "undone.button"

    case invalidTitle = "invalid.title"
    case invalidText = "invalid.text"

    case expiredTitle = "expired.title"
    case expiredText = "expired.text"

    case notedTitle = "noted.title"
    case notedText = "noted.text"

    case failedTitle = "failed.title"
    case failedText = "failed.text"
    case failedBroken = "failed.broken"
    case failedUnreadable = "failed.unreadable"
    case failedButton = "failed.button"

    case preferencesTitle = "preferences.title"
    case preferencesLead = "preferences.lead"
    case preferencesMail = "preferences.mail"
    case preferencesTracking = "preferences.tracking"
    case preferencesTrackingNote = "preferences.tracking-note"
    case preferencesTopics = "preferences.topics"
    case preferencesService = "preferences.service"
    case preferencesServiceNote = "preferences.service-note"
    case preferencesAllowed = "preferences.allowed"
    case preferencesAllowedUntil = "preferences.allowed-until"
    case preferencesIdle = "preferences.idle"
    case preferencesConsentNeeded = "preferences.consent-needed"
    case preferencesPending = "preferences.pending"
    case preferencesStopped = "preferences.stopped"
    case preferencesLocked = "preferences.locked"
    case preferencesObjection = "preferences.objection"
    case preferencesSay = "preferences.say"
    case preferencesSave = "preferences.save"
    case preferencesSaved = "preferences.saved"
    case preferencesSavedText = "preferences.saved-text"
    case preferencesUnchanged = "preferences.unchanged"
    case preferencesRestricted = "preferences.restricted"
    case preferencesLeft = "preferences.left"
    case preferencesBounced = "preferences.bounced"
    case preferencesStop = "preferences.stop"
    case preferencesStopText = "preferences.stop-text"
    case preferencesStopButton = "preferences.stop-button"
    case preferencesStopGroup = "preferences.stop-group"
    case preferencesStopGroupButton = "preferences.stop-group-button"

    case rightsTitle = "rights.title"
    case rightsText = "rights.text"
    case rightsExport = "rights.export"
    case rightsRectify = "rights.rectify"
    case rightsRestrict = "rights.restrict"
    case rightsErase = "rights.erase"
    case rightsSent = "rights.sent"
    case rightsSentText = "rights.sent-text"

    case confirmTitle = "confirm.title"
    case confirmLead = "confirm.lead"
    case confirmSay = "confirm.say"
    case confirmObjection = "confirm.objection"
    case confirmButton = "confirm.button"
    case confirmIgnore = "confirm.ignore"
    case confirmDone = "confirm.done"
    case confirmDoneText = "confirm.done-text"
    case confirmKept = "confirm.kept"
    case confirmLeave = "confirm.leave"
    case confirmLate = "confirm.late"
    case confirmLateText = "confirm.late-text"
    case confirmLocked = "confirm.locked"
    case confirmLockedText = "confirm.locked-text"

    case mailConfirmSubject = "mail.confirm-subject"
    case mailConfirmLead = "mail.confirm-lead"
    case mailConfirmAsk = "mail.confirm-ask"
    case mailConfirmButton = "mail.confirm-button"
    case mailConfirmIgnore = "mail.confirm-ignore"
    case mailRightsSubject = "mail.rights-subject"
    case mailRightsLead = "mail.rights-lead"
    case mailRightsAsk = "mail.rights-ask"
    case mailRightsButton = "mail.rights-button"
    case mailRightsIgnore = "mail.rights-ignore"

    case groundConsent = "ground.consent"
    case groundCustomer = "ground.customer"
    case groundOpenQuestion = "ground.open-question"
    case groundWithPurpose = "ground.with-purpose"
    case groundCollected = "ground.collected"
    case groundLastContact = "ground.last-contact"
    case groundCustomerEnded = "ground.customer-ended"
    case groundDemoBooked = "ground.demo-booked"
    case groundEventAttended = "ground.event-attended"
    case groundQuestionAnswered = "ground.question-answered"
    case groundOther = "ground.other"

    case basisConsent = "basis.consent"
    case basisContract = "basis.contract"
    case basisLegalObligation = "basis.legal-obligation"
    case basisLegitimateInterest = "basis.legitimate-interest"

    case stopUnsubscribed = "stop.unsubscribed"
    case stopConsentWithdrawn = "stop.consent-withdrawn"
    case stopObjected = "stop.objected"
    case stopComplained = "stop.complained"
    case stopErased = "stop.erased"
    case stopDomainSuppressed = "stop.domain-suppressed"
    case stopImported = "stop.imported"

    /// What is filled in, in braces: in every language these and no others.
    var words: Set<Word> {
        switch self {
        case .dateDay:
            [.day, .month, .year]
        case .dateMoment:
            [.date, .time]
        case .dateUtc, .preferencesSavedText:
            [.moment]
        case .listAnd:
            [.first, .last]
        case .footerResponsible, .askTitle, .askController, .doneWiderController, .undoneLate, .preferencesTitle,
            .preferencesStopText,
            .confirmLead, .confirmLateText, .mailRightsSubject:
            [.controller]
        case .footerNumber:
            [.number]
        case .footerAuthority:
            [.authority]
        case .askTopic, .doneNarrowTopic:
            [.topic]
        case .askPurpose, .doneWiderPurpose, .groundWithPurpose:
            [.purpose]
        case .askGroup, .doneGroup, .preferencesStopGroup:
            [.controllers]
        case .askNewer, .confirmIgnore, .mailConfirmIgnore:
            [.date]
        case .undoneText, .confirmDoneText:
            [.controller, .moment, .purposes]
        case .preferencesAllowed:
            [.basis, .ground]
        case .preferencesAllowedUntil:
            [.basis, .date, .ground]
        case .preferencesStopped:
            [.date, .reason]
        case .confirmLockedText:
            [.reason]
        case .mailConfirmSubject, .mailConfirmLead:
            [.controller, .purpose]
        case .mailRightsLead:
            [.controller, .right]
        default: []
        }
    }

    /// What stands in braces in a text.
    enum Word: String, CaseIterable, Sendable {
        case authority, basis, controller, controllers, date, day, first, ground, last, moment, month, number, purpose,
            purposes, reason, right, time, topic, year
    }
}
