import Rules

/// What every page of one answer has in common: the language, and the company that speaks.
struct PageFrame: Sendable {
    let texts: Texts
    /// Nil where nobody knows whose link it was.
    let controller: Controller?
    /// The companies of its group, itself among them.
    let group: [Controller]
    let calendar: PageCalendar

    init(
        _ texts: Texts, of controller: Controller? = nil, in group: [Controller] = [], _ calendar: PageCalendar
    ) {
        (self.texts, self.controller, self.calendar) = (texts, controller, calendar)
        self.group = group
    }

    /// The company's name.
    var name: String { controller?.name ?? "" }
    /// The names of all companies of the group.
    var groupNames: String { texts.list(group.map(\.name)) }
    /// Whether there is more than the one company.
    var isInGroup: Bool { group.count > 1 }

    /// A day, where the company is.
    func day(_ instant: Instant) -> String { calendar.day(instant, in: controller?.timeZone, texts) }

    /// A day with its time, where the company is.
    func moment(_ instant: Instant) -> String { calendar.moment(instant, in: controller?.timeZone, texts) }
}

/// Says instants as people do.
struct PageCalendar: Sendable {
    /// Seconds by which a time zone is ahead of UTC at the instant; nil for one that this machine does not know.
    let offset: @Sendable (_ zone: String, _ at: Instant) -> Int?

    func day(_ instant: Instant, in zone: String?, _ texts: Texts) -> String {
        Self.date(local(instant, in: zone).written, texts)
    }

    func moment(_ instant: Instant, in zone: String?, _ texts: Texts) -> String {
        let local = local(instant, in: zone)
        let text = texts(
            .dateMoment,
            [.date: Self.date(local.written, texts), .time: String(local.written.dropFirst(11).prefix(5))])
        return local.isUTC ? texts(.dateUtc, [.moment: text]) : text
    }

    private func local(_ instant: Instant, in zone: String?) -> (written: String, isUTC: Bool) {
        guard let zone, let seconds = offset(zone, instant) else { return (instant.description, true) }
        return (instant.advanced(byMicroseconds: Int64(seconds) * 1_000_000).description, false)
    }

    private static func date(_ written: String, _ texts: Texts) -> String {
        let parts = written.prefix(10).split(separator: "-").compactMap { Int($0) }
        return parts.count == 3 ? texts.day(parts[2], month: parts[1], year: parts[0]) : ""
    }
}
