import Rules
import Store

/// The unsubscribe page in plain HTML and English.
struct PlainUnsubscribePage {
    private let page: UnsubscribePage

    init(_ page: UnsubscribePage) { self.page = page }

    var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex"><title>\(escaped(title))</title></head>
        <body><main>
        <h1>\(escaped(title))</h1>
        \(paragraphs.map { "<p>\(escaped($0))</p>" }.joined(separator: "\n"))
        \(forms.joined(separator: "\n"))
        </main></body></html>

        """
    }

    private var company: String { page.standing?.controller.name ?? "the sender" }

    private var title: String {
        switch page.message {
        case .asks, .asksAgainstConsent: "Stop these messages?"
        case .stopped, .accepted: UnsubscribePage.stoppedTitle
        case .cameBack: "You will get these messages again"
        case .narrowed: "This topic is stopped"
        case .nothingToUndo: "There is nothing to undo"
        case .notUnderstood: "Nothing was changed"
        case .notFound: "This link opens nothing"
        case .unavailable: "This cannot be recorded right now"
        case .broken: "This cannot be recorded here"
        }
    }

    private var paragraphs: [String] {
        switch page.message {
        case .asks: [standing ?? "Press the button and \(company) sends you no more of them."]
        case .asksAgainstConsent(let at):
            [
                "This mail is older than your consent of \(day(at)). Press the button if you want to stop them all the same."
            ]
        case .stopped(let receipt): [stopped(receipt)]
        case .accepted: ["It is recorded here and counts before anything more is sent."]
        case .cameBack: ["\(company) may send you messages about \(page.standing?.purpose?.id.text ?? "this") again."]
        case .narrowed: ["You go on getting the others."]
        case .nothingToUndo: ["What was stopped earlier is changed on your preferences page."]
        case .notUnderstood: ["Press the button to stop the messages."]
        case .notFound: ["It may have been cut or changed on its way. Use the link in the newest mail you got."]
        case .unavailable: ["Nothing was changed. Please try again in a little while."]
        case .broken: ["Nothing was changed. Please answer the mail and say that you want no more."]
        }
    }

    private var standing: String? {
        page.standing?.entry.map { "These messages are stopped since \(day($0.at)), at \(company)." }
    }

    private func stopped(_ receipt: LinkReceipt) -> String {
        let since = receipt.entry.map { "since \(day($0.at)) " } ?? ""
        return "Stopped \(since)at \(company): \(receipt.standing.stopped.map(\.text).joined(separator: ", "))."
    }

    private func day(_ instant: Instant) -> String { String(instant.description.prefix(10)) }

    private var forms: [String] {
        switch page.message {
        case .notFound, .broken: []
        case .asks, .asksAgainstConsent, .notUnderstood, .unavailable, .nothingToUndo, .cameBack:
            [form("stop", [], page.standing?.entry == nil ? "Stop these messages" : "Stop them")]
        case .stopped, .accepted, .narrowed: wider + taking + reason
        }
    }

    private var wider: [String] {
        (page.standing?.scopes ?? []).map { form("stop", [("scope", $0.rawValue)], "Stop everything: \($0.rawValue)") }
    }

    private var taking: [String] {
        guard let undo = page.standing?.undo else { return [] }
        let narrower = undo.narrowsTo.map { form("narrow", [], "Stop only \($0.text)") }
        return [form("undo", [], "Undo: I want \(undo.purpose.text)")] + (narrower.map { [$0] } ?? [])
    }

    private var reason: [String] {
        let options = OptOutReason.allCases.map { #"<option value="\#($0.rawValue)">\#($0.rawValue)</option>"# }
        let field = #"<label>Why? <select name="reason">\#(options.joined())</select></label>"#
        return [form("stop", [], "Say why", field)]
    }

    private func form(_ action: String, _ fields: [(String, String)], _ button: String, _ more: String = "") -> String {
        let hidden = ([("action", action)] + fields).map {
            #"<input type="hidden" name="\#($0.0)" value="\#(escaped($0.1))">"#
        }
        return #"<form method="post">\#(hidden.joined())\#(more)<button>\#(escaped(button))</button></form>"#
    }

    private func escaped(_ text: String) -> String { LinkPageText.escaped(text) }
}
