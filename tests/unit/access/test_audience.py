"""Who is listening: what is known of it, and for how long."""

from typing import Any

from bot.access.audience import Audience
from bot.access.policy import Policy
from bot.model.access import AccessRules
from bot.model.people import Listeners, Person
from tests.clock import ManualClock

ROBIN = Person("U1", team="T1")
GUEST = Person("U2", team="T1", is_guest=True)


class Slack:
    """While it is asked, somebody comes, as often as `joiners` says."""

    def __init__(self, joiners: int) -> None:
        self.joiners = joiners
        self.asked = 0
        self.audience: Audience | None = None

    async def listeners(self, channel: str) -> Listeners:
        self.asked += 1
        people = (ROBIN, GUEST) if self.asked > 1 else (ROBIN,)
        if self.asked <= self.joiners and self.audience is not None:
            self.audience.forget(channel)
        return Listeners(people, is_shared=False)


def audience(slack: Any) -> Audience:
    made = Audience(slack, Policy(AccessRules()), Any, ManualClock())  # type: ignore[arg-type]  # not asked
    slack.audience = made
    return made


async def test_who_comes_while_slack_is_asked_is_not_missed() -> None:
    """What was found before does not count then: it is asked anew."""
    slack = Slack(joiners=1)
    assert await audience(slack).held("C1") == "guest"
    assert slack.asked == 2


async def test_where_people_keep_coming_what_was_found_last_counts_once() -> None:
    """And is not kept."""
    slack = Slack(joiners=1_000)
    listening = audience(slack)
    assert await listening.held("C1") == "guest"
    asked = slack.asked
    assert asked < 10
    slack.joiners = 0
    assert await listening.held("C1") == await listening.held("C1") == "guest"
    assert slack.asked == asked + 1
