import ArgumentParser
import Formats
import Rules
import Store

/// The command `maysend notices`.
struct NoticesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notices",
        abstract: "List who should have been told by now where their data comes from (Art. 14 GDPR), as CSV.",
        discussion: """
            Whose data came from elsewhere is to be told within a month of its collection. Report the event 'notified' \
            for those who were; --all lists those too whose month is not over.

              maysend notices >overdue.csv
            """)

    @OptionGroup var controller: ControllerOption
    @Flag(help: "Those too whose month is not over.")
    var all = false

    func run() async throws {
        try await Operator.open(controller, for: .list) { person in
            Terminal.line("address,source,notice-due")
            var after: AddressKey?
            repeat {
                let page = try await person.store.dueNotices(
                    all ? .all : .overdue, after: after, by: person.access)
                for notice in page.notices {
                    var writer = CSVWriter(lineEnding: .lf)
                    writer.row([notice.address, notice.source ?? "", notice.due.description])
                    Terminal.text(String(decoding: writer.bytes, as: UTF8.self))
                }
                after = page.next
            } while after != nil
        }
    }
}
