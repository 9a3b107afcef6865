"""Who is in a channel, and how long that is cached."""

from typing import Any

from bot.access.audience import Audience
from bot.access.policy import Policy
from bot.model.access import AccessRules
from bot.model.people import Listeners, Person
from tests.clock import ManualClock

ROBIN = Person("U1", team="T1")
GUEST = Person("U2", team="T1", is_guest=True)


class Slack:
    """A Slack in which somebody joins the channel during each of the first `joiners` requests."""

    def __init__(self, joiners: int) -> None:
        self.joiners = joiners
        self.asked = 0
        self.audience: Audience | None = None
        self.channels = self

    async def get_listeners(self, channel: str) -> Listeners:
        self.asked += 1
        people = (ROBIN, GUEST) if self.asked > 1 else (ROBIN,)
        if self.asked <= self.joiners and self.audience is not None:
            self.audience.forget(channel)
        return Listeners(people, is_shared=False)


def audience_of(slack: Any) -> Audience:
    audience = Audience(slack, Policy(AccessRules()), Any, ManualClock())  # type: ignore[arg-type]  # not asked
    slack.audience = audience
    return audience


async def test_people_who_join_while_slack_is_asked_are_not_missed() -> None:
    """The members are read again."""
    slack = Slack(joiners=1)
    assert await audience_of(slack).why_held("C1") == "guest"
    assert slack.asked == 2


async def test_if_people_keep_joining_the_last_result_is_used_once() -> None:
    """It isn't cached."""
    slack = Slack(joiners=1_000)
    listening = audience_of(slack)
    assert await listening.why_held("C1") == "guest"
    asked = slack.asked
    assert asked < 10
    slack.joiners = 0
    assert await listening.why_held("C1") == await listening.why_held("C1") == "guest"
    assert slack.asked == asked + 1
