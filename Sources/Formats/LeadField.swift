/// What a column of a lead list can tell about a person. The raw values are the words of `--map field=column`.
public enum LeadField: String, Sendable, CaseIterable {
    case email
    case name
    case firstName = "first-name"
    case lastName = "last-name"
    case position
    case organisation
    case organisationNumber = "organisation-number"
    case phone
    case source
    case collectedAt = "collected-at"
    case contactedAt = "contacted-at"
    case topic
    case consent
    case consentAt = "consent-at"
    /// The list itself says that the person has declined.
    case optOut = "opt-out"

    /// Headings in Norwegian, Swedish, English and German that mean this field and no other.
    var headings: [String] {
        switch self {
        case .email:
            [
                "email", "e-mail", "mail", "email address", "mail address", "epost", "e-post", "epostadresse",
                "e-postadresse", "mailadresse", "jobb epost", "e-postadress", "epostadress", "mejl", "mejladress",
                "mailadress", "emailadresse", "e-mail-adresse", "work email", "business email", "primary email",
                "contact email", "subscriber email", "recipient", "kontakt e-post", "elektronische post",
                "geschäftliche e-mail", "email 1", "e-mail 1",
            ]
        case .name:
            [
                "name", "full name", "contact", "contact name", "contact person", "person", "navn", "fullt navn",
                "kontakt", "kontaktperson", "kontaktnavn", "namn", "fullständigt namn", "kontaktnamn",
                "vollständiger name", "ansprechpartner", "ansprechpartnerin", "kontaktname", "display name",
            ]
        case .firstName:
            [
                "first name", "given name", "forename", "fname", "fornavn", "förnamn", "tilltalsnamn", "vorname",
                "rufname",
            ]
        case .lastName:
            [
                "last name", "surname", "family name", "lname", "etternavn", "efternavn", "slektsnavn", "efternamn",
                "nachname", "familienname", "zuname",
            ]
        case .position:
            [
                "position", "job title", "title", "role", "job role", "function", "stilling", "stillingstittel",
                "tittel", "rolle", "yrkestittel", "titel", "befattning", "roll", "yrkesroll", "tjänst", "funktion",
                "berufsbezeichnung", "stellung", "jobtitel", "jobbtittel", "jobbtitel",
            ]
        case .organisation:
            [
                "organisation", "organization", "company", "company name", "organisation name", "organization name",
                "account", "account name", "employer", "business name", "organisasjon", "organisasjonsnavn",
                "bedrift", "bedriftsnavn", "firma", "firmanavn", "selskap", "selskapsnavn", "foretak", "foretaksnavn",
                "virksomhet", "arbeidsgiver", "företag", "företagsnamn", "organisationsnamn", "bolag", "bolagsnamn",
                "arbetsgivare", "firmanamn", "unternehmen", "firmenname", "unternehmensname", "organisationsname",
                "arbeitgeber",
            ]
        case .organisationNumber:
            [
                "organisation number", "organization number", "org number", "org no", "orgno", "company number",
                "company registration number", "registration number", "org id", "organisasjonsnummer", "org nr",
                "orgnr", "org nummer", "foretaksnummer", "bedriftsnummer", "organisationsnummer",
                "registreringsnummer", "handelsregisternummer", "registernummer", "firmennummer", "hrb", "vat number",
            ]
        case .phone:
            [
                "phone", "phone number", "telephone", "telephone number", "tel", "tlf", "tlf nr", "mobile",
                "mobile phone", "mobile number", "mobile phone number", "cell", "cell phone", "telefon",
                "telefonnummer", "telefonnr", "mobil", "mobilnummer", "mobiltelefon", "mobilnr", "handy",
                "handynummer", "rufnummer", "direct phone", "work phone",
            ]
        case .source:
            [
                "source", "lead source", "data source", "origin", "original source", "kilde", "datakilde",
                "opprinnelse", "källa", "datakälla", "ursprung", "quelle", "datenquelle", "herkunft",
            ]
        case .collectedAt:
            [
                "collected at", "collected", "collected on", "collection date", "date collected", "date added",
                "created", "created at", "created on", "create date", "creation date", "date created", "added",
                "added at", "innsamlet", "innhentet", "innsamlingsdato", "samlet inn", "opprettet",
                "opprettet dato", "dato opprettet", "opprettelsesdato", "registrert", "insamlad", "insamlat",
                "insamlingsdatum", "skapad", "skapad datum", "registrerad", "erhoben am", "erhebungsdatum", "erfasst",
                "erfasst am", "erstellt", "erstellt am", "erstellungsdatum", "angelegt am",
            ]
        case .contactedAt:
            [
                "contacted at", "contacted", "contacted on", "last contact", "last contacted", "last contact date",
                "last activity", "last activity date", "kontaktet", "sist kontaktet", "siste kontakt",
                "siste kontaktdato", "siste aktivitet", "kontaktad", "senast kontaktad", "senaste kontakt",
                "senaste kontaktdatum", "senaste aktivitet", "kontaktiert", "kontaktiert am", "letzter kontakt",
                "zuletzt kontaktiert", "letzte aktivität",
            ]
        case .topic: ["topic", "topics", "tema", "emne", "emner", "ämne", "ämnen", "ämnesområde", "thema", "themen"]
        case .consent:
            [
                "consent", "opt-in", "marketing consent", "email consent", "consent status", "samtykke",
                "samtykkestatus", "samtycke", "samtyckesstatus", "einwilligung", "einwilligungsstatus", "zustimmung",
            ]
        case .consentAt:
            [
                "consent at", "consent date", "consent time", "consented at", "opt-in time", "opt-in date",
                "samtykkedato", "dato for samtykke", "samtyckesdatum", "datum för samtycke", "einwilligungsdatum",
                "einwilligung am", "einwilligung vom", "datum der einwilligung", "confirm time",
            ]
        case .optOut:
            [
                "opt-out", "opted out", "opt out of email", "email opt out", "has opted out of email", "unsubscribed",
                "unsubscribed from all email", "do not email", "do not contact", "do not mail", "no marketing",
                "email suppressed", "avmeldt", "reservert", "reservasjon", "reservert mot markedsføring",
                "ønsker ikke e-post", "avanmäld", "avregistrerad", "reserverad", "spärrad", "nej tack", "abgemeldet",
                "widerspruch", "widersprochen", "keine werbung", "gesperrt", "werbesperre",
            ]
        }
    }

    /// Headings that can mean one field or another, so that somebody has to say which.
    static let unclearHeadings: [(heading: String, fields: [LeadField])] = [
        ("date", [.collectedAt, .contactedAt, .consentAt]),
        ("dato", [.collectedAt, .contactedAt, .consentAt]),
        ("datum", [.collectedAt, .contactedAt, .consentAt]),
        ("timestamp", [.collectedAt, .contactedAt, .consentAt]),
        ("tidspunkt", [.collectedAt, .contactedAt, .consentAt]),
        ("zeitpunkt", [.collectedAt, .contactedAt, .consentAt]),
        ("contact date", [.contactedAt, .collectedAt]),
        ("kontaktdato", [.contactedAt, .collectedAt]),
        ("kontaktdatum", [.contactedAt, .collectedAt]),
        ("number", [.organisationNumber, .phone]),
        ("nummer", [.organisationNumber, .phone]),
        ("subscription", [.topic, .consent]),
        ("status", [.consent, .optOut]),
        ("email status", [.consent, .optOut]),
        ("customer", [.organisation, .name]),
        ("kunde", [.organisation, .name]),
        ("kund", [.organisation, .name]),
    ]
}

/// Headings made comparable: letters and digits in lower case, without accents, spaces, hyphens and other marks.
enum Heading {
    /// The meaning of every heading known.
    static let meanings: [String: [LeadField]] = {
        var meanings: [String: [LeadField]] = [:]
        for field in LeadField.allCases {
            for heading in field.headings where meanings[folded(heading)] != [field] {
                meanings[folded(heading), default: []].append(field)
            }
        }
        for unclear in LeadField.unclearHeadings { meanings[folded(unclear.heading)] = unclear.fields }
        return meanings
    }()

    /// `E-postadress `, `e_postadress` and `EPOSTADRESS` alike; `Företag` as `foretag`, composed or not.
    static func folded(_ heading: String) -> String {
        var folded = ""
        for scalar in heading.unicodeScalars {
            if let base = letters[scalar] {
                folded += base
                continue
            }
            for lower in scalar.properties.lowercaseMapping.unicodeScalars {
                if let base = letters[lower] {
                    folded += base
                } else if lower.properties.isAlphabetic || lower.properties.numericType != nil {
                    folded.unicodeScalars.append(lower)
                }
            }
        }
        return folded
    }

    /// Lower-case letters with a mark of their own, and what is left without it. Combining marks are no letters.
    private static let letters: [Unicode.Scalar: String] = [
        "å": "a", "ä": "a", "á": "a", "à": "a", "â": "a", "æ": "ae", "ö": "o", "ø": "o", "ó": "o", "ò": "o",
        "ü": "u", "ú": "u", "é": "e", "è": "e", "ê": "e", "ë": "e", "í": "i", "ï": "i", "ß": "ss", "ç": "c", "ñ": "n",
    ]
}
