"""The customers of the conversations that were read: whose they are, and when the last contact was."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domains import EVERY, matches_any
from bot.model.access import Sight
from bot.model.customers import Contact, Customer
from bot.storage.columns import json_text, moment_text, read_moment
from bot.storage.transaction import Connection, Transaction

# A row is only ever changed by a later contact: conversations are read in any order, and again.
LEARN = """
    insert into customers (domain, last_at, read_at) values (:domain, :at, :read_at)
    on conflict (domain) do update set
        last_at = case when customers.last_at < :at then :at else customers.last_at end,
        read_at = case when customers.read_at < :read_at then :read_at else customers.read_at end
"""
LEARN_NAME = """
    insert into customer_names (customer, name, last_at)
    select id, :name, :at from customers where domain = :domain
    on conflict (customer, name) do update set last_at = :at where customer_names.last_at < :at
"""
LEARN_PERSON = """
    insert into customer_people (customer, address, last_at)
    select id, :address, :at from customers where domain = :domain
    on conflict (customer, address) do update set last_at = :at where customer_people.last_at < :at
"""
ERASED = "select conversation from mirror_erased where conversation in (select value from json_each(?))"
NAMES = "select customer, name from customer_names order by customer, last_at desc, name"
REVISION = """
    select (select count(*) from customers) as customers, (select coalesce(max(id), 0) from customers) as latest,
        (select count(*) from customer_names) as names, (select coalesce(max(rowid), 0) from customer_names) as name,
        (select count(*) from customer_people where address = ?) as own
"""


class Customers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def learn(self, contacts: Iterable[Contact], read_at: datetime) -> None:
        """Add what some conversations say about their customers."""
        said = tuple(contacts)

        def write(tx: Transaction) -> None:
            erased = {row["conversation"] for row in tx.fetch(ERASED, [json_text([c.conversation for c in said])])}
            # Together: nobody else can write meanwhile, and each statement may take a round trip.
            latest: dict[str, datetime] = {}
            names: dict[tuple[str, str], datetime] = {}
            people: dict[tuple[str, str], datetime] = {}
            for contact in said:
                if contact.conversation in erased:
                    continue
                domain, at = contact.domain, contact.at
                latest[domain] = max(at, latest.get(domain, at))
                if contact.name:
                    names[domain, contact.name] = max(at, names.get((domain, contact.name), at))
                for address in sorted(contact.people):
                    people[domain, address] = max(at, people.get((domain, address), at))
            read = moment_text(read_at)
            tx.execute_many(LEARN, [{"domain": d, "at": moment_text(at), "read_at": read} for d, at in latest.items()])
            rows = [{"domain": d, "name": name, "at": moment_text(at)} for (d, name), at in names.items()]
            tx.execute_many(LEARN_NAME, rows)
            rows = [{"domain": d, "address": address, "at": moment_text(at)} for (d, address), at in people.items()]
            tx.execute_many(LEARN_PERSON, rows)

        if said:
            await self._connection.write(write)

    async def revision(self, sight: Sight) -> tuple[int, ...]:
        """Return what changes when a customer, a name, or somebody's customer is added or removed."""

        (row,) = await self._connection.read(lambda tx: tx.fetch(REVISION, [sight.address]))
        return tuple(row.values())

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
        sql = f"select max({moment}) as at from {source} where {where}"  # noqa: S608 no text from outside
        (row,) = await self._connection.read(lambda tx: tx.fetch(sql, values))
        return read_moment(row["at"]) if row["at"] else None

    async def known(self, sight: Sight) -> list[Customer]:
        """Return the customers of conversations within this sight, the latest contact first."""
        everybody = "select id, domain, last_at as contact_at from customers"
        own = (
            "select c.id, c.domain, p.last_at as contact_at from customers c "
            "join customer_people p on p.customer = c.id and p.address = ?"
        )
        sees_all = sight.conversations == "all"
        sql = f"{everybody if sees_all else own} order by contact_at desc, domain"

        def find(tx: Transaction) -> list[Customer]:
            if not sees_all and not sight.address:
                return []
            rows = tx.fetch(sql, [] if sees_all else [sight.address])
            names: defaultdict[int, list[str]] = defaultdict(list)
            for row in tx.fetch(NAMES):
                names[row["customer"]].append(row["name"])
            return [Customer(row["domain"], tuple(names[row["id"]]), read_moment(row["contact_at"])) for row in rows]

        customers = await self._connection.read_at_once(find)
        bound = sight.customers
        return [known for known in customers if bound is None or matches_any(bound, [known.domain])]


def _is_any_of(patterns: Sequence[str]) -> tuple[str, list[str]]:
    """Return the SQL for a domain that one of these covers, as `bot.domains.matches` says it, and its values."""
    if EVERY in patterns:
        return "1 = 1", []
    exact = json_text([pattern.removeprefix("*.") for pattern in patterns])
    below = [f"%{pattern[1:].replace('_', '!_')}" for pattern in patterns if pattern.startswith("*.")]
    conditions = ["c.domain in (select value from json_each(?))", *("c.domain like ? escape '!'" for _ in below)]
    return f"({' or '.join(conditions)})", [exact, *below]
