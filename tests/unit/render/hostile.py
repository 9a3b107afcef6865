"""Records as somebody would send them who means harm, or an API that changed: any JSON under the names that are read.

By Python's own random numbers, as fifty thousand of them from Hypothesis take an hour.
"""

import random
from typing import Any

from tests.unit.render.samples import NASTY

FIELDS = (
    *("name", "date", "duration", "createdAt", "updatedAt", "summary", "user", "customerDomains", "participants"),
    *("participantEmails", "actionItems", "userQuestions", "insights", "metrics", "transcript", "comments"),
    *("emailDraft", "crmReference", "type", "language", "outcome", "direction", "caller", "callee", "rating"),
    *("feedback", "recordingConsent", "recordingRef", "metadata", "businessEntities", "externalCallId"),
)
KEYS = (
    *("text", "title", "name", "description", "content", "value", "label", "category", "email", "fullName", "subject"),
    *("body", "speaker", "start", "url", "href", "deal", "company", "contact", "assignee", "done", "talkShare", "id"),
    *("firstName", "lastName", "number", "score", "items", "data", "key", "type"),
)
UNKNOWN = "zq"
"""No key that begins with it is known: what shows one has shown a raw object."""
FORGED = (
    *(
        "<!channel>",
        "<!here|here>",
        "<!everyone>",
        "<!subteam^S0SALES001>",
        "<@U0ROBIN001>",
        "<@W1|x>",
        "<#C0SALES001>",
    ),
    *(
        "&lt;!channel&gt;",
        "&amp;lt;!here&amp;gt;",
        "\\u003c!channel\\u003e",
        "<<!channel>>",
        "<!chan\u200bnel>",
        "<\x00!here>",
    ),
    *(
        "<https://evil.example|Kickscale>",
        "<mailto:a@evil.example|mail>",
        "https://evil.example",
        "[Open](https://evil.example)",
    ),
    *(
        "<!date^0^{date}|<!channel>>",
        "*<!here>*",
        "`<!here>`",
        "```<!here>```",
        "|<!here>|",
        "\n> <!channel>",
        "@channel @here",
    ),
    *(
        "<javascript:alert(1)|x>",
        "<!channel",
        "!channel>",
        "\u202e>lennahc!<",
        "\uff1c!channel\uff1e",
        "x" * 5_000 + "<!here>",
    ),
)
LINKS = (
    *("https://recordings.example.com/1?sig=<!channel>", "https://a.example/|x>", "javascript:alert(1)", "https://"),
    *("https://user:pw@evil.example/", "https://evil.example/ <!here>", "https://[::1", "HTTPS://A.example/\u202e"),
    *("https://a.example/" + "a" * 4_000, "https://a.example/*_~`", "ftp://a.example", "//a.example/x"),
)
NUMBERS = (0, -1, 1, 0.5, 3600, 1e308, -1e308, 10**40, float("inf"), float("nan"), True, False, None)
DATES = (
    "2026-11-20T09:00:00Z",
    "0000-00-00",
    "9999-12-31T23:59:59.999999999+14:00",
    "yesterday",
    "2026-02-30",
    "-1",
    "",
)


def record(rng: random.Random) -> dict[str, Any]:
    """One record with an id; its other fields are there or not, of the right shape or any other."""
    fields: dict[str, Any] = {name: _of(rng, name) for name in FIELDS if rng.random() < 0.6}
    if rng.random() < 0.2:
        fields[rng.choice(FIELDS)] = _any(rng, 4)
    return {"id": text(rng)[:200] or "c1", **fields}


def text(rng: random.Random) -> str:
    """A text that forges, breaks or is endless."""
    match rng.randrange(5):
        case 0:
            return rng.choice(FORGED)
        case 1:
            return rng.choice(NASTY)
        case 2:
            return "".join(rng.choice(FORGED + NASTY)[:40] for _ in range(rng.randrange(1, 6)))
        case 3:
            return "".join(chr(rng.randrange(1, 0x3000)) for _ in range(rng.randrange(20)))
        case _:
            return rng.choice(("Renewal", "Größe & Preis", "acme.com", "a@acme.com", "", "inbound", "refused", "de"))


def _of(rng: random.Random, name: str) -> Any:
    """Mostly what belongs under that name."""
    chance = rng.random()
    if chance < 0.15:
        return _any(rng, 3)
    match name:
        case "date" | "createdAt" | "updatedAt":
            return rng.choice(DATES)
        case "duration":
            return rng.choice(NUMBERS)
        case "recordingRef":
            return rng.choice(LINKS)
        case "customerDomains" | "participantEmails" | "userQuestions" | "comments":
            return [text(rng) for _ in range(rng.randrange(4))]
        case "participants" | "actionItems" | "insights" | "transcript":
            return [_object(rng, 2) for _ in range(rng.randrange(5))]
        case "user" | "emailDraft" | "crmReference" | "metrics" | "caller" | "callee" | "feedback":
            return _object(rng, 3)
        case _:
            return text(rng)


def _object(rng: random.Random, depth: int) -> dict[str, Any]:
    fields: dict[str, Any] = {rng.choice(KEYS): _any(rng, depth - 1) for _ in range(rng.randrange(5))}
    if rng.random() < 0.3:
        fields[f"{UNKNOWN}{rng.randrange(100)}"] = _any(rng, depth - 1)
    return fields


def _any(rng: random.Random, depth: int) -> Any:
    chance = rng.random()
    if depth <= 0 or chance < 0.5:
        return text(rng)
    if chance < 0.6:
        return rng.choice(NUMBERS)
    if chance < 0.7:
        return rng.choice(LINKS)
    if chance < 0.85:
        return [_any(rng, depth - 1) for _ in range(rng.randrange(4))]
    return _object(rng, depth)
