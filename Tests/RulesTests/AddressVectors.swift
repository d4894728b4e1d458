import Foundation
import Rules
import Testing

/// One line of `Vectors/addresses.json`: what was written, and the form it has or the error it is.
///
/// The forms were written by hand and confirmed by a second implementation, the keys by Python's hashlib.
/// A line is never changed while `Address.formVersion` is 1, but for an error that gets a form.
struct AddressVector: Decodable, CustomTestStringConvertible {
    let note: String
    let input: String?
    let hex: String?
    let canonical: String?
    let alias: String?
    let role: Bool?
    let key: String?
    let aliasKey: String?
    let domainKey: String?
    let error: String?

    var testDescription: String { note }

    /// The octets to parse.
    var octets: [UInt8] {
        if let input { return Array(input.utf8) }
        let digits = (hex ?? "").compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }

    static func load() throws -> [AddressVector] {
        guard let file = Bundle.module.url(forResource: "addresses", withExtension: "json", subdirectory: "Vectors")
        else { throw CocoaError(.fileNoSuchFile) }
        return try JSONDecoder().decode([AddressVector].self, from: Data(contentsOf: file))
    }
}
