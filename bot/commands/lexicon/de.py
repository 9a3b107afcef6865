"""The German words of commands, filters and dates. Umlauts can also be written out: `märz`, `maerz`."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from bot.commands.lexicon.words import Span, Words
from bot.tools.spelling import fold

T = TypeVar("T")
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def _spelled(words: Iterable[str]) -> tuple[str, ...]:
    """Return the folded words, and those with umlauts also without them."""
    return tuple(
        dict.fromkeys(spelling for word in map(fold, words) for spelling in (word, word.translate(_WRITTEN_OUT)))
    )


def _table(entries: Mapping[str, T]) -> dict[str, T]:
    """Return a table by all spellings of its words; an entry may have several words with a space between them."""
    return {spelling: meaning for words, meaning in entries.items() for spelling in _spelled(words.split())}


def _numbered(names: Iterable[str], start: int) -> dict[str, int]:
    return _table({words: number for number, words in enumerate(names, start)})


_EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)

DE = Words(
    commands=_table(
        {
            "anrufe anrufen telefonate telefonaten": "calls",
            "meetings termine terminen besprechungen": "meetings",
            "anruf telefonat": "call",
            "meeting termin besprechung": "meeting",
            "digest digests tagesüberblick tagesüberblicke": "digest",
            "uploads hochladen aufnahmen": "uploads",
            "suche suchen such finde finden": "search",
            "kunden": "customers",
            "statistik statistiken zahlen": "stats",
            "warum wieso weshalb": "why",
            "status": "status",
            "hilfe befehle": "help",
            "folgen folge abonnieren abonniere": "follow",
            "entfolgen entfolge abbestellen abbestelle": "unfollow",
        }
    ),
    topics=_table(
        {
            "zeiträume zeitraum datum daten tage": "dates",
            "filter filtern": "filters",
            "domains domänen kunde": "domains",
        }
    ),
    fillers=_spelled(
        (
            *(
                "zeig",
                "zeige",
                "zeigen",
                "mir",
                "uns",
                "gib",
                "bitte",
                "danke",
                "hallo",
                "ich",
                "wir",
                "möchte",
                "will",
            ),
            *("hätte", "gern", "gerne", "brauche", "kannst", "du", "mal", "doch", "liste", "auflisten", "anzeigen"),
            *("mit", "von", "vom", "für", "bei", "beim", "und", "oder", "zu", "zum", "zur", "aus", "über", "zwischen"),
            *("der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "alle", "allen"),
            *(
                "unsere",
                "unseren",
                "unser",
                "im",
                "am",
                "an",
                "auf",
                "nach",
                "während",
                "welche",
                "welchen",
                "was",
                "wer",
            ),
            *("gab", "gibt", "es", "war", "waren", "sind", "ist", "hatte", "hatten", "haben", "habe", "nur"),
            *("kunde", "firma", "kunden", "firmen", "gespräche", "gesprächen", "aller", "alles"),
            *("wann", "wie", "viele", "wurde", "wurden", "hat", "gesprochen", "moin", "servus"),
        )
    ),
    search_fillers=_spelled(("nach", "über", "zu", "zum", "zur")),
    joining=_spelled(("und", "oder", "mit", "von", "für", "bitte", "danke")),
    finding=("finde", "finden"),
    mine=("meine", "meinen", "meiner", "mein"),
    me=("ich", "mir", "mich"),
    by=_spelled(("von", "mit", "bei", "für", "und")),
    authors=("von",),
    showing=("zeig", "zeige", "zeigen", "gib", "geben", "anzeigen", "bitte", "mal", "du", "kannst"),
    latest=("letzte", "letzten", "letzter", "neueste", "neuesten"),
    setting_up=("schalte", "schalt", "schalten", "mach", "mache", "richte", "schick", "schicke", "erstelle"),
    digest=_table(
        {
            "anlegen hinzufügen neu neuer neuen": "add",
            "liste auflisten zeigen zeige anzeigen": "list",
            "entfernen entferne löschen lösche beenden stopp stoppen": "remove",
            "pausieren pausiere anhalten": "pause",
            "fortsetzen fortfahren weiter": "resume",
            "vorschau": "preview",
        }
    ),
    digest_options=_table({"um": "at", "am": "on", "zeitzone": "tz", "leer": "empty", "live": "live"}),
    every=_spelled(("jeden", "jede", "jeder", "jedes", "immer")),
    weekly=_spelled(("wöchentlich",)),
    mornings=_spelled(("morgen", "morgens", "früh", "vormittag", "vormittags")),
    everyone=("alle", "allen", "aller"),
    times=_table({"mittag mittags": 12, "mitternacht": 0}),
    time_fillers=("uhr",),
    languages=_table({"deutsch": "de", "englisch": "en"}),
    uploads=_table({"an ein einschalten": "on", "automatisch": "auto", "aus ausschalten": "off", "status": "status"}),
    filters=_table(
        {
            "zuständig besitzer": "owner",
            "umfang": "scope",
            "art typ": "type",
            "sprache": "language",
            "richtung": "direction",
            "ergebnis": "outcome",
            "sortierung": "sort",
            "wörter": "words",
        }
    ),
    values={
        "scope": _table({"extern externe": "external", "intern interne": "internal", "alle": "all"}),
        "direction": _table({"eingehend eingehende": "inbound", "ausgehend ausgehende": "outbound"}),
        "sort": _table({"älteste": "oldest", "neueste": "newest"}),
    },
    bare_values=_table(
        {
            "eingehend eingehende eingehenden": "direction:inbound",
            "ausgehend ausgehende ausgehenden": "direction:outbound",
            "intern interne internen": "scope:internal",
            "extern externe externen": "scope:external",
            "älteste ältesten": "sort:oldest",
            "neueste neuesten": "sort:newest",
            "deutsch deutsche deutschen": "language:de",
            "englisch englische englischen": "language:en",
        }
    ),
    first=("zuerst",),
    days_ago=_table({"heute": 0, "gestern": 1, "vorgestern": 2}),
    this=_spelled(("diese", "diesen", "dieser", "dieses", "diesem", "laufende", "laufenden", "aktuelle", "aktuellen")),
    last=_spelled(
        (
            *("letzte", "letzten", "letzter", "letztes", "letztem", "vorige", "vorigen", "voriger", "voriges"),
            *("vergangene", "vergangenen", "vergangener", "vergangenes", "vorherige", "vorherigen"),
        )
    ),
    before_last=("vorletzte", "vorletzten", "vorletzter", "vorletztes"),
    since=("seit", "ab"),
    after=("nach",),
    beginning=("anfang", "beginn"),
    start=("von", "vom"),
    to=("bis",),
    between=("zwischen",),
    both=("und",),
    until_now=("jetzt", "dato"),
    ago=(),
    before=("vor",),
    ahead=_spelled(
        (
            *("morgen", "übermorgen", "nächste", "nächsten", "nächster", "nächstes", "nächstem"),
            *("kommende", "kommenden", "kommender", "kommendes", "zukünftig", "zukünftige"),
        )
    ),
    hence=("in",),
    to_date=_table(
        {
            "jahresbeginn jahresanfang": "year",
            "quartalsbeginn quartalsanfang": "quarter",
            "monatsbeginn monatsanfang": "month",
            "wochenbeginn wochenanfang": "week",
        }
    ),
    numbered=_table({"quartal": "quarter", "halbjahr": "half", "kw kalenderwoche woche": "week"}),
    date_fillers=("der", "die", "das", "den", "dem", "des", "im", "am", "zum"),
    numbers=_table(
        {
            "ein eine einen einem einer": 1,
            "zwei": 2,
            "drei": 3,
            "vier": 4,
            "fünf": 5,
            "sechs": 6,
            "sieben": 7,
            "acht": 8,
            "neun": 9,
            "zehn": 10,
            "elf": 11,
            "zwölf": 12,
        }
    ),
    ordinals=_table(
        {
            "erste ersten erster erstes": 1,
            "zweite zweiten zweiter zweites": 2,
            "dritte dritten dritter drittes": 3,
            "vierte vierten vierter viertes": 4,
        }
    ),
    day_parts=_spelled(("morgen", "früh", "vormittag", "mittag", "nachmittag", "abend", "nacht")),
    periods=_table({"woche": "week", "monat monats": "month", "quartal quartals": "quarter", "jahr jahres": "year"}),
    ranges={
        "this-week": "diese-woche",
        "last-week": "letzte-woche",
        "this-month": "diesen-monat",
        "last-month": "letzten-monat",
        "this-quarter": "dieses-quartal",
        "last-quarter": "letztes-quartal",
        "this-year": "dieses-jahr",
        "last-year": "letztes-jahr",
        "last-units": "letzte-{count}-{unit}",
    },
    units=_table(
        {
            "tage tagen tag tages": Span(days=1),
            "wochen woche": Span(days=7),
            "monate monaten monat": Span(months=1),
            "quartale quartalen quartal": Span(months=3),
            "jahre jahren jahr": Span(months=12),
        }
    ),
    short_units={"t": Span(days=1), "j": Span(months=12)},
    months=_numbered(
        (
            "januar jänner jän",
            "februar feber",
            "märz mär mrz",
            "april",
            "mai",
            "juni",
            "juli",
            "august",
            "september",
            "oktober okt",
            "november",
            "dezember dez",
        ),
        start=1,
    ),
    weekdays=_numbered(
        (
            "montag mo",
            "dienstag di",
            "mittwoch mi",
            "donnerstag do",
            "freitag fr",
            "samstag sonnabend sa",
            "sonntag so",
        ),
        start=0,
    ),
    plural_weekdays=_numbered(
        ("montags", "dienstags", "mittwochs", "donnerstags", "freitags", "samstags sonnabends", "sonntags"), start=0
    ),
    day_groups=_table(
        {
            "werktags werktage werktagen werktag wochentags": (0, 1, 2, 3, 4),
            "wochenende wochenenden wochenends": (5, 6),
            "täglich tag": _EVERY_DAY,
        }
    ),
    halves=_table({"morgens früh vormittags": 0, "nachmittags abends": 12}),
    short_weekdays=frozenset(("mo", "di", "mi", "do", "fr", "sa", "so")),
)
