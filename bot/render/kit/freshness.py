"""How fresh an answer from the mirror is."""

from datetime import date

from bot.model.mirror import Freshness
from bot.render.kit import times
from bot.texts import Texts


def freshness_notes(texts: Texts, freshness: Freshness, first_copied: date | None = None) -> list[str]:
    """Return, as mrkdwn, as of when an answer is, and what may still be missing from it.

    `first_copied` is the first day that is copied at all, if that is too late for what was asked.
    """
    notes = []
    if first_copied is not None:
        notes.append(texts("mirror.first_copied", day=times.day(texts, first_copied)))
    if freshness.missing:
        notes.append(texts("mirror.filling", done=freshness.days - freshness.missing, days=freshness.days))
    if freshness.newest is not None:
        notes.append(texts("mirror.as_of", at=times.moment(texts, freshness.newest)))
    return notes
