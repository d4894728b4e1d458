import ArgumentParser
import Formats
import Rules
import Store

/// The command `maysend link ADDRESS --purpose P`.
struct LinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Make the link of one person, with the header fields of a mail.",
        discussion: """
            The link names the address by its key alone and never expires as long as it only stops messages. Whoever has it \
            can use it, so send it to the address itself. Prints the URL, and for an unsubscribe link the two header fields \
            of RFC 8058, which the mail's DKIM signature has to cover.

              maysend link kari@firma.example --purpose newsletter --campaign spring
            """)

    @Argument(help: "The address, or - to read it from standard input.")
    var address: String
    @Option(help: ArgumentHelp("What its mail is for.", valueName: "id"), transform: Words.slug)
    var purpose: Slug
    @Option(help: ArgumentHelp("The topic of its mail.", valueName: "id"), transform: Words.slug)
    var topic: Slug?
    @Option(help: ArgumentHelp("The mailing, kept with the opt-out.", valueName: "name"), transform: Self.campaign)
    var campaign: Campaign?
    @Option(
        help: ArgumentHelp("What it lets do: unsubscribe or preferences.", valueName: "type"),
        completion: .list(Kind.allCases.map(\.rawValue)),
        transform: { try Words.word($0, among: Kind.allCases) })
    var type: Kind = .unsubscribe
    @OptionGroup var controller: ControllerOption
    @Flag(help: "Print JSON, with the names that the API uses.")
    var json = false

    /// The types that an operator hands out; the others answer a request of the person.
    enum Kind: String, CaseIterable {
        case unsubscribe, preferences

        var type: LinkType { self == .unsubscribe ? .unsubscribe : .preferences }
    }

    private static func campaign(_ text: String) throws -> Campaign {
        guard let campaign = Campaign(text) else { throw ValidationError("no name; allowed are \(Campaign.allowed)") }
        return campaign
    }

    func run() async throws {
        let address = try Words.address(address)
        guard let issuer = try LinkKeyFiles.issuer() else {
            throw Failure(
                "links are not set up: MAYSEND_LINK_KEYS and MAYSEND_PUBLIC_URL are not set",
                hint: "'maysend key rotate-links --first' makes the keys.")
        }
        let link = try await Operator.open(controller) { person in
            let isSent: Bool
            do throws(UnknownName) {
                let question = try Question(purpose: purpose, topic: topic, address: .named, under: person.policy)
                isSent = question.purpose.kind == .marketing || question.purpose.kind == .service
            } catch {
                throw Failure(error)
            }
            guard isSent else { throw Failure("no mail is sent for '\(purpose)', so there is none to put a link into") }
            return Link(
                type.type, controller: person.access.controller.id,
                person: person.store.peppers.current.person(address), purpose: purpose, topic: topic,
                campaign: campaign, mintedAt: Machine.now())
        }
        guard let url = issuer.url(of: link, nonce: Machine.randomOctets(LinkToken.nonceOctets)) else {
            throw Failure("the link cannot be sealed")
        }
        say(url, issuer)
    }

    private func say(_ url: String, _ issuer: LinkIssuer) {
        guard type == .unsubscribe else { return Terminal.line(json ? Self.json(url, nil) : url) }
        let headers = issuer.headers(unsubscribe: url)
        guard !json else { return Terminal.line(Self.json(url, headers)) }
        Terminal.line(url)
        Terminal.line("List-Unsubscribe: \(headers.listUnsubscribe)")
        Terminal.line("List-Unsubscribe-Post: \(headers.listUnsubscribePost)")
    }

    private static func json(_ url: String, _ headers: UnsubscribeHeaders?) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("url", url)
        if let headers {
            writer.key("headers")
            writer.beginObject()
            writer.member("List-Unsubscribe", headers.listUnsubscribe)
            writer.member("List-Unsubscribe-Post", headers.listUnsubscribePost)
            writer.endObject()
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
