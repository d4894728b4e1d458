import Rules

/// The pages of a double opt-in.
extension Pages {
    /// Shows the words, and a button. `forgotten` is when the request runs out.
    func confirmation(_ wording: Wording, namesObjection: Bool, forgotten: Instant, in frame: PageFrame) -> Answer {
        let texts = frame.texts
        let content: [String: Any] = [
            "lead": texts(.confirmLead, [.controller: frame.name]), "say": texts(.confirmSay), "wording": wording.text,
            "version": wording.version, "button": texts(.confirmButton), "kept": texts(.confirmKept),
            "ignore": texts(.confirmIgnore, [.date: frame.day(forgotten)]), "isObjection": namesObjection,
            "objection": namesObjection ? [texts(.confirmObjection)] : [String](),
        ]
        return page(.confirm, content, title: texts(.confirmTitle), frame)
    }

    /// What was confirmed and from when.
    func confirmed(_ purposes: [Slug], at instant: Instant, in frame: PageFrame) -> Answer {
        let texts = frame.texts
        let text = texts(
            .confirmDoneText,
            [.moment: frame.moment(instant), .controller: frame.name, .purposes: texts.purposes(purposes)])
        return notice(texts(.confirmDone), [text], notes: [texts(.confirmKept), texts(.confirmLeave)], in: frame)
    }

    /// The request is older than the policy keeps one.
    func lapsed(in frame: PageFrame) -> Answer {
        notice(
            frame.texts(.confirmLate), [frame.texts(.confirmLateText, [.controller: frame.name])], role: .alert,
            status: 410, in: frame)
    }

    /// An entry stands that no confirmation lifts.
    func barred(by reason: EntryReason, in frame: PageFrame) -> Answer {
        notice(
            frame.texts(.confirmLocked),
            [frame.texts(.confirmLockedText, [.reason: frame.texts(reason.textKey)])], role: .alert, status: 409,
            in: frame)
    }
}

extension EntryReason {
    /// Why something is stopped, after "because".
    var textKey: TextKey {
        switch self {
        case .unsubscribed: .stopUnsubscribed
        case .consentWithdrawn: .stopConsentWithdrawn
        case .objected: .stopObjected
        case .complained: .stopComplained
        case .erased: .stopErased
        case .domainSuppressed: .stopDomainSuppressed
        case .imported: .stopImported
        }
    }
}

extension Basis {
    /// The legal basis, with its article.
    var textKey: TextKey {
        switch self {
        case .consent: .basisConsent
        case .contract: .basisContract
        case .legalObligation: .basisLegalObligation
        case .legitimateInterest: .basisLegitimateInterest
        }
    }
}
