import Formats
import Rules
import Store

/// The one table from what the rooms below can say to what a client is told.
extension Problem {
    init(_ error: StoreError) {
        switch error {
        case .unavailable(let cause):
            self.init(
                .unavailable, "Nothing can be known or recorded now; send the same request again.",
                cause: "\(cause)")
        case .unsure(let why):
            self.init(
                .unavailable, "Nothing can be known or recorded now; send the same request again.", cause: why)
        case .heldBack(let heldBack):
            self.init(
                .peerMayHoldOptOuts,
                "Instance “\(heldBack.instance)” does not answer and may hold opt-outs; until it does, for "
                    + "\(heldBack.secondsLeft) seconds at most, nobody can be said to be eligible. Send the same request again.",
                cause: error.description)
        case .draining:
            self.init(
                .drainingOptOuts,
                "Opt-outs that came while the database was away are being recorded; send the same request again.",
                cause: error.description)
        case .unknownController(let slug, _): self.init(unknownController: slug.text)
        case .unknownName(let name): self.init(name, at: "")
        case .noPolicy: self.init(.noPolicy, error.description)
        case .standingEntry(let dated):
            self.init(
                .standingEntry,
                "An entry stands against it (\(dated.entry.reason.rawValue), scope \(dated.entry.reach.scope.rawValue), "
                    + "since \(dated.at)); only evidence of the person's own act, made now, lifts it: method "
                    + Evidence.liftingMethods.joined(separator: " or ") + ".")
        case .mustBeKept:
            self.init(.mustBeKept, "Not forgotten: \(error.description) (Art. 17(3), 18(2)).", at: "/event")
        case .inTheFuture(let name):
            self.init(.inTheFuture, "“\(name.rawValue)” loosens something, so it may not lie in the future.", at: "/at")
        case .idempotencyKeyReused:
            self.init(
                .idempotencyKeyReused, "The key was used for another request; a new request needs a key of its own.",
                parameter: "Idempotency-Key")
        case .tooMany(let limit): self.init(.tooMany, "More than \(limit) at once.", at: "")
        case .schema(let why):
            self.init(.unavailable, "Nothing can be known or recorded now; the operator has been told why.", cause: why)
        case .revokedKey: self.init(.keyRevoked, "The key was revoked; ask the operator for another.")
        case .personNotTold(let since):
            self.init(
                .personNotTold,
                "The person, restricted since \(since), must be told before the restriction is lifted (Article 18(3)); "
                    + "record that as event “\(Event.Name.restrictionLiftingTold.rawValue)” first, with evidence of how."
            )
        case .nothingStored: self.init(.nothingStored, "Nothing is stored under this address that could be corrected.")
        case .sameAddress:
            self.init(.sameAddress, "The corrected address is the one it corrects.", at: "/to/address")
        case .unknownRequest(let id): self.init(.unknownRequest, "There is no request \(id) at this controller.")
        case .requestClosed(let id):
            self.init(.requestClosed, "Request \(id) has been answered; what is asked anew is a new request.")
        case .requestNotExtendable(let due):
            self.init(
                .notExtendable,
                "A request is extended within a month of receipt, further than it was (due \(due)), and by "
                    + "\(RequestClock.extensionMonthsMax) months at most in all (Article 12(3)).")
        case .importState(let why): self.init(.importState, why + ".")
        case .database, .damaged, .policyRefused, .unknownOrganisation, .deadPepper, .nothingToUndo,
            .organisationsMoved:
            self = .ours(error.description)
        }
    }

    init(_ fault: CheckFault) {
        switch fault {
        case .unknownName(let name): self.init(name, at: "/" + name.what.field)
        case .notSendable(let purpose):
            self.init(
                .purposeNotSendable, "“\(purpose)” is of kind record: it is kept and never sent.", at: "/purpose")
        case .inThePast(let asked, let now):
            self.init(.atInThePast, "“at” is \(asked), and it is \(now) now; ask for now or later.", at: "/at")
        case .noPolicy(let text): self.init(.noPolicy, text)
        }
    }

    init(_ name: UnknownName, at pointer: String) {
        let code: Code =
            switch name.what {
            case .purpose: .unknownPurpose
            case .topic: .unknownTopic
            case .controller: .unknownController
            }
        self.init(code, name.description, at: pointer, known: name.known)
    }

    init(_ error: FieldError) {
        let code: Code =
            switch error.code {
            case .missing: .missingField
            case .wrongType: .wrongType
            case .unknownField: .unknownField
            case .notAllowed: .notAllowed
            case .outOfRange: .outOfRange
            case .tooLong: .tooLong
            case .tooMany: .tooMany
            case .empty: .emptyField
            case .invalid: .invalidField
            }
        self.init(code, error.detail, at: error.path)
    }

    /// The fault of an event's field, which stands at the top of the body.
    init(_ error: EventError, under policy: Policy) {
        let code: Code =
            switch error.kind {
            case .missing: .missingField
            case .unknownField: .unknownField
            case .notAllowed: .notAllowed
            case .unknownPurpose: .unknownPurpose
            case .unknownTopic: .unknownTopic
            }
        let known = error.kind == .unknownPurpose ? policy.purposes.map(\.id.text) : nil
        self.init(code, error.problem, at: "/" + error.field, known: known)
    }

    init(_ error: EvidenceError) {
        let pointer =
            error.field.map { JSONPointer.root.appending("evidence").appending($0).description } ?? "/evidence"
        self.init(
            .invalidEvidence, "The evidence \(error.field.map { "“\($0)” " } ?? "")\(error.problem).", at: pointer)
    }

    /// The fault of a body that is no JSON.
    ///
    /// A NUL is named wherever it stands.
    init(_ error: JSONError, in bytes: [UInt8]) {
        let isNUL = bytes.indices.contains(error.offset) && bytes[error.offset] == 0
        let code: Code =
            switch error.kind {
            case _ where isNUL: .nul
            case .nul: .nul
            case .invalidUTF8: .invalidUTF8
            case .tooLarge: .bodyTooLarge
            default: .malformedJSON
            }
        self.init(code, error.description)
    }

    init(_ error: AddressError, at pointer: String) {
        self.init(.invalidAddress, "\(error.sentence) (\(error.code))", at: pointer)
    }

    init(_ refusal: AccessRefusal) {
        switch refusal {
        case .unknownKey: self = .noKey
        case .revokedKey: self.init(.keyRevoked, "The key was revoked; ask the operator for another.")
        case .expiredKey: self.init(.keyExpired, "The key has expired; ask the operator for another.")
        }
    }

    /// Says nothing of what exists: a foreign controller and one that is not there look the same.
    init(unknownController slug: String, known: [String] = []) {
        self.init(.unknownController, "This key knows no controller “\(slug)”.", at: "/controller", known: known)
    }

    /// Whatever is wrong with a key that is not known, the answer is the same.
    static let noKey = Problem(
        .unauthorized, "Send the header field “Authorization: Bearer msk_…” with a key of this service.")
}

extension UnknownName.What {
    fileprivate var field: String {
        switch self {
        case .purpose: "purpose"
        case .topic: "topic"
        case .controller: "controller"
        }
    }
}
