"""What subscriptions keep of a subject: their domains, and who made them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from bot.model.erasure import About, Links, Plan, Removal
from bot.storage.columns import json_text, read_json
from bot.storage.erasable import Matcher
from bot.storage.sql.audit_chain import append
from bot.storage.sql.erasable.rows import ErasableRows, delete
from bot.storage.transaction import Row


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one subscription: it loses its maker, or it keeps only these domains; none remove it."""

    id: str
    domains: tuple[str, ...] = ()
    is_orphaned: bool = False


class Subscriptions(ErasableRows):
    name = "subscriptions"
    tables = ("subscriptions", "digest_conversations")

    @cached_property
    def _subscriptions(self) -> list[Row]:
        return self._tx.fetch("select * from subscriptions")

    def find(self, matcher: Matcher, _known: Links) -> Links:
        return Links(subscriptions=frozenset(row["id"] for row in self._subscriptions if _is_made_by(row, matcher)))

    def plan(self, matcher: Matcher, _known: Links, busy: Links) -> Plan:
        changes = self._without_domains(matcher)
        orphans = (Change(row["id"], is_orphaned=True) for row in self._subscriptions if _is_made_by(row, matcher))
        waiting = sorted(change.id for change in changes if change.id in busy.subscriptions)
        return Plan(
            (*(change for change in changes if change.id not in busy.subscriptions), *orphans),
            tuple(f"subscription {id_}" for id_ in waiting),
        )

    def _without_domains(self, matcher: Matcher) -> list[Change]:
        """Return the changes that let no subscription name the customer any more."""
        if matcher.subject.about is not About.DOMAIN:
            return []
        posted = {_posts(row, read_json(row["domains"])) for row in self._subscriptions}
        changes = []
        for row in self._subscriptions:
            before = tuple(read_json(row["domains"]))
            kept = tuple(domain for domain in before if not matcher.covers(domain))
            if kept == before:
                if any(map(matcher.covers, read_json(row["since_of"]))):
                    changes.append(Change(row["id"], kept))
            elif _posts(row, kept) in posted:  # another one posts the rest anyway
                changes.append(Change(row["id"]))
            else:
                changes.append(Change(row["id"], kept))
                posted.add(_posts(row, kept))
        return changes

    def forget(self, rows: Collection[Change], removal: Removal) -> None:
        for change in rows:
            row = self._tx.first("select * from subscriptions where id = ?", [change.id])
            if row is not None:
                append(self._tx, replace(removal.changed, channel=row["channel"]), change.id)
            if change.is_orphaned:
                self._tx.update("subscriptions", {"created_by": ""}, id=change.id)
            elif not change.domains:
                delete(self._tx, "subscriptions", "id", [change.id])
                # Its digests themselves stay, so that no other subscription ever gets its id.
                delete(self._tx, "digest_conversations", "subscription", [change.id])
            elif row is not None:
                since_of = {domain: at for domain, at in read_json(row["since_of"]).items() if domain in change.domains}
                columns = {"domains": json_text(list(change.domains)), "since_of": json_text(since_of)}
                self._tx.update("subscriptions", columns, id=change.id)


def _is_made_by(subscription: Row, matcher: Matcher) -> bool:
    return matcher.is_person(subscription["created_by"])


def _posts(subscription: Row, domains: Iterable[str]) -> tuple[Any, ...]:
    """Return what it would post where and when, if these were its domains: no two subscriptions post the same."""
    when = () if subscription["live"] else tuple(subscription[name] for name in ("at", "days", "timezone"))
    return subscription["channel"], frozenset(domains), subscription["live"], *when
