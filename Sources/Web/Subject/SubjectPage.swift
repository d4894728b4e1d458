import Rules
public import Store

/// Everything that is held about a person, as a page to be read: no script, nothing from another host.
public enum SubjectPage {
    static let mediaType = "text/html; charset=utf-8"
    static let headers = [
        (
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        ("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex, nofollow, noarchive"),
        ("Cache-Control", "no-store"),
    ]

    /// The page in the language asked for, or the company's first; the person's own request may have named one.
    public static func html(of file: SubjectFile, in language: String?) -> [UInt8] {
        let stated = file.policy.controller(file.controller.slug)
        let asked = language ?? file.requests.last(where: { $0.state.isOpen })?.language
        let texts = SubjectTexts.chosen(asked, of: stated?.languages ?? [])
        let title = texts(.title, [file.controller.name])
        var page = SubjectMarkup(language: texts.language, title: title)
        page.paragraph(texts(.made, [moment(file.at), file.policy.label]))
        stored(file, texts, &page)
        kept(file, texts, &page)
        used(file, texts, &page)
        page.section(texts(.decidedTitle))
        page.paragraph(texts(.decided))
        recipients(file, texts, &page)
        rights(file, stated?.authority, texts, &page)
        acts(file, texts, &page)
        page.section(texts(.portableTitle))
        let portable = Set(file.portableGrounds.map(\.purpose.id.text)).sorted().joined(separator: ", ")
        page.paragraph(portable.isEmpty ? texts(.notPortable) : texts(.portable, [portable]))
        page.section(texts(.afterTitle))
        page.list(
            KeptAfterErasure.all(holds: file.keepReasons.filter { $0.hold != nil }).map { kept in
                (texts.kept[kept.what] ?? "") + (kept.hold.map { " \($0)" } ?? "") + " (\(kept.exception))"
            })
        return page.end()
    }

    private static func stored(_ file: SubjectFile, _ texts: SubjectTexts, _ page: inout SubjectMarkup) {
        page.section(texts(.stored))
        guard let contact = file.contact else { return page.paragraph(texts(.nothing)) }
        let organisation = [contact.organisation?.name, contact.organisation?.number].compactMap { $0 }
        let rows: [(SubjectText, String?)] = [
            (.address, contact.address), (.name, contact.name), (.position, contact.position),
            (.phone, contact.phone), (.organisation, organisation.isEmpty ? nil : organisation.joined(separator: ", ")),
            (.source, contact.source),
        ]
        page.terms(rows.compactMap { key, value in value.map { (texts(key), $0) } })
    }

    private static func kept(_ file: SubjectFile, _ texts: SubjectTexts, _ page: inout SubjectMarkup) {
        page.section(texts(.keptTitle))
        let reasons = file.keepReasons
        guard !reasons.isEmpty else { return page.paragraph(texts(.keptNot)) }
        if file.isErasurePending { page.paragraph(texts(.erasurePending)) }
        page.paragraph(file.keptUntil.map { texts(.keptUntil, [moment($0)]) } ?? texts(.keptOpen))
        page.list(
            reasons.map { reason in
                switch reason.reason {
                case .hold(let id): texts(.keptHold, [id.text])
                case .restriction: texts(.keptRestriction)
                case .pendingConsent: texts(.keptPendingConsent)
                case .ground(let ground, let purpose):
                    "\(purpose), \(ground)" + (reason.until.map { ": " + texts(.keptUntil, [moment($0)]) } ?? "")
                }
            })
    }

    private static func used(_ file: SubjectFile, _ texts: SubjectTexts, _ page: inout SubjectMarkup) {
        page.section(texts(.useTitle))
        page.terms(
            file.policy.purposes.compactMap { purpose in
                guard let verdict = file.explanation(of: purpose.id)?.verdict else { return nil }
                guard let basis = verdict.basis else {
                    return (purpose.id.text, texts(.notUsed, [verdict.reason.code]))
                }
                let words = "\(texts.bases[basis] ?? basis.rawValue), \(basis.article)"
                return (
                    purpose.id.text,
                    verdict.until.map { texts(.usedUntil, [words, moment($0)]) } ?? texts(.used, [words])
                )
            })
    }

    private static func recipients(_ file: SubjectFile, _ texts: SubjectTexts, _ page: inout SubjectMarkup) {
        page.section(texts(.recipientsTitle))
        guard !file.policy.recipients.isEmpty else { return page.paragraph(texts(.recipientsNone)) }
        page.list(
            file.policy.recipients.map { recipient in
                var words = [recipient.name]
                if let country = recipient.country { words.append(country) }
                if recipient.isOutsideEEA { words.append(texts(.outsideEEA)) }
                if let safeguard = recipient.safeguard { words.append(texts(.safeguard, [safeguard])) }
                return words.joined(separator: ", ")
            })
    }

    private static func rights(
        _ file: SubjectFile, _ authority: String?, _ texts: SubjectTexts, _ page: inout SubjectMarkup
    ) {
        page.section(texts(.rightsTitle))
        page.list(PersonRight.allCases.map { "\(texts.rights[$0] ?? $0.rawValue) (\($0.article))" })
        if let authority { page.paragraph(texts(.authority, [authority])) }
    }

    private static func acts(_ file: SubjectFile, _ texts: SubjectTexts, _ page: inout SubjectMarkup) {
        page.section(texts(.actsTitle))
        guard !file.acts.isEmpty else { return page.paragraph(texts(.actsNone)) }
        page.terms(
            file.acts.map { recorded in
                let about = [recorded.act.purpose?.text, recorded.act.topic?.text, recorded.act.hold?.text]
                    .compactMap { $0 }
                let name = texts.events[recorded.act.name] ?? recorded.act.name.rawValue
                return (moment(recorded.at), name + (about.isEmpty ? "" : " (\(about.joined(separator: ", ")))"))
            })
    }

    /// `2026-11-21 14:03`, in UTC.
    private static func moment(_ instant: Instant) -> String {
        let text = instant.description
        return text.prefix(10) + " " + text.dropFirst(11).prefix(5)
    }
}
