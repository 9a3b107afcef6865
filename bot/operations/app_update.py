"""Whether the Slack app has what this version of the bot needs: its scopes and its events.

Slack tells an app's scopes with each answer, but not which events it is subscribed to. So the database keeps which
events the version before needed.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.operations.checks.check import Check
from bot.operations.manifest import EVENTS, SCOPES
from bot.slack.auth import Identity
from bot.storage.stores import FactStore

log = logging.getLogger(__name__)

FACT = "slack.events"
EVENTS_UNTIL_0_2 = frozenset(
    {"app_mention", "channel_shared", "file_shared", "message.channels", "message.groups", "member_joined_channel"}
)
"""The events that earlier versions needed, which didn't write them down."""
NEW_FOR = timedelta(days=30)
"""How long the doctor mentions new events."""
UPDATE = "Paste this version's manifest (`kickscale-bot manifest`) under App Manifest in the app's settings"


async def note_update(facts: FactStore, clock: Clock, identity: Identity | None, *, is_new: bool) -> None:
    """Log what the Slack app lacks, as far as that is known, and write down which events this version needs.

    `identity` is the answer of Slack, if there was one. `is_new` says that no version used the database before.
    """
    if identity is not None and (missing := missing_scopes(identity.scopes)):
        log.warning("the Slack app lacks the scopes %s. %s, then reinstall the app", ", ".join(missing), UPDATE)
    stored = await facts.get(FACT)
    known = EVENTS if is_new else EVENTS_UNTIL_0_2 if stored is None else stored[0]["events"]
    if stored is None or set(known) != set(EVENTS):
        new = sorted(set(EVENTS) - set(known))
        await facts.set(FACT, {"events": sorted(EVENTS), "new": new}, clock.now())
        if new:
            log.warning("this version needs events that the one before didn't: %s. %s", ", ".join(new), UPDATE)


def missing_scopes(granted: Iterable[str]) -> list[str]:
    """Return the scopes that this version needs and the app lacks; none if it isn't known which it has."""
    return sorted(set(SCOPES).difference(granted)) if granted else []


def check_events(stored: tuple[Any, datetime] | None, now: datetime, *, is_new: bool) -> list[Check]:
    """Return a note about events that are new with this version, if it hasn't been in use for long.

    `stored` is what `note_update` wrote to the database, and when. `is_new` says that there is no database yet.
    """
    if is_new:
        return []
    if stored is None:
        new = sorted(set(EVENTS) - EVENTS_UNTIL_0_2)
    elif now - stored[1] > NEW_FOR:
        return []
    else:
        new = sorted({*(set(EVENTS) - set(stored[0]["events"])), *stored[0]["new"]})
    if not new:
        return []
    return [
        Check(
            "slack events",
            ok=True,
            detail=f"new with this version: {', '.join(new)}",
            remedy=f"{UPDATE}, unless you did so: Slack doesn't tell.",
        )
    ]
