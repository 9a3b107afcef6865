"""Whether a recording was agreed to, out of a field whose words and shape are not documented. Pure.

Fails closed: one `no` within outweighs everything, and what is not wholly understood is no `yes`.
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
"""What a yes may have beside it without becoming doubtful."""
_AGREED = {
    *("consent", "with consent", "not required", "not needed", "not necessary", "no objection", "no objections"),
    *("nicht erforderlich", "keine einwände"),
}
"""Wholes that would be read otherwise, word by word."""
_ASIDE = re.compile(
    r"(?:.* )?(?:ids?|names?|e?mail|phone|date|time|timestamp|at|on|by|url|version|method|source|language|type|role"
    r"|domain|required|requested)"
)
"""Keys of what need not be a yes, as long as something else is."""


def consent(value: object) -> str:
    """`yes`, `no`, `unclear` where something is said that is not understood, empty where nothing is. Never raises."""
    found = {_leaf(name, each) for name, each in leaves(value)}
    return next((each for each in ("no", "unclear", "yes") if each in found), "unclear" if "aside" in found else "")


def _leaf(name: str, value: object) -> str:
    """What one plain value says, under the keys that lead to it; `aside` for what is about something else."""
    if value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip()):
        return ""
    key = name.rpartition(": ")[2]
    told = spaced(value) if isinstance(value, str) else ""
    if value in (0, 1):
        told = f"{key} yes" if value else "no"
    said = " ".join(re.findall(r"\w+", told.casefold()))
    if said in _AGREED:
        return "yes"
    if said == "0" or _NO.search(f"{name} {said}"):
        return "no"
    words = _OPTED_IN.sub("yes", said).split()
    is_known = all(_YES.fullmatch(each) or _BESIDE.fullmatch(each) for each in words)
    if is_known and any(map(_YES.fullmatch, words)):
        return "yes"
    return "aside" if _ASIDE.fullmatch(key) else "unclear"
