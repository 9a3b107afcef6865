"""German sales calls."""

from bot.sandbox.kickscale.phrases import AFTER_PURCHASE, Phrases, Topic

GERMAN = Phrases(
    code="de",
    labels={
        "Discovery": "Erstgespräch",
        "Demo": "Demo",
        "Negotiation": "Verhandlung",
        "Onboarding": "Onboarding",
        "Check-in": "Statusgespräch",
        "Follow-up": "Folgegespräch",
        "Internal": "Intern",
        "Next step agreed": "Nächster Schritt vereinbart",
        "Follow-up needed": "Nachfassen nötig",
        "Verbal yes": "Mündliche Zusage",
        "On hold": "Pausiert",
        "Not a fit": "Passt nicht",
    },
    openings={
        "Discovery": (
            "{rep} sprach mit {contact} ({company}) zum ersten Mal über die Abläufe im Vertrieb mit {seats} Leuten.",
            "Im Erstgespräch schilderte {contact}, wie {company} mit {seats} Personen verkauft und wo es hakt.",
            "{contact} erklärte, warum {company} in den nächsten {months} Monaten eine neue Lösung einführen will.",
        ),
        "Demo": (
            "{rep} zeigte {contact} das Produkt anhand von Beispielen aus dem Alltag von {company}.",
            "Live-Demo für {company}: {contact} hatte das Team dabei und wollte einige Stellen zweimal sehen.",
            "Die Demo für {contact} ({company}) zeigte drei Fälle aus dem eigenen Haus, für rund {seats} Personen.",
        ),
        "Negotiation": (
            "{rep} und {contact} sind das Angebot über {seats} Lizenzen Zeile für Zeile durchgegangen.",
            "{contact} ({company}) kam mit den Anmerkungen des Einkaufs zum Angebot über {budget} Euro zurück.",
            "Mit {contact} ({company}) ging es um die letzten offenen Punkte des Vertrags über {term} Monate.",
        ),
        "Onboarding": (
            "{rep} hat mit {contact} den Start geplant: Die ersten {team} Leute von {company} starten am {day}.",
            "{company} hat unterschrieben, und {contact} wollte wissen, was in den ersten {weeks} Wochen passiert.",
            "Gemeinsam mit {contact} hat {rep} den Arbeitsbereich von {company} eingerichtet.",
        ),
        "Check-in": (
            "{rep} fragte {contact}, wie es bei {company} läuft; {usage} Prozent der Lizenzen werden genutzt.",
            "Im regelmäßigen Austausch war {contact} ({company}) weitgehend zufrieden und nannte zwei Wünsche.",
            "{contact} war ganz offen: {company} nutzt bisher etwa {usage} Prozent der Lizenzen.",
        ),
        "Follow-up": (
            "{rep} rief {contact} ({company}) wegen der offenen Fragen vom letzten Mal zurück.",
            "Kurzes Folgegespräch: {contact} hat mit dem eigenen Team gesprochen und neue Fragen mitgebracht.",
            "{contact} gab wie versprochen eine erste Rückmeldung aus dem Team von {company}.",
        ),
    },
    endings={
        "Next step agreed": (
            "Das nächste Gespräch ist am {day}.",
            "Der nächste Termin ist am {day}, dann mit der Finanzleitung.",
            "{contact} bringt am {day} die Teamleitungen mit.",
        ),
        "Follow-up needed": (
            "{contact} will das intern besprechen und bat um eine schriftliche Zusammenfassung.",
            "Offen bis {day}: die Freigabe des Budgets von {budget} Euro.",
            "{rep} soll die fehlenden Zahlen bis {day} nachreichen.",
        ),
        "Verbal yes": (
            "{contact} hat zugesagt, sofern der Vertrag bis {day} vorliegt.",
            "{company} möchte mit {seats} Lizenzen starten; die Unterschrift wird am {day} erwartet.",
        ),
        "On hold": (
            "{company} verschiebt alles Weitere wegen einer Umstrukturierung um {months} Monate.",
            "Wie es weitergeht, hängt vom neuen Budget ab; {rep} soll in {months} Monaten wieder nachfragen.",
        ),
        "Not a fit": (
            "Für {company} passt es gerade nicht; beide Seiten wollen in Kontakt bleiben.",
            "{contact} bleibt für weitere {months} Monate bei der heutigen Lösung.",
        ),
    },
    later_endings={
        "Next step agreed": (
            "Das nächste Gespräch ist am {day}.",
            "In {weeks} Wochen gehen {rep} und {contact} gemeinsam die Nutzungszahlen durch.",
            "{contact} bringt am {day} die Teamleitungen mit.",
        ),
        "Follow-up needed": (
            "{rep} klärt die offenen Fragen bis {day}.",
            "{contact} sammelt die Fragen aus dem Team und schickt sie bis {day}.",
        ),
    },
    topics=(
        Topic(
            "Preis und Lizenzen",
            (
                "Der Preis von {price} Euro pro Lizenz ist machbar, wenn es bei {seats} Lizenzen einen Nachlass gibt.",
                "{contact} fand {price} Euro pro Lizenz und Monat hoch und verglich das mit den heutigen Kosten.",
                "Die Preisliste wurde besprochen; bei {seats} Lizenzen erwartet {contact} {discount} Prozent Rabatt.",
            ),
            ("Angebot über {seats} Lizenzen schicken", "{discount} Prozent Rabatt freigeben lassen"),
            (
                "Wie viele Personen würden im ersten Jahr damit arbeiten?",
                "Wer entscheidet über ein Budget von {budget} Euro?",
            ),
            "Es hängt nicht am Preis, sondern an der Zahl der Lizenzen: Täglich genutzt werden nur {goal} Prozent.",
            (
                "Was würde uns das für, sagen wir, {seats} Leute kosten?",
                "In der Größenordnung {price} Euro pro Person und Monat, bei jährlicher Abrechnung.",
                "Hm, und wenn wir mit der Hälfte anfangen?",
                "Dann bleibt der Preis {term} Monate gleich, und Sie nehmen Lizenzen dazu, wenn Sie sie brauchen.",
            ),
            unlikely_in=AFTER_PURCHASE,
        ),
        Topic(
            "Anbindung ans CRM",
            (
                "Am wichtigsten ist die Anbindung ans CRM: Heute landen {seats} Notizen pro Woche doppelt im System.",
                "{contact} fragte, wie Deals und Kontakte mit dem CRM abgeglichen werden.",
                "{company} möchte jedes Gespräch am richtigen Deal sehen, ohne dass jemand tippt.",
            ),
            ("Anleitung zur CRM-Anbindung schicken", "Termin mit der CRM-Administration von {company} vereinbaren"),
            ("Welche Felder füllt der Vertrieb nach einem Gespräch aus?", "Wer betreut bei Ihnen das CRM?"),
            "Bei {company} gehen pro Kopf etwa {hours} Stunden in der Woche für Notizen im CRM drauf.",
            (
                "Bei uns wird alles von Hand ins CRM getippt. Das macht niemandem Freude.",
                "Wie lange dauert das nach jedem Gespräch?",
                "Zehn Minuten, eher mehr. Bei {seats} Gesprächen in der Woche kommt einiges zusammen.",
                "Mit der Anbindung steht die Zusammenfassung am Deal, noch bevor Sie den Kaffee geholt haben.",
            ),
        ),
        Topic(
            "Datenschutz",
            (
                "Die Datenschutzbeauftragte von {company} will wissen, wo Aufnahmen liegen und wie lange.",
                "{contact} fragte nach der Einwilligung zur Aufnahme und der Löschung nach {months} Monaten.",
                "Der Betriebsrat von {company} will mitreden; Server in der EU sind Bedingung.",
            ),
            ("Vertrag zur Auftragsverarbeitung schicken", "Fragen zum Datenschutz bis {day} beantworten"),
            ("Wer muss bei Ihnen der Aufnahme zustimmen?", "Wie lange möchten Sie Aufnahmen aufbewahren?"),
            "Ohne ein sauberes Vorgehen bei der Einwilligung gibt {company} nichts frei.",
            (
                "Wo liegen die Daten, und wer kommt an sie heran?",
                "Nur in der EU, und Sie legen fest, wann gelöscht wird, zum Beispiel nach {months} Monaten.",
                "Das wird unsere Datenschutzbeauftragte schriftlich haben wollen.",
                "Selbstverständlich. Den Vertrag mit der Liste der Unterauftragnehmer schicke ich heute noch.",
            ),
            unlikely_in=AFTER_PURCHASE,
        ),
        Topic(
            "Pilotphase",
            (
                "Im Raum steht eine Pilotphase mit {team} Personen über {weeks} Wochen mit klaren Zielen.",
                "{contact} möchte es zuerst mit einem Team versuchen, bevor {company} entscheidet.",
                "Ziel der Pilotphase: {goal} Prozent weniger Zeit für Vorbereitung und Notizen.",
            ),
            ("Ziele der Pilotphase festhalten", "{team} Personen für die Pilotphase bis {day} benennen"),
            ("Was müsste nach der Pilotphase stimmen, damit Sie weitermachen?", "Mit welchem Team fangen wir an?"),
            "Eine Pilotphase mit messbaren Zielen würde die Geschäftsführung von {company} überzeugen.",
            (
                "Ich würde lieber klein anfangen, mit einem Team.",
                "Gute Idee. Was möchten Sie nach {weeks} Wochen sehen?",
                "Dass die Leute es von sich aus nutzen und Zeit sparen.",
                "Dann halten wir gleich fest, wie wir das messen: {goal} Prozent weniger Zeit für Notizen.",
            ),
            unlikely_in=AFTER_PURCHASE,
        ),
        Topic(
            "Auswertungen",
            (
                "{contact} erstellt jeden Montag von Hand einen Bericht für die Leitung und würde das gern loswerden.",
                "Für die Geschäftsführung braucht {company} Zahlen zu mindestens {usage} Prozent aller Gespräche.",
                "Die Auswertungen beantworten fast alle Fragen; {contact} wünscht sich noch einen Export als Tabelle.",
            ),
            ("Beispielbericht für {company} erstellen", "Export dem Controlling von {company} zeigen"),
            ("Nach welcher Zahl fragt Ihre Leitung zuerst?", "Wie entsteht heute der Wochenbericht?"),
            "Wer bei {company} den Wochenbericht erstellt, setzt sich am stärksten für uns ein.",
            (
                "Jeden Montag sitze ich zwei Stunden an einer Tabelle.",
                "Und was geschieht dann damit?",
                "Sie geht an die Geschäftsführung. Die schaut auf drei Zahlen, wenn überhaupt.",
                "Dann nehmen wir genau diese drei. Die liegen montags um acht bereit, ohne dass Sie etwas tun.",
            ),
        ),
        Topic(
            "Schulung des Teams",
            (
                "{contact} fürchtet, dass die {seats} Leute im Außendienst kein weiteres Tool annehmen.",
                "Zwei kurze Schulungen sind geplant, die zweite {weeks} Wochen nach der ersten.",
                "Neue im Vertrieb von {company} brauchen {months} Monate Einarbeitung; gute Beispiele würden helfen.",
            ),
            ("Termine für die Schulung vorschlagen", "{months} gute Gespräche für die Einarbeitung sammeln"),
            ("Wie arbeiten Sie heute neue Leute im Vertrieb ein?", "Was war an der letzten Einführung schwierig?"),
            "Ob es angenommen wird, entscheiden bei {company} die Teamleitungen, nicht die Geschäftsführung.",
            (
                "Ehrlich gesagt, meine Leute können keine neuen Tools mehr sehen.",
                "Das höre ich oft. Welches hat denn zuletzt funktioniert?",
                "Das, das niemand öffnen musste.",
                "Dann hilft es, dass die Zusammenfassung von selbst kommt, per E-Mail oder im Slack-Channel.",
            ),
        ),
        Topic(
            "Umzug vom Altsystem",
            (
                "{recordings} alte Aufnahmen sollen mit umziehen; {contact} fragte, wie lange das dauert.",
                "Der Vertrag mit dem heutigen Anbieter endet in {months} Monaten, die Zeit für den Umzug ist knapp.",
                "{company} möchte beide Systeme {weeks} Wochen lang parallel betreiben.",
            ),
            ("Aufwand für den Umzug von {recordings} Aufnahmen schätzen", "Umzugsplan bis {day} schicken"),
            ("Wann endet Ihr heutiger Vertrag?", "Welche alten Daten brauchen Sie wirklich?"),
            "Den Zeitplan gibt das Ende des alten Vertrags in {months} Monaten vor, nicht das Budget.",
            (
                "Im alten System liegen Aufnahmen aus Jahren.",
                "Wie viele davon hören Sie noch an?",
                "Die letzten {months} Monate, würde ich sagen. Der Rest ist fürs Archiv.",
                "Dann übernehmen wir die zuerst. Das ist in einer Woche erledigt.",
            ),
            unlikely_in=AFTER_PURCHASE,
        ),
        Topic(
            "Vertragsbedingungen",
            (
                "Der Einkauf möchte {term} Monate Laufzeit mit einem Ausstieg nach der Hälfte.",
                "{contact} bat um vierteljährliche Zahlung statt {budget} Euro vorab.",
                "Kündigungsfrist und Preis im zweiten Jahr sind die beiden offenen Klauseln.",
            ),
            ("Geänderte Klauseln prüfen lassen", "Vertrag über {term} Monate schicken"),
            (
                "Wer unterschreibt bei Ihnen einen Vertrag über {budget} Euro?",
                "Welche Kündigungsfristen sind bei Ihnen üblich?",
            ),
            "Der Einkauf von {company} kommt spät dazu, kann aber alles stoppen.",
            (
                "Unsere Rechtsabteilung hat sich das angesehen. Die Kündigungsfrist ist ihr zu lang.",
                "Womit könnten Sie leben?",
                "Erst einmal {term} Monate, danach monatlich.",
                "Das kann ich heute nicht zusagen, aber bis {day} haben Sie eine Antwort.",
            ),
            unlikely_in=("Discovery", *AFTER_PURCHASE),
        ),
        Topic(
            "Anmeldung und Zugriff",
            (
                "Die IT von {company} verlangt Single Sign-on und Rollen je Team, bevor es losgeht.",
                "{contact} möchte, dass Führungskräfte nur das eigene Team sehen, in allen {regions} Regionen.",
                "Die Prüfung durch die IT-Sicherheit von {company} ist für {day} geplant.",
            ),
            ("Whitepaper zur Sicherheit schicken", "Test des Single Sign-on mit der IT aufsetzen"),
            ("Welchen Identitätsdienst nutzen Sie?", "Wer darf welche Gespräche sehen?"),
            "Ohne Single Sign-on gibt die IT von {company} kein grünes Licht.",
            (
                "Die IT wird mich zuallererst nach Single Sign-on fragen.",
                "Das gehört zum Paket, die Einrichtung dauert eine Stunde.",
                "Und sieht eine Führungskraft dann nur das eigene Team?",
                "Ja, die Rollen folgen den Teams, die Sie schon haben.",
            ),
        ),
    ),
    meeting_name=("{type}: {company}", "{company}: {topic}", "{type} mit {contact}, {company}"),
    call_name=("Telefonat mit {contact} ({company})", "{contact}, {company}: {topic}", "Anruf {company}: {type}"),
    deal="{company}, {seats} Lizenzen",
    greeting=(
        "Guten Tag, schön, Sie zu hören. Sind Sie einverstanden, dass ich das Gespräch aufnehme?",
        "Guten Tag. Ja, gern. Ich habe etwa eine halbe Stunde.",
        "Wunderbar. Erzählen Sie doch erst einmal, wo {company} heute steht.",
    ),
    farewell=(
        "Von meiner Seite war das alles für heute.",
        "Ich fasse kurz zusammen, was ich mitnehme, und schicke es Ihnen heute noch schriftlich.",
        "Vielen Dank. Das hat mir sehr geholfen.",
        "Ich danke Ihnen. Bis {day}!",
    ),
    subject=(
        "Unser Gespräch heute",
        "Zusammenfassung und nächste Schritte für {company}",
        "{company}: unsere Vereinbarungen",
    ),
    body=(
        "Guten Tag {contact},\n\nvielen Dank für das gute Gespräch heute. Wie versprochen unsere Vereinbarungen:\n\n"
        "{points}\n\n"
        "Passt Ihnen der {day} für unser nächstes Gespräch?\n\nMit freundlichen Grüßen\n{rep}"
    ),
    internal_names=("Pipeline-Runde", "Forecast", "Deal-Review: {company}", "Wochenstart Vertrieb"),
    internal_summary=(
        "Das Team ging die offenen Deals durch; {usage} Prozent des Quartalsziels sind gedeckt.",
        "Im Mittelpunkt stand {company}: wer hilft, was fehlt und was bis {day} geschehen muss.",
        "{rep} berichtete über {company}; der Forecast für das Quartal sinkt um {discount} Prozent.",
        "Drei Deals wandern ins nächste Quartal, darunter {company} mit {budget} Euro.",
    ),
    internal_tasks=(
        "Forecast bis {day} anpassen",
        "{company} um einen Termin mit der Leitung bitten",
        "Alte Deals im CRM aufräumen",
    ),
    internal_lines=(
        "Fangen wir mit den Deals an, die diesen Monat abschließen.",
        "{company} sieht gut aus, die Unterschrift erwarte ich am {day}.",
        "Was könnte da noch schiefgehen?",
        "Der Einkauf. Beim nächsten Gespräch hätte ich gern jemanden dabei.",
        "Dann setz es vorerst auf {usage} Prozent, nächste Woche sehen wir weiter.",
    ),
    comments=(
        "Starke Fragen am Anfang!",
        "Bitte das Budget am Deal eintragen.",
        "Gutes Beispiel für die Einarbeitung.",
    ),
    feedback=("Ziele erfragt", "Budget und Entscheidung besprochen", "Nächster Schritt mit Datum vereinbart"),
    days=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag"),
)
