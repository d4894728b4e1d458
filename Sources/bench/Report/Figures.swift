import Foundation

/// Numbers as a table shows them.
enum Figures {
    /// `35,012`
    static func whole(_ value: Double) -> String {
        let digits = String(Int(value.rounded()))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3), text != "-" { text += "," }
            text.append(digit)
        }
        return text
    }

    /// `0.41`, `3.7`, `120`: what is told apart at a glance.
    static func milliseconds(_ value: Double) -> String { short(value) }

    /// `14.2`
    static func microseconds(_ value: Double) -> String { short(value) }

    static func megabytes(_ bytes: Int) -> String { whole(Double(bytes) / 1_048_576) }

    /// `0.71`
    static func ratio(_ value: Double) -> String { String(format: "%.2f", value) }

    private static func short(_ value: Double) -> String {
        switch value {
        case ..<10: String(format: "%.2f", value)
        case ..<100: String(format: "%.1f", value)
        default: whole(value)
        }
    }
}
