import Formats
import Rules
import Store

/// The question before a send: may this message go to this person now, and on what ground.
enum EligibilityAPI {
    static let checkPath = "/v1/eligibility"

    static let routes = [
        Route(.post, checkPath, .keyProvenByHandler(.check), body: .single, EligibilityPages.check) {
            call async throws(Problem) in try await check(call)
        },
        Route(
            .post, "/v1/eligibility/batch", .key([.check]), body: .json(bytesMax: batchBodyBytesMax),
            EligibilityPages.batch
        ) { call async throws(Problem) in try await checkBatch(call) },
    ]

    /// One verdict, in one round trip to the database.
    private static func check(_ call: Call) async throws(Problem) -> Answer {
        let (address, words) = try question(try call.fields())
        guard let caller = call.caller else { throw .noKey }
        guard let names = words.names else { throw try await words.fault(for: call) }
        let check = Check(address: address, terms: words.terms(names))
        let outcome: Result<(access: Access, answer: Result<CheckAnswer, CheckFault>), AccessRefusal>
        do throws(StoreError) {
            outcome = try await call.store.verdict(check, with: caller.key, provisional: caller.access, at: call.now)
        } catch {
            throw Problem(error)
        }
        switch outcome {
        case .failure(let refusal): throw Problem(refusal)
        case .success((let access, let answered)):
            try Authentication.require([.check], of: access)
            return try answer(answered).answer(call.links?.press, words.campaign)
        }
    }

    private static func question(_ fields: consuming RequestFields) throws(Problem) -> (Address, QuestionWords) {
        let address = try fields.address()
        let words = try QuestionWords(&fields)
        try fields.finish()
        return (address, words)
    }

    /// The check in a body that is right in every respect; nil for any other.
    static func plainCheck(in body: [UInt8], by access: Access) -> (Check, Campaign?)? {
        do {
            var fields = try RequestFields(try JSON(parsing: body))
            try fields.ownController(access.controller.slug)
            let (address, words) = try question(fields)
            return words.names.map { (Check(address: address, terms: words.terms($0)), words.campaign) }
        } catch {
            return nil
        }
    }

    /// The verdicts of many addresses, in their order; an address that is none is answered in its place.
    private static func checkBatch(_ call: Call) async throws(Problem) -> Answer {
        var fields = try call.fields()
        let words = try QuestionWords(&fields)
        let (addresses, rows) = try addresses(fields.array("addresses", countMax: batchAddressesMax))
        try fields.finish()
        // Asked of the policy first, so that a wrong word is an error also where no address is one.
        let policy = try await call.policy()
        guard let names = words.names else { throw try await words.fault(for: call) }
        try words.require(names, under: policy)
        let access = try call.access()
        let answered: Result<[CheckAnswer], CheckFault>
        do throws(StoreError) {
            answered = try await call.store.verdicts(of: addresses, words.terms(names), by: access, .prompt)
        } catch {
            throw Problem(error)
        }
        let answers = try answer(answered)
        let (press, campaign) = (call.links?.press, words.campaign)
        // What a verdict takes, so that a long answer is not copied while it grows; with its links, whose tokens are long.
        let bytesPerVerdict = press == nil ? 384 : 1_536
        return .json(200, reservingBytes: rows.count * bytesPerVerdict) { writer in
            write(rows, answers, press, campaign, to: &writer)
        }
    }

    /// The addresses, and for each element nil where it is the next of them, or why it is none.
    private static func addresses(_ elements: [JSON]) throws(Problem) -> (AddressList, rows: [AddressError?]) {
        var addresses = AddressList()
        var rows: [AddressError?] = []
        addresses.reserveCapacity(elements.count)
        rows.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard case .string(var text) = element else {
                throw Problem(.wrongType, "“addresses” is an array of strings", at: "/addresses/\(index)")
            }
            rows.append(text.withUTF8 { addresses.fault(ofAppending: UnsafeRawBufferPointer($0)) })
        }
        return (addresses, rows)
    }

    private static func answer<Answer>(_ answered: Result<Answer, CheckFault>) throws(Problem) -> Answer {
        switch answered {
        case .success(let answer): return answer
        case .failure(let fault): throw Problem(fault)
        }
    }

    private static func write(
        _ rows: [AddressError?], _ answers: [CheckAnswer], _ press: LinkPress?,
        _ campaign: Campaign?, to writer: inout JSONWriter
    ) {
        var remaining = answers[...]
        writer.key("verdicts")
        writer.beginArray()
        for row in rows {
            writer.beginObject()
            if let error = row {
                writer.member("eligible", false)
                writer.member("reason", "invalid-address")
                writer.member("detail", error.sentence)
            } else if let answer = remaining.popFirst() {
                answer.write(to: &writer)
                if let press { answer.writeLinks(press, campaign, to: &writer) }
            }
            writer.endObject()
        }
        writer.endArray()
    }
}

/// What is asked, in the client's words.
private struct QuestionWords {
    let purpose: String
    let topic: String?
    let at: Instant?
    /// Goes into the links of a yes.
    let campaign: Campaign?

    init(_ fields: inout RequestFields) throws(Problem) {
        purpose = try fields.requiredText("purpose")
        topic = try fields.text("topic")
        at = try fields.time("at")
        guard let text = try fields.text("campaign") else {
            campaign = nil
            return
        }
        guard let name = Campaign(text) else {
            throw Problem(.invalidField, "“campaign” is \(Campaign.allowed).", at: "/campaign")
        }
        campaign = name
    }

    /// Nil where one of the words is no name at all, so that no policy can know it.
    var names: (purpose: Slug, topic: Slug?)? {
        guard let purpose = Slug(purpose) else { return nil }
        guard let topic else { return (purpose, nil) }
        return Slug(topic).map { (purpose, $0) }
    }

    func terms(_ names: (purpose: Slug, topic: Slug?)) -> CheckTerms {
        CheckTerms(purpose: names.purpose, topic: names.topic, at: at)
    }

    /// What is wrong with words that are no names, with the words that would be right.
    func fault(for call: Call) async throws(Problem) -> Problem {
        let policy = try await call.policy()
        guard let purpose = Slug(purpose), let known = policy.purpose(purpose) else {
            return unknown(.purpose, purpose, policy.purposes.map(\.id.text))
        }
        return unknown(.topic(of: purpose), topic ?? "", known.topics.map(\.text))
    }

    /// Throws where the policy does not know the names or never sends for the purpose.
    func require(_ names: (purpose: Slug, topic: Slug?), under policy: Policy) throws(Problem) {
        do throws(UnknownName) {
            let question = try Question(purpose: names.purpose, topic: names.topic, address: .named, under: policy)
            guard question.purpose.kind == .record else { return }
        } catch {
            throw Problem(CheckFault.unknownName(error))
        }
        throw Problem(CheckFault.notSendable(names.purpose))
    }

    private func unknown(_ what: UnknownName.What, _ name: String, _ known: [String]) -> Problem {
        Problem(CheckFault.unknownName(UnknownName(what: what, name: excerpt(name), known: known)))
    }
}

extension AddressList {
    /// Adds the address, or says why it is none.
    fileprivate mutating func fault(ofAppending text: UnsafeRawBufferPointer) -> AddressError? {
        do throws(AddressError) {
            try append(parsing: text)
            return nil
        } catch {
            return error
        }
    }
}
