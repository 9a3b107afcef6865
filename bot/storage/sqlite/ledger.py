"""Every message that the bot posted, which conversations are in it, and which customers it is about."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bot.model.audit import AuditRow
from bot.model.messages import Posted
from bot.storage.sqlite.audit_chain import append
from bot.storage.sqlite.columns import moment_text, read_moment
from bot.storage.sqlite.connection import Connection

if TYPE_CHECKING:
    from sqlite_utils import Database

OF_CONVERSATION = "id in (select message from message_conversations where conversation = ?)"


class Ledger:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, posted: Posted, noted: AuditRow | None = None) -> bool:
        """Whether it is written down now; False where its key is known already, and then nothing changes.

        `noted` is remembered with it.
        """
        return await self._connection.write(lambda db: _add(db, posted, noted))

    async def learn(
        self, channel: str, ts: str, conversations: Iterable[str] = (), domains: Iterable[str] = (), by: str = ""
    ) -> None:
        """What was posted there has been edited, and is about these too; `by` is who had it edited."""
        await self._connection.write(lambda db: _learn(db, channel, ts, conversations, domains, by))

    async def by_key(self, key: str) -> Posted | None:
        found = await self._connection.read(lambda db: _where(db, "key = ?", key))
        return found[0] if found else None

    async def of_conversation(self, id: str) -> list[Posted]:  # noqa: A002
        """Every message that this conversation is in, the oldest first."""
        return await self._connection.read(lambda db: _where(db, OF_CONVERSATION, id))


def _add(db: "Database", posted: Posted, noted: AuditRow | None) -> bool:
    if db.table("messages").count_where("key = ?", [posted.key]):
        return False
    row = {
        "key": posted.key,
        "channel": posted.channel,
        "ts": posted.ts,
        "kind": posted.kind,
        "posted_at": moment_text(posted.posted_at),
        "by": posted.by,
        "file": posted.file,
    }
    message = db.table("messages").insert(row, pk="id").last_pk
    db.table("message_conversations").insert_all(
        {"message": message, "position": position, "conversation": conversation}
        for position, conversation in enumerate(posted.conversations)
    )
    _add_domains(db, message, posted.domains)
    if noted is not None:
        append(db, noted)
    return True


def _learn(  # noqa: PLR0917 what an edit may tell
    db: "Database", channel: str, ts: str, conversations: Iterable[str], domains: Iterable[str], by: str
) -> None:
    for row in list(db.table("messages").rows_where("channel = ? and ts = ?", [channel, ts])):
        message = row["id"]
        inside = list(db.table("message_conversations").rows_where("message = ?", [message]))
        known = {each["conversation"] for each in inside}
        db.table("message_conversations").insert_all(
            {"message": message, "position": position, "conversation": each}
            for position, each in enumerate((each for each in conversations if each not in known), len(inside))
        )
        _add_domains(db, message, domains)
        if by:
            db.table("messages").update(message, {"by": by})


def _add_domains(db: "Database", message: Any, domains: Iterable[str]) -> None:
    rows = [{"message": message, "domain": domain} for domain in dict.fromkeys(domains)]
    db.table("message_domains").insert_all(rows, ignore=True)


def _where(db: "Database", where: str, value: str) -> list[Posted]:
    return [_posted(db, row) for row in db.table("messages").rows_where(where, [value], order_by="posted_at, id")]


def _posted(db: "Database", row: dict[str, Any]) -> Posted:
    message = row.pop("id")
    inside = db.table("message_conversations").rows_where("message = ?", [message], order_by="position")
    conversations = tuple(each["conversation"] for each in inside)
    named = db.table("message_domains").rows_where("message = ?", [message], order_by="rowid")
    domains = tuple(each["domain"] for each in named)
    posted_at = read_moment(row["posted_at"])
    return Posted(**{**row, "conversations": conversations, "domains": domains, "posted_at": posted_at})
