import Postgres
public import Rules

/// What is to be corrected of a person: Article 16. What is nil stays.
public struct Correction: Sendable {
    public var address: Address?
    public var name: String?
    public var position: String?
    public var phone: String?

    public init(address: Address? = nil, name: String? = nil, position: String? = nil, phone: String? = nil) {
        (self.address, self.name, self.position, self.phone) = (address, name, position, phone)
    }
}

/// What a committed rectification is.
public struct RectificationReceipt: Sendable {
    /// The act of rectification, under the address as it is now.
    public let act: Int64
    public let at: Instant
    /// The fields that were corrected, `address` among them.
    public let corrected: [String]
    /// What the corrected address took over: the new acts with those that they repeat; empty where the address stayed.
    public let inherited: [(act: Int64, of: Int64, name: Event.Name)]
    /// What refuses the policy's default purpose at the address now; nil where nothing does.
    public let refusal: Verdict.Reason?
}

extension Verb where Result == RectificationReceipt {
    /// Corrects what is stored of the person.
    ///
    /// A corrected address inherits every opt-out, restriction, hold and mark of the old one, those by a digest or an alias
    /// form of it among them; the old one keeps its own, and nothing lifts anything. Throws `.nothingStored` where nothing is
    /// known under the address.
    public static func rectify(_ address: Address, to correction: Correction, evidence: Evidence?) -> Verb {
        Verb(.normal) { scene, tx throws(StoreError) in
            if let new = correction.address, scene.peppers.key(for: new) == scene.peppers.key(for: address) {
                throw .sameAddress
            }
            return try scene.rectify(.address(address), to: correction, evidence: evidence, in: tx)
        }
    }
}

enum RectificationSQL {
    static let acts = Statement(
        "rectification.acts",
        """
        select l.id, l.holder_id, l.address_key, l.organisation_id, l.at, l.act, l.purpose, l.topic, l.scope, l.consent_by,
            l.confirms_objection, l.suppression, l.bounce, l.hold, l.until
        from ledger l
        where l.holder_id = any($1::bigint[]) and (l.address_key = any($2::uuid[]) or l.alias_key = any($2::uuid[]))
        order by l.id
        """,
        in: ([Int64].self, [AddressKey].self), out: ("id", Int64.self), ("holder_id", Int64.self),
        ("address_key", AddressKey?.self), ("organisation_id", Int64?.self), ("at", Instant.self),
        ("act", Event.Name.self), ("purpose", Slug?.self), ("topic", Slug?.self), ("scope", Scope?.self),
        ("consent_by", String?.self), ("confirms_objection", Bool.self), ("suppression", Event.Suppression?.self),
        ("bounce", Event.Bounce?.self), ("hold", Slug?.self), ("until", Instant?.self), into: StoredAct.init)

    static let correct = Statement(
        "rectification.correct",
        """
        update contact set name = coalesce($3, name), position = coalesce($4, position), phone = coalesce($5, phone),
            updated_at = now()
        where controller_id = $1 and address_key = any($2::uuid[])
        """,
        in: (Int64.self, [AddressKey].self, String?.self, String?.self, String?.self))

    /// What lists replaced is wrong as well, and nothing can be taken back to it any more.
    static let forgetEarlier = Statement(
        "rectification.forget-earlier",
        "delete from import_before where controller_id = $1 and address_key = any($2::uuid[])",
        in: (Int64.self, [AddressKey].self))

    static let all: [AnyStatement] = [acts.erased, correct.erased, forgetEarlier.erased]
}

extension WriteScene {
    func rectify(
        _ subject: Report.Subject, to correction: Correction, evidence: Evidence?,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> RectificationReceipt {
        let target = correction.address.map { Report.Subject.address($0) } ?? subject
        guard case .address(let old) = self.subject(of: subject), case .address(let new) = self.subject(of: target)
        else { throw .nothingStored }
        let oldKeys = contactKeys(of: subject)
        let (lookup, targetLookup) = (try lookup(of: subject), try self.lookup(of: target))
        let organisations = try tx.all(ContactSQL.read, (controller.id, oldKeys + contactKeys(of: target)))
            .compactMap(\.organisation)
        // Behind the locks of every key: no opt-out that is acknowledged meanwhile stays behind.
        try writer.lock(
            organisations.map { .organisation($0) } + lookup.subjects + targetLookup.subjects, in: tx)

        let now = try writer.clock(tx)
        let policy = try catalogue.policy(of: controller, at: now)
        let pending = try tx.all(PendingErasureSQL.find, (controller.id, oldKeys))
        // What the hold keeps must lie apart before the contact is moved.
        if pending.contains(where: { !$0.isApart }) { try settleErasures(of: oldKeys, in: tx).requireSound() }
        let contact = try tx.all(ContactSQL.read, (controller.id, oldKeys)).first
        let known = try known(of: subject, lookup, besides: targetLookup, in: tx)
        let isKnown = !known.acts.isEmpty || !known.aliases.isEmpty
        guard contact != nil || !pending.isEmpty || (correction.address != nil && isKnown) else { throw .nothingStored }

        let corrected = try store(correction, over: contact, of: oldKeys, in: tx)
        var rows: [LedgerRow] = []
        var heirs: [NumberedAct] = []
        if correction.address != nil {
            let there = try self.facts(of: target, in: tx)
            let at = max(Stamp(now: now, before: there).instant, known.facts.latestStamped ?? now)
            heirs = inheritance(of: known, onto: there, under: policy, at: at)
            rows = heirs.map { heir in
                LedgerRow(
                    subject: .address(new), act: heir.act, at: heir.at,
                    evidence: JSONB(#"{"method":"rectification","inherited-from":"\#(heir.id)"}"#),
                    address: target.address)
            }
            let restriction = heirs.first { $0.act.name == .restricted && $0.at <= at }
            rows += leave(
                subject, old, to: correction.address, new, at: Stamp(now: now, before: known.facts).instant,
                keeping: restriction)
        }
        rows.append(
            LedgerRow(
                subject: .address(new), act: Act(.rectified), at: now, evidence: evidence.map { JSONB($0.json) },
                address: target.address))
        let receipts = try writer.append(rows, in: tx)
        guard let last = receipts.last else { throw .damaged("ledger receipts") }
        if correction.address != nil {
            try derive(old, new, contactKeys(of: subject) + contactKeys(of: target), at: last.recordedAt, in: tx)
        }

        let after = try self.facts(of: target, in: tx)
        return RectificationReceipt(
            act: last.id, at: now, corrected: corrected,
            inherited: zip(heirs, receipts).map { (act: $1.id, of: $0.id, name: $0.act.name) },
            refusal: refusal(of: target, after, under: policy, at: max(now, after.latestStamped ?? now)))
    }

    /// Every key of the person, of every kind of digest that there is.
    private func lookup(of subject: Report.Subject) throws(StoreError) -> LookupKeys {
        switch subject {
        case .address(let address): LookupKeys(address, ofEveryKind: peppers)
        case .person(let person): LookupKeys(person)
        case .domain, .hashed: throw .nothingStored
        }
    }

    /// What is known of the address, besides what the right one has of its own.
    private func known(
        of subject: Report.Subject, _ lookup: LookupKeys, besides target: LookupKeys,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> CorrectedAddress {
        var acts: [NumberedAct] = []
        var aliases: [AddressKey: [NumberedAct]] = [:]
        for stored in try tx.all(RectificationSQL.acts, ([controller.id, controller.group], lookup.all)) {
            let numbered = NumberedAct(id: stored.id, at: stored.at, act: stored.act)
            if let other = stored.key.flatMap(lookup.other) {
                guard !target.isOwn(other) else { continue }
                aliases[other, default: []].append(numbered)
            } else {
                acts.append(numbered)
            }
        }
        return CorrectedAddress(
            acts: acts, aliases: aliases.sorted { $0.key < $1.key }.map(\.value), facts: try facts(of: subject, in: tx))
    }

    /// What the wrong address is left with: all is forgotten but what nothing ever forgets, and the restriction, which counts
    /// anew: no stale list that brings the address in again goes past it.
    private func leave(
        _ subject: Report.Subject, _ old: PersonKeys, to address: Address?, _ new: PersonKeys, at end: Instant,
        keeping restriction: NumberedAct?
    ) -> [LedgerRow] {
        let corrected = LedgerRow(
            subject: .address(old), act: Act(.addressCorrected), at: end,
            evidence: JSONB(#"{"method":"rectification","now-under":"\#(new.own)"}"#), address: subject.address,
            corrected: address)
        guard let restriction else { return [corrected] }
        return [
            corrected,
            LedgerRow(
                subject: .address(old), act: Act(.restricted), at: end.advanced(byMicroseconds: 1),
                evidence: JSONB(#"{"method":"rectification","repeats":"\#(restriction.id)"}"#), address: subject.address
            ),
        ]
    }

    private func derive(
        _ old: PersonKeys, _ new: PersonKeys, _ keys: [AddressKey], at now: Instant,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        for holder in [controller.id, controller.group] {
            // Under every pepper: the contact was, or is now, stored with the key of one of them.
            let places = Set(keys + [old.own, new.own]).map { StandingPlace(holder: holder, key: $0) }
            let known = try LedgerWriter.facts(at: places, controller: controller.id, in: tx)
            try writer.derive(places.filter { known[$0] != nil }, at: now, in: tx)
            for person in [old, new] where known[StandingPlace(holder: holder, key: person.own)] != nil {
                try writer.deriveAliases(of: person, holder: holder, at: now, in: tx)
            }
        }
    }

    /// Writes the contact under the address as it is now; what was corrected.
    private func store(
        _ correction: Correction, over old: ContactRow?, of oldKeys: [AddressKey],
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> [String] {
        let fields = [
            ("address", correction.address != nil), ("name", correction.name != nil),
            ("position", correction.position != nil), ("phone", correction.phone != nil),
        ]
        let corrected = fields.filter(\.1).map(\.0)
        // What a hold keeps of what was erased is the person's as well.
        try tx.run(
            PendingErasureSQL.correct, (controller.id, oldKeys, correction.name, correction.position, correction.phone))
        guard let old else {
            if let target = correction.address {
                try moveErasure(oldKeys, to: target, peppers.key(for: target), in: tx)
            }
            return corrected
        }
        guard let target = correction.address else {
            try tx.run(
                RectificationSQL.correct,
                (controller.id, oldKeys, correction.name, correction.position, correction.phone))
            try tx.run(RectificationSQL.forgetEarlier, (controller.id, oldKeys))
            return corrected
        }
        try tx.run(RectificationSQL.forgetEarlier, (controller.id, peppers.keys(for: target)))
        let there = try tx.all(ContactSQL.read, (controller.id, peppers.keys(for: target))).first
        let key = there?.key ?? peppers.key(for: target)
        try moveErasure(oldKeys, to: target, key, in: tx)
        try tx.run(ContactSQL.forget, (controller.id, oldKeys))
        try tx.run(
            ContactSQL.put,
            (
                controller.id, [key], [target.canonical], [correction.name ?? there?.name ?? old.name],
                [correction.position ?? there?.position ?? old.position],
                [correction.phone ?? there?.phone ?? old.phone], [there?.source ?? old.source],
                [there?.organisation ?? old.organisation]
            ))
        return corrected
    }

    /// An erasure that waits goes along with the address.
    private func moveErasure(
        _ keys: [AddressKey], to target: Address, _ key: AddressKey, in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) {
        try tx.run(PendingErasureSQL.move, (controller.id, keys, key, target.canonical))
        try tx.run(PendingErasureSQL.done, (controller.id, keys))
    }

    private func refusal(
        of subject: Report.Subject, _ facts: Facts, under policy: Policy, at now: Instant
    ) -> Verdict.Reason? {
        guard
            let question = question(of: policy.defaultPurpose, subject.addressClass, under: policy)
        else { return nil }
        let verdict = decide(question, from: facts, under: policy, at: now)
        return verdict.isEligible ? nil : verdict.reason
    }

    private func question(of purpose: Slug, _ address: Question.AddressClass, under policy: Policy) -> Question? {
        do throws(UnknownName) { return try Question(purpose: purpose, address: address, under: policy) } catch {
            return nil
        }
    }
}
