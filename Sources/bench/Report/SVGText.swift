import Foundation

/// Writes a drawing as SVG; whoever draws says what goes where, and nothing is escaped but text.
struct SVGText {
    private var lines: [String] = []

    /// A drawing of that size in pixels. Colours come from the style's classes, so that it fits light and dark pages.
    init(width: Int, height: Int, title: String, style: String) {
        lines = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(width) \#(height)" width="\#(width)" "#
                + #"height="\#(height)" role="img">"#,
            "<title>\(Self.escaped(title))</title>", "<style>\(style)</style>",
            #"<rect class="page" width="\#(width)" height="\#(height)"/>"#,
        ]
    }

    enum Anchor: String {
        case start, middle, end
    }

    mutating func text(_ text: String, _ x: Double, _ y: Double, _ kind: String, _ anchor: Anchor = .start) {
        lines.append(
            #"<text class="\#(kind)" x="\#(Self.number(x))" y="\#(Self.number(y))" text-anchor="\#(anchor.rawValue)">"#
                + Self.escaped(text) + "</text>")
    }

    mutating func line(_ from: (x: Double, y: Double), _ to: (x: Double, y: Double), _ kind: String) {
        lines.append(
            #"<line class="\#(kind)" x1="\#(Self.number(from.x))" y1="\#(Self.number(from.y))" "#
                + #"x2="\#(Self.number(to.x))" y2="\#(Self.number(to.y))"/>"#)
    }

    mutating func curve(_ points: [(x: Double, y: Double)], _ kind: String) {
        let text = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
        lines.append(#"<polyline class="curve \#(kind)" points="\#(text)"/>"#)
        for point in points {
            lines.append(
                #"<circle class="dot \#(kind)" cx="\#(Self.number(point.x))" cy="\#(Self.number(point.y))" r="2.5"/>"#)
        }
    }

    var document: String { (lines + ["</svg>", ""]).joined(separator: "\n") }

    private static func number(_ value: Double) -> String { String(format: "%.1f", value) }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
