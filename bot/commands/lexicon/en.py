"""The English words of commands, filters and dates."""

from bot.commands.lexicon.words import Span, Words

EN = Words(
    commands={
        "calls": "calls",
        "meetings": "meetings",
        "call": "call",
        "meeting": "meeting",
        "digest": "digest",
        "digests": "digest",
        "uploads": "uploads",
        "upload": "uploads",
        "search": "search",
        "find": "search",
        "stats": "stats",
        "statistics": "stats",
        "why": "why",
        "status": "status",
        "help": "help",
        "-help": "help",
        "?": "help",
    },
    topics={
        "dates": "dates",
        "date": "dates",
        "range": "dates",
        "ranges": "dates",
        "filters": "filters",
        "filter": "filters",
        "domains": "domains",
        "domain": "domains",
    },
    digest={
        "add": "add",
        "list": "list",
        "remove": "remove",
        "delete": "remove",
        "pause": "pause",
        "resume": "resume",
        "preview": "preview",
    },
    digest_options={"at": "at", "on": "on", "tz": "tz", "timezone": "tz", "empty": "empty", "live": "live"},
    languages={"en": "en", "de": "de", "english": "en", "german": "de", "deutsch": "de"},
    uploads={"on": "on", "auto": "auto", "off": "off", "status": "status"},
    filters={
        "owner": "owner",
        "scope": "scope",
        "type": "type",
        "language": "language",
        "lang": "language",
        "direction": "direction",
        "outcome": "outcome",
        "sort": "sort",
    },
    values={
        "scope": {"external": "external", "internal": "internal", "all": "all"},
        "direction": {
            "inbound": "inbound",
            "incoming": "inbound",
            "in": "inbound",
            "outbound": "outbound",
            "outgoing": "outbound",
            "out": "outbound",
        },
        "sort": {"oldest": "oldest", "newest": "newest"},
    },
    days_ago={"today": 0, "yesterday": 1},
    this=("this",),
    last=("last", "past"),
    since=("since",),
    to=("to", "until"),
    periods={"week": "week", "month": "month", "quarter": "quarter", "year": "year"},
    units={
        "days": Span(days=1),
        "day": Span(days=1),
        "weeks": Span(days=7),
        "week": Span(days=7),
        "months": Span(months=1),
        "month": Span(months=1),
        "quarters": Span(months=3),
        "quarter": Span(months=3),
        "years": Span(months=12),
        "year": Span(months=12),
    },
    short_units={"d": Span(days=1), "w": Span(days=7), "m": Span(months=1), "y": Span(months=12)},
    months={
        name: number
        for number, names in enumerate(
            (
                ("january", "jan"),
                ("february", "feb"),
                ("march", "mar"),
                ("april", "apr"),
                ("may",),
                ("june", "jun"),
                ("july", "jul"),
                ("august", "aug"),
                ("september", "sep", "sept"),
                ("october", "oct"),
                ("november", "nov"),
                ("december", "dec"),
            ),
            start=1,
        )
        for name in names
    },
    weekdays={
        name: number
        for number, names in enumerate(
            (
                ("monday", "mon"),
                ("tuesday", "tue", "tues"),
                ("wednesday", "wed"),
                ("thursday", "thu", "thur", "thurs"),
                ("friday", "fri"),
                ("saturday", "sat"),
                ("sunday", "sun"),
            )
        )
        for name in names
    },
    day_groups={
        "weekdays": (0, 1, 2, 3, 4),
        "weekends": (5, 6),
        "weekend": (5, 6),
        "daily": (0, 1, 2, 3, 4, 5, 6),
    },
    halves={"am": 0, "pm": 12},
)
