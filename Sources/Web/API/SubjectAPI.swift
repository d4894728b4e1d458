import Formats
import Rules
import Store

/// The rights of the person, each by one call: access and portability, erasure, rectification, restriction, objection.
enum SubjectAPI {
    static let routes = [
        Route(.post, "/v1/subjects/export", .key([.subject]), body: .single, query: ["as"], SubjectPages.export) {
            call async throws(Problem) in try await export(call)
        },
        Route(.post, "/v1/subjects/erase", .key([.subject]), body: .single, SubjectPages.erase) {
            call async throws(Problem) in try await erase(call)
        },
        Route(.post, "/v1/subjects/rectify", .key([.subject]), body: .single, SubjectPages.rectify) {
            call async throws(Problem) in try await rectify(call)
        },
        Route(.post, "/v1/subjects/restrict", .key([.subject]), body: .single, SubjectPages.restrict) {
            call async throws(Problem) in try await restrict(call)
        },
        Route(.post, "/v1/subjects/unrestrict", .key([.subject]), body: .single, SubjectPages.unrestrict) {
            call async throws(Problem) in try await record(call, .restrictionLifted)
        },
        Route(.post, "/v1/subjects/object", .key([.subject]), body: .single, SubjectPages.object) {
            call async throws(Problem) in try await object(call)
        },
    ]

    private static func export(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let address = try fields.address()
        let language = try fields.text("language")
        try fields.finish()
        let form = try form(call.query["as"], accept: call.accept)
        let access = try call.access()
        let file: SubjectFile
        do throws(StoreError) {
            file = try await call.store.subjectFile(of: address, by: access)
        } catch {
            throw Problem(error)
        }
        switch form {
        case .json: return Answer(200, "application/json", SubjectDocument.json(of: file))
        case .html:
            guard let pages = call.pages else {
                throw Problem(.unavailable, "This service has no texts for pages; the operator has to set them up.")
            }
            return pages.file(file, in: language)
        }
    }

    /// How an export is written.
    enum Form: String, CaseIterable {
        case json, html
    }

    /// What the query says, else a page for whoever takes HTML before JSON.
    private static func form(_ word: String?, accept: String?) throws(Problem) -> Form {
        guard let word else { return accept?.hasPrefix("text/html") == true ? .html : .json }
        guard let form = Form(rawValue: word) else {
            let known = Form.allCases.map(\.rawValue)
            throw Problem(.invalidParameter, "“as” is json or html.", parameter: "as", known: known)
        }
        return form
    }

    private static func erase(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let address = try fields.address()
        let evidence = try fields.evidence()
        try fields.finish()
        return try await call.perform(.erase(address, evidence: evidence)) { receipt in
            .json(200) { receipt.write(to: &$0) }
        }
    }

    private static func rectify(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let address = try fields.address()
        guard var to = try fields.object("to") else {
            throw Problem(.missingField, "the field “to” is required", at: "/to")
        }
        var correction = Correction()
        correction.address = try to.optionalAddress(at: "/to/address")
        correction.name = try to.text("name", bytesMax: Lead.textBytesMax)
        correction.position = try to.text("position", bytesMax: Lead.textBytesMax)
        correction.phone = try to.text("phone", bytesMax: Lead.textBytesMax)
        try to.finish()
        guard !to.given.isEmpty else {
            throw Problem(
                .missingField, "“to” says what is right: an “address”, “name”, “position” or “phone”.", at: "/to")
        }
        let evidence = try fields.evidence()
        try fields.finish()
        return try await call.perform(.rectify(address, to: correction, evidence: evidence)) { receipt in
            .json(200) { receipt.write(to: &$0) }
        }
    }

    /// Why somebody has the use of their data restricted: the letters of Article 18(1).
    enum RestrictionGround: String, CaseIterable {
        case accuracyContested = "accuracy-contested"
        case unlawful
        case neededForClaims = "needed-for-claims"
        case objectionPending = "objection-pending"
    }

    private static func restrict(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let address = try fields.address()
        let word = try fields.text("ground")
        if let word, RestrictionGround(rawValue: word) == nil {
            let known = RestrictionGround.allCases.map(\.rawValue)
            throw Problem(
                .notAllowed, "unknown word “\(excerpt(word))”; known are \(known.joined(separator: ", "))",
                at: "/ground", known: known)
        }
        let evidence = try adding(word.map { ("ground", $0) }, to: fields.evidence())
        try fields.finish()
        let report = Report(.restricted, of: .address(address), evidence: evidence)
        return try await perform(report, call)
    }

    private static func object(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let address = try fields.address()
        let purpose = try fields.text("purpose")
        let at = try fields.time("at")
        let evidence = try fields.evidence()
        try fields.finish()
        let event = try Event(
            .objected, words: purpose.map { ["purpose": $0] } ?? [:], under: await call.policy())
        return try await perform(Report(event, of: .address(address), at: at, evidence: evidence), call)
    }

    private static func record(_ call: Call, _ event: Event) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let address = try fields.address()
        let evidence = try fields.evidence()
        try fields.finish()
        return try await perform(Report(event, of: .address(address), evidence: evidence), call)
    }

    private static func perform(_ report: Report, _ call: Call) async throws(Problem) -> Answer {
        try await call.perform(.record(report)) { receipt in
            .json(200) { writer in
                receipt.write(to: &writer) { $0.member("event", receipt.act.name.rawValue) }
            }
        }
    }

    /// The evidence with one more word.
    static func adding(_ pair: (name: String, word: String)?, to evidence: Evidence?) throws(Problem) -> Evidence? {
        guard let pair else { return evidence }
        do throws(EvidenceError) {
            if let evidence { return try evidence.adding(pair.name, pair.word) }
            return try Evidence([pair])
        } catch {
            throw Problem(.invalidEvidence, "“\(pair.name)” \(error.problem).", at: "/" + pair.name)
        }
    }
}

extension ErasureReceipt {
    func write(to writer: inout JSONWriter) {
        writer.member("recorded", true)
        writer.member("act", receipt.id)
        writer.member("at", receipt.at)
        writer.member("recorded-at", receipt.recordedAt)
        writer.member("state", isCarriedOut ? "erased" : "pending")
        writer.key("erased")
        writer.beginArray()
        writer.value("relations")
        if hadContact && isCarriedOut { writer.value("contact") }
        writer.endArray()
        writer.write("stops", receipt.stops)
        writer.key("kept")
        writer.beginArray()
        for kept in kept { kept.write(to: &writer) }
        writer.endArray()
    }
}

extension KeptAfterErasure {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("what", what.rawValue)
        writer.member("exception", exception)
        writer.member("why", what.why)
        if let hold {
            writer.member("hold", hold.text)
            writer.member("until", until)
        }
        writer.endObject()
    }
}

extension RectificationReceipt {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("recorded", true)
        writer.member("act", act)
        writer.member("at", at)
        writer.key("corrected")
        writer.beginArray()
        for field in corrected { writer.value(field) }
        writer.endArray()
        writer.key("inherited")
        writer.beginArray()
        for one in inherited {
            writer.beginObject()
            writer.member("act", one.act)
            writer.member("of", one.of)
            writer.member("event", one.name.rawValue)
            writer.endObject()
        }
        writer.endArray()
        writer.member("refused-as", refusal?.code)
    }
}
