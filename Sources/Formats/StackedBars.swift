/// Bars of stacked parts, as a picture in SVG that fits light and dark pages.
public struct StackedBars: Sendable {
    private let title: String
    private let note: String
    private let bars: [Bar]

    /// One bar: its label, and its parts from the bottom.
    public struct Bar: Sendable {
        public let label: String
        public let parts: [(name: String, count: Int64)]

        public init(label: String, parts: [(name: String, count: Int64)]) { (self.label, self.parts) = (label, parts) }

        fileprivate var total: Int64 { parts.reduce(0) { $0 + max(0, $1.count) } }
    }

    /// `note` stands below the title.
    public init(title: String, note: String, bars: [Bar]) { (self.title, self.note, self.bars) = (title, note, bars) }

    private static let (width, left, top, plotHeight, legendRow) = (760, 70, 64, 260, 18)
    private static let colours = [
        "#2a78c2", "#c77700", "#c2334d", "#3c8d40", "#7a4fb5", "#0f8b8d", "#a0522d", "#6b7280", "#b5179e", "#8a9a00",
    ]
    private static let style = """
        .page{fill:#fff}text{font:12px system-ui,sans-serif;fill:#333}.head{font-size:15px;font-weight:600}.quiet{fill:#666}\
        .grid{stroke:#ddd}@media(prefers-color-scheme:dark){.page{fill:#15181c}text{fill:#ddd}.quiet{fill:#999}\
        .grid{stroke:#333}}
        """

    /// The whole document.
    public var svg: String {
        let names = names
        let height = Self.top + Self.plotHeight + 44 + names.count * Self.legendRow + 16
        var lines = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(Self.width) \#(height)" width="\#(Self.width)" "#
                + #"height="\#(height)" role="img">"#,
            "<title>\(Self.escaped(title))</title>", "<style>\(Self.style)</style>",
            #"<rect class="page" width="\#(Self.width)" height="\#(height)"/>"#,
            text(title, Self.left, 26, "head"), text(note, Self.left, 44, "quiet"),
        ]
        lines += grid
        for (index, bar) in bars.enumerated() { lines += draw(bar, at: index, names) }
        for (index, name) in names.enumerated() {
            let y = Self.top + Self.plotHeight + 44 + index * Self.legendRow
            lines.append(rectangle(Self.left, y, 11, 11, colour(index)))
            lines.append(text("\(name): \(total(of: name))", Self.left + 18, y + 10, "quiet"))
        }
        return (lines + ["</svg>", ""]).joined(separator: "\n")
    }

    private var names: [String] {
        var names: [String] = []
        for part in bars.flatMap(\.parts) where !names.contains(part.name) { names.append(part.name) }
        return names.sorted()
    }

    private func total(of name: String) -> Int64 {
        bars.flatMap(\.parts).filter { $0.name == name }.reduce(0) { $0 + $1.count }
    }

    /// The first round number that no bar is above.
    private var ceiling: Int64 {
        let most = max(1, bars.map(\.total).max() ?? 1)
        var power: Int64 = 1
        while power <= most / 10 { power *= 10 }
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= most } ?? most
    }

    private func height(of count: Int64) -> Int {
        Int(Double(max(0, count)) / Double(ceiling) * Double(Self.plotHeight))
    }

    private var grid: [String] {
        (0...4).flatMap { step in
            let y = Self.top + Self.plotHeight - Self.plotHeight * step / 4
            return [
                #"<line class="grid" x1="\#(Self.left)" y1="\#(y)" x2="\#(Self.width - 20)" y2="\#(y)"/>"#,
                text(Self.decimal(Double(ceiling) * Double(step) / 4), Self.left - 8, y + 4, "quiet", "end"),
            ]
        }
    }

    private func draw(_ bar: Bar, at index: Int, _ names: [String]) -> [String] {
        let pitch = (Self.width - 20 - Self.left) / max(1, bars.count)
        let x = Self.left + index * pitch
        var y = Self.top + Self.plotHeight
        var lines: [String] = []
        for part in bar.parts where part.count > 0 {
            let height = height(of: part.count)
            y -= height
            let place = names.firstIndex(of: part.name) ?? 0
            lines.append(rectangle(x + pitch / 8, y, max(1, pitch * 3 / 4), height, colour(place)))
        }
        lines.append(text(bar.label, x + pitch / 2, Self.top + Self.plotHeight + 18, "quiet", "middle"))
        if bar.total > 0 { lines.append(text("\(bar.total)", x + pitch / 2, y - 4, "quiet", "middle")) }
        return lines
    }

    private func colour(_ index: Int) -> String { Self.colours[index % Self.colours.count] }

    private func rectangle(_ x: Int, _ y: Int, _ width: Int, _ height: Int, _ colour: String) -> String {
        #"<rect x="\#(x)" y="\#(y)" width="\#(width)" height="\#(height)" fill="\#(colour)"/>"#
    }

    private func text(_ text: String, _ x: Int, _ y: Int, _ kind: String, _ anchor: String = "start") -> String {
        #"<text class="\#(kind)" x="\#(x)" y="\#(y)" text-anchor="\#(anchor)">\#(Self.escaped(text))</text>"#
    }

    private static func decimal(_ value: Double) -> String {
        value == value.rounded() ? "\(Int64(value))" : "\((value * 100).rounded() / 100)"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
