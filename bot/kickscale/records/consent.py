"""Whether everybody consented to a recording, from a field whose values and structure are undocumented. Pure.

It fails closed: a single `no` outweighs everything, and anything that isn't fully understood is not a `yes`.
"""

import re

from bot.kickscale.records.shapes import leaves, spaced

_NO = re.compile(
    r"\b(?:n|no|not|non|none|never|without|false|off|nein|nicht|nie|kein\w*|ohne"
    r"|refus\w*|den(?:y|ie|ia)\w*|declin\w*|reject\w*|withdr\w*|withh\w*|revo[ck]\w*|disa\w*|dissent\w*|object\w*"
    r"|oppos\w*|prohibit\w*|forbid\w*|abgelehnt|ablehn\w*|lehnt\w*|verweiger\w*|wider\w*|untersag\w*"
    r"|opt\w*(?: \w+)? out|opt\w*out)\b"
)
_OPTED_IN = re.compile(r"\bopt(?:ed|s)? ?in\b")
_YES = re.compile(
    r"yes|y|ja|j|true|1|ok|okay|given|gave|grant(?:ed|s)?|consent(?:ed|s)|agree[ds]?|accept(?:ed|s)?|approved?"
    r"|allow(?:ed|s)?|permitted|obtained|confirmed|erteilt|gegeben|zugestimmt|eingewilligt|einverstanden|akzeptiert"
    r"|genehmigt|erlaubt"
)
_BESIDE = re.compile(
    r"all|every|everyone|everybody|each|both|participants?|attendees?|speakers?|customers?|part(?:y|ies)|persons?"
    r"|people|users?|hosts?|guests?|of|the|on|by|to|for|in|with|and|was|were|is|are|has|have|had|been|recording"
    r"|recorded|call|meeting|consent|explicit(?:ly)?|verbal(?:ly)?|written|full|fully|status|state|value|gdpr|dsgvo"
    r"|alle[nr]?|die|der|das|zur|teilnehmer\w*|haben|hat|wurde|ist|sind|aufnahme|aufzeichnung|einwilligung|zustimmung"
)
"""Words next to which a yes is still clear."""
_AGREED = {
    *("consent", "with consent", "not required", "not needed", "not necessary", "no objection", "no objections"),
    *("nicht erforderlich", "keine einwände"),
}
"""Phrases that would be misread word by word."""
_ASIDE = re.compile(
    r"(?:.* )?(?:ids?|names?|e?mail|phone|date|time|timestamp|at|on|by|url|version|method|source|language|type|role"
    r"|domain|required|requested)"
)
"""Keys whose value needn't be a yes, as long as another one is."""


def consent(value: object) -> str:
    """Return `yes`, `no`, `unclear` if the value isn't understood, or nothing if there is none. Never raises."""
    answers = {_leaf(name, leaf) for name, leaf in leaves(value)}
    fallback = "unclear" if "aside" in answers else ""
    return next((answer for answer in ("no", "unclear", "yes") if answer in answers), fallback)


def _leaf(name: str, value: object) -> str:
    """Return what a single value at the path `name` means; `aside` if it is about something else."""
    if value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip()):
        return ""
    key = name.rpartition(": ")[2]
    plain = spaced(value) if isinstance(value, str) else ""
    if value in (0, 1):
        plain = f"{key} yes" if value else "no"
    statement = " ".join(re.findall(r"\w+", plain.casefold()))
    if statement in _AGREED:
        return "yes"
    if statement == "0" or _NO.search(f"{name} {statement}"):
        return "no"
    if "…" in name:
        return "unclear"  # the key was cut: the rest of it may be a no
    words = _OPTED_IN.sub("yes", statement).split()
    is_known = all(_YES.fullmatch(word) or _BESIDE.fullmatch(word) for word in words)
    if is_known and any(map(_YES.fullmatch, words)):
        return "yes"
    return "aside" if _ASIDE.fullmatch(key) else "unclear"
