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
    case rightsObject = "rights.object"
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
    case mailMovedLead = "mail.moved-lead"
    case mailExtended = "mail.extended"
    case mailRefused = "mail.refused"
    case mailCourt = "mail.court"

    case requestLead = "request.lead"
    case requestExport = "request.export"
    case requestRectify = "request.rectify"
    case requestRestrict = "request.restrict"
    case requestErase = "request.erase"
    case requestObject = "request.object"
    case requestDone = "request.done"
    case requestCorrected = "request.corrected"
    case requestRestricted = "request.restricted"
    case requestErased = "request.erased"
    case requestStopped = "request.stopped"
    case requestKept = "request.kept"
    case requestAnswered = "request.answered"
    case requestAnsweredText = "request.answered-text"
    case requestNothing = "request.nothing"

    case fileTitle = "file.title"
    case fileMade = "file.made"
    case fileStored = "file.stored"
    case fileHeld = "file.held"
    case fileNothing = "file.nothing"
    case fileAddress = "file.address"
    case fileName = "file.name"
    case filePosition = "file.position"
    case filePhone = "file.phone"
    case fileOrganisation = "file.organisation"
    case fileSource = "file.source"
    case fileEarlierTitle = "file.earlier-title"
    case fileEarlier = "file.earlier"
    case fileCategoriesTitle = "file.categories-title"
    case fileKeptTitle = "file.kept-title"
    case fileKeptUntil = "file.kept-until"
    case fileKeptOpen = "file.kept-open"
    case fileKeptNot = "file.kept-not"
    case fileKeptHold = "file.kept-hold"
    case fileKeptRestriction = "file.kept-restriction"
    case fileKeptPending = "file.kept-pending"
    case fileErasurePending = "file.erasure-pending"
    case fileUseTitle = "file.use-title"
    case fileUsed = "file.used"
    case fileUsedUntil = "file.used-until"
    case fileNotUsed = "file.not-used"
    case fileDecidedTitle = "file.decided-title"
    case fileDecided = "file.decided"
    case fileRecipientsTitle = "file.recipients-title"
    case fileRecipientsNone = "file.recipients-none"
    case fileOutsideEea = "file.outside-eea"
    case fileSafeguard = "file.safeguard"
    case fileRightsTitle = "file.rights-title"
    case fileActsTitle = "file.acts-title"
    case fileActsNone = "file.acts-none"
    case fileActsDigest = "file.acts-digest"
    case fileActsAlias = "file.acts-alias"
    case fileActsDomain = "file.acts-domain"
    case fileRequestsTitle = "file.requests-title"
    case fileRequestsNone = "file.requests-none"
    case fileRequestsDue = "file.requests-due"
    case fileAfterTitle = "file.after-title"
    case filePortableTitle = "file.portable-title"
    case filePortable = "file.portable"
    case fileNotPortable = "file.not-portable"

    case categoryAddress = "category.address"
    case categoryName = "category.name"
    case categoryPosition = "category.position"
    case categoryPhone = "category.phone"
    case categoryOrganisation = "category.organisation"
    case categoryRelations = "category.relations"
    case categoryConsents = "category.consents"
    case categoryOptOuts = "category.opt-outs"
    case categoryMarks = "category.marks"
    case categoryRequests = "category.requests"

    case stateReceived = "state.received"
    case stateIdentityAsked = "state.identity-asked"
    case stateIdentified = "state.identified"
    case stateDone = "state.done"
    case stateRefused = "state.refused"

    case unusedRestricted = "unused.restricted"
    case unusedLeftOrganisation = "unused.left-organisation"
    case unusedBounced = "unused.bounced"
    case unusedRetentionExpired = "unused.retention-expired"
    case unusedConsentPending = "unused.consent-pending"
    case unusedConsentMissing = "unused.consent-missing"
    case unusedNoGround = "unused.no-ground"
    case unusedUnknownAddress = "unused.unknown-address"

    case eventCollected = "event.collected"
    case eventContacted = "event.contacted"
    case eventOrganisationContacted = "event.organisation-contacted"
    case eventDemoBooked = "event.demo-booked"
    case eventCustomerStarted = "event.customer-started"
    case eventCustomerEnded = "event.customer-ended"
    case eventLeftOrganisation = "event.left-organisation"
    case eventJoinedOrganisation = "event.joined-organisation"
    case eventEventAttended = "event.event-attended"
    case eventQuestionAsked = "event.question-asked"
    case eventQuestionAnswered = "event.question-answered"
    case eventConsentAsked = "event.consent-asked"
    case eventConsentGiven = "event.consent-given"
    case eventConsentWithdrawn = "event.consent-withdrawn"
    case eventUnsubscribed = "event.unsubscribed"
    case eventTopicResumed = "event.topic-resumed"
    case eventObjected = "event.objected"
    case eventComplained = "event.complained"
    case eventBounced = "event.bounced"
    case eventNotified = "event.notified"
    case eventAddressConfirmed = "event.address-confirmed"
    case eventRestricted = "event.restricted"
    case eventRestrictionLifted = "event.restriction-lifted"
    case eventRestrictionLiftingTold = "event.restriction-lifting-told"
    case eventRectified = "event.rectified"
    case eventAddressCorrected = "event.address-corrected"
    case eventHoldPlaced = "event.hold-placed"
    case eventHoldReleased = "event.hold-released"
    case eventErased = "event.erased"
    case eventSwept = "event.swept"
    case eventSuppressed = "event.suppressed"

    case rightWithdraw = "right.withdraw"
    case rightAccess = "right.access"
    case rightRectification = "right.rectification"
    case rightErasure = "right.erasure"
    case rightRestriction = "right.restriction"
    case rightRecipients = "right.recipients"
    case rightPortability = "right.portability"
    case rightObjection = "right.objection"
    case rightHumanLook = "right.human-look"
    case rightComplaint = "right.complaint"

    case keptAddressDigest = "kept.address-digest"
    case keptRegister = "kept.register"
    case keptMarks = "kept.marks"
    case keptLedger = "kept.ledger"
    case keptRequests = "kept.requests"
    case keptImportLines = "kept.import-lines"
    case keptUndelivered = "kept.undelivered"
    case keptHold = "kept.hold"

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
            .confirmLead, .confirmLateText, .mailRightsSubject, .fileTitle:
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
        case .askNewer, .confirmIgnore, .mailConfirmIgnore, .fileKeptUntil, .fileRequestsDue:
            [.date]
        case .fileActsDomain:
            [.domain]
        case .undoneText, .confirmDoneText:
            [.controller, .moment, .purposes]
        case .preferencesAllowed:
            [.basis, .ground]
        case .preferencesAllowedUntil:
            [.basis, .date, .ground]
        case .preferencesStopped:
            [.date, .reason]
        case .confirmLockedText, .fileNotUsed, .mailRefused:
            [.reason]
        case .requestLead:
            [.controller, .date]
        case .requestStopped, .filePortable:
            [.purposes]
        case .fileMade:
            [.moment, .policy]
        case .fileKeptHold:
            [.hold]
        case .fileUsed:
            [.basis]
        case .fileUsedUntil:
            [.basis, .date]
        case .fileSafeguard:
            [.safeguard]
        case .mailConfirmSubject, .mailConfirmLead:
            [.controller, .purpose]
        case .mailRightsLead:
            [.controller, .right]
        case .mailMovedLead:
            [.controller, .date, .right]
        case .mailExtended:
            [.date, .reason]
        default: []
        }
    }

    /// What stands in braces in a text.
    enum Word: String, CaseIterable, Sendable {
        case authority, basis, controller, controllers, date, day, domain, first, ground, hold, last, moment, month,
            number,
            policy,
            purpose, purposes, reason, right, safeguard, time, topic, year
    }
}
