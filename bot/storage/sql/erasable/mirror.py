"""What the mirror and the table of customers keep of a subject."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime

from bot.model.erasure import About, Links, Plan, Removal
from bot.storage.columns import json_text, moment_text
from bot.storage.erasable import Matcher
from bot.storage.sql.erasable.rows import ErasableRows, delete
from bot.storage.sql.mirror_removal import remove


class Mirror(ErasableRows):
    """The ids of what is erased stay, so that the next reading of Kickscale doesn't copy it again."""

    name = "mirror"
    tables = (
        "mirror",
        "mirror_domains",
        "mirror_people",
        "mirror_records",
        "mirror_transcripts",
        "mirror_words",
        "mirror_text",
        *(f"mirror_text_{part}" for part in ("config", "content", "data", "docsize", "idx")),
        "mirror_parts",
        *(f"mirror_parts_{part}" for part in ("config", "data", "docsize", "idx")),
    )

    def find(self, matcher: Matcher, _known: Links) -> Links:
        if matcher.subject.about is not About.DOMAIN:
            return Links()
        # A conversation with other customers too is not certainly the subject's: a message about it may be about them.
        domains: defaultdict[str, list[str]] = defaultdict(list)
        of_all = "select m.conversation, d.domain from mirror m join mirror_domains d on d.conversation = m.id"
        for row in self._tx.fetch(of_all):
            domains[row["conversation"]].append(row["domain"])
        return Links(conversations=frozenset(id_ for id_, of in domains.items() if all(map(matcher.covers, of))))

    def plan(self, matcher: Matcher, known: Links, _busy: Links) -> Plan:
        return Plan(tuple(sorted({*self._named(matcher), *self._of_conversations(known)})))

    def _of_conversations(self, known: Links) -> Iterator[int]:
        sql = "select id from mirror where conversation in (select value from json_each(?))"
        yield from (row["id"] for row in self._tx.fetch(sql, [json_text(list(known.conversations))]))

    def _named(self, matcher: Matcher) -> Iterator[int]:
        """Yield the conversations with the customer or the person. Content that only mentions them says little."""
        match matcher.subject.about:
            case About.DOMAIN:
                domains = self._tx.fetch("select conversation, domain from mirror_domains")
                yield from (row["conversation"] for row in domains if matcher.covers(row["domain"]))
            case About.USER:
                addresses = self._tx.fetch("select distinct address from mirror_people")
                theirs = json_text([row["address"] for row in addresses if matcher.occurs_in(row["address"])])
                sql = "select conversation from mirror_people where address in (select value from json_each(?))"
                yield from (row["conversation"] for row in self._tx.fetch(sql, [theirs]))

    def forget(self, rows: Collection[int], _removal: Removal) -> None:
        if not rows:
            return
        where, values = "id in (select cast(value as bigint) from json_each(?))", [json_text(list(rows))]
        erased = f"select conversation from mirror where {where}"  # noqa: S608 no text from outside
        sql = f"insert into mirror_erased (conversation) {erased} on conflict do nothing"
        self._tx.execute(sql, values)
        remove(self._tx, where, values)

    def forget_before(self, moment: datetime) -> int:
        """Forget what hasn't been read from Kickscale since then: it is read again and again while it is there."""
        before = [moment_text(moment)]
        self._tx.execute("delete from mirror_days where read_at < ?", before)
        return remove(self._tx, "read_at < ?", before)


class Customers(ErasableRows):
    name = "customers"
    tables = ("customers", "customer_names", "customer_people")

    def plan(self, matcher: Matcher, _known: Links, _busy: Links) -> Plan:
        match matcher.subject.about:
            case About.DOMAIN:
                customers = self._tx.fetch("select domain from customers")
                return Plan(tuple(row["domain"] for row in customers if matcher.covers(row["domain"])))
            case About.USER:
                addresses = self._tx.fetch("select distinct address from customer_people")
                return Plan(tuple(row["address"] for row in addresses if matcher.occurs_in(row["address"])))
        return Plan()

    def forget(self, rows: Collection[str], _removal: Removal) -> None:
        """Forget the customers with these domains, and the people with these addresses."""
        delete(self._tx, "customer_people", "address", rows)
        self._forget("domain in (select value from json_each(?))", json_text(list(rows)))

    def forget_before(self, moment: datetime) -> int:
        return self._forget("read_at < ?", moment_text(moment))

    def _forget(self, where: str, value: str) -> int:
        for table in ("customer_names", "customer_people"):
            self._tx.execute(f"delete from {table} where customer in (select id from customers where {where})", [value])  # noqa: S608
        return self._tx.execute(f"delete from customers where {where}", [value])  # noqa: S608
