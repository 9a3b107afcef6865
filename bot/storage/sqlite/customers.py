"""The customers of the conversations that were read: whose they are, and when the last contact was."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domains import EVERY, matches_any
from bot.model.access import Sight
from bot.model.customers import Contact, Customer
from bot.storage.sqlite.columns import json_text, moment_text, read_json, read_moment
from bot.storage.sqlite.connection import Connection

if TYPE_CHECKING:
    from sqlite_utils import Database

# A row is only ever changed by a later contact: conversations are read in any order, and again.
LEARN = """
    insert into customers (domain, last_at, read_at) values (:domain, :at, :read_at)
    on conflict (domain) do update set last_at = max(last_at, :at), read_at = max(read_at, :read_at)
"""
LEARN_NAME = """
    insert into customer_names (customer, name, last_at)
    select id, :name, :at from customers where domain = :domain
    on conflict (customer, name) do update set last_at = max(last_at, :at)
"""
LEARN_PERSON = """
    insert into customer_people (customer, address, last_at)
    select id, :address, :at from customers where domain = :domain
    on conflict (customer, address) do update set last_at = max(last_at, :at)
"""
NAMES = (
    "(select json_group_array(name) from "
    "(select name from customer_names n where n.customer = c.id order by n.last_at desc, name))"
)

REVISION = """
    select (select count(*) from customers), (select ifnull(max(id), 0) from customers),
        (select count(*) from customer_names), (select ifnull(max(rowid), 0) from customer_names),
        (select count(*) from customer_people where address = ?)
"""


class Customers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def learn(self, contacts: Iterable[Contact], read_at: datetime) -> None:
        """Add what some conversations say about their customers."""
        said = tuple(contacts)

        def write(db: "Database") -> None:
            for contact in said:
                if db.table("mirror_erased").count_where("conversation = ?", [contact.conversation]):
                    continue
                row = {"domain": contact.domain, "at": moment_text(contact.at), "read_at": moment_text(read_at)}
                db.execute(LEARN, row)
                if contact.name:
                    db.execute(LEARN_NAME, {**row, "name": contact.name})
                for address in sorted(contact.people):
                    db.execute(LEARN_PERSON, {**row, "address": address})

        if said:
            await self._connection.write(write)

    async def revision(self, sight: Sight) -> tuple[int, ...]:
        """Return what changes when a customer, a name, or somebody's customer is added or removed."""

        def count(db: "Database") -> tuple[int, ...]:
            return tuple(db.execute(REVISION, [sight.address]).fetchone())

        return await self._connection.read(count)

    async def last_contact(self, domains: Sequence[str], sight: Sight) -> datetime | None:
        """Return when the latest contact was with any of these customers within this sight."""
        if sight.conversations != "all" and not sight.address:
            return None
        wanted = [_is_any_of(domains), *([] if sight.customers is None else [_is_any_of(sight.customers)])]
        values = [value for _, of_condition in wanted for value in of_condition]
        if sight.conversations == "all":
            source = "customers c"
        else:
            source = "customers c join customer_people p on p.customer = c.id and p.address = ?"
            values.insert(0, sight.address)
        moment = "c.last_at" if sight.conversations == "all" else "p.last_at"
        where = " and ".join(sql for sql, _ in wanted)
        sql = f"select max({moment}) from {source} where {where}"  # noqa: S608 no text from outside
        ((at,),) = await self._connection.read(lambda db: db.execute(sql, values).fetchall())
        return read_moment(at) if at else None

    async def known(self, sight: Sight) -> list[Customer]:
        """Return the customers of conversations within this sight, the latest contact first."""
        everybody = f"select domain, last_at, {NAMES} from customers c"  # noqa: S608 no text from outside
        own = (
            f"select domain, p.last_at as last_at, {NAMES} from customers c "  # noqa: S608 likewise
            "join customer_people p on p.customer = c.id and p.address = ?"
        )
        sees_all = sight.conversations == "all"
        sql = f"{everybody if sees_all else own} order by last_at desc, domain"

        def find(db: "Database") -> list[Customer]:
            if not sees_all and not sight.address:
                return []
            rows = db.execute(sql, [] if sees_all else [sight.address]).fetchall()
            return [Customer(domain, tuple(read_json(names)), read_moment(at)) for domain, at, names in rows]

        customers = await self._connection.read(find)
        bound = sight.customers
        return [known for known in customers if bound is None or matches_any(bound, [known.domain])]


def _is_any_of(patterns: Sequence[str]) -> tuple[str, list[str | int]]:
    """Return the SQL for a domain that one of these covers, as `bot.domains.matches` says it, and its values."""
    if EVERY in patterns:
        return "1", []
    below = [pattern[1:] for pattern in patterns if pattern.startswith("*.")]
    exact = json_text([pattern.removeprefix("*.") for pattern in patterns])
    conditions = ["c.domain in (select value from json_each(?))", *("substr(c.domain, ?) = ?" for _ in below)]
    return f"({' or '.join(conditions)})", [exact, *(value for end in below for value in (-len(end), end))]
