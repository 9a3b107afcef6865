"""The doctor's check of what the API key can see: the role of the person who created it may limit that."""

import asyncio

from bot.errors import KickscaleError
from bot.kickscale.client import KickscaleClient
from bot.model.conversation import Conversation, Kind, Owner, Scope
from bot.operations.checks.check import Check

SAMPLE = 20
"""How many of the latest conversations of each kind and scope are read."""
TELLING = 5
"""So many conversations of just one person suggest that the key sees no others."""
NAME = "kickscale access"
_ROLE = "create a key as a user with the role Admin, who sees everything, and set KICKSCALE_API_KEY to it."


async def check_sight(client: KickscaleClient) -> list[Check]:
    """Check whose conversations the key can see, and whether it sees internal ones, by a small sample.

    Returns nothing if the sample can't be read: then another check says why.
    """
    lists = [(kind, scope) for kind in (Kind.MEETING, Kind.CALL) for scope in (Scope.EXTERNAL, Scope.INTERNAL)]
    try:
        samples = await asyncio.gather(*(client.latest(kind, scope=scope, count=SAMPLE) for kind, scope in lists))
    except KickscaleError:
        return []
    seen = dict(zip(lists, samples, strict=True))
    everything = [conversation for sample in samples for conversation in sample]
    if not everything:
        return [Check(NAME, ok=True, detail="the key sees no conversations", remedy=f"If there are some, {_ROLE}")]
    counts = ", ".join(f"{_count(sample)} {scope} {kind}s" for (kind, scope), sample in seen.items())
    owners = {_identify(conversation.owner): conversation.owner for conversation in everything}
    owners.pop("", None)
    if len(owners) == 1:
        (owner,) = owners.values()
        whose = f"all of {owner.name or owner.email or owner.id}"
        remedy = f"If others have conversations too, {_ROLE}" if len(everything) >= TELLING else ""
        return [Check(NAME, ok=True, detail=f"of the latest, the key sees {counts}, {whose}", remedy=remedy)]
    whose = f"of {len(owners)} people" if owners else "without their owners"
    return [Check(NAME, ok=True, detail=f"of the latest, the key sees {counts}, {whose}")]


def _count(sample: tuple[Conversation, ...]) -> str:
    return f"{len(sample)}{'+' if len(sample) == SAMPLE else ''}" if sample else "no"


def _identify(owner: Owner) -> str:
    return owner.email or owner.id or owner.name
