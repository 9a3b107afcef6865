"""Every message that the bot posted, and which conversations, customers and upload it is about."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bot.model.audit import AuditRow
from bot.model.messages import Posted
from bot.storage.sqlite.audit_chain import append
from bot.storage.sqlite.columns import fetch, moment_text, read_moment
from bot.storage.sqlite.connection import Connection

if TYPE_CHECKING:
    from sqlite_utils import Database

OF_CONVERSATION = "id in (select message from message_conversations where conversation = ?)"


class Ledger:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, posted: Posted, noted: AuditRow | None = None) -> bool:
        """Record a message, and with it an audit row; False, and nothing is written, if its key is known already."""
        return await self._connection.write(lambda db: _add(db, posted, noted))

    async def learn(
        self, channel: str, ts: str, conversations: Iterable[str] = (), domains: Iterable[str] = (), by: str = ""
    ) -> None:
        """Record that a message was edited and is about these too; `by` is who had it edited."""
        await self._connection.write(lambda db: _learn(db, channel, ts, conversations, domains, by))

    async def by_key(self, key: str) -> Posted | None:
        """Return the message that was recorded under this key."""
        messages = await self._connection.read(lambda db: read_messages(db, "key = ?", [key]))
        return next(iter(messages.values()), None)

    async def of_conversation(self, id: str) -> list[Posted]:  # noqa: A002
        """Return every message that this conversation is in, oldest first."""
        messages = await self._connection.read(
            lambda db: read_messages(db, OF_CONVERSATION, [id], order_by="posted_at, id")
        )
        return list(messages.values())


def read_messages(
    db: "Database", where: str = "1", values: Sequence[str] = (), order_by: str = "id"
) -> dict[int, Posted]:
    """Return the messages of which this condition holds, by the ids of their rows."""
    of_these = f"message in (select id from messages where {where})"  # noqa: S608 no text from outside
    conversations: defaultdict[int, list[str]] = defaultdict(list)
    for row in db.table("message_conversations").rows_where(of_these, values, order_by="message, position"):
        conversations[row["message"]].append(row["conversation"])
    domains: defaultdict[int, list[str]] = defaultdict(list)
    for row in db.table("message_domains").rows_where(of_these, values, order_by="rowid"):
        domains[row["message"]].append(row["domain"])
    uploads = {row["message"]: row for row in db.table("message_uploads").rows_where(of_these, values)}
    return {
        row["id"]: Posted(
            channel=row["channel"],
            ts=row["ts"],
            kind=row["kind"],
            key=row["key"],
            conversations=tuple(conversations[row["id"]]),
            posted_at=read_moment(row["posted_at"]),
            by=row["by"],
            file=row["file"],
            domains=tuple(domains[row["id"]]),
            upload=uploads[row["id"]]["upload"] if row["id"] in uploads else None,
            is_upload_message=row["id"] in uploads and bool(uploads[row["id"]]["is_own"]),
        )
        for row in db.table("messages").rows_where(where, values, order_by=order_by)
    }


def _add(db: "Database", posted: Posted, noted: AuditRow | None) -> bool:
    added = fetch(
        db,
        "insert into messages (key, channel, ts, kind, posted_at, by, file) values (?, ?, ?, ?, ?, ?, ?) "
        "on conflict (key) do nothing returning id",
        [
            posted.key,
            posted.channel,
            posted.ts,
            posted.kind,
            moment_text(posted.posted_at),
            posted.by,
            posted.file,
        ],
    )
    if not added:
        return False
    message = added[0]["id"]
    _add_conversations(db, message, posted.conversations)
    _add_domains(db, message, posted.domains)
    if posted.upload is not None:
        link = {"message": message, "upload": posted.upload, "is_own": int(posted.is_upload_message)}
        db.table("message_uploads").insert(link, replace=True)
    if noted is not None:
        append(db, noted)
    return True


def _learn(  # noqa: PLR0917 what an edit may add
    db: "Database", channel: str, ts: str, conversations: Iterable[str], domains: Iterable[str], by: str
) -> None:
    for row in list(db.table("messages").rows_where("channel = ? and ts = ?", [channel, ts])):
        message = row["id"]
        inside = list(db.table("message_conversations").rows_where("message = ?", [message]))
        known = {row["conversation"] for row in inside}
        new = (conversation for conversation in conversations if conversation not in known)
        _add_conversations(db, message, new, start=len(inside))
        _add_domains(db, message, domains)
        if by:
            db.table("messages").update(message, {"by": by})


def _add_conversations(db: "Database", message: int, conversations: Iterable[str], start: int = 0) -> None:
    rows = [(message, position, conversation) for position, conversation in enumerate(conversations, start)]
    db.conn.executemany("insert into message_conversations (message, position, conversation) values (?, ?, ?)", rows)


def _add_domains(db: "Database", message: int, domains: Iterable[str]) -> None:
    rows = [(message, domain) for domain in domains]
    db.conn.executemany("insert or ignore into message_domains (message, domain) values (?, ?)", rows)
