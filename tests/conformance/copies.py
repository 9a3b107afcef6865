"""Conversations as the mirror has them, and how they are found and forgotten."""

from dataclasses import replace
from typing import Any

from bot.erasure.matcher import SubjectMatcher
from bot.erasure.traces import find_traces, forget_traces
from bot.model.access import Sight
from bot.model.conversation import Kind, Scope
from bot.model.erasure import About, Subject
from bot.model.mirror import Content, Mirrored, Wanted
from bot.storage.mirror import MirrorStore
from bot.storage.stores import Stores
from tests.clock import MONDAY_MORNING
from tests.world import audit_row

ALL = Sight()
ANY = Wanted(scope=Scope.ALL)
REP = "rep@example.com"


def copy(id_: str, summary: str = "", **changes: Any) -> Mirrored:
    """Return a call with acme.com that began on Monday morning."""
    whole = Mirrored(
        Kind.CALL,
        id_,
        MONDAY_MORNING,
        is_internal=False,
        domains=("acme.com",),
        owner=REP,
        people=frozenset({REP}),
        content=Content(summary=summary),
        record={"id": id_, "summary": summary},
        version="1",
    )
    return replace(whole, **changes)


async def find(mirror: MirrorStore, *words: str, wanted: Wanted = ANY, sight: Sight = ALL) -> list[str]:
    """The ids of what is found; the total is that of the page, since everything is on one."""
    found = await mirror.search(words, wanted, sight, skip=0, count=100)
    assert found.total == len(found.hits)
    return sorted(hit.id for hit in found.hits)


async def forget(stores: Stores, about: About, *values: str) -> None:
    matcher = SubjectMatcher(Subject(about, values), (), [REP])
    traces = await stores.erasures.read(lambda erasables: find_traces(erasables, matcher))
    changed = audit_row("erase")
    await stores.erasures.write(lambda erasables: forget_traces(erasables, traces, (), [], changed))
