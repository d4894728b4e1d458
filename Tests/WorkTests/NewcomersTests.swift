import Formats
import Harness
import Rules
import Store
import Testing
import Work

/// People of whom nothing is known are judged by class and written together. What comes of it is the same as if each
/// row had been judged by itself, which is what happens once a domain was suppressed.
@Suite struct NewcomersTests {
    @Test(arguments: [("stratsys", UInt64(1)), ("infobric", 2), ("consent-first", 3), ("stratsys", 4)])
    func listsDoTheSameByClassAsRowByRow(_ policy: String, _ seed: UInt64) async throws {
        let scenes = [try await Scene(policy), try await Scene(policy)]
        let nowhere = Report(
            .suppressed(.domainSuppressed, scope: .controller),
            of: .domain(try Domain(parsing: "nowhere.example")))
        _ = try await scenes[1].store.run(.record(nowhere), by: scenes[1].access)
        let lastWeek = try await scenes[0].lastWeek()
        var lists = Lists(seed: seed, lastWeek: lastWeek)
        for person in 0..<30 {
            let event: Event = person % 3 == 0 ? .unsubscribed(scope: nil, purpose: nil, topic: nil) : .demoBooked
            for scene in scenes { try await scene.report(event, "p\(person)@gmail.com") }
        }
        for round in 0..<4 {
            let rowsMax = [1_000, 7, 50, 200][round]
            let leads = lists.leads(rows: 150)
            let refused = round < 2 ? lists.addresses(rows: 150) : lists.reasons(rows: 150)
            for scene in scenes {
                var opening = ImportOpening(.leads)
                opening.consentPurpose = try slug("newsletter")
                let order = ImportOrder(source: "fair", collectedAt: lastWeek, readsConsent: true)
                lists.keep(
                    try await scene.bring(leads, order, opening: opening, rowsMax: rowsMax, inOneLane: true).lines)
                opening = ImportOpening(.suppressions)
                if policy == "infobric", round % 2 == 0 { opening.scope = .group }
                lists.keep(
                    try await scene.bring(
                        refused, ImportOrder(.suppressions, source: nil, collectedAt: nil), opening: opening,
                        rowsMax: rowsMax, inOneLane: true
                    ).lines)
            }
            #expect(lists.areSame)
        }
        #expect(
            lists.verdicts.isSuperset(of: [
                "suppressed", "duplicate", policy == "consent-first" ? "no-ground" : "created",
            ]))
        for query in dumps {
            let (byClass, byRow) = (
                try await scenes[0].database.texts(query), try await scenes[1].database.texts(query)
            )
            let differing = Set(byClass).symmetricDifference(byRow).sorted().prefix(4)
            #expect(byClass == byRow, "\(differing)")
            #expect(byClass.count > 20 || policy != "stratsys")
        }
        let together: StaticString =
            "select count(*)::text as text from maysend.import_verdict where lines is not null having count(*) > 0"
        #expect(try await scenes[0].database.texts(together).count == 1)
        #expect(try await scenes[1].database.texts(together).isEmpty)
        for scene in scenes {
            #expect(try await scene.isSound())
            await scene.close()
        }
    }
}

/// Who is stored, what is recorded, who is told, and where anything stands; without the times that were the import's own.
private let dumps: [StaticString] = [
    """
    select concat_ws(' ', c.address_key, c.address, c.name, c.position, c.source, o.identity, o.number, o.name, c.due_ground,
        c.due_at is null) as text
    from maysend.contact c left join maysend.organisation o on o.id = c.organisation_id order by 1
    """,
    """
    select concat_ws(' ', l.holder_id, l.address_key, l.alias_key, l.act, l.purpose, l.scope, l.consent_by, l.suppression,
        l.bounce, l.actor, l.evidence - 'import',
        case when l.act in ('collected', 'contacted', 'consent-given') then l.at end) as text
    from maysend.ledger l where l.domain is null order by 1
    """,
    """
    select concat_ws(' ', n.controller_id, n.group_id, n.recipient, n.address_key, n.act, n.scope, n.suppression, n.state) as text
    from (
        select n.controller_id, n.group_id, n.recipient, n.address_key, n.act, n.scope, n.suppression, n.state
        from maysend.notice n where n.domain is null
        union all
        select b.controller_id, b.group_id, b.recipient, l.address_key, l.act, l.scope, l.suppression, 'waiting'
        from maysend.notice_bundle b join maysend.ledger l on l.id = any(b.act_ids)
    ) n order by 1
    """,
    """
    select concat_ws(' ', s.holder_id, s.address_key, length(s.facts), length(s.aliases)) as text
    from maysend.standing s
    where not exists (select from maysend.ledger l where l.address_key = s.address_key and l.domain is not null) order by 1
    """,
    """
    select concat_ws(' ', v.number, l.line, l.address_key, v.verdict, v.reason, v.duplicate_of) as text
    from maysend.import_verdict v
    cross join lateral unnest(coalesce(v.lines, array[v.line]), coalesce(v.address_keys, array[v.address_key]))
        as l(line, address_key)
    order by 1
    """,
]

/// Lists with everything in them, and what came of them.
private struct Lists {
    private var random: SeededGenerator
    private let lastWeek: Instant
    private var outcomes: [[String]] = []
    private(set) var verdicts: Set<String> = []

    init(seed: UInt64, lastWeek: Instant) { (random, self.lastWeek) = (SeededGenerator(seed: seed), lastWeek) }

    /// Whether both scenes said the same of the last two lists.
    var areSame: Bool {
        let (leads, refused) = (outcomes.count - 4, outcomes.count - 3)
        return outcomes[leads] == outcomes[leads + 2] && outcomes[refused] == outcomes[refused + 2]
    }

    mutating func keep(_ lines: [String]) {
        outcomes.append(lines)
        for line in lines { verdicts.formUnion(line.split(separator: " ").dropFirst().prefix(1).map(String.init)) }
    }

    mutating func leads(rows: Int) -> String {
        var text = "email,name,company,consent,last contact,source,unsubscribed,collected\n"
        let dates = ["", lastWeek.description, lastWeek.advanced(byMicroseconds: -86_400_000_000 * 3).description]
        for row in 0..<rows {
            text +=
                [
                    address(), ["", "N\(row)"].pick(&random),
                    ["", "C\(Int.random(in: 0..<12, using: &random)) AS"].pick(&random),
                    ["yes", "no", "", ""].pick(&random), dates.pick(&random), ["", "person", ""].pick(&random),
                    ["", "", "", "", "", "yes"].pick(&random), dates.pick(&random),
                ].joined(separator: ",") + "\n"
        }
        return text
    }

    mutating func addresses(rows: Int) -> String {
        "email\n" + (0..<rows).map { _ in address() + "\n" }.joined()
    }

    /// A provider's list, with its reasons and times.
    mutating func reasons(rows: Int) -> String {
        (0..<rows).map { _ in
            let reason = ["BOUNCE", "COMPLAINT"].pick(&random)
            let time = ["2026-10-01T08:00:00Z", "2026-11-01T08:00:00Z"].pick(&random)
            return #"{"EmailAddress":"\#(address())","Reason":"\#(reason)","LastUpdateTime":"\#(time)"}"# + "\n"
        }.joined()
    }

    /// Mostly of somebody new; sometimes of somebody known, another address of theirs, a role, or of nobody.
    private mutating func address() -> String {
        let number = Int.random(in: 0..<2_000, using: &random)
        return [
            "n\(number)@firma.example", "n\(number)@firma.example", "n\(number)+x@firma.example",
            "n\(number)@gmail.com",
            "p\(number % 30)@gmail.com", "p\(number % 30)+y@gmail.com", "info@f\(number % 40).example", "nobody",
        ].pick(&random)
    }
}

extension [String] {
    fileprivate func pick(_ random: inout SeededGenerator) -> String { randomElement(using: &random) ?? "" }
}
