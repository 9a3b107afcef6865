"""German sales calls."""

from bot.sandbox.kickscale.phrases import Phrases, Topic

GERMAN = Phrases(
    code="de",
    openings={
        "Discovery": (
            "{rep} sprach mit {contact} ({company}) zum ersten Mal über die heutigen Abläufe der {seats} Leute.",
            "Im Erstgespräch schilderte {contact}, wie {company} mit {seats} Personen verkauft und wo die Zeit bleibt.",
            "{contact} erklärte, warum {company} innerhalb von {months} Monaten etwas Neues sucht.",
        ),
        "Demo": (
            "{rep} zeigte {contact} das Produkt anhand von Beispielen aus dem Alltag von {company}.",
            "{company} hat eine Live-Demo gesehen; {contact} wollte einige Stellen gleich zweimal sehen.",
            "Die Demo für {contact} ({company}) ging drei eigene Fälle durch, ausgelegt auf rund {seats} Personen.",
        ),
        "Negotiation": (
            "{rep} und {contact} sind das Angebot über {seats} Plätze Zeile für Zeile durchgegangen.",
            "{contact} ({company}) kam mit den Anmerkungen des Einkaufs zum Angebot über {budget} Euro zurück.",
            "Mit {company} ging es um die letzten offenen Punkte des Vertrags über {months} Monate.",
        ),
        "Onboarding": (
            "{rep} hat mit {contact} den Start geplant: Die ersten {seats} Leute von {company} beginnen am {day}.",
            "{company} hat unterschrieben, und {contact} wollte wissen, was in den ersten {months} Monaten passiert.",
            "Gemeinsam mit {contact} hat {rep} den Arbeitsbereich von {company} eingerichtet.",
        ),
        "Check-in": (
            "{rep} fragte {contact}, wie es bei {company} läuft; {percent} Prozent der Plätze werden genutzt.",
            "Im regelmäßigen Austausch war {contact} ({company}) weitgehend zufrieden und nannte zwei Wünsche.",
            "{contact} gab ein ehrliches Bild: {company} nutzt etwa {percent} Prozent des Gekauften.",
        ),
        "Follow-up": (
            "{rep} rief {contact} ({company}) wegen der offenen Fragen vom letzten Mal zurück.",
            "Kurzer Nachfasstermin: {contact} hat mit dem Team von {seats} Personen gesprochen und will weitermachen.",
            "{contact} hatte eine Rückmeldung von {company} versprochen und gab eine erste.",
        ),
    },
    endings={
        "Next step agreed": (
            "Man spricht sich am {day} wieder.",
            "Der nächste Termin ist am {day}, dann mit der Leitung der Finanzen.",
            "{contact} bringt am {day} die Teamleitungen mit.",
        ),
        "Follow-up needed": (
            "{contact} will das intern besprechen und bat um eine schriftliche Zusammenfassung.",
            "Offen bis {day}: die Freigabe des Budgets von {budget} Euro.",
            "{rep} soll die fehlenden Zahlen bis {day} nachreichen.",
        ),
        "Verbal yes": (
            "{contact} hat zugesagt, sofern der Vertrag bis {day} vorliegt.",
            "{company} möchte mit {seats} Plätzen starten; die Unterschrift wird am {day} erwartet.",
        ),
        "On hold": (
            "{company} verschiebt die Entscheidung wegen einer Umstrukturierung um {months} Monate.",
            "Das Vorhaben ruht bis zum neuen Budget; {rep} soll in {months} Monaten wieder nachfragen.",
        ),
        "Not a fit": (
            "Für {company} passt es gerade nicht; man trennte sich im Guten.",
            "{contact} bleibt für weitere {months} Monate bei der heutigen Lösung.",
        ),
    },
    topics=(
        Topic(
            "Preis und Plätze",
            (
                "Der Preis von {price} Euro je Platz ist machbar, wenn es für {seats} Plätze einen Nachlass gibt.",
                "{contact} fand {price} Euro je Platz hoch und verglich das mit den heutigen Kosten.",
                "Die Preisliste wurde besprochen; für {seats} Plätze erwartet {contact} {percent} Prozent Rabatt.",
            ),
            ("Angebot über {seats} Plätze schicken", "{percent} Prozent Rabatt freigeben lassen"),
            (
                "Wie viele Personen würden im ersten Jahr damit arbeiten?",
                "Wer entscheidet über ein Budget von {budget} Euro?",
            ),
            "Nicht der Preis hält auf, sondern die Zahl der Plätze: Täglich nutzen würden es {percent} Prozent.",
            (
                "Was würde uns das für, sagen wir, {seats} Leute kosten?",
                "In der Größe sind es {price} Euro je Platz und Monat, einmal im Jahr berechnet.",
                "Hm, und wenn wir mit der Hälfte anfangen?",
                "Dann bleibt der Preis {months} Monate gleich, und Sie nehmen Plätze dazu, wenn Sie sie brauchen.",
            ),
        ),
        Topic(
            "Anbindung ans CRM",
            (
                "Am wichtigsten ist die Anbindung ans CRM: Heute werden etwa {seats} Notizen je Woche doppelt erfasst.",
                "{contact} fragte, wie Deals und Kontakte mit dem CRM abgeglichen werden.",
                "{company} möchte jedes Gespräch am richtigen Deal sehen, ohne dass jemand tippt.",
            ),
            ("Anleitung zur CRM-Anbindung schicken", "Termin mit der CRM-Administration von {company} vereinbaren"),
            ("Welche Felder füllt der Vertrieb nach einem Gespräch aus?", "Wer betreut bei Ihnen das CRM?"),
            "Bei {company} gehen rund {percent} Prozent des Tages für Notizen im CRM drauf.",
            (
                "Bei uns wird alles von Hand ins CRM getippt. Das macht niemandem Freude.",
                "Wie lange dauert das nach jedem Gespräch?",
                "Zehn Minuten, eher mehr. Bei {seats} Gesprächen in der Woche kommt einiges zusammen.",
                "Mit der Anbindung liegt die Zusammenfassung am Deal, bevor aufgelegt ist.",
            ),
        ),
        Topic(
            "Datenschutz",
            (
                "Die Datenschutzbeauftragte von {company} will wissen, wo Aufnahmen liegen und wie lange.",
                "{contact} fragte nach der Einwilligung zur Aufnahme und der Löschung nach {months} Monaten.",
                "Der Datenschutz nahm viel Raum ein; Server in der EU sind für {company} Bedingung.",
            ),
            ("Vertrag zur Auftragsverarbeitung schicken", "Fragen zum Datenschutz bis {day} beantworten"),
            ("Wer muss bei Ihnen der Aufnahme zustimmen?", "Wie lange möchten Sie Aufnahmen aufbewahren?"),
            "An der Einwilligung hängt die Freigabe bei {company}.",
            (
                "Wo liegen die Daten, und wer kommt an sie heran?",
                "Nur in der EU, und Sie legen fest, wann gelöscht wird, zum Beispiel nach {months} Monaten.",
                "Das wird unsere Datenschutzbeauftragte schriftlich haben wollen.",
                "Selbstverständlich. Den Vertrag mit der Liste der Unterauftragnehmer schicke ich heute noch.",
            ),
        ),
        Topic(
            "Pilotphase",
            (
                "Skizziert wurde eine Pilotphase mit {seats} Personen über {months} Monate und klaren Zielen.",
                "{contact} möchte es zuerst mit einem Team versuchen, bevor {company} entscheidet.",
                "Ziel der Pilotphase: {percent} Prozent weniger Zeit für Vorbereitung und Notizen.",
            ),
            ("Ziele der Pilotphase festhalten", "{seats} Personen für die Pilotphase bis {day} benennen"),
            ("Was müsste nach der Pilotphase stimmen, damit Sie weitermachen?", "Welches Team wäre ein gutes erstes?"),
            "Eine Pilotphase mit messbaren Zielen würde die Geschäftsführung von {company} überzeugen.",
            (
                "Ich würde lieber klein anfangen, mit einem Team.",
                "Gute Idee. Was möchten Sie nach {months} Monaten sehen?",
                "Dass die Leute es von allein nutzen und Zeit sparen.",
                "Dann halten wir gleich fest, wie wir das messen: etwa {percent} Prozent weniger Zeit für Notizen.",
            ),
        ),
        Topic(
            "Auswertungen",
            (
                "{contact} baut jeden Montag von Hand einen Bericht für die Leitung und würde ihn gern loswerden.",
                "Für die Geschäftsführung braucht {company} Zahlen zu mindestens {percent} Prozent aller Gespräche.",
                "Die gezeigten Auswertungen beantworteten fast alles; gewünscht ist noch ein Export als Tabelle.",
            ),
            ("Beispielbericht für {company} bauen", "Export dem Controlling von {company} zeigen"),
            ("Nach welcher Zahl fragt Ihre Leitung zuerst?", "Wie entsteht heute der Wochenbericht?"),
            "Wer bei {company} den Wochenbericht baut, ist unser stärkster Fürsprecher.",
            (
                "Jeden Montag sitze ich zwei Stunden an einer Tabelle.",
                "Und was geschieht dann damit?",
                "Sie geht an die Geschäftsführung. Die schaut auf drei Zahlen, wenn überhaupt.",
                "Dann nehmen wir genau diese drei. Die wären um acht Uhr da, ohne dass Sie etwas tun.",
            ),
        ),
        Topic(
            "Schulung des Teams",
            (
                "{contact} fürchtet, dass die {seats} Leute im Außendienst kein weiteres Werkzeug annehmen.",
                "Zwei kurze Schulungen sind geplant, die zweite {months} Wochen nach der ersten.",
                "Neue brauchen bei {company} {months} Monate zur Einarbeitung; gute Beispiele würden helfen.",
            ),
            ("Termine für die Schulung vorschlagen", "{months} gute Gespräche für die Einarbeitung sammeln"),
            ("Wie lernen Neue bei {company} das Verkaufen?", "Was war an der letzten Einführung schwierig?"),
            "Ob es angenommen wird, entscheiden bei {company} die Teamleitungen, nicht die Geschäftsführung.",
            (
                "Ehrlich gesagt, meine Leute sind neue Werkzeuge leid.",
                "Das höre ich oft. Welches hat zuletzt funktioniert?",
                "Das, das niemand öffnen musste.",
                "Dann hilft es, dass die Zusammenfassung von selbst kommt, per Mail oder in den Kanal.",
            ),
        ),
        Topic(
            "Umzug vom Altsystem",
            (
                "{seats} alte Aufnahmen sollen mit; {contact} fragte, wie lange der Umzug dauert.",
                "Der Vertrag mit dem heutigen Anbieter endet in {months} Monaten, die Zeit für den Umzug ist knapp.",
                "Gewünscht ist ein Parallelbetrieb beider Systeme über {months} Wochen.",
            ),
            ("Aufwand für den Umzug von {seats} Aufnahmen schätzen", "Umzugsplan bis {day} schicken"),
            ("Wann endet Ihr heutiger Vertrag?", "Welche alten Daten brauchen Sie wirklich?"),
            "Den Termin setzt das Ende des alten Vertrags in {months} Monaten, nicht das Budget.",
            (
                "Im alten System liegen Aufnahmen aus Jahren.",
                "Wie viele davon hören Sie noch an?",
                "Die letzten {months} Monate, würde ich sagen. Der Rest ist fürs Archiv.",
                "Dann holen wir die zuerst herüber. Das ist in einer Woche getan.",
            ),
        ),
        Topic(
            "Vertragsbedingungen",
            (
                "Der Einkauf möchte {months} Monate Laufzeit mit Ausstieg nach der Hälfte.",
                "{contact} bat um vierteljährliche Zahlung statt {budget} Euro vorab.",
                "Kündigungsfrist und Preis im zweiten Jahr sind die beiden offenen Klauseln.",
            ),
            ("Geänderte Klauseln prüfen lassen", "Vertrag über {months} Monate schicken"),
            (
                "Wer unterschreibt bei {company} einen Vertrag über {budget} Euro?",
                "Welche Kündigungsfristen sind üblich?",
            ),
            "Der Einkauf von {company} kommt spät dazu, aber mit Veto.",
            (
                "Die Rechtsabteilung hat hineingeschaut. Die Kündigungsfrist ist ihr zu lang.",
                "Womit könnten Sie leben?",
                "Erst einmal {months} Monate, danach monatlich.",
                "Das kann ich heute nicht zusagen, aber bis {day} haben Sie eine Antwort.",
            ),
        ),
        Topic(
            "Anmeldung und Zugriff",
            (
                "Die IT von {company} verlangt Single Sign-on und Rollen je Team, bevor jemand beginnt.",
                "{contact} möchte, dass Leitungen nur das eigene Team sehen, in allen {months} Regionen.",
                "Die Prüfung durch die IT-Sicherheit von {company} ist für {day} angesetzt.",
            ),
            ("Whitepaper zur Sicherheit schicken", "Test des Single Sign-on mit der IT aufsetzen"),
            ("Welchen Identitätsdienst nutzen Sie?", "Wer darf welche Gespräche sehen?"),
            "Ohne Single Sign-on lässt die IT von {company} die {seats} Leute nicht hinein.",
            (
                "Die IT wird mich zuallererst nach Single Sign-on fragen.",
                "Das gehört zum Paket, die Einrichtung dauert eine Stunde.",
                "Und sieht eine Leitung dann nur das eigene Team?",
                "Ja, die Rollen folgen den Teams, die Sie schon haben.",
            ),
        ),
    ),
    meeting_name=("{type}: {company} und Example", "{company}: {topic}", "{type} mit {contact}, {company}"),
    call_name=("Telefonat mit {contact} ({company})", "{contact}, {company}: {topic}", "Anruf {company}: {type}"),
    deal="{company}, {seats} Lizenzen",
    greeting=(
        "Guten Tag {contact}, schön, Sie zu hören. Ist die Aufnahme für Sie in Ordnung?",
        "Guten Tag {rep}, ja, gern. Ich habe etwa eine halbe Stunde.",
        "Wunderbar. Fangen wir damit an, wo {company} heute steht.",
    ),
    farewell=(
        "Das war von meiner Seite alles für heute.",
        "Ich fasse kurz zusammen, was ich mitnehme, und schicke es heute noch schriftlich.",
        "Danke, {rep}. Das hat sehr geholfen.",
        "Ich danke Ihnen. Bis {day}!",
    ),
    subject=(
        "Unser Gespräch heute",
        "Zusammenfassung und nächste Schritte für {company}",
        "{company}: unsere Vereinbarungen",
    ),
    body=(
        "Guten Tag {contact},\n\nvielen Dank für Ihre Zeit heute. Wie versprochen, was wir vereinbart haben:\n\n"
        "{points}\n\n"
        "Passt Ihnen {day} weiterhin?\n\nMit freundlichen Grüßen\n{rep}"
    ),
    internal_names=("Pipeline-Runde", "Forecast", "Deal-Werkstatt: {company}", "Wochenstart Vertrieb"),
    internal_summary=(
        "Das Team ging {seats} offene Deals durch; {percent} Prozent des Quartalsziels sind gedeckt.",
        "Im Mittelpunkt stand {company}: wer hilft, was fehlt und was bis {day} geschehen muss.",
        "{rep} berichtete über {company}; der Forecast für das Quartal sinkt um {percent} Prozent.",
        "Drei Deals wandern ins nächste Quartal, darunter {company} mit {budget} Euro.",
    ),
    internal_tasks=(
        "Forecast bis {day} anpassen",
        "{company} um einen Termin mit der Leitung bitten",
        "{seats} alte Deals aufräumen",
    ),
    internal_lines=(
        "Fangen wir mit den Deals an, die diesen Monat abschließen.",
        "{company} sieht gut aus, die Unterschrift erwarte ich am {day}.",
        "Was könnte da noch schiefgehen?",
        "Der Einkauf. Beim nächsten Gespräch hätte ich gern jemanden dabei.",
        "Dann setz es vorerst auf {percent} Prozent, nächste Woche sehen wir weiter.",
    ),
    comments=(
        "Starke Fragen am Anfang!",
        "Bitte das Budget am Deal eintragen.",
        "Gutes Beispiel für die Einarbeitung.",
    ),
    feedback=("Ziele erfragt", "Budget und Entscheidung besprochen", "Nächster Schritt mit Datum vereinbart"),
    days=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag"),
)
