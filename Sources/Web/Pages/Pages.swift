import Mustache
import Rules

/// The pages that recipients see: no script, nothing from another host, nothing that tells more than the link does.
struct Pages: Sendable {
    let languages: Languages
    private let library: MustacheLibrary
    private let calendar: PageCalendar
    private let headers: [(String, String)]

    static let mediaType = "text/html; charset=utf-8"
    private static let markup = "PAGE"

    /// Throws where a template is at fault, which every test would see.
    init(_ languages: Languages, _ calendar: PageCalendar) throws(FileError) {
        (self.languages, self.calendar) = (languages, calendar)
        MustacheContentTypes.register(PageMarkup(), named: Self.markup)
        var library = MustacheLibrary()
        for (name, text) in PageTemplates.all {
            do {
                try library.register("{{% CONTENT_TYPE:\(Self.markup)}}" + text, named: name)
            } catch {
                throw FileError(file: name, problem: "the template is at fault: \(error)")
            }
        }
        self.library = library
        headers = Self.headers(style: PageStyle.sheet)
    }

    /// What surrounds an answer to a request, in the language that fits it best.
    func frame(
        language: String?, accept: String?, controller: Controller? = nil, group: [Controller] = []
    ) -> PageFrame {
        PageFrame(
            languages.chosen(language, accept: accept, of: controller?.languages ?? []), of: controller, in: group,
            calendar)
    }

    /// A page from its template and what the template shows.
    func page(
        _ template: PageTemplate, _ content: [String: Any], title: String, status: Int = 200, _ frame: PageFrame
    ) -> Answer {
        var all = content
        all["title"] = title
        all["frame"] = surroundings(frame)
        all["style"] = PageStyle.sheet
        let html = library.render(all, withTemplate: template.rawValue) ?? ""
        return Answer(
            status, Self.mediaType, Array(html.utf8), headers: headers + [("Content-Language", frame.texts.language)])
    }

    /// The text of a mail's HTML part.
    func letter(_ content: [String: Any], _ frame: PageFrame) -> String {
        var all = content
        all["frame"] = surroundings(frame)
        return library.render(all, withTemplate: PageTemplate.letter.rawValue) ?? ""
    }

    /// The same for every page, whatever it shows. The one style is allowed by its hash, and nothing else is.
    private static func headers(style: String) -> [(String, String)] {
        let hash = Base64Text.of(Digest(of: style).octets)
        return [
            (
                "Content-Security-Policy",
                "default-src 'none'; style-src 'sha256-\(hash)'; form-action 'self'; base-uri 'none'; "
                    + "frame-ancestors 'none'"
            ),
            ("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex, nofollow, noarchive"),
            ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
            ("Vary", "Accept-Language"), ("Cross-Origin-Opener-Policy", "same-origin"),
        ]
    }

    private func surroundings(_ frame: PageFrame) -> [String: Any] {
        let texts = frame.texts
        var all: [String: Any] = [
            "language": texts.language, "choose": texts(.languageChoose),
            "languages": languages.all.map { other -> [String: Any] in
                [
                    "tag": other.language, "name": other(.languageName), "chosen": other.language == texts.language,
                ]
            },
        ]
        guard let controller = frame.controller else { return all }
        all["controller"] = controller.name
        all["responsible"] = texts(.footerResponsible, [.controller: controller.name])
        all["number"] = controller.number.map { texts(.footerNumber, [.number: $0]) }
        all["address"] = controller.contact.address
        all["authority"] =
            controller.authority.map { texts(.footerAuthority, [.authority: $0]) } ?? texts(.footerAnyAuthority)
        let links: [(TextKey, String?)] = [
            (.footerContact, controller.contact.email.map { "mailto:" + Self.escaped($0) }),
            (.footerSite, controller.contact.url), (.footerPolicy, controller.contact.privacyPolicy),
        ]
        all["links"] = links.compactMap { key, target -> [String: Any]? in
            target.map { ["name": texts(key), "target": $0] }
        }
        return all
    }

    /// An address in a URI (RFC 6068): all but unreserved letters and the @ as octets.
    private static func escaped(_ address: String) -> String {
        address.utf8.reduce(into: "") { text, octet in
            let isPlain = octet.isLetterOrDigit || "-._~@".utf8.contains(octet)
            text += isPlain ? String(UnicodeScalar(octet)) : "%" + (octet < 16 ? "0" : "") + String(octet, radix: 16)
        }
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool { (0x61...0x7A).contains(self | 0x20) || (0x30...0x39).contains(self) }
}

private struct PageMarkup: MustacheContentType {
    func escapeText(_ text: String) -> String { LinkPageText.escaped(text) }
}

/// Base64 with padding, RFC 4648 section 4.
enum Base64Text {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

    static func of(_ octets: [UInt8]) -> String {
        var text = ""
        for start in stride(from: 0, to: octets.count, by: 3) {
            let group = octets[start..<min(start + 3, octets.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place <= group.count ? digits[bits >> (6 * (3 - place)) & 63] : "=")
            }
        }
        return text
    }
}
