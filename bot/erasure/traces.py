"""Finds and forgets what the stores keep: each is asked again until none finds anything new.

These functions run within one snapshot or one transaction of the database.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import reduce
from operator import or_

from bot.erasure.matcher import SubjectMatcher
from bot.model.audit import AuditRow
from bot.model.erasure import About, Links, Removal, Subject, Traces
from bot.model.messages import Posted
from bot.storage.erasable import Erasables, Matcher

NOBODY = SubjectMatcher(Subject(About.DOMAIN, ()))


def find_traces(stores: Erasables, matcher: Matcher) -> Traces:
    """Return everything that is kept of a subject.

    What belongs together is found together: an upload, the messages about it, and the offer that it came from. Whatever
    a job is in the middle of is left to it, since only the job knows whether it has posted something.
    """
    subject = matcher.subject
    linked = (stores.messages, *stores.copies)
    start = Links(conversations=frozenset(subject.values)) if subject.about is About.CONVERSATION else Links()
    known = _follow(start, lambda links: (store.find(matcher, links) for store in linked))
    busy = _follow(Links(), lambda links: (store.find_busy(links) for store in linked))
    return _plan(stores, matcher, stores.messages.plan(matcher, known, busy), known, busy)


def find_old(stores: Erasables, moment: datetime) -> Traces:
    """Return the messages that were posted before that, with the copies that are of no use without them."""
    return _plan(stores, NOBODY, stores.messages.posted_before(moment), Links(), Links())


def forget_traces(
    stores: Erasables, traces: Traces, people: Collection[str], records: Iterable[AuditRow], changed: AuditRow
) -> None:
    """Forget all of it, except messages that are still in Slack.

    `people` are forgotten in rows that stay, `records` are appended to the audit, and so is `changed` for each
    subscription and channel that changes.
    """
    for row in records:
        stores.record(row)
    removal = Removal(stores.messages.forget(traces.messages), frozenset(people), changed)
    for store in stores.copies:
        store.forget(traces.rows.get(store.name, ()), removal)


def forget_old_copies(stores: Erasables, moment: datetime) -> dict[str, int]:
    """Forget the copies that are older; return how many they were, by the name of their store."""
    counts = {store.name: store.forget_before(moment) for store in stores.copies}
    return {name: count for name, count in counts.items() if count}


def _follow(known: Links, ask: Callable[[Links], Iterable[Links]]) -> Links:
    while (more := reduce(or_, ask(known), known)) != known:
        known = more
    return known


def _plan(stores: Erasables, matcher: Matcher, messages: Mapping[int, Posted], known: Links, busy: Links) -> Traces:
    known |= Links(removed=frozenset((posted.channel, posted.ts) for posted in messages.values() if posted.ts))
    plans = {store.name: store.plan(matcher, known, busy) for store in stores.copies}
    return Traces(
        messages=messages,
        shared=sum(map(matcher.is_shared, messages.values())),
        rows={name: plan.rows for name, plan in plans.items() if plan.rows},
        under_way=tuple(line for plan in plans.values() for line in plan.under_way),
    )
