"""Whether the recording was agreed to. The API's own words for it are not documented, so several are understood."""

import re

from bot.errors import GoneError
from bot.models import Conversation

_REFUSED = {
    "refused",
    "denied",
    "declined",
    "rejected",
    "withdrawn",
    "revoked",
    "abgelehnt",
    "verweigert",
    "widerrufen",
}
_NO = {"no", "false", "0", "nein", "no consent", "not given", "not granted", "without consent", "opt out", "opted out"}


def is_refused(conversation: Conversation) -> bool:
    said = " ".join(re.findall(r"\w+", conversation.consent.casefold().replace("_", " ")))
    return said in _NO or not _REFUSED.isdisjoint(said.split())


def require_consent(conversation: Conversation) -> None:
    """Raises GoneError where the recording was refused: its transcript and recording are not given out."""
    if is_refused(conversation):
        raise GoneError("withheld", conversation.id)
