"""The cards of live subscriptions: one for each conversation and channel, kept forever."""

from collections.abc import Iterable
from typing import Any

from bot.model.digests import Card
from bot.storage.columns import fields_of, json_text, moment_text, read_moment
from bot.storage.transaction import Connection


class Cards:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, channel: str, conversation: str) -> Card | None:
        """Return a conversation's card in a channel."""
        cards = await self._where("channel = ? and conversation = ?", channel, conversation)
        return cards[0] if cards else None

    async def of(self, conversations: Iterable[str]) -> list[Card]:
        """Return the cards of these conversations, in all channels."""
        return await self._where("conversation in (select value from json_each(?))", json_text(list(conversations)))

    async def put(self, card: Card) -> None:
        """Write a card down, in place of what was known of it."""
        row = {name: getattr(card, name) for name in Card.__dataclass_fields__}
        row["posted_at"] = moment_text(card.posted_at)
        await self._connection.write(lambda tx: tx.put("cards", row, key=["channel", "conversation"]))

    async def _where(self, where: str, *values: Any) -> list[Card]:
        sql = f"select * from cards where {where} order by posted_at, channel"  # noqa: S608 no text from outside
        rows = await self._connection.read(lambda tx: tx.fetch(sql, values))
        return [Card(**{**fields_of(Card, row), "posted_at": read_moment(row["posted_at"])}) for row in rows]
