import Rules

/// What a press of the button stops, before it is pressed.
struct Stopping: Sendable {
    let reach: Entry.Reach
    /// What it stops of the policy.
    let purposes: [Slug]
}

/// What was stopped, from the committed receipt: nothing else can say so.
struct StoppedView: Sendable {
    let reach: Entry.Reach
    let purposes: [Slug]
    let since: Instant
    /// Whether it stood before.
    let isRepeated: Bool
    /// What can be done beside it; nil shows no more.
    let choices: Choices?
    /// Whether a reason was just given.
    var isThanked = false

    /// What the page offers after an opt-out.
    struct Choices: Sendable {
        /// The purpose that the person may come back to; nil where it is too late for that.
        let undo: Slug?
        /// The topic that may be stopped alone instead, where there is a purpose to come back to.
        let narrowsTo: Slug?
        /// What would stop more.
        let wider: [Entry.Reach]
    }
}

/// Why somebody stopped, in words that we know.
enum StopReason: String, CaseIterable, Sendable {
    case tooMany = "too-many"
    case notRelevant = "not-relevant"
    case neverAsked = "never-asked"
    case newJob = "new-job"
    case other

    fileprivate var key: TextKey {
        switch self {
        case .tooMany: .reasonTooMany
        case .notRelevant: .reasonNotRelevant
        case .neverAsked: .reasonNeverAsked
        case .newJob: .reasonNewJob
        case .other: .reasonOther
        }
    }
}

extension Pages {
    /// The page that asks: one button, which is all that changes anything. `newerConsent` is when the person said yes
    /// after the mail with this link; `standing` since when all of it is stopped already.
    ///
    /// Without `stopping`, which is where the database does not answer, it asks in general words: the button needs no more
    /// than the link.
    func ask(_ stopping: Stopping?, newerConsent: Instant?, standing: Instant?, in frame: PageFrame) -> Answer {
        let texts = frame.texts
        var content: [String: Any] = [
            "lead": stopping.map { lead($0, frame) } ?? texts(.askAny), "button": texts(.askButton),
            "note": texts(.askNote), "already": [String](),
            "newer": [String](), "stops": texts(.askStops), "hasPurposes": !(stopping?.purposes.isEmpty ?? true),
            "purposes": (stopping?.purposes ?? []).map(texts.purpose),
        ]
        if let newerConsent { content["newer"] = texts(.askNewer, [.date: frame.day(newerConsent)]) }
        if let standing {
            content["already"] = "\(texts(.doneAgain)) \(texts(.doneSince)): \(frame.moment(standing))."
        }
        let title = frame.controller == nil ? texts(.askAnyTitle) : texts(.askTitle, [.controller: frame.name])
        return page(.ask, content, title: title, frame)
    }

    private func lead(_ stopping: Stopping, _ frame: PageFrame) -> String {
        let texts = frame.texts
        return switch stopping.reach {
        case .topic(let topic, _): texts(.askTopic, [.topic: texts.topic(topic)])
        case .purpose(let purpose): texts(.askPurpose, [.purpose: texts.purpose(purpose)])
        case .controller: texts(.askController, [.controller: frame.name])
        case .group: texts(.askGroup, [.controllers: frame.groupNames])
        }
    }

    /// The page that says what was stopped, for which company and from when, and offers less, more and the way back.
    func stopped(_ view: StoppedView, in frame: PageFrame) -> Answer {
        let texts = frame.texts
        let isGroup = view.reach.scope == .group && frame.isInGroup
        var content: [String: Any] = [
            "stoppedName": texts(.doneStopped), "stopped": whatIsStopped(view, texts),
            "companyName": texts(isGroup ? .doneCompanies : .doneCompany),
            "company": isGroup ? frame.groupNames : frame.name, "sinceName": texts(.doneSince),
            "since": frame.moment(view.since), "sent": texts(.doneSent), "more": false, "reason": false, "again": false,
            "thanks": false,
        ]
        if view.isRepeated { content["again"] = texts(.doneAgain) }
        if view.isThanked { content["thanks"] = texts(.reasonThanks) }
        if let choices = view.choices {
            content["scope"] = view.reach.scope.rawValue
            content.merge(further(choices, frame)) { $1 }
            if !view.isThanked { content["reason"] = reasons(texts) }
        }
        return page(.stopped, content, title: texts(.doneTitle), frame)
    }

    private func whatIsStopped(_ view: StoppedView, _ texts: Texts) -> [String] {
        switch view.reach {
        case .topic(let topic, let purpose): ["\(texts.purpose(purpose)): \(texts.topic(topic))"]
        case .purpose(let purpose): [texts.purpose(purpose)]
        case .controller, .group: view.purposes.map(texts.purpose)
        }
    }

    private func further(_ choices: StoppedView.Choices, _ frame: PageFrame) -> [String: Any] {
        let texts = frame.texts
        guard choices.undo != nil || !choices.wider.isEmpty else { return [:] }
        let wording = choices.undo.flatMap { resuming($0, frame) }
        return [
            "more": texts(.doneMore), "version": wording?.version ?? "", "wording": wording?.text ?? "",
            "undo": wording == nil
                ? [[String: Any]]()
                : [
                    [
                        "undoTitle": texts(.doneUndo), "undoText": texts(.doneUndoText),
                        "undoButton": texts(.doneUndoButton),
                    ]
                ],
            "narrower": (wording == nil ? [] : [choices.narrowsTo].compactMap { $0 }).map { topic -> [String: Any] in
                ["text": texts(.doneNarrow), "button": texts(.doneNarrowTopic, [.topic: texts.topic(topic)])]
            },
            "hasWider": !choices.wider.isEmpty, "widerText": texts(.doneWider),
            "groupText": choices.wider.contains(.group)
                ? [texts(.doneGroup, [.controllers: frame.groupNames])] : [String](),
            "wider": choices.wider.map { reach -> [String: Any] in
                ["scope": reach.scope.rawValue, "button": name(reach, frame)]
            },
        ]
    }

    /// What coming back to a purpose says, in the newest words.
    func resuming(_ purpose: Slug, _ frame: PageFrame) -> Wording? {
        frame.texts.current(.resume).flatMap {
            frame.texts.wording($0, controller: frame.name, purposes: [purpose])
        }
    }

    private func name(_ reach: Entry.Reach, _ frame: PageFrame) -> String {
        let texts = frame.texts
        return switch reach {
        case .topic(let topic, _): texts(.doneNarrowTopic, [.topic: texts.topic(topic)])
        case .purpose(let purpose): texts(.doneWiderPurpose, [.purpose: texts.purpose(purpose)])
        case .controller: texts(.doneWiderController, [.controller: frame.name])
        case .group: texts(.doneWiderGroup)
        }
    }

    private func reasons(_ texts: Texts) -> [String: Any] {
        [
            "title": texts(.reasonTitle), "note": texts(.reasonNote), "button": texts(.reasonButton),
            "reasons": StopReason.allCases.map { reason -> [String: Any] in
                ["value": reason.rawValue, "name": texts(reason.key)]
            },
        ]
    }

    /// The page after an undone opt-out: what may be sent again, and the way to stop it after all.
    func undone(_ purposes: [Slug], at instant: Instant, in frame: PageFrame) -> Answer {
        let texts = frame.texts
        let text = texts(
            .undoneText,
            [.moment: frame.moment(instant), .controller: frame.name, .purposes: texts.purposes(purposes)])
        return notice(
            texts(.undoneTitle), [text], button: (texts(.undoneButton), fields: [("action", "stop")]), in: frame)
    }
}
