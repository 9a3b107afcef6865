"""Bots that are killed while they answer commands: each acknowledged command is answered once."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.app.database import open_database
from bot.config.settings import Settings
from bot.operations.manifest import EVENTS, SCOPES
from bot.sandbox.kickscale import EmbeddedKickscale
from bot.sandbox.slack import NO_LIMITS, Delivery, EmbeddedSlack, Message, default_world
from bot.storage.queue import LEASE
from tests.clock import MONDAY_MORNING, ManualClock
from tests.databases import database_settings, nobody_writes
from tests.scenarios.digests import lives
from tests.scenarios.digests.lives import Mother, mother
from tests.world import ROBIN, SALES, call, service_settings

PATIENCE = 30.0
"""Real seconds."""
ACK_SECONDS = 8.0
"""Real seconds for an acknowledgement, on a machine that may stall."""
RESTARTED = "I was restarted while answering"

COMMANDS = 3
"""How many are typed at once."""

Until = Callable[[], Coroutine[Any, Any, Any]]


class At:
    """The moment at which a coroutine has ended."""

    def __init__(self, coming: Until) -> None:
        self._coming = coming

    async def moment(self) -> None:
        await self._coming()


@dataclass
class Deaths:
    """Bots between Slack and Kickscale, one after another on the same database."""

    slack: EmbeddedSlack
    kickscale: EmbeddedKickscale
    clock: ManualClock
    settings: Mapping[str, Any]
    bots: Mother

    async def connected(self) -> None:
        await self.slack.wait_for(lambda: self.slack.sockets.connections, PATIENCE)

    async def type_and_kill(self, line: str, until: Until) -> str:
        """Type a command when a bot is there, and kill that then; return how Slack said that the command failed."""
        error = "not sent"

        async def moment() -> None:
            nonlocal error
            await self.connected()
            error = (await self.slack.command(ROBIN, SALES, f"/kickscale {line}")).error
            await until()

        assert not await self.bots.live(self.settings, self.clock.now(), At(moment), "killed")
        return error

    async def live_on(self, after: float = LEASE.total_seconds() + 1) -> None:
        """Let the next bot do what is left to do, so many seconds later."""
        self.slack.faults.clear()
        self.kickscale.faults.clear()
        self.kickscale.release()
        await self.clock.advance(after)
        assert await self.bots.live(self.settings, self.clock.now())

    async def reads_list(self) -> None:
        await self.kickscale.requests.until(lambda _: self.kickscale.hanging > 0)

    async def answers(self) -> None:
        """Wait until Slack has taken the last fault that was ordered, and with it an answer."""
        await self.slack.wait_for(lambda: not self.slack.faults.ordered, PATIENCE)

    def said(self) -> list[Message]:
        return self.slack.ephemerals(SALES, ROBIN)

    def text(self, message: Message) -> str:
        return self.slack.text(message, ROBIN)

    async def kept(self) -> tuple[Any, ...]:
        """Return what the database has of commands, and the subscriptions."""
        database = await open_database(Settings.explicit(**self.settings), create=False)
        try:
            return await database.jobs.open("command"), await database.subscriptions.every()
        finally:
            await database.close()

    async def unfinished(self) -> Mapping[str, int]:
        """Return how many jobs of each kind wait or run."""
        database = await open_database(Settings.explicit(**self.settings), create=False)
        try:
            return await database.jobs.unfinished()
        finally:
            await database.close()


@pytest.fixture
async def deaths(tmp_path: Path) -> AsyncIterator[Deaths]:
    async with dying(tmp_path) as here:
        yield here


@asynccontextmanager
async def dying(folder: Path) -> AsyncIterator[Deaths]:
    clock = ManualClock(MONDAY_MORNING)
    state = default_world(clock, scopes=frozenset(SCOPES))
    state.subscriptions = frozenset(EVENTS)
    async with (
        mother() as bots,
        EmbeddedKickscale(clock, populated=False) as kickscale,
        EmbeddedSlack(clock=clock, limits=NO_LIMITS, state=state, ack_seconds=ACK_SECONDS) as slack,
    ):
        kickscale.add_call(call(1, MONDAY_MORNING))
        settings = {
            **service_settings(slack, kickscale),
            "port": "",
            **database_settings(folder),
        }
        yield Deaths(slack, kickscale, clock, settings, bots)


async def test_a_command_is_answered_by_the_next_bot_if_its_own_dies(deaths: Deaths) -> None:
    """It was acknowledged, so Slack says nothing. Once it is answered, nothing is kept of it."""
    deaths.kickscale.faults.add("/calls", hang=True, times=50)
    assert not await deaths.type_and_kill("calls acme.com", deaths.reads_list)
    assert deaths.said() == []
    ((job,), _) = await deaths.kept()
    assert "acme.com" in job.payload["typed"]
    await deaths.live_on()
    (answer,) = deaths.said()
    assert "1 call with acme.com" in deaths.text(answer)
    assert (await deaths.kept())[0] == []
    await deaths.live_on()
    assert deaths.said() == [answer]


@pytest.mark.parametrize("has_arrived", [True, False])
async def test_an_answer_that_may_be_there_is_not_given_again(deaths: Deaths, has_arrived: bool) -> None:
    """Only the asker can see whether it is, and has a button if it isn't."""
    deaths.slack.faults.add("response_url", hang=True, late=has_arrived)
    assert not await deaths.type_and_kill("calls acme.com", deaths.answers)
    await deaths.live_on()
    *answers, said = deaths.said()
    assert len(answers) == has_arrived
    assert RESTARTED in deaths.text(said)
    assert "[Try again]" in deaths.text(said)
    assert (await deaths.kept())[0] == []


async def test_a_mention_is_answered_by_the_next_bot_if_its_own_dies(deaths: Deaths) -> None:
    """Once, though Slack reports it again if it hadn't been acknowledged."""
    deaths.kickscale.faults.add("/calls", hang=True, times=50)

    async def moment() -> None:
        await deaths.connected()
        await deaths.slack.mention(ROBIN, SALES, "calls acme.com")
        await deaths.reads_list()

    assert not await deaths.bots.live(deaths.settings, deaths.clock.now(), At(moment), "killed")
    assert deaths.said() == []
    await deaths.live_on()
    (answer,) = deaths.said()
    assert "1 call with acme.com" in deaths.text(answer)
    await deaths.live_on()
    assert deaths.said() == [answer]


async def test_an_answer_to_a_mention_that_may_be_there_is_not_given_again(deaths: Deaths) -> None:
    """As for a command."""
    deaths.slack.faults.add("chat.postEphemeral", hang=True, late=True)

    async def moment() -> None:
        await deaths.connected()
        await deaths.slack.mention(ROBIN, SALES, "calls acme.com")
        await deaths.answers()

    assert not await deaths.bots.live(deaths.settings, deaths.clock.now(), At(moment), "killed")
    await deaths.live_on()
    _, said = deaths.said()
    assert RESTARTED in deaths.text(said)


@pytest.mark.parametrize("in_channel", [True, False])
async def test_whoever_clicked_is_told_if_the_bot_died(deaths: Deaths, in_channel: bool) -> None:
    """Another bot can't open what the click would have opened: Slack wants that within three seconds."""
    deaths.kickscale.faults.add("/calls/c1", hang=True, times=50)

    def said() -> list[Message]:
        return deaths.said() if in_channel else deaths.slack.direct_messages(ROBIN)

    async def moment() -> None:
        await deaths.connected()
        if in_channel:
            await deaths.slack.command(ROBIN, SALES, "/kickscale calls acme.com")
        else:
            await deaths.slack.write(ROBIN, "calls acme.com")
        (answer,) = await deaths.slack.wait_for(said, PATIENCE)
        assert not (await deaths.slack.click(ROBIN, answer, "Details")).error
        await deaths.reads_list()

    assert not await deaths.bots.live(deaths.settings, deaths.clock.now(), At(moment), "killed")
    assert len(said()) == 1
    await deaths.live_on()
    _, told = said()
    assert "I was restarted when you clicked" in deaths.text(told)
    assert await deaths.unfinished() == {}
    await deaths.live_on()
    assert len(said()) == 2


async def test_what_a_command_may_have_changed_is_not_changed_again(deaths: Deaths) -> None:
    """The asker is told to look."""
    deaths.slack.faults.add("response_url", hang=True)
    assert not await deaths.type_and_kill("digest add acme.com at 9", deaths.answers)
    await deaths.live_on()
    (said,) = deaths.said()
    assert "I was restarted while doing this" in deaths.text(said)
    assert "[digest list]" in deaths.text(said)
    _, subscriptions = await deaths.kept()
    assert len(subscriptions) == 1


async def test_a_form_that_could_not_be_opened_in_time_is_offered(deaths: Deaths) -> None:
    """What opens it was only good for three seconds, so it takes another click."""
    deaths.slack.faults.add("users.info", hang=True, times=9)
    before = len(deaths.slack.calls)

    async def asks_who_it_is() -> None:
        await deaths.slack.wait_for(lambda: deaths.slack.faults.ordered < 9, PATIENCE)

    assert not await deaths.type_and_kill("uploads auto", asks_who_it_is)
    await deaths.live_on()
    (said,) = deaths.said()
    assert "[uploads auto]" in deaths.text(said)
    assert not [request for request in deaths.slack.calls[before:] if request.method == "views.open"]


async def test_a_command_that_is_too_old_is_dropped(deaths: Deaths) -> None:
    """Slack takes no answer after half an hour."""
    deaths.kickscale.faults.add("/calls", hang=True, times=50)
    assert not await deaths.type_and_kill("calls acme.com", deaths.reads_list)
    before = len(deaths.slack.calls)
    await deaths.live_on(after=1_800)
    assert not [request for request in deaths.slack.calls[before:] if request.method == "response_url"]
    assert (await deaths.kept())[0] == []


async def test_a_command_that_was_not_acknowledged_is_not_answered(deaths: Deaths) -> None:
    """Slack says so to the person, who types it again."""
    async with AsyncExitStack() as stack:

        async def moment() -> None:
            await deaths.connected()
            stack.enter_context(nobody_writes(Settings.explicit(**deaths.settings)))
            deaths.slack.ack_seconds = 1  # it waits in vain
            typing.append(asyncio.create_task(deaths.slack.command(ROBIN, SALES, "/kickscale calls acme.com")))
            await asyncio.sleep(0.2)

        typing: list[asyncio.Task[Delivery]] = []
        assert not await deaths.bots.live(deaths.settings, deaths.clock.now(), At(moment), "killed")
        assert (await typing[0]).error
    await deaths.live_on()
    assert deaths.said() == []


# ---- killed anywhere -------------------------------------------------------------------------------------------------


async def answer_while_killed(deaths: Deaths, seed: int) -> int:
    """Have people type commands to bots that are killed anywhere, and return how many were killed."""
    chance = random.Random(seed)
    typed: dict[str, asyncio.Task[Delivery]] = {}
    killed = 0
    for life in range(chance.randint(1, 3)):

        async def moment(life: int = life) -> None:
            await deaths.connected()
            death = lives.Kill(chance, deaths.slack, COMMANDS)  # each has an answer
            for number in range(COMMANDS):
                domain = f"n{seed}-{life}-{number}.example.com"
                line = f"/kickscale calls {domain}"
                typed[domain] = asyncio.create_task(deaths.slack.command(ROBIN, SALES, line))
            await death.moment()

        killed += not await deaths.bots.live(deaths.settings, deaths.clock.now(), At(moment), "killed")
        await deaths.clock.advance(chance.choice([1, 60]))
    await deaths.live_on()
    for domain, typing in typed.items():
        about = [message for message in deaths.said() if domain in str(message.blocks)]
        asked_back = [message for message in about if RESTARTED in deaths.text(message)]
        answers = len(about) - len(asked_back)
        assert answers <= 1, domain
        assert len(asked_back) <= 1, domain
        assert about or (await typing).error, f"{domain} was acknowledged, and never answered"
    assert (await deaths.kept())[0] == []
    return killed


async def test_killed_bots_answer_each_acknowledged_command_once(deaths: Deaths) -> None:
    """Wherever they are killed."""
    assert sum([await answer_while_killed(deaths, seed) for seed in range(3)])


@pytest.mark.soak
async def test_hundreds_of_killed_bots_answer_each_acknowledged_command_once(deaths: Deaths) -> None:
    """The same, until two hundred have been killed."""
    killed = 0
    for seed in itertools.count(100):
        killed += await answer_while_killed(deaths, seed)
        if killed >= 200:
            break
