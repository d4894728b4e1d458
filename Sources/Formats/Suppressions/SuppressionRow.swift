import Rules

/// What a row of a suppression list says.
enum SuppressionReading: Equatable {
    case entry(Suppression)
    case passedOver(SuppressionPass)
    case invalid(SuppressionFault)
}

extension SuppressionColumns {
    /// Reads one row; never throws, because a row that cannot be read is an answer too.
    func read(_ row: CSVRow) -> SuppressionReading {
        if row.isBlank { return .passedOver(.blank) }
        let said = saying(row)
        guard let said else { return .passedOver(.noOptOut) }
        switch subject(row) {
        case .failure(let fault): return .invalid(fault)
        case .success(let subject):
            var evidence = said.evidence
            let text = said.date ?? dateField(in: row)
            let at = text.isEmpty ? nil : SuppressionDate.instant(parsing: text)
            if at == nil, !text.isEmpty { evidence.append(SuppressionWord("date", text)) }
            return .entry(Suppression(subject, said.reason, at: at, evidence: evidence))
        }
    }

    /// Why, and what is said beside it.
    private struct Saying {
        var reason: Suppression.Reason
        var evidence: [SuppressionWord]
        /// Where the dialect has its date elsewhere.
        var date: String?
    }

    private func subject(_ row: CSVRow) -> Result<Suppression.Subject, SuppressionFault> {
        let text = addressField(in: row)
        if !text.utf8.contains(UInt8(ascii: "@")), let hashed = HashedAddress(parsing: text) {
            return .success(.hashed(hashed))
        }
        let column = header.indices.contains(address) ? header[address] : "#\(address + 1)"
        do throws(AddressError) {
            return .success(.address(try Address(parsing: text)))
        } catch {
            let wanted = shape.isHashed ? "neither a digest in hexadecimal or base64 nor an address: " : ""
            return .failure(SuppressionFault(column: column, problem: wanted + error.description))
        }
    }

    /// Nil where the row says nothing against mail.
    private func saying(_ row: CSVRow) -> Saying? {
        switch dialect {
        case .mailchimpSubscribed: nil
        case .hubspot: hubspot(row)
        case .klaviyo: klaviyo(row)
        case .postmark:
            byWord(row).map { said in
                var said = said
                let isByPerson = said.evidence.contains { $0.name == "origin" && $0.word.lowercased() == "recipient" }
                if said.reason == .listed, isByPerson { said.reason = .unsubscribed }
                return said
            }
        case .plain: plain(row)
        default: byWord(row)
        }
    }

    private func byWord(_ row: CSVRow) -> Saying? {
        var evidence = words(in: row)
        if let reason = shape.reason { return Saying(reason: reason, evidence: evidence) }
        guard let text = reasonField(in: row) else { return Saying(reason: .listed, evidence: evidence) }
        let folded = text.lowercased()
        guard let known = shape.words.first(where: { $0.word.lowercased() == folded }) else {
            // A word nobody knows is no reason to write to somebody.
            evidence.append(SuppressionWord("reason", text))
            return Saying(reason: .listed, evidence: evidence)
        }
        guard let reason = known.reason else { return nil }
        let usual = shape.words.first { $0.reason == reason }
        if usual?.word.lowercased() != folded { evidence.append(SuppressionWord("reason", text)) }
        return Saying(reason: reason, evidence: evidence)
    }

    private func plain(_ row: CSVRow) -> Saying? {
        if optOut != nil, Self.noWords.contains(field(optOut, in: row).lowercased()) { return nil }
        guard let text = reasonField(in: row), !text.isEmpty else {
            return Saying(reason: optOut == nil ? .listed : .unsubscribed, evidence: [])
        }
        if let known = shape.words.first(where: { $0.word == text }), let reason = known.reason {
            return Saying(reason: reason, evidence: [])
        }
        return Saying(reason: Self.reason(of: text), evidence: [SuppressionWord("reason", text)])
    }

    /// What a reason in free words most likely means.
    private static func reason(of text: String) -> Suppression.Reason {
        let folded = Heading.folded(String(text.prefix(leadHeadingBytesMax)))
        func speaks(of words: String...) -> Bool { words.contains { folded.contains($0) } }
        if speaks(of: "spam", "complain", "abuse") { return .complained }
        if speaks(of: "unsub", "optout", "optedout", "avmeld", "avanmal", "abgemeldet") { return .unsubscribed }
        return speaks(of: "bounce", "invalid") ? .bounced : .listed
    }

    /// TRUE in any column but those of bounces is an opt-out, from everything or from one type of mail; a bounce column holds
    /// TRUE or the reason.
    private func hubspot(_ row: CSVRow) -> Saying? {
        var said: Saying?
        var evidence: [SuppressionWord] = []
        func add(_ reason: Suppression.Reason) {
            let order = Suppression.Reason.allCases
            let rank = { (reason: Suppression.Reason) in order.firstIndex(of: reason) ?? order.count }
            if let other = said?.reason, rank(other) <= rank(reason) { return }
            said = Saying(reason: reason, evidence: [])
        }
        for (heading, field) in fields(in: row, where: { _ in true }) {
            let word = field.lowercased()
            guard !Self.noWords.contains(word) else { continue }
            let isBare = word == "true"
            switch Heading.folded(heading) {
            case "portalspamreport": add(.complained)
            case "portalunsubscribe": add(.unsubscribed)
            case "portalbounce", "globalbounce":
                add(.bounced)
                let name = Heading.folded(heading) == "portalbounce" ? "bounce" : "global-bounce"
                evidence.append(SuppressionWord(name, isBare ? "true" : field))
            default:
                guard isBare else { continue }
                add(.unsubscribed)
                evidence.append(SuppressionWord("type-" + String(evidence.count + 1), heading))
            }
        }
        said?.evidence = Array(evidence.prefix(Self.evidenceWordsMax))
        return said
    }

    /// A profile: the suppressions first, then a consent that was taken back.
    private func klaviyo(_ row: CSVRow) -> Saying? {
        var said: [(reason: Suppression.Reason, word: String, date: String)] = []
        for (heading, field) in fields(in: row, where: { Self.isKlaviyoSuppression($0) }) where !field.isEmpty {
            let isOfList = Heading.folded(heading).contains("list")
            let found = Self.suppressions(in: field)
            said += found.map { (isOfList ? .unsubscribed : Self.klaviyoReason($0.reason), $0.reason, $0.timestamp) }
        }
        let order = Suppression.Reason.allCases
        let strongest = order.lazy.compactMap { reason in said.first { $0.reason == reason } }.first
        if let strongest {
            let isUsual = Self.klaviyoWords.first { $0.reason == strongest.reason }?.word == strongest.word
            let evidence = isUsual ? [] : [SuppressionWord("reason", strongest.word)]
            return Saying(reason: strongest.reason, evidence: evidence, date: strongest.date)
        }
        let consents = fields(in: row, where: { $0.hasSuffix("emailmarketingconsent") })
        guard consents.contains(where: { $0.field.uppercased() == "UNSUBSCRIBED" }) else { return nil }
        let dates = fields(in: row, where: { $0.hasSuffix("emailmarketingconsenttimestamp") })
        return Saying(
            reason: .unsubscribed, evidence: [SuppressionWord("reason", "consent-withdrawn")],
            date: dates.first?.field ?? "")
    }

    private static func isKlaviyoSuppression(_ folded: String) -> Bool {
        [
            "marketingsuppression", "marketingsuppressions", "marketinglistsuppressions", "emailsuppressions",
            "emailsuppression",
        ]
        .contains { folded.hasSuffix($0) }
    }

    /// The array of the interface, or bare words as a table has them.
    private static func suppressions(in field: String) -> [(reason: String, timestamp: String)] {
        do throws(JSONError) {
            guard case .array(let items) = try JSON(parsing: Array(field.utf8)) else { return [(field, "")] }
            return items.map { item in
                guard case .object(let object) = item else {
                    if case .string(let text) = item { return (text, "") }
                    return ("", "")
                }
                func text(_ name: String) -> String {
                    if case .string(let text) = object[name] { text } else { "" }
                }
                return (text("reason"), text("timestamp"))
            }
        } catch {
            return [(field, "")]
        }
    }

    private static func klaviyoReason(_ word: String) -> Suppression.Reason {
        klaviyoWords.first { $0.word == word }?.reason ?? reason(of: word)
    }

    static let klaviyoWords: [(word: String, reason: Suppression.Reason)] = [
        ("SPAM_COMPLAINT", .complained), ("UNSUBSCRIBE", .unsubscribed), ("HARD_BOUNCE", .bounced),
        ("INVALID_EMAIL", .bounced), ("USER_SUPPRESSED", .listed),
    ]

    private static let noWords: Set<String> = ["", "false", "0", "no", "off", "n", "nei", "nej", "nein", "-"]
    private static let evidenceWordsMax = 16
}
