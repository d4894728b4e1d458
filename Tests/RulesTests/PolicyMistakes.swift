import Testing

/// A policy file with one mistake in it, and how it must be told.
struct PolicyMistake: CustomTestStringConvertible {
    let name: String
    let text: String
    let line: Int?
    let path: String
    /// Must stand in the sentence.
    let word: String

    var testDescription: String { name }

    /// A policy in which nothing is wrong.
    static let sound = """
        policy: sound
        version: 1
        effective: 2024-01-01T00:00:00Z
        controllers:
          - {id: one, name: One AS, country: SE, languages: [sv]}
        default-scope: controller
        purposes:
          newsletter:
            kind: marketing
            topics: [news, events]
            grounds:
              - {id: subscriber, basis: consent}
              - {id: lead, basis: legitimate-interest, for: 3 months, from: collected, given: [cold]}
          analytics:
            kind: tracking
            grounds:
              - {id: consent, basis: consent, while: newsletter}
        recipients:
          - {id: crm, name: Customers and more}

        """

    /// The sound policy with one part of it written otherwise.
    private static func change(
        _ name: String, _ old: String, _ new: String, line: Int?, path: String, _ word: String
    ) -> PolicyMistake {
        let parts = sound.split(separator: old, omittingEmptySubsequences: false)
        let text = parts.count == 2 ? parts[0] + new + parts[1] : "the part to change must stand once: \(old)"
        return PolicyMistake(name: name, text: String(text), line: line, path: path, word: word)
    }

    static let all = shape + top + parties + purposes + grounds + conditions

    private static let shape = [
        PolicyMistake(name: "nothing", text: "", line: 1, path: "", word: "empty"),
        PolicyMistake(name: "only a comment", text: "# nothing\n", line: 1, path: "", word: "empty"),
        PolicyMistake(name: "a word", text: "policy\n", line: 1, path: "", word: "must be a mapping, not a word"),
        PolicyMistake(name: "a list", text: "- policy\n", line: 1, path: "", word: "must be a mapping, not a list"),
        change("a bracket left open", "languages: [sv]}", "languages: [sv}", line: 5, path: "", "not YAML"),
        change("a tab", "version: 1", "\tversion: 1", line: 2, path: "", "not YAML"),
        change("two documents", "recipients:", "---\nrecipients:", line: 18, path: "", "another document"),
        change("a NUL", "name: One AS", "name: One\0AS", line: 5, path: "", "not YAML"),
        change("a field twice", "version: 1", "version: 1\nversion: 2", line: 2, path: "", "'version' stands twice"),
        change(
            "a field twice under another tag", "version: 1", "version: 1\n!!mine version: 2", line: 3, path: "version",
            "'version' stands twice"),
        change(
            "a purpose twice", "  analytics:", "  newsletter:", line: 8, path: "", "'newsletter' stands twice"),
        change("a list for a name", "version: 1", "[version]: 1", line: 1, path: "", "a field's name must be a word"),
        change("an alias of nothing", "version: 1", "version: *one", line: 2, path: "", "undefined alias"),
        change("an alias for a name", "version: 1", "*one : 1", line: 2, path: "", "nothing may follow it"),
        change(
            "an alias in a name", "version: 1", "version: &one 1\n? [*one]\n: 1", line: 3, path: "",
            "a field's name must be a word"),
        change(
            "an alias alone in a mapping", "version: 1", "version: &one 1\nextra: {*one}", line: 3, path: "",
            "a field's name must be a word"),
    ]

    private static let top = [
        change(
            "an unknown field", "default-scope:", "default-scop:", line: 6, path: "default-scop",
            "did you mean 'default-scope'?"),
        change(
            "a field of no likeness", "policy: sound", "policy: sound\nnote: x", line: 2, path: "note",
            "known are policy, version"),
        change("no name", "policy: sound\n", "", line: 1, path: "", "'policy' is missing"),
        change("no version", "version: 1\n", "", line: 1, path: "", "'version' is missing"),
        change("no date", "effective: 2024-01-01T00:00:00Z\n", "", line: 1, path: "", "'effective' is missing"),
        change("no scope", "default-scope: controller\n", "", line: 1, path: "", "'default-scope' is missing"),
        change(
            "a null scope", "default-scope: controller", "default-scope: ~", line: 1, path: "",
            "'default-scope' is missing"),
        change("a bad name", "policy: sound", "policy: Sound", line: 1, path: "policy", "'Sound' is no name"),
        change("a name of hyphens", "policy: sound", "policy: -sound-", line: 1, path: "policy", "is no name"),
        change(
            "a list for a version", "version: 1", "version: [1]", line: 2, path: "version", "must be a word, not a list"
        ),
        change("version zero", "version: 1", "version: 0", line: 2, path: "version", "from 1 to 1000000"),
        change("half a version", "version: 1", "version: 1.5", line: 2, path: "version", "whole number"),
        change(
            "a version of forty digits", "version: 1", "version: 1234567890123456789012345678901234567890", line: 2,
            path: "version", "whole number"),
        change("a day", "2024-01-01T00:00:00Z", "2024-01-01", line: 3, path: "effective", "RFC 3339"),
        change("no such day", "2024-01-01T00:00:00Z", "2023-02-29T00:00:00Z", line: 3, path: "effective", "is no time"),
        change(
            "an unknown scope", "default-scope: controller", "default-scope: company", line: 6, path: "default-scope",
            "known are topic, purpose, controller, group"),
        change(
            "an unknown rule of aliases", "default-scope:", "aliases: ignored\ndefault-scope:", line: 6,
            path: "aliases", "did you mean 'ignore'?"),
        change(
            "a bare opt-in", "default-scope:", "double-opt-in: 30 days\ndefault-scope:", line: 6, path: "double-opt-in",
            "must be a mapping"),
        change(
            "an opt-in without its time", "default-scope:", "double-opt-in: {}\ndefault-scope:", line: 6,
            path: "double-opt-in", "'keep' is missing"),
        change(
            "an opt-in of hours", "default-scope:", "double-opt-in: {keep: 24 hours}\ndefault-scope:", line: 6,
            path: "double-opt-in.keep", "is no period"),
        change(
            "an unknown default purpose", "default-scope:", "default-purpose: newsletters\ndefault-scope:", line: 6,
            path: "default-purpose", "did you mean 'newsletter'?"),
    ]

    private static let parties = [
        change(
            "controllers as a mapping", "  - {id: one,", "  {id: one,", line: 5, path: "controllers",
            "must be a list, not a mapping"),
        change(
            "no controllers", "controllers:\n  - {id: one, name: One AS, country: SE, languages: [sv]}",
            "controllers: []", line: 4, path: "controllers", "at least one controller"),
        change(
            "a controller twice", "default-scope:", "  - {id: one, name: Again}\ndefault-scope:", line: 6,
            path: "controllers[1]", "'one' stands twice"),
        change(
            "a controller without an id", "{id: one, name: One AS", "{name: One AS", line: 5, path: "controllers[0]",
            "'id' is missing"),
        change(
            "a controller without a name", "name: One AS, ", "", line: 5, path: "controllers[0]", "'name' is missing"),
        change(
            "an unknown field of a controller", "country: SE", "contry: SE", line: 5, path: "controllers[0].contry",
            "did you mean 'country'?"),
        change(
            "a country in small letters", "country: SE", "country: se", line: 5, path: "controllers[0].country",
            "is no country"),
        change(
            "a country in full", "country: SE", "country: Sweden", line: 5, path: "controllers[0].country", "ISO 3166-1"
        ),
        change(
            "an unknown way to reach a controller", "languages: [sv]}", "contact: {mail: a@one.example}}", line: 5,
            path: "controllers[0].contact.mail", "did you mean 'email'?"),
        change(
            "an email address that is none", "languages: [sv]}", "contact: {email: one.example}}", line: 5,
            path: "controllers[0].contact.email", "has no @"),
        change(
            "a site without https", "languages: [sv]}", "contact: {url: 'http://one.example/'}}", line: 5,
            path: "controllers[0].contact.url", "https://HOST/PATH"),
        change(
            "a privacy policy that is a script", "languages: [sv]}",
            "contact: {privacy-policy: 'javascript:alert(1)'}}",
            line: 5, path: "controllers[0].contact.privacy-policy", "https://HOST/PATH"),
        change(
            "a site that ends an attribute", "languages: [sv]}", "contact: {url: 'https://one.example/\"x'}}", line: 5,
            path: "controllers[0].contact.url", "https://HOST/PATH"),
        change(
            "a postal address on two lines", "languages: [sv]}", "contact: {address: \"a\\nb\"}}", line: 5,
            path: "controllers[0].contact.address", "on one line"),
        change(
            "a language in full", "languages: [sv]", "languages: [Svenska]", line: 5,
            path: "controllers[0].languages[0]", "is no language"),
        change(
            "a language with an empty part", "languages: [sv]", "languages: [sv-]", line: 5,
            path: "controllers[0].languages[0]", "BCP 47"),
        change(
            "one language for a list", "languages: [sv]", "languages: sv", line: 5, path: "controllers[0].languages",
            "must be a list, not a word"),
        change(
            "a name too long", "name: One AS", "name: " + String(repeating: "ø", count: 101), line: 5,
            path: "controllers[0].name", "1 to 200 bytes"),
        change(
            "a name of two lines", "name: One AS", "name: \"One\\nAS\"", line: 5, path: "controllers[0].name",
            "on one line"),
        change("an empty name", "name: One AS", "name: \"\"", line: 5, path: "controllers[0].name", "1 to 200 bytes"),
        change(
            "a recipient twice", "  - {id: crm, name: Customers and more}",
            "  - {id: crm, name: A}\n  - {id: crm, name: B}", line: 20, path: "recipients[1]", "'crm' stands twice"),
        change(
            "a recipient without a name", "{id: crm, name: Customers and more}", "{id: crm}", line: 19,
            path: "recipients[0]", "'name' is missing"),
        change(
            "an unknown field of a recipient", "{id: crm,", "{id: crm, since: 2020,", line: 19,
            path: "recipients[0].since", "known are id, name, country, safeguard"),
        change(
            "a country of three letters", "{id: crm,", "{id: crm, country: USA,", line: 19,
            path: "recipients[0].country", "is no country"),
    ]

    private static let purposes = [
        PolicyMistake(
            name: "no purposes", text: String(sound.split(separator: "purposes:")[0]), line: 1,
            path: "", word: "'purposes' is missing"),
        change(
            "purposes as a list", "purposes:\n  newsletter:", "purposes:\n  - newsletter:", line: 14, path: "",
            "not YAML"),
        change(
            "no marketing", "kind: marketing", "kind: service", line: 8, path: "purposes",
            "at least one purpose of kind marketing"),
        change(
            "an unknown kind", "kind: marketing", "kind: advertising", line: 9, path: "purposes.newsletter.kind",
            "known are marketing, service, tracking, record"),
        change("no kind", "    kind: marketing\n", "", line: 9, path: "purposes.newsletter", "'kind' is missing"),
        change(
            "an unknown field of a purpose", "    topics:", "    topic:", line: 10, path: "purposes.newsletter.topic",
            "did you mean 'topics'?"),
        change(
            "a purpose named customer", "  analytics:", "  customer:", line: 15, path: "purposes.customer",
            "cannot be named 'customer'"),
        change(
            "a purpose named open-question", "  analytics:", "  open-question:", line: 15,
            path: "purposes.open-question", "cannot be named"),
        change(
            "a purpose with a bad name", "  analytics:", "  web_analytics:", line: 15, path: "purposes.web_analytics",
            "is no name"),
        change(
            "a purpose with a long name", "  analytics:", "  " + String(repeating: "a", count: 65) + ":", line: 15,
            path: "purposes." + String(repeating: "a", count: 65), "1 to 64"),
        change(
            "a topic twice", "[news, events]", "[news, events, news]", line: 10, path: "purposes.newsletter.topics[2]",
            "'news' stands twice"),
        change(
            "a topic with a bad name", "[news, events]", "[news, Events]", line: 10,
            path: "purposes.newsletter.topics[1]", "is no name"),
        change(
            "a null topic", "[news, events]", "[news, ~]", line: 10, path: "purposes.newsletter.topics[1]",
            "not nothing"),
        change(
            "no grounds", "    grounds:\n      - {id: consent, basis: consent, while: newsletter}\n", "", line: 15,
            path: "purposes.analytics", "'grounds' is missing"),
        change(
            "grounds without one", "    grounds:\n      - {id: consent, basis: consent, while: newsletter}",
            "    grounds: []", line: 16, path: "purposes.analytics.grounds", "at least one ground"),
        change(
            "a null purpose",
            "  analytics:\n    kind: tracking\n    grounds:\n      - {id: consent, basis: consent, while: newsletter}",
            "  analytics:", line: 14, path: "purposes.analytics", "must be a mapping, not nothing"),
    ]

    private static let grounds = [
        change(
            "a ground twice", "{id: lead,", "{id: subscriber,", line: 13, path: "purposes.newsletter.grounds[1]",
            "'subscriber' stands twice"),
        change(
            "a ground without an id", "{id: lead, basis", "{basis", line: 13, path: "purposes.newsletter.grounds[1]",
            "'id' is missing"),
        change(
            "a ground without a basis", "basis: legitimate-interest, ", "", line: 13,
            path: "purposes.newsletter.grounds[1]", "'basis' is missing"),
        change(
            "a ground with a bad id", "{id: lead,", "{id: a lead,", line: 13, path: "purposes.newsletter.grounds[1].id",
            "is no name"),
        change(
            "an unknown basis", "basis: legitimate-interest", "basis: legitimate-intrest", line: 13,
            path: "purposes.newsletter.grounds[1].basis", "did you mean 'legitimate-interest'?"),
        change(
            "an unknown field of a ground", "for: 3 months", "four: 3 months", line: 13,
            path: "purposes.newsletter.grounds[1].four", "did you mean 'for'?"),
        change(
            "a ground that is a word", "- {id: consent, basis: consent, while: newsletter}", "- consent", line: 17,
            path: "purposes.analytics.grounds[0]", "must be a mapping, not a word"),
        change(
            "for without from", ", from: collected", "", line: 13, path: "purposes.newsletter.grounds[1]",
            "'for' needs 'from'"),
        change(
            "from without for", "for: 3 months, ", "", line: 13, path: "purposes.newsletter.grounds[1]",
            "'from' needs 'for'"),
        change(
            "no end", "for: 3 months, from: collected, ", "", line: 13, path: "purposes.newsletter.grounds[1]",
            "needs an end"),
        change(
            "a contract without an end", "basis: legitimate-interest, for: 3 months, from: collected, given: [cold]",
            "basis: contract", line: 13, path: "purposes.newsletter.grounds[1]", "a ground on contract needs an end"),
        change(
            "an unknown start", "from: collected", "from: colected", line: 13,
            path: "purposes.newsletter.grounds[1].from", "did you mean 'collected'?"),
        change(
            "an unknown given", "given: [cold]", "given: [cold, lukewarm]", line: 13,
            path: "purposes.newsletter.grounds[1].given[1]", "known are cold, warm"),
        change(
            "a given that is no list", "given: [cold]", "given: cold", line: 13,
            path: "purposes.newsletter.grounds[1].given", "must be a list, not a word"),
        change(
            "a period of weeks", "3 months", "12 weeks", line: 13, path: "purposes.newsletter.grounds[1].for",
            "is no period"),
        change(
            "a period of nothing", "3 months", "0 months", line: 13, path: "purposes.newsletter.grounds[1].for",
            "is no period"),
        change(
            "a period backwards", "3 months", "-3 months", line: 13, path: "purposes.newsletter.grounds[1].for",
            "is no period"),
        change(
            "a period without its unit", "3 months", "3", line: 13, path: "purposes.newsletter.grounds[1].for",
            "is no period"),
        change(
            "a period and a half", "3 months", "1.5 years", line: 13, path: "purposes.newsletter.grounds[1].for",
            "is no period"),
        change(
            "a period of ages", "3 months", "201 years", line: 13, path: "purposes.newsletter.grounds[1].for",
            "is no period"),
        change(
            "a period of thirty digits", "3 months", "123456789012345678901234567890 days", line: 13,
            path: "purposes.newsletter.grounds[1].for", "is no period"),
        change(
            "a word too long", "from: collected", "from: " + String(repeating: "c", count: 4_097), line: 13,
            path: "purposes.newsletter.grounds[1].from", "longer than 4096 bytes"),
    ]

    private static let conditions = [
        change(
            "while what nobody knows", "while: newsletter", "while: newsleter", line: 17,
            path: "purposes.analytics.grounds[0]", "did you mean 'newsletter'?"),
        change(
            "while nothing like it", "while: newsletter", "while: sunshine", line: 17,
            path: "purposes.analytics.grounds[0]", "known are customer, open-question, newsletter, analytics"),
        change(
            "while itself", "while: newsletter", "while: analytics", line: 17, path: "purposes.analytics.grounds[0]",
            "analytics → analytics"),
        change(
            "while each other", "{id: subscriber, basis: consent}",
            "{id: subscriber, basis: consent, while: analytics}", line: 17, path: "purposes.analytics.grounds[0]",
            "newsletter → analytics → newsletter"),
        change(
            "while in a circle of three", "recipients:",
            """
              one:
                kind: tracking
                grounds: [{id: a, basis: consent, while: two}]
              two:
                kind: tracking
                grounds: [{id: a, basis: consent, while: three}]
              three:
                kind: tracking
                grounds: [{id: a, basis: consent, while: one}]
            recipients:
            """, line: 26, path: "purposes.three.grounds[0]", "one → two → three → one"),
    ]
}
