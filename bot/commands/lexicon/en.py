"""The English words of commands, filters and dates."""

from bot.commands.lexicon.words import Span, Words

_PERIODS = ("week", "month", "quarter", "year")

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
        "customers": "customers",
        "stats": "stats",
        "statistics": "stats",
        "follow": "follow",
        "unfollow": "unfollow",
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
    fillers=(
        *("show", "me", "us", "give", "get", "see", "view", "open", "display", "list", "tell", "want", "need", "like"),
        *("i", "i'd", "we", "would", "can", "could", "you", "please", "pls", "plz", "thanks", "hi", "hey", "hello"),
        *("with", "from", "for", "of", "and", "or", "at", "by", "to", "about", "between", "&", "+"),
        *("the", "a", "an", "any", "all", "our", "in", "on", "during", "over", "were", "was", "is", "are", "there"),
        *("what", "which", "who", "did", "do", "does", "have", "had", "has", "happened", "recent", "held"),
        *("customer", "company", "client", "account", "conversations", "recordings", "only", "just"),
    ),
    search_fillers=("for", "about"),
    mine=("mine", "my"),
    me=("me", "myself"),
    by=("by", "of", "with", "from", "for", "and"),
    latest=("last", "latest", "newest", "recent"),
    digest={
        "add": "add",
        "create": "add",
        "new": "add",
        "start": "add",
        "list": "list",
        "show": "list",
        "ls": "list",
        "remove": "remove",
        "delete": "remove",
        "rm": "remove",
        "del": "remove",
        "stop": "remove",
        "cancel": "remove",
        "unsubscribe": "remove",
        "pause": "pause",
        "mute": "pause",
        "resume": "resume",
        "unpause": "resume",
        "continue": "resume",
        "preview": "preview",
    },
    digest_options={"at": "at", "on": "on", "tz": "tz", "timezone": "tz", "empty": "empty", "live": "live"},
    every=("every", "each", "weekly"),
    times={"noon": 12, "midday": 12, "midnight": 0},
    time_fillers=("o'clock", "oclock", "hrs", "hours", "h"),
    languages={"en": "en", "de": "de", "english": "en", "german": "de"},
    uploads={
        "on": "on",
        "enable": "on",
        "start": "on",
        "auto": "auto",
        "automatic": "auto",
        "automatically": "auto",
        "off": "off",
        "disable": "off",
        "stop": "off",
        "status": "status",
    },
    filters={
        "owner": "owner",
        "scope": "scope",
        "type": "type",
        "language": "language",
        "lang": "language",
        "direction": "direction",
        "outcome": "outcome",
        "sort": "sort",
        "words": "words",
        "text": "words",
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
    bare_values={
        **dict.fromkeys(("inbound", "incoming"), "direction:inbound"),
        **dict.fromkeys(("outbound", "outgoing"), "direction:outbound"),
        "internal": "scope:internal",
        "external": "scope:external",
        "oldest": "sort:oldest",
        "newest": "sort:newest",
        "english": "language:en",
        "german": "language:de",
    },
    days_ago={"today": 0, "yesterday": 1},
    this=("this", "current"),
    last=("last", "past", "previous"),
    before_last=(),
    since=("since",),
    start=("from",),
    to=("to", "until", "till", "through", "thru"),
    between=("between",),
    both=("and",),
    until_now=("now", "date"),
    ago=("ago",),
    before=(),
    ahead=("tomorrow", "next", "coming", "upcoming", "future"),
    to_date={"ytd": "year", "qtd": "quarter", "mtd": "month", "wtd": "week"},
    numbered={"q": "quarter", "quarter": "quarter", "h": "half", "week": "week", "cw": "week", "w": "week"},
    date_fillers=("the", "of", "in", "on", "during"),
    numbers={
        name: number
        for number, name in enumerate(
            ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), start=1
        )
    },
    periods={period: period for period in _PERIODS},
    ranges={
        **{f"{which}-{period}": f"{which}-{period}" for which in ("this", "last") for period in _PERIODS},
        "last-units": "last-{count}-{unit}",
    },
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
    plural_weekdays={
        name: number
        for number, name in enumerate(
            ("mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays")
        )
    },
    day_groups={
        **dict.fromkeys(("weekdays", "weekday", "workdays", "workday"), (0, 1, 2, 3, 4)),
        **dict.fromkeys(("weekends", "weekend"), (5, 6)),
        **dict.fromkeys(("daily", "day", "everyday"), (0, 1, 2, 3, 4, 5, 6)),
    },
    halves={"am": 0, "pm": 12},
)
