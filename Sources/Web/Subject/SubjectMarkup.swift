/// A page of headings, paragraphs, lists and terms; all that is put in is escaped.
struct SubjectMarkup {
    private var html: String
    private var isInSection = false

    init(language: String, title: String) {
        let title = Self.escaped(title)
        html = """
            <!doctype html>
            <html lang="\(language)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <link rel="stylesheet" href="/docs/style.css">
            </head>
            <body>
            <main>
            <h1>\(title)</h1>

            """
    }

    /// A mail's text: nothing that a reader's program would have to fetch.
    init(letter title: String, language: String) {
        let title = Self.escaped(title)
        html = """
            <!doctype html>
            <html lang="\(language)">
            <head>
            <meta charset="utf-8">
            <title>\(title)</title>
            </head>
            <body>
            <main>

            """
    }

    mutating func link(_ url: String) {
        let url = Self.escaped(url)
        html += "<p><a href=\"\(url)\">\(url)</a></p>\n"
    }

    mutating func section(_ heading: String) {
        if isInSection { html += "</section>\n" }
        isInSection = true
        html += "<section>\n<h2>\(Self.escaped(heading))</h2>\n"
    }

    mutating func paragraph(_ text: String) { html += "<p>\(Self.escaped(text))</p>\n" }

    mutating func list(_ items: [String]) {
        html += "<ul>\n" + items.map { "<li>\(Self.escaped($0))</li>\n" }.joined() + "</ul>\n"
    }

    mutating func terms(_ rows: [(name: String, text: String)]) {
        html +=
            "<dl>\n"
            + rows.map { "<dt>\(Self.escaped($0.name))</dt><dd>\(Self.escaped($0.text))</dd>\n" }.joined() + "</dl>\n"
    }

    /// A form that posts to the page itself.
    mutating func form(action: String, button: String, fields: [(name: String, label: String)]) {
        html += "<form method=\"post\">\n"
        for field in fields {
            html +=
                "<p><label>\(Self.escaped(field.label)) <input name=\"\(Self.escaped(field.name))\" maxlength=\"200\"></label></p>\n"
        }
        html += "<button name=\"action\" value=\"\(Self.escaped(action))\">\(Self.escaped(button))</button>\n</form>\n"
    }

    mutating func end() -> [UInt8] {
        if isInSection { html += "</section>\n" }
        return Array((html + "</main>\n</body>\n</html>\n").utf8)
    }

    /// By scalar: a bracket with an accent on it is still a bracket to a browser.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "&": escaped += "&amp;"
            case "\"": escaped += "&quot;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
