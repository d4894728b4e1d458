import Rules
public import Store

/// A part of a page that is read from top to bottom.
struct PageSection {
    let title: String
    let paragraphs: [String]
    let rows: [(name: String, text: String)]
    let items: [String]

    init(
        _ title: String, _ paragraphs: [String] = [], rows: [(name: String, text: String)] = [], items: [String] = []
    ) {
        (self.title, self.paragraphs, self.rows, self.items) = (title, paragraphs, rows, items)
    }
}

extension WebServer.RecipientPages {
    /// Everything that is held about a person, as a page to be read (Articles 15 and 20): in that language, or in that of
    /// their open request, or in the company's first.
    public func html(of file: SubjectFile, in language: String?) -> [UInt8] { pages.file(file, in: language).body }
}

extension Pages {
    /// A page of sections.
    func sections(_ sections: [PageSection], title: String, lead: String, in frame: PageFrame) -> Answer {
        let content: [[String: Any]] = sections.enumerated().map { number, section in
            [
                "id": "part-\(number + 1)", "title": section.title, "paragraphs": section.paragraphs,
                "hasRows": !section.rows.isEmpty, "rows": section.rows.map { ["name": $0.name, "text": $0.text] },
                "hasItems": !section.items.isEmpty, "items": section.items,
            ]
        }
        return page(.sections, ["lead": lead, "sections": content], title: title, frame)
    }

    /// Everything that is held about a person, in the language asked for as in a browser's Accept-Language.
    func file(_ file: SubjectFile, in language: String?) -> Answer {
        let asked = language ?? file.requests.last(where: { $0.state.isOpen })?.language
        let group = file.policy.controllers
        return self.file(
            file,
            in: frame(
                language: nil, accept: asked, controller: file.policy.controller(file.controller.slug), group: group))
    }

    func file(_ file: SubjectFile, in frame: PageFrame) -> Answer {
        let texts = frame.texts
        let portable = file.portableGrounds.map(\.purpose.id).uniqued
        let portability =
            portable.isEmpty ? texts(.fileNotPortable) : texts(.filePortable, [.purposes: texts.purposes(portable)])
        return sections(
            stored(file, texts) + earlier(file, frame) + [
                categories(file, texts), kept(file, frame), used(file, frame),
                PageSection(texts(.fileDecidedTitle), [texts(.fileDecided)]), recipients(file, texts),
                PageSection(
                    texts(.fileRightsTitle),
                    items: PersonRight.allCases.map { "\(texts.word("right", $0.rawValue)) (\($0.article))" }),
                acts(file, frame), requests(file, frame), PageSection(texts(.filePortableTitle), [portability]),
                PageSection(texts(.fileAfterTitle), items: texts.kept(file.keptAfterErasure)),
            ], title: texts(.fileTitle, [.controller: frame.name]),
            lead: texts(.fileMade, [.moment: frame.moment(file.at), .policy: file.policy.label]), in: frame)
    }

    /// What is stored, and what a hold keeps of what was erased before.
    private func stored(_ file: SubjectFile, _ texts: Texts) -> [PageSection] {
        let held = file.held.map { contact($0, texts(.fileHeld), texts) }
        if let contact = file.contact {
            return [self.contact(contact, texts(.fileStored), texts)] + (held.map { [$0] } ?? [])
        }
        return [held ?? PageSection(texts(.fileStored), [texts(.fileNothing)])]
    }

    private func contact(_ contact: StoredContact, _ title: String, _ texts: Texts) -> PageSection {
        let organisation = [contact.organisation?.name, contact.organisation?.number].compactMap { $0 }
        let rows: [(TextKey, String?)] = [
            (.fileAddress, contact.address), (.fileName, contact.name), (.filePosition, contact.position),
            (.filePhone, contact.phone),
            (.fileOrganisation, organisation.isEmpty ? nil : organisation.joined(separator: ", ")),
            (.fileSource, contact.source),
        ]
        return PageSection(title, rows: rows.compactMap { key, value in value.map { (texts(key), $0) } })
    }

    /// What lists replaced; no section where they replaced nothing.
    private func earlier(_ file: SubjectFile, _ frame: PageFrame) -> [PageSection] {
        guard !file.earlier.isEmpty else { return [] }
        let rows = file.earlier.map { earlier in
            let values = [
                earlier.name, earlier.position, earlier.phone, earlier.source, earlier.organisation?.name,
                earlier.organisation?.number,
            ].compactMap { $0 }
            return (name: frame.moment(earlier.replacedAt), text: values.joined(separator: ", "))
        }
        return [PageSection(frame.texts(.fileEarlierTitle), [frame.texts(.fileEarlier)], rows: rows)]
    }

    private func categories(_ file: SubjectFile, _ texts: Texts) -> PageSection {
        let items = file.categories.map { texts.word("category", $0.rawValue) }
        return PageSection(
            texts(.fileCategoriesTitle), items.isEmpty ? [texts(.fileNothing)] : [], items: items)
    }

    private func kept(_ file: SubjectFile, _ frame: PageFrame) -> PageSection {
        let texts = frame.texts
        let reasons = file.keepReasons
        guard !reasons.isEmpty else { return PageSection(texts(.fileKeptTitle), [texts(.fileKeptNot)]) }
        let end = file.keptUntil.map { texts(.fileKeptUntil, [.date: frame.day($0)]) } ?? texts(.fileKeptOpen)
        let isErased = file.isErasurePending && reasons.allSatisfy { $0.hold != nil }
        return PageSection(
            texts(.fileKeptTitle), (isErased ? [texts(.fileErasurePending)] : []) + [end],
            items: reasons.map { kept in
                switch kept.reason {
                case .hold(let id): texts(.fileKeptHold, [.hold: id.text])
                case .restriction: texts(.fileKeptRestriction)
                case .pendingConsent: texts(.fileKeptPending)
                case .ground(let id, let purpose): self.ground(id, of: purpose, until: kept.until, file, frame)
                }
            })
    }

    /// What a ground keeps, on which basis and until when.
    private func ground(
        _ id: Slug, of purpose: Slug, until end: Instant?, _ file: SubjectFile, _ frame: PageFrame
    ) -> String {
        let texts = frame.texts
        let ground = file.policy.purpose(purpose)?.grounds.first { $0.id == id }
        let why = ground.map { [texts.ground($0), texts($0.basis.textKey)] } ?? [id.text]
        let words = texts.purpose(purpose) + ": " + why.joined(separator: "; ")
        return end.map { words + ". " + texts(.fileKeptUntil, [.date: frame.day($0)]) } ?? words
    }

    private func used(_ file: SubjectFile, _ frame: PageFrame) -> PageSection {
        PageSection(
            frame.texts(.fileUseTitle),
            rows: file.policy.purposes.compactMap { purpose in
                file.explanation(of: purpose.id).map {
                    (frame.texts.purpose(purpose.id), use($0.verdict, frame))
                }
            })
    }

    private func use(_ verdict: Verdict, _ frame: PageFrame) -> String {
        let texts = frame.texts
        guard let basis = verdict.basis else {
            return texts(.fileNotUsed, [.reason: texts.reason(verdict.reason)])
        }
        let words: [TextKey.Word: String] = [.basis: texts(basis.textKey)]
        guard let end = verdict.until else { return texts(.fileUsed, words) }
        return texts(.fileUsedUntil, words.merging([.date: frame.day(end)]) { $1 })
    }

    private func recipients(_ file: SubjectFile, _ texts: Texts) -> PageSection {
        guard !file.policy.recipients.isEmpty else {
            return PageSection(texts(.fileRecipientsTitle), [texts(.fileRecipientsNone)])
        }
        return PageSection(
            texts(.fileRecipientsTitle),
            items: file.policy.recipients.map { recipient in
                [
                    recipient.name, recipient.country, recipient.isOutsideEEA ? texts(.fileOutsideEea) : nil,
                    recipient.safeguard.map { texts(.fileSafeguard, [.safeguard: $0]) },
                ].compactMap { $0 }.joined(separator: ", ")
            })
    }

    private func acts(_ file: SubjectFile, _ frame: PageFrame) -> PageSection {
        let texts = frame.texts
        guard !file.acts.isEmpty else { return PageSection(texts(.fileActsTitle), [texts(.fileActsNone)]) }
        return PageSection(
            texts(.fileActsTitle),
            rows: file.acts.map { recorded in
                let act = recorded.act
                let about = [
                    act.purpose.map { texts.purpose($0) }, act.topic.map { texts.topic($0) }, act.hold?.text,
                    whose(recorded.of, texts),
                ].compactMap { $0 }.joined(separator: ", ")
                let what = texts.word("event", act.name.rawValue)
                return (frame.moment(recorded.at), about.isEmpty ? what : "\(what) (\(about))")
            })
    }

    /// Whose act it is, where it is not the person's and its words do not say so.
    private func whose(_ subject: ActSubject, _ texts: Texts) -> String? {
        switch subject {
        case .person, .organisation: nil
        case .digest: texts(.fileActsDigest)
        case .alias: texts(.fileActsAlias)
        case .domain(let domain): texts(.fileActsDomain, [.domain: domain])
        }
    }

    private func requests(_ file: SubjectFile, _ frame: PageFrame) -> PageSection {
        let texts = frame.texts
        guard !file.requests.isEmpty else { return PageSection(texts(.fileRequestsTitle), [texts(.fileRequestsNone)]) }
        return PageSection(
            texts(.fileRequestsTitle),
            rows: file.requests.map { request in
                let state = texts.word("state", request.state.rawValue)
                let end =
                    request.closedAt.map { frame.moment($0) }
                    ?? texts(.fileRequestsDue, [.date: frame.day(request.dueAt)])
                return (frame.moment(request.receivedAt), "\(texts(request.kind.textKey)): \(state), \(end)")
            })
    }
}

extension Texts {
    /// The text of a word of the API, as a part of the file has it; a test sees that each has one.
    func word(_ part: String, _ word: String) -> String {
        TextKey(rawValue: "\(part).\(word)").map { self($0) } ?? word
    }

    /// Why something is not used, after a colon.
    fileprivate func reason(_ reason: Verdict.Reason) -> String {
        if case .entry(let entry) = reason { return self(entry.textKey) }
        return word("unused", reason.code)
    }

    /// What outlives an erasure, why, and what that rests on: an exception of Article 17(3), or a legal basis.
    func kept(_ all: [KeptAfterErasure]) -> [String] {
        all.map { kept in
            word("kept", kept.what.rawValue) + (kept.hold.map { " \($0)" } ?? "") + " (\(kept.exception))"
        }
    }
}

extension [Slug] {
    /// Each once, in order.
    fileprivate var uniqued: [Slug] {
        var seen: Set<Slug> = []
        return filter { seen.insert($0).inserted }
    }
}
