import ArgumentParser
import Formats
import Rules
import Store

/// The command `maysend retention …`.
struct RetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "See what falls due.", subcommands: [RetentionForecast.self])
}

/// The command `maysend retention forecast`.
struct RetentionForecast: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "Count the contacts that fall due in the coming months, by ground, if nothing else happens.",
        discussion: """
              maysend retention forecast
              maysend retention forecast --months 24 --svg forecast.svg
            """)

    @OptionGroup var controller: ControllerOption
    @Option(help: "How many months, 1 to \(Forecast.monthsMax).")
    var months = Forecast.monthsStandard
    @Option(help: ArgumentHelp("Draw it as a picture, too.", valueName: "file"), completion: .file(extensions: ["svg"]))
    var svg: String?
    @Flag(help: "Replace the picture that is there.")
    var force = false

    func validate() throws {
        guard (1...Forecast.monthsMax).contains(months) else {
            throw ValidationError("--months is 1 to \(Forecast.monthsMax).")
        }
    }

    func run() async throws {
        let output = try svg.map { path throws(Failure) in try OutputFile(path, replacing: force ? .whenWhole : .never)
        }
        do {
            let (name, forecast) = try await Operator.open(controller) { here in
                (here.access.controller.slug, try await here.store.forecast(months: months, by: here.access))
            }
            show(forecast)
            try output?.write(Array(picture(of: forecast, at: name).svg.utf8))
            try output?.finish()
        } catch {
            output?.discard()
            throw error
        }
    }

    private func show(_ forecast: Forecast) {
        var rows: [[String]] = []
        for count in forecast.overdue { rows.append(["overdue", count.ground, "\(count.count)"]) }
        for month in forecast.months {
            for count in month.counts { rows.append([month.name, count.ground, "\(count.count)"]) }
            if month.counts.isEmpty { rows.append([month.name, "-", "0"]) }
        }
        Terminal.table(["MONTH", "GROUND", "CONTACTS"], rows)
        if rows.contains(where: { $0[1] == Forecast.lookGround }) {
            Terminal.note(
                "\(Forecast.lookGround): they do not fall due then; the rules are asked, and may keep them for longer.")
        }
        Terminal.line("later: \(forecast.later); without a clock: \(forecast.unlimited)")
        if forecast.isPending {
            Terminal.note(
                "Due dates are still to be reckoned under the policy in effect; 'maysend sweep' or 'serve' does it.")
        }
    }

    private func picture(of forecast: Forecast, at controller: Slug) -> StackedBars {
        let overdue = StackedBars.Bar(label: "overdue", parts: forecast.overdue.map { ($0.ground, $0.count) })
        let months = forecast.months.map { month in
            StackedBars.Bar(label: String(month.name.dropFirst(2)), parts: month.counts.map { ($0.ground, $0.count) })
        }
        return StackedBars(
            title: "Contacts that fall due at \(controller)",
            note:
                "by ground, as of \(forecast.at.wholeSecond); later \(forecast.later), without a clock \(forecast.unlimited)",
            bars: [overdue] + months)
    }
}
