"""What the mirror and the table of customers keep of a subject."""

from collections.abc import Collection, Iterator
from datetime import datetime

from bot.model.erasure import About, Links, Plan, Removal
from bot.storage.erasable import Matcher
from bot.storage.sqlite.columns import json_text, moment_text, read_json
from bot.storage.sqlite.erasable.rows import ErasableRows, delete
from bot.storage.sqlite.mirror_removal import forget_words, remove


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
        domains = self._db.execute(
            "select m.conversation, json_group_array(d.domain) from mirror m "
            "join mirror_domains d on d.conversation = m.id group by m.id"
        )
        return Links(conversations=frozenset(id_ for id_, of in domains if all(map(matcher.covers, read_json(of)))))

    def plan(self, matcher: Matcher, known: Links, _busy: Links) -> Plan:
        return Plan(tuple(sorted({*self._named(matcher), *self._of_conversations(known)})))

    def _of_conversations(self, known: Links) -> Iterator[int]:
        listed = "conversation in (select value from json_each(?))"
        rows = self._db.table("mirror").rows_where(listed, [json_text(list(known.conversations))], select="id")
        yield from (row["id"] for row in rows)

    def _named(self, matcher: Matcher) -> Iterator[int]:
        """Yield the conversations with the customer or the person. Content that only mentions them says little."""
        match matcher.subject.about:
            case About.DOMAIN:
                domains = self._db.execute("select conversation, domain from mirror_domains").fetchall()
                yield from (id_ for id_, domain in domains if matcher.covers(domain))
            case About.USER:
                addresses = self._db.execute("select distinct address from mirror_people").fetchall()
                theirs = json_text([address for (address,) in addresses if matcher.occurs_in(address)])
                sql = "select conversation from mirror_people where address in (select value from json_each(?))"
                yield from (id_ for (id_,) in self._db.execute(sql, [theirs]).fetchall())

    def forget(self, rows: Collection[int], _removal: Removal) -> None:
        if not rows:
            return
        where, values = "id in (select value from json_each(?))", [json_text(list(rows))]
        sql = f"insert or ignore into mirror_erased (conversation) select conversation from mirror where {where}"  # noqa: S608
        self._db.execute(sql, values)
        remove(self._db, where, values)
        forget_words(self._db)

    def forget_before(self, moment: datetime) -> int:
        """Forget what hasn't been read from Kickscale since then: it is read again and again while it is there."""
        before = [moment_text(moment)]
        self._db.table("mirror_days").delete_where("read_at < ?", before)
        count = remove(self._db, "read_at < ?", before)
        if count:
            forget_words(self._db)
        return count


class Customers(ErasableRows):
    name = "customers"
    tables = ("customers", "customer_names", "customer_people")

    def plan(self, matcher: Matcher, _known: Links, _busy: Links) -> Plan:
        match matcher.subject.about:
            case About.DOMAIN:
                customers = self._db.table("customers").rows
                return Plan(tuple(row["domain"] for row in customers if matcher.covers(row["domain"])))
            case About.USER:
                addresses = self._db.execute("select distinct address from customer_people").fetchall()
                return Plan(tuple(address for (address,) in addresses if matcher.occurs_in(address)))
        return Plan()

    def forget(self, rows: Collection[str], _removal: Removal) -> None:
        """Forget the customers with these domains, and the people with these addresses."""
        delete(self._db, "customer_people", "address", rows)
        self._forget("domain in (select value from json_each(?))", json_text(list(rows)))

    def forget_before(self, moment: datetime) -> int:
        return self._forget("read_at < ?", moment_text(moment))

    def _forget(self, where: str, value: str) -> int:
        for table in ("customer_names", "customer_people"):
            self._db.table(table).delete_where(f"customer in (select id from customers where {where})", [value])  # noqa: S608
        return int(self._db.execute(f"delete from customers where {where}", [value]).rowcount)  # noqa: S608
