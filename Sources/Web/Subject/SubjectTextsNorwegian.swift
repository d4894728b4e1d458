import Rules
import Store

extension SubjectTexts {
    static let norwegian = SubjectTexts(
        language: "nb",
        texts: [
            .title: "Dette har {0} om deg", .made: "Per {0} (UTC), etter personvernerklæringen {1}.",
            .stored: "Hva som er lagret",
            .nothing: "Ikke annet enn et nøklet avtrykk av adressen din, som ikke er adressen.",
            .address: "Adresse", .name: "Navn", .position: "Stilling", .phone: "Telefon", .organisation: "Virksomhet",
            .source: "Hvor det kommer fra", .keptTitle: "Hvor lenge, og hvorfor",
            .keptUntil: "Til {0}, hvis ikke noe annet skjer.", .keptOpen: "Uten fast slutt, så lenge grunnen varer.",
            .keptNot: "Ingenting holder på det lenger; resten slettes ved neste opprydding.",
            .keptHold: "En rettslig grunn til å beholde det: {0}.",
            .keptRestriction: "Bruken er begrenset fordi du har bedt om det.",
            .keptPendingConsent: "Du er bedt om et samtykke og har ikke svart.",
            .erasurePending: "Du er slettet fra all bruk. Det en rettslig grunn holder på, slettes når den opphører.",
            .useTitle: "Hva det brukes til", .used: "Brukes: {0}.", .usedUntil: "Brukes til {1}: {0}.",
            .notUsed: "Brukes ikke: {0}.", .decidedTitle: "Avgjørelser av en datamaskin",
            .decided:
                "Før hver utsendelse sjekker en datamaskin etter faste regler, like for alle, om den kan sendes: først reservasjonene dine, så begrensninger, så om et rettslig grunnlag holder. Den avgjør bare om e-post sendes og gir ingen poeng, så det er ingen avgjørelse med rettslig eller lignende virkning (artikkel 22).",
            .recipientsTitle: "Hvem som har fått det", .recipientsNone: "Ingen.", .outsideEEA: "utenfor EØS",
            .safeguard: "sikret ved: {0}", .rightsTitle: "Rettighetene dine", .authority: "Tilsynsmyndigheten er {0}.",
            .actsTitle: "Hva som har skjedd", .actsNone: "Ingenting.",
            .afterTitle: "Hva som ville bli beholdt etter en sletting",
            .portableTitle: "Til å ta med seg (artikkel 20)",
            .portable:
                "Det du har gitt oss, bygger på samtykke eller avtale for: {0}. Det samme dokumentet som JSON har det med.",
            .notPortable: "Ingenting her bygger på samtykke eller avtale, så artikkel 20 gjelder ikke for noe av det.",
            .linkTitle: "Forespørselen din",
            .linkAsk: "{0} fikk denne forespørselen {1}. Trykk på knappen, så utføres den med en gang.",
            .linkRectify:
                "Skriv det som er riktig, og la resten stå tomt. Skriv til virksomheten hvis selve adressen skal rettes.",
            .linkButton: "Utfør", .linkDone: "Utført.", .linkAnswered: "Denne forespørselen er besvart.",
            .linkNotUnderstood: "Ingenting er endret: det som ble sendt, sier ikke noe som kan utføres.",
            .linkNotFound: "Denne lenken åpner ingenting, eller døgnet dens er ute. Spør på nytt for å få en ny.",
            .linkUnavailable: "Ingenting kan gjøres nå, og ingenting er endret. Prøv igjen om en stund.",
            .letterSubject: "Forespørselen din til {0}",
            .letterText:
                "{0} har fått en forespørsel fra denne adressen: {1}. Er den din, så åpne denne lenken innen 24 timer og trykk på knappen der:",
            .letterIgnore: "Er den ikke din, trenger du ikke gjøre noe. Ingenting blir endret.",
        ],
        events: [
            .collected: "opplysningene dine ble samlet inn", .contacted: "vi var i kontakt",
            .organisationContacted: "vi var i kontakt med virksomheten din", .demoBooked: "du bestilte en demo",
            .customerStarted: "virksomheten din ble kunde", .customerEnded: "virksomheten din sluttet å være kunde",
            .leftOrganisation: "du sluttet i virksomheten", .joinedOrganisation: "du begynte i virksomheten",
            .eventAttended: "du deltok på et arrangement", .questionAsked: "du stilte et spørsmål",
            .questionAnswered: "spørsmålet ditt ble besvart", .consentAsked: "du ble bedt om et samtykke",
            .consentGiven: "et samtykke ble gitt", .consentWithdrawn: "et samtykke ble trukket tilbake",
            .unsubscribed: "du meldte deg av", .topicResumed: "du gjenopptok et tema", .objected: "du protesterte",
            .complained: "du merket en e-post som søppel", .bounced: "en e-post kom i retur",
            .addressConfirmed: "adressen ble bekreftet", .restricted: "bruken ble begrenset",
            .restrictionLifted: "begrensningen ble opphevet",
            .restrictionLiftingTold: "du fikk vite at begrensningen ville bli opphevet",
            .rectified: "opplysninger ble rettet", .addressCorrected: "adressen ble rettet til en annen",
            .holdPlaced: "en rettslig grunn til å beholde begynte",
            .holdReleased: "en rettslig grunn til å beholde opphørte",
            .erased: "du ble slettet", .swept: "opplysningene ble slettet da tiden var ute",
            .suppressed: "adressen ble satt på en sperreliste",
        ],
        rights: [
            .withdraw: "Trekke tilbake et samtykke når som helst", .access: "Se hva som finnes, som her",
            .rectification: "Få rettet det som er feil", .erasure: "Få det slettet",
            .restriction: "Få det lagret uten at det brukes", .recipients: "Få vite hvem som har fått det",
            .portability: "Ta med deg det du har gitt oss",
            .objection: "Protestere mot markedsføring, profilering og sporing, uten begrunnelse",
            .humanLook: "Få et menneske til å se på en avgjørelse", .complaint: "Klage til tilsynsmyndigheten",
        ],
        kept: [
            .addressDigest:
                "Et nøklet avtrykk av adressen din, fordi vi uten det ikke kan kjenne den igjen og avvise den når den kommer inn på nytt.",
            .register:
                "At markedsføring til deg er stanset, fordi loven pålegger oss å respektere det uten tidsgrense.",
            .marks:
                "At du sluttet i virksomheten eller at adressen gir retur, så ingen gammel liste vekker deg til live.",
            .ledger: "Hva som ble gjort og når, uten adressen din, fordi vi må kunne vise det.",
            .hold: "Det en rettslig plikt eller en tvist trenger, til den er over.",
        ],
        bases: [
            .consent: "samtykke", .contract: "avtale", .legalObligation: "rettslig forpliktelse",
            .legitimateInterest: "berettiget interesse",
        ])
}
