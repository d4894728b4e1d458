import Rules
import Work

extension Setting {
    static let relay = Setting(
        variable: "MAYSEND_SMTP_URL", standard: nil,
        meaning: "the mail server that takes letters on, as smtp://USER@HOST:587, smtps://USER@HOST or "
            + "smtp://localhost:25; STARTTLS is required, unless it is this machine or '?tls=none' says otherwise")
    static let relayPasswordFile = Setting(
        variable: "MAYSEND_SMTP_PASSWORD_FILE", standard: nil, meaning: "the secret file with its password")
    static let relayTrustFile = Setting(
        variable: "MAYSEND_SMTP_CA_FILE", standard: nil,
        meaning: "the certificates it is trusted by, as PEM, instead of the system's")
    static let mailFrom = Setting(
        variable: "MAYSEND_MAIL_FROM", standard: nil, meaning: "the address that letters come from")
    static let outboundAllow = Setting(
        variable: "MAYSEND_OUTBOUND_ALLOW", standard: nil,
        meaning: "networks beside the open Internet that recipients may be in, as '10.1.0.0/16, 192.168.7.4'; http is "
            + "allowed there")

    static let noticePauses = Setting(
        variable: "MAYSEND_NOTICE_PAUSES", standard: nil,
        meaning: "the seconds before each try of a notice, as '0,5,300,1800' (without it ten tries over three days)")

    /// What goes out: letters and notices.
    static let outgoing = [relay, relayPasswordFile, relayTrustFile, mailFrom, outboundAllow, noticePauses]
}

extension Settings {
    /// The networks that recipients may be in beside the open Internet.
    static func outboundAllowed() throws(Failure) -> [OutboundNetwork] {
        guard let text = try value(of: .outboundAllow) else { return [] }
        var networks: [OutboundNetwork] = []
        for word in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            guard let network = OutboundNetwork(parsing: word) else {
                throw Failure(
                    "MAYSEND_OUTBOUND_ALLOW has '\(word)' in it, which is no network",
                    hint: "Allowed are addresses and networks, as 10.1.0.0/16, 192.168.7.4 or fd00:1::/32.")
            }
            networks.append(network)
        }
        return networks
    }

    /// How often things are tried.
    static func courierSchedule() throws(Failure) -> CourierSchedule {
        var schedule = CourierSchedule()
        guard let text = try value(of: .noticePauses) else { return schedule }
        let secondsMax: Int64 = 604_800
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        let pauses = words.compactMap { Int64($0) }.filter { (0...secondsMax).contains($0) }
        guard (1...50).contains(words.count), pauses.count == words.count else {
            throw Failure(
                "MAYSEND_NOTICE_PAUSES is '\(text)'",
                hint:
                    "Allowed are 1 to 50 whole numbers of seconds with commas between them, each at most \(secondsMax)."
            )
        }
        schedule.notices = pauses.map { .seconds($0) }
        return schedule
    }

    /// How letters go out; nil where that is not set up.
    static func mailRoute() throws(Failure) -> MailRoute? {
        guard let url = try value(of: .relay) else { return nil }
        guard let from = try value(of: .mailFrom) else {
            throw Failure(
                "MAYSEND_SMTP_URL is set and MAYSEND_MAIL_FROM is not",
                hint: "Name the address that letters come from: MAYSEND_MAIL_FROM=post@firma.example")
        }
        let sender: Address
        do { sender = try Address(parsing: from) } catch {
            throw Failure("MAYSEND_MAIL_FROM is no address: \(error.sentence)")
        }
        let trustFile = try value(of: .relayTrustFile)
        let password = try relayPassword()
        do throws(SMTPRelayError) {
            return MailRoute(relay: try SMTPRelay(url: url, password: password, trustFile: trustFile), from: sender)
        } catch {
            throw Failure("MAYSEND_SMTP_URL: \(error.description)")
        }
    }

    private static func relayPassword() throws(Failure) -> String? {
        guard let file = try value(of: .relayPasswordFile) else { return nil }
        do {
            var password = try SystemFile.text(file)
            while password.last?.isNewline == true { password.removeLast() }
            return password
        } catch {
            throw Failure("the password file \(error.description)", hint: "MAYSEND_SMTP_PASSWORD_FILE names it.")
        }
    }
}
