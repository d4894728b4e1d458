/// The addresses of people 1 to `count`: whoever has number and seed has the address, so nothing is stored of it.
struct AddressBook: Sendable {
    let count: Int
    let seed: UInt64

    /// Domains that many people share, and how many of a hundred each has.
    static let sharedDomains: [(name: String, percent: UInt64)] = [
        ("gmail.com", 30), ("outlook.com", 15), ("hotmail.com", 10), ("yahoo.com", 5), ("icloud.com", 5),
    ]
    /// Companies' own domains, over which everybody else is spread.
    static let companyDomains: UInt64 = 20_000

    private static let shared = sharedDomains.map { (name: Array($0.name.utf8), percent: $0.percent) }

    func address(of person: Int) -> String {
        var bytes: [UInt8] = []
        append(addressOf: person, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func append(addressOf person: Int, to bytes: inout [UInt8]) {
        bytes += Array("person".utf8)
        bytes.append(decimal: person)
        bytes.append(UInt8(ascii: "@"))
        appendDomain(of: person, to: &bytes)
    }

    private func appendDomain(of person: Int, to bytes: inout [UInt8]) {
        let number = RandomNumbers.number(at: UInt64(person), seed: seed)
        var percent = number % 100
        for domain in Self.shared {
            if percent < domain.percent {
                bytes += domain.name
                return
            }
            percent -= domain.percent
        }
        Self.append(company: Int(number / 100 % Self.companyDomains), to: &bytes)
    }

    /// The domain of a company, counted from 0.
    static func domain(ofCompany company: Int) -> String {
        var bytes: [UInt8] = []
        append(company: company, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(company: Int, to bytes: inout [UInt8]) {
        bytes += Array("company".utf8)
        bytes.append(decimal: company)
        bytes += Array(".example".utf8)
    }
}
