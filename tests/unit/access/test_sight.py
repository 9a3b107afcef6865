"""What a database finds within somebody's sight is what they may see, conversation conversation at a time."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.access.policy import Policy
from bot.mirror.copies import copy
from bot.model.access import AccessRules, Capability, Holders
from bot.model.conversation import Conversation, Kind, Owner, Participant, Scope, Utterance
from bot.model.mirror import Untranscribed, Wanted
from bot.model.people import Person, Viewer
from bot.storage.sqlite import Database
from tests.clock import MONDAY_MORNING as NOW

ADDRESSES = st.sampled_from(["", "robin@example.com", "Robin@Example.com", "groß@example.com", "gross@example.com"])
DOMAINS = st.sampled_from(["acme.com", "eu.acme.com", "notacme.com"])
PATTERNS = st.sampled_from(["acme.com", "*.acme.com", "eu.acme.com", "*", "other.example"])
HOLDERS = st.builds(
    Holders,
    st.frozensets(st.sampled_from(["all", "own", "self", "admins", "nobody"]), max_size=2),
    st.frozensets(st.sampled_from(["U1", "S1", "U2"]), max_size=1),
)
CONVERSATIONS = st.builds(
    lambda owner, others, domains, is_internal: Conversation(
        "",
        Kind.CALL,
        starts_at=NOW,
        owner=Owner(email=owner),
        participants=tuple(Participant(email=address) for address in others),
        customer_domains=tuple(domains),
        is_internal=is_internal,
    ),
    ADDRESSES,
    st.lists(ADDRESSES, max_size=2),
    st.lists(DOMAINS, max_size=2, unique=True),
    st.booleans(),
)
RULES = st.builds(
    lambda by_kickscale, internal, transcripts, bound, admins: AccessRules(
        by_kickscale=by_kickscale,
        holders={Capability.INTERNAL: internal, Capability.TRANSCRIPT: transcripts},
        bound={} if bound is None else {"C1": tuple(bound)},
        admins=admins,
    ),
    st.booleans(),
    HOLDERS,
    HOLDERS,
    st.none() | st.lists(PATTERNS, min_size=1, max_size=2),
    st.frozensets(st.sampled_from(["U1", "S1", "U2"]), max_size=1),
)
VIEWERS = st.builds(
    lambda address, groups: Viewer(Person("U1", "T1", email=address), "C1", groups),
    ADDRESSES,
    st.frozensets(st.just("S1")),
)


@settings(max_examples=5)
@given(
    st.lists(CONVERSATIONS, min_size=1, max_size=12),
    st.lists(st.tuples(RULES, VIEWERS), min_size=20, max_size=20),
)
def test_a_sight_is_the_policy(found: list[Conversation], asked: list[tuple[AccessRules, Viewer]]) -> None:
    """Which conversations are found, and the transcripts of which, whatever the rules are and whoever asks."""
    conversations = [conversation.replace(id=f"c{number}") for number, conversation in enumerate(found)]

    async def check() -> None:
        with tempfile.TemporaryDirectory() as folder:
            database = await Database.open(Path(folder) / "bot.db")
            try:
                await check_all(database)
            finally:
                await database.close()

    async def check_all(database: Database) -> None:
        copies = [copy(conversation, is_internal=conversation.is_internal) for conversation in conversations]
        await database.mirror.merge(copies, None, NOW)
        for known in copies:
            await database.mirror.transcribe(Untranscribed(known.kind, known.id, ""), [Utterance("word")])
        for rules, viewer in asked:
            policy = Policy(rules)
            sight = policy.sight(viewer)
            seen = [found for found in conversations if policy.why_hidden(viewer, found) is None]
            figures = await database.mirror.figures(Wanted(scope=Scope.ALL), sight)
            assert {figure.id for figure in figures} == {found.id for found in seen}
            readable = {found.id for found in seen if policy.has(viewer, Capability.TRANSCRIPT, found)}
            hits = await database.mirror.search(["word"], Wanted(scope=Scope.ALL), sight, skip=0, count=20)
            assert {hit.id for hit in hits.hits} == readable

    asyncio.run(check())
