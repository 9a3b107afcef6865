"""How fresh an answer from the mirror is."""

from bot.model.mirror import Freshness
from bot.render.kit import times
from bot.texts import Texts


def freshness_notes(texts: Texts, freshness: Freshness) -> list[str]:
    """Return, as mrkdwn, as of when an answer is, and what may still be missing from it."""
    notes = []
    if freshness.missing:
        notes.append(texts("mirror.filling", done=freshness.days - freshness.missing, days=freshness.days))
    if freshness.newest is not None:
        notes.append(texts("mirror.as_of", at=times.moment(texts, freshness.newest)))
    return notes
