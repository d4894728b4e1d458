public import Rules

/// Where letters come from and go through.
public struct MailRoute: Sendable {
    let relay: SMTPRelay
    let from: Address

    public init(relay: SMTPRelay, from: Address) { (self.relay, self.from) = (relay, from) }
}

/// How often and how far apart.
public struct CourierSchedule: Sendable {
    /// Before each try of a notice; after the last it is in quarantine.
    public var notices: [Duration] = [
        .zero, .seconds(5), .seconds(300), .seconds(1_800), .seconds(7_200), .seconds(18_000), .seconds(36_000),
        .seconds(50_400), .seconds(72_000), .seconds(86_400),
    ]
    /// Before each try of a letter; after the last it is given up.
    public var letters: [Duration] = [
        .zero, .seconds(60), .seconds(300), .seconds(900), .seconds(3_600), .seconds(7_200), .seconds(14_400),
        .seconds(28_800), .seconds(43_200), .seconds(86_400),
    ]
    /// Between two looks at an empty outbox.
    public var pause: Duration = .milliseconds(500)
    /// How long a relay or an endpoint that nobody answers at is left alone.
    public var rest: Duration = .seconds(15)
    /// The same of one that is busy (429, 503) and does not say for how long.
    public var busyRest: Duration = .seconds(10)
    /// How long one recipient is told before it is looked at who else waits.
    public var turn: Duration = .seconds(10)
    /// For how long claimed notices are one courier's alone. What could not be over by then is not begun.
    public var noticeLease: Duration = .seconds(300)
    /// After the database failed.
    public var databaseRest: Duration = .seconds(2)
    /// Between two looks at the partitions and at addresses that lie too long.
    public var roll: Duration = .seconds(6 * 3_600)

    public init() {}
}
