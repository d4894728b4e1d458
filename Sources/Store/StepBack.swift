import Postgres

/// How connections that work on lists step back behind those that answer checks, where a superuser has installed
/// `sql/step_back.sql`.
enum StepBackSQL {
    static let isOffered = Statement(
        "step-back.is-offered",
        """
        select coalesce(has_function_privilege(to_regprocedure('maysend.step_back()'), 'execute'), false) as offered
        """,
        in: (), out: ("offered", Bool?.self), into: { (offered: Bool?) in offered ?? false })

    /// Calls what may not be there, so it is no statement that is prepared.
    static let how = StepBack(isOffered: isOffered, ask: Script(reviewed: "select maysend.step_back()"))

    static let all: [AnyStatement] = [isOffered.erased]
}

extension Store {
    /// What it means for checks that connections can step back, or cannot.
    static func stepBack(_ tx: borrowing Transaction<StoreError>) throws(StoreError) -> Finding {
        try tx.one(StepBackSQL.isOffered, ())
            ? Finding(.good, "step_back", "lists and sweeps give way to checks")
            : Finding(
                .notice, "step_back",
                "not installed, so checks get slower beside an import or a sweep; have a superuser run sql/step_back.sql"
            )
    }
}
