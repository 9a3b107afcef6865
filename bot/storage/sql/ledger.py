"""Every message that the bot posted, and which conversations, customers and upload it is about."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from bot.model.audit import AuditRow
from bot.model.messages import Posted
from bot.storage.columns import moment_text, read_moment
from bot.storage.sql.audit_chain import append
from bot.storage.transaction import Connection, Transaction

ADD_CONVERSATION = "insert into message_conversations (message, position, conversation) values (?, ?, ?)"
OF_CONVERSATION = "id in (select message from message_conversations where conversation = ?)"


class Ledger:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, posted: Posted, noted: AuditRow | None = None) -> bool:
        """Record a message, and with it an audit row; False, and nothing is written, if its key is known already."""
        return await self._connection.write(lambda tx: _add(tx, posted, noted))

    async def learn(
        self, channel: str, ts: str, conversations: Iterable[str] = (), domains: Iterable[str] = (), by: str = ""
    ) -> None:
        """Record that a message was edited and is about these too; `by` is who had it edited."""
        await self._connection.write(lambda tx: _learn(tx, channel, ts, conversations, domains, by))

    async def by_key(self, key: str) -> Posted | None:
        """Return the message that was recorded under this key."""
        messages = await self._connection.read(lambda tx: read_messages(tx, "key = ?", [key]))
        return next(iter(messages.values()), None)

    async def of_conversation(self, id: str) -> list[Posted]:  # noqa: A002
        """Return every message that this conversation is in, oldest first."""
        messages = await self._connection.read(
            lambda tx: read_messages(tx, OF_CONVERSATION, [id], order_by="posted_at, id")
        )
        return list(messages.values())


def read_messages(
    tx: Transaction, where: str = "1 = 1", values: Sequence[str] = (), order_by: str = "id"
) -> dict[int, Posted]:
    """Return the messages of which this condition holds, by the ids of their rows."""
    of_these = f"message in (select id from messages where {where})"  # noqa: S608 no text from outside
    conversations: defaultdict[int, list[str]] = defaultdict(list)
    sql = f"select * from message_conversations where {of_these} order by message, position"  # noqa: S608 likewise
    for row in tx.fetch(sql, values):
        conversations[row["message"]].append(row["conversation"])
    domains: defaultdict[int, list[str]] = defaultdict(list)
    for row in tx.fetch(f"select * from message_domains where {of_these} order by rowid", values):  # noqa: S608
        domains[row["message"]].append(row["domain"])
    links = tx.fetch(f"select * from message_uploads where {of_these}", values)  # noqa: S608
    uploads = {row["message"]: row for row in links}
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
        for row in tx.fetch(f"select * from messages where {where} order by {order_by}", values)  # noqa: S608
    }


def _add(tx: Transaction, posted: Posted, noted: AuditRow | None) -> bool:
    added = tx.first(
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
    if added is None:
        return False
    message = added["id"]
    places = enumerate(posted.conversations)
    tx.execute_many(ADD_CONVERSATION, [(message, position, conversation) for position, conversation in places])
    add_domains(tx, message, posted.domains)
    if posted.upload is not None:
        link = {"message": message, "upload": posted.upload, "is_own": int(posted.is_upload_message)}
        tx.put("message_uploads", link, key=["message"])
    if noted is not None:
        append(tx, noted)
    return True


def _learn(  # noqa: PLR0917 what an edit may add
    tx: Transaction, channel: str, ts: str, conversations: Iterable[str], domains: Iterable[str], by: str
) -> None:
    for row in tx.fetch("select id from messages where channel = ? and ts = ?", [channel, ts]):
        message = row["id"]
        add_conversations(tx, message, conversations)
        add_domains(tx, message, domains)
        if by:
            tx.update("messages", {"by": by}, id=message)


def add_conversations(tx: Transaction, message: int, conversations: Iterable[str]) -> None:
    """Record that a message is about these too, after those that it is known to be about."""
    inside = tx.fetch("select conversation from message_conversations where message = ?", [message])
    known = {row["conversation"] for row in inside}
    new = (conversation for conversation in conversations if conversation not in known)
    rows = [(message, position, conversation) for position, conversation in enumerate(new, len(inside))]
    tx.execute_many(ADD_CONVERSATION, rows)


def add_domains(tx: Transaction, message: int, domains: Iterable[str]) -> None:
    rows = [(message, domain) for domain in domains]
    tx.execute_many("insert into message_domains (message, domain) values (?, ?) on conflict do nothing", rows)
