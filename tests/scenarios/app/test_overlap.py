"""A deployment: the new process starts before the old one stops, and no command is lost or answered twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox.slack import EmbeddedSlack
from tests.scenarios.cli.test_cli import PATIENCE, process, ready, services, stop
from tests.world import LEA, ROBIN, SALES

PAUSE = 0.2
"""Real seconds between two commands."""


class Typing:
    """Two people who type one command after another, each about another customer."""

    def __init__(self, slack: EmbeddedSlack) -> None:
        self._slack = slack
        self.typed: dict[str, str] = {}
        """What Slack said to each command's customer: empty if it was acknowledged."""

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Type all the time; at the end, wait for what Slack says to what was typed."""
        is_over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._type(group, is_over))
            try:
                yield
            finally:
                is_over.set()

    async def _type(self, group: asyncio.TaskGroup, is_over: asyncio.Event) -> None:
        while not is_over.is_set():
            group.create_task(self.ask())
            await asyncio.sleep(PAUSE)

    async def ask(self) -> None:
        number = len(self.typed)
        domain = f"n{number:04}.example.com"
        self.typed[domain] = "nobody has acknowledged it"
        user = (ROBIN, LEA)[number % 2]
        delivery = await self._slack.command(user, SALES, f"/kickscale calls {domain}")
        self.typed[domain] = delivery.error

    def answers(self) -> Counter[str]:
        """Return how many answers there are about each customer."""
        texts = [
            self._slack.text(message, user) for user in (ROBIN, LEA) for message in self._slack.ephemerals(SALES, user)
        ]
        return Counter(domain for domain in self.typed for text in texts if domain in text)


async def test_no_command_is_lost_while_the_new_process_replaces_the_old_one(tmp_path: Path) -> None:
    """Both are connected for a while, and Slack gives each command to one of them."""
    async with services() as (slack, _, environment):
        typing = Typing(slack)
        async with process(tmp_path, "run", **environment) as old, process(tmp_path, "run", **environment) as new:
            await ready(old)
            await ready(new)
            async with typing.going_on():
                await slack.wait_for(lambda: len(typing.typed) > 20, PATIENCE)
                assert len(slack.sockets.connections) == 2
                await stop(old)
                before = len(typing.typed)
                await slack.wait_for(lambda: len(typing.typed) > before + 20, PATIENCE)
            acknowledged = {domain for domain, error in typing.typed.items() if not error}
            await slack.wait_for(lambda: acknowledged <= set(typing.answers()), PATIENCE)
            await stop(new)
    assert typing.typed
    assert {domain: error for domain, error in typing.typed.items() if error} == {}
    assert typing.answers() == Counter(typing.typed.keys())


async def test_a_plain_restart_loses_only_what_is_typed_while_nothing_runs(tmp_path: Path) -> None:
    """Slack says so to whoever types then; all before and after that is answered once."""
    async with services() as (slack, _, environment):
        typing = Typing(slack)
        for _ in range(2):
            async with process(tmp_path, "run", **environment) as bot:
                await ready(bot)
                await typing.ask()
                await slack.wait_for(lambda: set(typing.answers()) >= set(list(typing.typed)[-1:]), PATIENCE)
                await stop(bot)
            await typing.ask()
        answered = ["n0000.example.com", "n0002.example.com"]
        assert [domain for domain, error in typing.typed.items() if not error] == answered
        assert all(error for domain, error in typing.typed.items() if domain not in answered)
        assert typing.answers() == Counter(answered)
