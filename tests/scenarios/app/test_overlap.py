"""A deployment: the new process starts before the old one stops, and each command is answered once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox.slack import EmbeddedSlack
from tests.scenarios.cli.processes import PATIENCE, process, ready, services, stop
from tests.world import LEA, ROBIN, SALES

PEOPLE = (ROBIN, LEA)


class Typing:
    """People who type one command after another, each about another customer."""

    def __init__(self, slack: EmbeddedSlack) -> None:
        self._slack = slack
        self.typed: dict[str, str] = {}
        """By the customers of the commands: how Slack said that a command failed, or empty."""

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Let everybody type the next command whenever they have an answer, and the last one at the end."""
        is_over = asyncio.Event()

        async def type_on(user: str) -> None:
            while not is_over.is_set():
                domain = await self.ask(user)
                await self.answered(domain)

        async with asyncio.TaskGroup() as group:
            for user in PEOPLE:
                group.create_task(type_on(user))
            try:
                yield
            finally:
                is_over.set()

    async def ask(self, user: str = ROBIN) -> str:
        """Type a command, and return its customer."""
        domain = f"n{len(self.typed):04}.example.com"
        self.typed[domain] = "not acknowledged"
        delivery = await self._slack.command(user, SALES, f"/kickscale calls {domain}")
        self.typed[domain] = delivery.error
        return domain

    async def answered(self, domain: str) -> None:
        """Wait until it is, unless Slack said that it failed."""
        await self._slack.wait_for(lambda: self.typed[domain] or self.answers()[domain], PATIENCE)

    async def typed_more(self, count: int) -> None:
        """Wait until so many more commands were typed."""
        wanted = len(self.typed) + count
        await self._slack.wait_for(lambda: len(self.typed) >= wanted, PATIENCE)

    def answers(self) -> Counter[str]:
        """Return how many answers there are about each customer."""
        texts = [self._slack.text(message, user) for user in PEOPLE for message in self._slack.ephemerals(SALES, user)]
        return Counter(domain for domain in self.typed for text in texts if domain in text)


async def test_each_command_is_answered_once_while_the_new_process_replaces_the_old_one(tmp_path: Path) -> None:
    """Both are connected for a while, and Slack gives each command to one of them.

    What Slack sends while the old one hangs up can't be acknowledged (RFC 6455, section 5.5.1). That is at most one
    command of each person here, and Slack tells them.
    """
    async with services() as (slack, _, environment):
        typing = Typing(slack)
        async with process(tmp_path, "run", **environment) as old, process(tmp_path, "run", **environment) as new:
            await ready(old)
            async with typing.going_on():
                await ready(new)
                await slack.wait_for(lambda: len(slack.sockets.connections) == 2, PATIENCE)
                await typing.typed_more(10)
                before = set(typing.typed)
                await stop(old)
                meanwhile = set(typing.typed)
                await typing.typed_more(10)
            await stop(new)
    failed = {domain for domain, error in typing.typed.items() if error}
    answers = typing.answers()
    assert {domain: answers[domain] for domain in typing.typed if domain not in failed} == dict.fromkeys(
        typing.typed.keys() - failed, 1
    )
    assert all(answers[domain] <= 1 for domain in failed), "one that was written down is answered even so"
    assert len(failed) <= len(PEOPLE)
    assert failed <= meanwhile - before | set(sorted(before)[-len(PEOPLE) :]), "only those of that moment"


async def test_a_plain_restart_loses_only_what_is_typed_while_nothing_runs(tmp_path: Path) -> None:
    """Slack says so to whoever types then; all before and after that is answered once."""
    async with services() as (slack, _, environment):
        typing = Typing(slack)
        wanted = []
        for _ in range(2):
            async with process(tmp_path, "run", **environment) as bot:
                await ready(bot)
                wanted.append(await typing.ask())
                await typing.answered(wanted[-1])
                await stop(bot)
            lost = await typing.ask()
            assert typing.typed[lost], "Slack says that nothing answers"
    assert typing.answers() == Counter(wanted)
