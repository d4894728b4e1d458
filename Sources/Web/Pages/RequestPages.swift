import Rules
import Store

extension RequestKind {
    /// What a person's own page offers; whoever objects has the button that stops everything.
    static let offered: [RequestKind] = [.export, .rectify, .restrict, .erase]

    /// What its button says.
    var textKey: TextKey {
        switch self {
        case .export: .rightsExport
        case .rectify: .rightsRectify
        case .restrict: .rightsRestrict
        case .erase: .rightsErase
        case .object: .rightsObject
        }
    }

    /// What the button does.
    fileprivate var effectKey: TextKey {
        switch self {
        case .export: .requestExport
        case .rectify: .requestRectify
        case .restrict: .requestRestrict
        case .erase: .requestErase
        case .object: .requestObject
        }
    }

    /// What may be filled in: the field, its label, and what a browser may fill in by itself (WCAG 1.3.5).
    fileprivate var fields: [(name: String, label: TextKey, autocomplete: String)] {
        guard self == .rectify else { return [] }
        return [
            ("name", .fileName, "name"), ("position", .filePosition, "organization-title"),
            ("phone", .filePhone, "tel"),
        ]
    }
}

/// The pages of a person's own request, behind the link that went to the address itself.
extension Pages {
    /// What was asked for and what the button does; nothing of what is held.
    func request(_ request: SubjectRequest, in frame: PageFrame) -> Answer {
        let texts = frame.texts
        let name = texts(request.kind.textKey)
        let content: [String: Any] = [
            "lead": texts(.requestLead, [.controller: frame.name, .date: frame.day(request.receivedAt)]),
            "effect": texts(request.kind.effectKey), "button": name,
            "fields": request.kind.fields.map {
                ["name": $0.name, "label": texts($0.label), "autocomplete": $0.autocomplete]
            },
        ]
        return page(.request, content, title: name, frame)
    }

    /// What was done.
    func requestDone(_ answer: RequestAnswer, in frame: PageFrame) -> Answer {
        let texts = frame.texts
        switch answer {
        case .exported(let file): return self.file(file, in: frame)
        case .erased(let erased):
            let lead = texts(erased.isCarriedOut ? .requestErased : .fileErasurePending)
            let kept = PageSection(texts(.requestKept), items: texts.kept(erased.kept))
            return sections([kept], title: texts(.requestDone), lead: lead, in: frame)
        case .rectified: return notice(texts(.requestDone), [texts(.requestCorrected)], in: frame)
        case .restricted: return notice(texts(.requestDone), [texts(.requestRestricted)], in: frame)
        case .objected(let receipt):
            let stopped = texts(.requestStopped, [.purposes: texts.purposes(receipt.stops)])
            return notice(texts(.requestDone), [stopped], in: frame)
        }
    }

    /// It was carried out, answered or refused before.
    func requestAnswered(in frame: PageFrame) -> Answer {
        notice(
            frame.texts(.requestAnswered), [frame.texts(.requestAnsweredText)], role: .alert, status: 409, in: frame)
    }

    /// Nothing is stored that could be corrected.
    func nothingToCorrect(in frame: PageFrame) -> Answer {
        notice(frame.texts(.requestNothing), [frame.texts(.fileNothing)], role: .alert, status: 409, in: frame)
    }
}
