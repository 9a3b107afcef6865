"""What questions and the cards of live subscriptions keep of a subject."""

from collections.abc import Collection
from datetime import datetime

from bot.model.erasure import Links, Plan, Removal
from bot.storage.columns import moment_text, read_json
from bot.storage.erasable import Matcher
from bot.storage.sql.erasable.rows import ErasableRows, delete
from bot.storage.transaction import Row


class Questions(ErasableRows):
    name = "questions"
    tables = ("questions",)

    def plan(self, matcher: Matcher, known: Links, _busy: Links) -> Plan:
        return Plan(
            tuple(row["id"] for row in self._tx.fetch("select * from questions") if _is_of(row, matcher, known))
        )

    def forget(self, rows: Collection[str], _removal: Removal) -> None:
        delete(self._tx, "questions", "id", rows)

    def forget_before(self, moment: datetime) -> int:
        return self._tx.execute("delete from questions where asked_at < ?", [moment_text(moment)])


def _is_of(question: Row, matcher: Matcher, known: Links) -> bool:
    command = read_json(question["command"])
    shown = command.get("show", {}).get("id")
    return shown in known.conversations or matcher.occurs_in(question["user"], command)


class Cards(ErasableRows):
    """Their ids stay, so that a card is not posted again."""

    name = "cards"
    tables = ("cards",)

    def plan(self, _matcher: Matcher, known: Links, _busy: Links) -> Plan:
        rows = self._tx.fetch("select * from cards where ts != '' or shown != '' or seen != ''")
        return Plan(
            tuple(
                (row["channel"], row["conversation"])
                for row in rows
                if row["conversation"] in known.conversations or (row["channel"], row["ts"]) in known.removed
            )
        )

    def forget(self, rows: Collection[tuple[str, str]], _removal: Removal) -> None:
        for key in rows:
            sql = "update cards set ts = '', shown = '', seen = '' where channel = ? and conversation = ?"
            self._tx.execute(sql, key)
