import Rules

/// Dates as the providers' lists have them.
///
/// A time that does not say where it was, and a day without a time, are taken as the latest instant that they can mean: an
/// entry that counts a few hours too late is cut to the moment of its import, and one that counts too early might let an
/// older consent pass for a newer one.
enum SuppressionDate {
    private static let second: Int64 = 1_000_000
    private static let day: Int64 = 86_400 * second
    /// Behind Greenwich at most (Baker Island).
    private static let latestZone: Int64 = 12 * 3_600 * second

    /// The instant; nil where the text is none, or may be one or another.
    static func instant(parsing text: String) -> Instant? {
        guard text.utf8.count <= dateTextBytesMax else { return nil }
        if let day = wholeDay(text) { return day }
        let words = text.split(separator: " ").map(String.init)
        guard let first = words.first else { return nil }
        if words.count == 1, let counted = counted(first) { return counted }
        if words.count == 1, let compact = compact(first) { return compact }
        do throws(DateTextError) {
            let microseconds = try DateText.microseconds(parsing: text)
            // A day alone: DateText gives its beginning.
            return Instant(microseconds: text.contains(":") ? microseconds : microseconds + day + latestZone)
        } catch .offsetMissing {
            return latest(text)
        } catch {
            return mail(text) ?? spelled(words)
        }
    }

    /// A day alone, as nearly every row has it: its last instant anywhere.
    private static func wholeDay(_ text: String) -> Instant? {
        guard text.utf8.count == 10, text.utf8.dropFirst(4).first == Byte.minus, !text.utf8.contains(Byte.colon)
        else { return nil }
        do throws(DateTextError) {
            return Instant(microseconds: try DateText.microseconds(parsing: text) + day + latestZone)
        } catch {
            return nil
        }
    }

    /// Seconds, with a fraction or without, or milliseconds since 1970.
    private static func counted(_ text: String) -> Instant? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 2, parts[0].utf8.count == 10, let fraction = Int64(parts[1].prefix(6)), fraction >= 0 {
            let scale = (parts[1].utf8.count..<max(6, parts[1].utf8.count)).reduce(Int64(1)) { power, _ in power * 10 }
            return counted(String(parts[0]))?.advanced(byMicroseconds: fraction * scale)
        }
        guard text.utf8.allSatisfy({ (Byte.zero...Byte.nine).contains($0) }), let number = Int64(text) else {
            return nil
        }
        switch text.utf8.count {
        case 9, 10: return Instant(microseconds: number * second)
        case 12, 13: return Instant(microseconds: number * 1_000)
        default: return nil
        }
    }

    /// `20110122T111244` without an offset.
    private static func compact(_ text: String) -> Instant? {
        let digits = Array(text.utf8)
        guard digits.count == 15, digits[8] == UInt8(ascii: "T") else { return nil }
        let parts = [0..<4, 4..<6, 6..<8, 9..<11, 11..<13, 13..<15].map { String(decoding: digits[$0], as: UTF8.self) }
        return latest("\(parts[0])-\(parts[1])-\(parts[2])T\(parts[3]):\(parts[4]):\(parts[5])")
    }

    private static func latest(_ text: String) -> Instant? {
        do throws(DateTextError) {
            return Instant(microseconds: try DateText.microseconds(parsing: text + "Z") + latestZone)
        } catch {
            return nil
        }
    }

    /// `2020-02-10 23:07:16.199433 +0000 UTC`: what stands behind the offset names it once more.
    private static func spelled(_ words: [String]) -> Instant? {
        guard words.count >= 3, let zone = words.last, zone.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            return nil
        }
        let isUTC = zone == "UTC" || zone == "GMT"
        guard words.count == 4 || isUTC else { return nil }
        let offset = words.count == 4 ? words[2] : "Z"
        do throws(DateTextError) {
            return Instant(microseconds: try DateText.microseconds(parsing: "\(words[0]) \(words[1])\(offset)"))
        } catch {
            return nil
        }
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// `Thu, 13 Oct 2011 18:02:00 +0000` (RFC 5322), the day of the week left out or not.
    private static func mail(_ text: String) -> Instant? {
        var words = text.split(separator: " ").map(String.init)
        if words.first?.hasSuffix(",") == true { words.removeFirst() }
        guard words.count == 5, let month = months.firstIndex(of: words[1].lowercased()),
            words[0].utf8.count <= 2, words[2].utf8.count == 4
        else { return nil }
        let zone = ["GMT", "UTC", "UT", "Z"].contains(words[4]) ? "Z" : words[4]
        let padded = { (text: String) in text.utf8.count < 2 ? "0" + text : text }
        do throws(DateTextError) {
            let iso = "\(words[2])-\(padded(String(month + 1)))-\(padded(words[0]))T\(words[3])\(zone)"
            return Instant(microseconds: try DateText.microseconds(parsing: iso))
        } catch {
            return nil
        }
    }

    /// How a shape writes its dates.
    enum Style {
        /// Whole seconds since 1970.
        case unix
        /// `2021-03-04T05:06:07.000008Z`, as our own.
        case iso
        /// `2021-03-04 05:06:07+00:00`, to the second.
        case spaced
        /// `Thu, 04 Mar 2021 05:06:07 UTC`, to the second.
        case mail
        /// `2021-03-04 05:06:07.000008 +0000 UTC`.
        case go
    }

    static func text(_ instant: Instant, _ style: Style) -> String {
        let seconds = instant.microseconds / second - (instant.microseconds % second < 0 ? 1 : 0)
        let whole = Instant(microseconds: seconds * second).description
        let (date, time) = (String(whole.prefix(10)), String(whole.dropFirst(11).prefix(8)))
        switch style {
        case .unix: return String(seconds)
        case .iso: return instant.description
        case .spaced: return "\(date) \(time)+00:00"
        case .go:
            let full = instant.description.dropFirst(11).dropLast()
            return "\(date) \(full) +0000 UTC"
        case .mail:
            let parts = date.split(separator: "-")
            let month = parts.count == 3 ? Int(parts[1]).map { months[$0 - 1].capitalized } ?? "" : ""
            let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
            let weekday = weekdays[Int((days % 7 + 7 + 4) % 7)]
            return "\(weekday), \(parts.last ?? "") \(month) \(parts.first ?? "") \(time) UTC"
        }
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
}

extension String {
    /// The first letter large; for words of ASCII.
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
