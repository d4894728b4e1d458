import Rules

/// What the person's last press on their page did.
enum PreferenceOutcome: Sendable {
    case saved(at: Instant)
    case unchanged
}

extension Pages {
    /// What may be sent and done, what each rests on, and the ways to change it.
    func preferences(
        _ choices: Choices, outcome: PreferenceOutcome? = nil, in frame: PageFrame
    ) -> Answer {
        let texts = frame.texts
        let sendable = choices.all(.marketing) + choices.all(.tracking)
        var content: [String: Any] = [
            "lead": texts(.preferencesLead), "saved": saved(outcome, frame),
            "notice": choices.notice.map { [texts($0.textKey)] } ?? [String](),
            "boxes": sendable.flatMap(Self.ticked).joined(separator: " "),
            "objections": sendable.filter(\.isObjected).map(\.purpose.id.text).joined(separator: " "),
            "topicsName": texts(.preferencesTopics), "mailName": texts(.preferencesMail),
            "mail": choices.all(.marketing).map { box($0, frame) },
            "trackingName": texts(.preferencesTracking), "trackingNote": texts(.preferencesTrackingNote),
            "hasTracking": !choices.all(.tracking).isEmpty, "tracking": choices.all(.tracking).map { box($0, frame) },
            "serviceName": texts(.preferencesService), "serviceNote": texts(.preferencesServiceNote),
            "hasService": !choices.all(.service).isEmpty, "service": choices.all(.service).map { box($0, frame) },
            "saveName": texts(.preferencesSave), "version": texts.current(.resume) ?? "",
        ]
        content.merge(stopping(frame)) { $1 }
        content.merge(asking(texts)) { $1 }
        return page(.preferences, content, title: texts(.preferencesTitle, [.controller: frame.name]), frame)
    }

    /// The names of the boxes of a choice that are ticked when they are shown.
    private static func ticked(_ choice: Choice) -> [String] {
        let topics = choice.topics.filter { $0.stoppedSince == nil }
        return (choice.isTicked ? [choice.purpose.id.text] : [])
            + topics.map { Ticks.name(of: $0.id, choice.purpose.id) }
    }

    private func saved(_ outcome: PreferenceOutcome?, _ frame: PageFrame) -> [String] {
        switch outcome {
        case .saved(let instant):
            [
                frame.texts(.preferencesSaved) + ". "
                    + frame.texts(.preferencesSavedText, [.moment: frame.moment(instant)])
            ]
        case .unchanged: [frame.texts(.preferencesUnchanged)]
        case nil: []
        }
    }

    private func box(_ choice: Choice, _ frame: PageFrame) -> [String: Any] {
        let texts = frame.texts
        let purpose = choice.purpose.id
        return [
            "value": purpose.text, "name": texts.purpose(purpose), "ticked": choice.isTicked,
            "locked": choice.isLocked, "about": about(choice, frame), "saying": saying(choice, frame),
            "hasTopics": !choice.topics.isEmpty,
            "topics": choice.topics.map { topic -> [String: Any] in
                [
                    "value": Ticks.name(of: topic.id, purpose), "name": texts.topic(topic.id),
                    "ticked": topic.stoppedSince == nil,
                    "about": topic.stoppedSince.map { since in
                        [
                            texts(
                                .preferencesStopped,
                                [.date: frame.day(since), .reason: texts(.stopUnsubscribed)])
                        ]
                    } ?? [String](),
                ]
            },
        ]
    }

    /// What a purpose rests on, or why it is not sent.
    private func about(_ choice: Choice, _ frame: PageFrame) -> [String] {
        let texts = frame.texts
        switch choice.standing {
        case .allowed(let ground, let until):
            let words: [TextKey.Word: String] = [
                .ground: texts.ground(ground), .basis: texts(ground.basis.textKey),
            ]
            guard let until else { return [texts(.preferencesAllowed, words)] }
            return [texts(.preferencesAllowedUntil, words.merging([.date: frame.day(until)]) { $1 })]
        case .stopped(let entry):
            let stopped = texts(
                .preferencesStopped, [.date: frame.day(entry.at), .reason: texts(entry.entry.reason.textKey)])
            if choice.isLocked { return [stopped, texts(.preferencesLocked)] }
            return choice.isObjected ? [stopped, texts(.preferencesObjection)] : [stopped]
        case .pending: return [texts(.preferencesPending)]
        case .askable: return [texts(.preferencesConsentNeeded)]
        case .idle: return choice.purpose.kind == .service ? [] : [texts(.preferencesIdle)]
        }
    }

    /// The words that a tick in this empty box says: shown with it, and recorded as they were shown.
    private func saying(_ choice: Choice, _ frame: PageFrame) -> [[String: Any]] {
        let texts = frame.texts
        guard !choice.isTicked, !choice.isLocked, choice.purpose.kind != .service,
            let wording = texts.current(.resume).flatMap({
                texts.wording($0, controller: frame.name, purposes: [choice.purpose.id])
            })
        else { return [] }
        return [["say": texts(.preferencesSay), "wording": wording.text]]
    }

    private func stopping(_ frame: PageFrame) -> [String: Any] {
        let texts = frame.texts
        return [
            "stopName": texts(.preferencesStop), "stopText": texts(.preferencesStopText, [.controller: frame.name]),
            "stopButton": texts(.preferencesStopButton),
            "stopGroup": frame.isInGroup
                ? [texts(.preferencesStopGroup, [.controllers: frame.groupNames])] : [String](),
            "stopGroupButton": texts(.preferencesStopGroupButton),
        ]
    }

    private func asking(_ texts: Texts) -> [String: Any] {
        [
            "rightsName": texts(.rightsTitle), "rightsText": texts(.rightsText),
            "rights": RequestKind.offered.map { ["value": $0.rawValue, "name": texts($0.textKey)] },
        ]
    }
}

extension Choices.Notice {
    fileprivate var textKey: TextKey {
        switch self {
        case .restricted: .preferencesRestricted
        case .leftOrganisation: .preferencesLeft
        case .bounced: .preferencesBounced
        }
    }
}

extension Texts {
    /// What a ground rests on, after "because".
    func ground(_ ground: Ground) -> String {
        if ground.basis == .consent { return self(.groundConsent) }
        if ground.given.contains(.demoBooked) { return self(.groundDemoBooked) }
        switch ground.window?.from {
        case .collected: return self(.groundCollected)
        case .lastContact: return self(.groundLastContact)
        case .customerEnded: return self(.groundCustomerEnded)
        case .demoBooked: return self(.groundDemoBooked)
        case .eventAttended: return self(.groundEventAttended)
        case .questionAnswered: return self(.groundQuestionAnswered)
        case nil: break
        }
        switch ground.condition {
        case .customer: return self(.groundCustomer)
        case .openQuestion: return self(.groundOpenQuestion)
        case .purpose(let purpose): return self(.groundWithPurpose, [.purpose: self.purpose(purpose)])
        case nil: return self(.groundOther)
        }
    }
}
