import Rules
import Store

extension SubjectTexts {
    static let german = SubjectTexts(
        language: "de",
        texts: [
            .title: "Was {0} über Sie gespeichert hat", .made: "Stand {0} (UTC), nach der Datenschutzerklärung {1}.",
            .stored: "Was gespeichert ist",
            .nothing: "Nur ein verschlüsselter Abdruck Ihrer Adresse, der nicht die Adresse ist.",
            .address: "Adresse", .name: "Name", .position: "Position", .phone: "Telefon",
            .organisation: "Organisation", .source: "Woher es stammt", .keptTitle: "Wie lange und warum",
            .keptUntil: "Bis {0}, wenn sonst nichts geschieht.",
            .keptOpen: "Ohne festes Ende, solange der Grund besteht.",
            .keptNot: "Nichts hält es mehr; der Rest wird bei der nächsten Bereinigung gelöscht.",
            .keptHold: "Ein rechtlicher Grund, es aufzubewahren: {0}.",
            .keptRestriction: "Die Verwendung ist auf Ihren Wunsch eingeschränkt.",
            .keptPendingConsent: "Sie wurden um eine Einwilligung gebeten und haben nicht geantwortet.",
            .erasurePending:
                "Sie sind für jede Verwendung gelöscht. Was ein rechtlicher Grund hält, wird gelöscht, wenn er endet.",
            .useTitle: "Wofür es verwendet wird", .used: "Wird verwendet: {0}.",
            .usedUntil: "Wird bis {1} verwendet: {0}.", .notUsed: "Wird nicht verwendet: {0}.",
            .decidedTitle: "Entscheidungen durch einen Computer",
            .decided:
                "Vor jeder Aussendung prüft ein Computer nach festen Regeln, für alle gleich, ob sie gesendet werden darf: zuerst Ihre Abmeldungen, dann Einschränkungen, dann ob eine Rechtsgrundlage besteht. Er entscheidet nur über das Senden von E-Mail und bewertet niemanden; es ist also keine Entscheidung mit rechtlicher oder ähnlicher Wirkung (Artikel 22).",
            .recipientsTitle: "Wer es erhalten hat", .recipientsNone: "Niemand.", .outsideEEA: "außerhalb des EWR",
            .safeguard: "Garantie: {0}", .rightsTitle: "Ihre Rechte", .authority: "Die Aufsichtsbehörde ist {0}.",
            .actsTitle: "Was geschehen ist", .actsNone: "Nichts.",
            .afterTitle: "Was nach einer Löschung bliebe", .portableTitle: "Zum Mitnehmen (Artikel 20)",
            .portable:
                "Was Sie uns gegeben haben, beruht auf Einwilligung oder Vertrag für: {0}. Dasselbe Dokument als JSON enthält es.",
            .notPortable: "Nichts davon beruht auf Einwilligung oder Vertrag, also erfasst Artikel 20 nichts davon.",
            .linkTitle: "Ihre Anfrage",
            .linkAsk: "{0} hat diese Anfrage am {1} erhalten. Drücken Sie den Knopf, und sie wird sofort ausgeführt.",
            .linkRectify:
                "Schreiben Sie, was richtig ist, und lassen Sie den Rest leer. Um die Adresse selbst zu berichtigen, schreiben Sie dem Unternehmen.",
            .linkButton: "Ausführen", .linkDone: "Erledigt.", .linkAnswered: "Diese Anfrage ist beantwortet.",
            .linkNotUnderstood: "Nichts wurde geändert: Was gesendet wurde, sagt nichts, was getan werden kann.",
            .linkNotFound:
                "Dieser Link öffnet nichts, oder sein Tag ist vorbei. Fragen Sie neu, um einen neuen zu erhalten.",
            .linkUnavailable:
                "Jetzt kann nichts getan werden, und nichts wurde geändert. Versuchen Sie es später wieder.",
            .letterSubject: "Ihre Anfrage an {0}",
            .letterText:
                "{0} hat von dieser Adresse eine Anfrage erhalten: {1}. Ist sie von Ihnen, öffnen Sie diesen Link innerhalb von 24 Stunden und drücken Sie dort den Knopf:",
            .letterIgnore: "Ist sie nicht von Ihnen, tun Sie nichts. Nichts wird geändert.",
        ],
        events: [
            .collected: "Ihre Daten wurden erhoben", .contacted: "wir hatten Kontakt",
            .organisationContacted: "wir hatten Kontakt mit Ihrer Organisation",
            .demoBooked: "Sie haben eine Demo gebucht",
            .customerStarted: "Ihre Organisation wurde Kunde",
            .customerEnded: "Ihre Organisation ist nicht mehr Kunde",
            .leftOrganisation: "Sie haben die Organisation verlassen",
            .joinedOrganisation: "Sie kamen zur Organisation", .eventAttended: "Sie nahmen an einer Veranstaltung teil",
            .questionAsked: "Sie haben eine Frage gestellt", .questionAnswered: "Ihre Frage wurde beantwortet",
            .consentAsked: "Sie wurden um eine Einwilligung gebeten", .consentGiven: "eine Einwilligung wurde erteilt",
            .consentWithdrawn: "eine Einwilligung wurde widerrufen", .unsubscribed: "Sie haben sich abgemeldet",
            .topicResumed: "Sie haben ein Thema wieder aufgenommen", .objected: "Sie haben widersprochen",
            .complained: "Sie haben eine Nachricht als Spam markiert", .bounced: "eine Nachricht kam zurück",
            .addressConfirmed: "die Adresse wurde bestätigt", .restricted: "die Verwendung wurde eingeschränkt",
            .restrictionLifted: "die Einschränkung wurde aufgehoben",
            .restrictionLiftingTold: "Sie wurden unterrichtet, dass die Einschränkung aufgehoben wird",
            .rectified: "Daten wurden berichtigt", .addressCorrected: "die Adresse wurde in eine andere berichtigt",
            .holdPlaced: "ein rechtlicher Grund zur Aufbewahrung begann",
            .holdReleased: "ein rechtlicher Grund zur Aufbewahrung endete", .erased: "Sie wurden gelöscht",
            .swept: "die Daten wurden nach Ablauf ihrer Zeit gelöscht",
            .suppressed: "die Adresse kam auf eine Sperrliste",
        ],
        rights: [
            .withdraw: "Eine Einwilligung jederzeit widerrufen", .access: "Sehen, was vorhanden ist, wie hier",
            .rectification: "Falsches berichtigen lassen", .erasure: "Es löschen lassen",
            .restriction: "Es speichern und nicht verwenden lassen", .recipients: "Erfahren, wer es erhalten hat",
            .portability: "Mitnehmen, was Sie uns gegeben haben",
            .objection: "Werbung, Profilbildung und Tracking ohne Grund widersprechen",
            .humanLook: "Eine Entscheidung von einem Menschen prüfen lassen",
            .complaint: "Sich bei der Aufsichtsbehörde beschweren",
        ],
        kept: [
            .addressDigest:
                "Ein verschlüsselter Abdruck Ihrer Adresse, denn ohne ihn könnten wir sie nicht erkennen und abweisen, wenn sie wieder hereinkommt.",
            .register: "Dass Werbung an Sie gestoppt ist, denn das Gesetz verpflichtet uns, das ohne Ende zu achten.",
            .marks:
                "Dass Sie die Organisation verlassen haben oder die Adresse unzustellbar ist, damit keine alte Liste Sie wiederbelebt.",
            .ledger: "Was wann getan wurde, ohne Ihre Adresse, denn wir müssen es belegen können.",
            .hold: "Was eine rechtliche Pflicht oder ein Streit braucht, bis er endet.",
        ],
        bases: [
            .consent: "Einwilligung", .contract: "Vertrag", .legalObligation: "rechtliche Verpflichtung",
            .legitimateInterest: "berechtigtes Interesse",
        ])
}
