import Postgres
import Rules

/// What is there of a person besides the contact and the acts.
enum TraceSQL {
    /// An import's lines are dropped by whole months, 13 of them after their own.
    static let found = Statement(
        "trace.found",
        """
        select
            exists (
                select from subject_request r where r.controller_id = $1 and r.address_key = any($2::uuid[])
            ) as has_requests,
            exists (
                select from import i
                where i.controller_id = $1 and i.created_at >= date_trunc('month', now()) - interval '13 months'
            ) as has_lines,
            exists (
                select from notice n
                where n.controller_id = $1 and n.recipient = any($3::text[]) and n.address_key = any($2::uuid[])
                    and n.state <> 'delivered' and n.address is not null
            ) or exists (
                select from letter l
                where l.controller_id = $1 and l.address_key = any($2::uuid[]) and l.state = 'waiting'
            ) as has_undelivered
        """,
        in: (Int64.self, [AddressKey].self, [Slug].self), out: ("has_requests", Bool.self), ("has_lines", Bool.self),
        ("has_undelivered", Bool.self))

    static let all: [AnyStatement] = [found.erased]
}

extension WriteScene {
    /// What is there of the person whose facts these are, at that instant.
    func traces(
        of subject: Report.Subject, _ facts: Facts, holds: [KeptBy], under policy: Policy, at instant: Instant,
        in tx: borrowing Transaction<StoreError>
    ) throws(StoreError) -> KeptAfterErasure.Traces {
        let (hasRequests, hasLines, hasUndelivered) = try tx.one(
            TraceSQL.found, (controller.id, contactKeys(of: subject), policy.recipients.map(\.id)))
        var traces = KeptAfterErasure.Traces()
        traces.holds = holds
        traces.isMarked =
            facts.left(under: policy, at: instant) != nil || facts.isBounced(under: policy, at: instant)
        (traces.hasRequests, traces.hasImportLines) = (hasRequests, hasLines)
        traces.hasUndelivered = hasUndelivered
        return traces
    }
}
