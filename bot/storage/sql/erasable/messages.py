"""What the ledger of messages keeps of a subject."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property

from bot.model.erasure import About, Links, Subject
from bot.model.messages import Place, Posted
from bot.storage.columns import moment_text
from bot.storage.erasable import GONE, Matcher
from bot.storage.sql.erasable.rows import delete
from bot.storage.sql.ledger import add_conversations, add_domains, read_messages
from bot.storage.transaction import Transaction

NAMING = ("offer", "upload")
"""The kinds of messages that name recordings."""
SAME = "id = ? and key = ?"
"""When a message has been forgotten, its id may later be another's."""


class Messages:
    tables = ("messages", "message_conversations", "message_domains", "message_uploads")

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    @cached_property
    def _posted(self) -> dict[int, Posted]:
        return read_messages(self._tx)

    def find(self, matcher: Matcher, known: Links) -> Links:
        messages = self._find(matcher, known).values()
        return Links(
            places=frozenset((posted.channel, posted.ts) for posted in messages if posted.ts),
            keys=frozenset(posted.key for posted in messages),
            conversations=_certain_conversations(matcher, messages),
            uploads=frozenset(posted.upload for posted in messages if posted.is_upload_message and posted.upload),
        )

    def find_busy(self, _known: Links) -> Links:
        return Links()

    def plan(self, matcher: Matcher, known: Links, busy: Links) -> Mapping[int, Posted]:
        messages = self._find(matcher, known)
        return {id_: posted for id_, posted in messages.items() if not _is_busy(posted, busy)}

    def _find(self, matcher: Matcher, known: Links) -> dict[int, Posted]:
        named = {id_ for id_, posted in self._posted.items() if matcher.is_about(posted)}
        private = {self._posted[id_].channel for id_ in named} | set(matcher.private_channels)

        def is_found(id_: int, posted: Posted) -> bool:
            if id_ in named or posted.upload in known.uploads or (posted.channel, posted.ts) in known.places:
                return True
            # A digest that was withheld from a channel is recorded under its subscription. Not all that is in the same
            # direct message: the subscription may have been made by somebody else.
            is_direct = matcher.subject.about is About.USER and posted.channel.startswith("D")
            return is_direct and (posted.channel in private or posted.by in known.subscriptions)

        return {id_: posted for id_, posted in self._posted.items() if is_found(id_, posted)}

    def posted_before(self, moment: datetime) -> Mapping[int, Posted]:
        # By Slack's clock if there is a ts: ours may have been wrong.
        where = "case ts when '' then posted_at < ? else cast(ts as double precision) < cast(? as double precision) end"
        return {
            id_: posted
            for id_, posted in read_messages(self._tx, where, [moment_text(moment), str(moment.timestamp())]).items()
            if posted.conversations or posted.domains or posted.kind in (*NAMING, GONE)
        }

    def mark_gone(self, id: int, posted: Posted) -> bool:  # noqa: A002
        sql = f"update messages set kind = ? where {SAME}"  # noqa: S608 no text from outside
        return bool(self._tx.execute(sql, [GONE, id, posted.key]))

    def link(self, id: int, posted: Posted, subject: Subject) -> None:  # noqa: A002
        if self._tx.first(f"select id from messages where {SAME}", [id, posted.key]) is None:  # noqa: S608 likewise
            return
        match subject.about:
            case About.DOMAIN:
                add_domains(self._tx, id, subject.values)
            case About.CONVERSATION:
                add_conversations(self._tx, id, subject.values[:1])
            case About.USER:
                self._tx.update("messages", {"by": subject.values[0]}, id=id)

    def forget(self, messages: Mapping[int, Posted]) -> frozenset[Place]:
        gone = {row["id"] for row in self._tx.fetch("select id from messages where kind = ?", [GONE])} & messages.keys()
        for table in self.tables[1:]:
            delete(self._tx, table, "message", gone)
        delete(self._tx, "messages", "id", gone)
        return frozenset((messages[id_].channel, messages[id_].ts) for id_ in gone if messages[id_].ts)


def _certain_conversations(matcher: Matcher, messages: Collection[Posted]) -> frozenset[str]:
    """Return the conversations that are certainly a customer's: those in messages about nothing else."""
    if matcher.subject.about is not About.DOMAIN:
        return frozenset()
    certain = (posted for posted in messages if len(posted.conversations) == 1 or not matcher.is_shared(posted))
    return frozenset(id_ for posted in certain for id_ in posted.conversations)


def _is_busy(posted: Posted, busy: Links) -> bool:
    """Return whether the message is a part of what the bot is in the middle of."""
    return (
        (posted.is_upload_message and posted.upload in busy.uploads)
        or (posted.channel, posted.ts) in busy.places
        or any(posted.key == key or posted.key.startswith(f"{key}:") for key in busy.keys)
    )
