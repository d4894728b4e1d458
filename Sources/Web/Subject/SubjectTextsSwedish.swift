import Rules
import Store

extension SubjectTexts {
    static let swedish = SubjectTexts(
        language: "sv",
        texts: [
            .title: "Det här har {0} om dig", .made: "Per {0} (UTC), enligt integritetspolicyn {1}.",
            .stored: "Vad som är lagrat",
            .nothing: "Inget annat än ett nycklat avtryck av din adress, som inte är adressen.",
            .address: "Adress", .name: "Namn", .position: "Befattning", .phone: "Telefon",
            .organisation: "Organisation",
            .source: "Varifrån det kommer", .keptTitle: "Hur länge, och varför",
            .keptUntil: "Till {0}, om inget annat händer.", .keptOpen: "Utan fast slut, så länge skälet består.",
            .keptNot: "Inget håller kvar det längre; resten raderas vid nästa gallring.",
            .keptHold: "Ett rättsligt skäl att behålla det: {0}.",
            .keptRestriction: "Användningen är begränsad på din begäran.",
            .keptPendingConsent: "Du har fått frågan om ett samtycke och inte svarat.",
            .erasurePending:
                "Du är raderad från all användning. Det som ett rättsligt skäl håller kvar raderas när det upphör.",
            .useTitle: "Vad det används till", .used: "Används: {0}.", .usedUntil: "Används till {1}: {0}.",
            .notUsed: "Används inte: {0}.", .decidedTitle: "Beslut av en dator",
            .decided:
                "Före varje utskick prövar en dator efter fasta regler, lika för alla, om det får skickas: först dina avregistreringar, sedan begränsningar, sedan om en rättslig grund finns. Den avgör bara om e-post skickas och poängsätter ingen, så det är inget beslut med rättslig eller liknande verkan (artikel 22).",
            .recipientsTitle: "Vilka som har fått det", .recipientsNone: "Ingen.", .outsideEEA: "utanför EES",
            .safeguard: "skyddsåtgärd: {0}", .rightsTitle: "Dina rättigheter",
            .authority: "Tillsynsmyndigheten är {0}.", .actsTitle: "Vad som har hänt", .actsNone: "Ingenting.",
            .afterTitle: "Vad som skulle behållas efter en radering", .portableTitle: "Att ta med sig (artikel 20)",
            .portable:
                "Det du har lämnat vilar på samtycke eller avtal för: {0}. Samma dokument som JSON innehåller det.",
            .notPortable: "Inget här vilar på samtycke eller avtal, så artikel 20 omfattar inget av det.",
            .linkTitle: "Din begäran",
            .linkAsk: "{0} fick den här begäran {1}. Tryck på knappen, så utförs den genast.",
            .linkRectify:
                "Skriv det som är rätt och lämna resten tomt. Skriv till företaget om själva adressen ska rättas.",
            .linkButton: "Utför", .linkDone: "Utfört.", .linkAnswered: "Den här begäran är besvarad.",
            .linkNotUnderstood: "Inget har ändrats: det som skickades säger inget som kan utföras.",
            .linkNotFound: "Den här länken öppnar inget, eller dess dygn är ute. Be om en ny.",
            .linkUnavailable: "Inget kan göras nu, och inget har ändrats. Försök igen om en stund.",
            .letterSubject: "Din begäran till {0}",
            .letterText:
                "{0} har fått en begäran från den här adressen: {1}. Är den din, öppna länken inom 24 timmar och tryck på knappen där:",
            .letterIgnore: "Är den inte din behöver du inte göra något. Inget ändras.",
        ],
        events: [
            .collected: "dina uppgifter samlades in", .contacted: "vi hade kontakt",
            .organisationContacted: "vi hade kontakt med din organisation", .demoBooked: "du bokade en demo",
            .customerStarted: "din organisation blev kund", .customerEnded: "din organisation upphörde att vara kund",
            .leftOrganisation: "du lämnade organisationen", .joinedOrganisation: "du började i organisationen",
            .eventAttended: "du deltog i ett evenemang", .questionAsked: "du ställde en fråga",
            .questionAnswered: "din fråga besvarades", .consentAsked: "du fick frågan om ett samtycke",
            .consentGiven: "ett samtycke gavs", .consentWithdrawn: "ett samtycke återkallades",
            .unsubscribed: "du avregistrerade dig", .topicResumed: "du återupptog ett ämne", .objected: "du invände",
            .complained: "du markerade ett mejl som skräppost", .bounced: "ett mejl kom i retur",
            .addressConfirmed: "adressen bekräftades", .restricted: "användningen begränsades",
            .restrictionLifted: "begränsningen hävdes",
            .restrictionLiftingTold: "du fick veta att begränsningen skulle hävas", .rectified: "uppgifter rättades",
            .addressCorrected: "adressen rättades till en annan",
            .holdPlaced: "ett rättsligt skäl att behålla började",
            .holdReleased: "ett rättsligt skäl att behålla upphörde",
            .erased: "du raderades", .swept: "uppgifterna raderades när tiden var ute",
            .suppressed: "adressen sattes på en spärrlista",
        ],
        rights: [
            .withdraw: "Återkalla ett samtycke när som helst", .access: "Se vad som finns, som här",
            .rectification: "Få det som är fel rättat", .erasure: "Få det raderat",
            .restriction: "Få det lagrat utan att det används", .recipients: "Få veta vilka som har fått det",
            .portability: "Ta med dig det du har lämnat",
            .objection: "Invända mot marknadsföring, profilering och spårning, utan skäl",
            .humanLook: "Få en människa att se på ett beslut", .complaint: "Klaga hos tillsynsmyndigheten",
        ],
        kept: [
            .addressDigest:
                "Ett nycklat avtryck av din adress, eftersom vi utan det inte kan känna igen och avvisa den när den kommer in igen.",
            .register:
                "Att marknadsföring till dig är stoppad, eftersom lagen ålägger oss att respektera det utan tidsgräns.",
            .marks:
                "Att du lämnade organisationen eller att adressen studsar, så att ingen gammal lista väcker dig till liv.",
            .ledger: "Vad som gjordes och när, utan din adress, eftersom vi måste kunna visa det.",
            .hold: "Det som en rättslig skyldighet eller en tvist behöver, tills den är över.",
        ],
        bases: [
            .consent: "samtycke", .contract: "avtal", .legalObligation: "rättslig förpliktelse",
            .legitimateInterest: "berättigat intresse",
        ])
}
