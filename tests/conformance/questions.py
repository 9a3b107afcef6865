"""Questions to keep."""

from datetime import date

from bot.model.commands import Days, Filters, ListCommand
from bot.model.conversation import Kind, Scope
from bot.model.questions import Question, Shareable
from tests.clock import MONDAY_MORNING

LIST = ListCommand(
    kind=Kind.CALL,
    days=Days(date(2026, 11, 16), date(2026, 11, 22)),
    domains=("acme.com", "*.example.com"),
    filters=Filters(
        owner_user="U1",
        scope=Scope.ALL,
        type="Discovery",
        language="de",
        direction="inbound",
        outcome="won",
        words=("price", "“quoted”"),
        oldest_first=True,
    ),
)


def question(command: Shareable, id_: str = "q") -> Question:
    return Question(id=id_, command=command, timezone="Europe/Berlin", user="U1", channel="C1", asked_at=MONDAY_MORNING)
