"""The embedded Slack as a process of the benchmarks, with a crowd of people: see `services.slack`."""

import asyncio
import json
import random
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from bot import ids
from bot.operations.manifest import EVENTS, SCOPES
from bot.sandbox.slack import NO_LIMITS, EmbeddedSlack, Message, View, default_world
from bot.sandbox.slack.state import User
from bot.texts import texts_in
from tests.benchmarks.processes import answer_questions
from tests.world import missing_dates

SALES = "sales-acme"
PEOPLE = 250


class Crowd:
    """A workspace with `PEOPLE` people in #sales-acme, and the bot in so many channels besides."""

    def __init__(self, channels: int, **options: Any) -> None:
        """`options` are of the EmbeddedSlack."""
        state = default_world(scopes=frozenset(SCOPES))
        state.subscriptions = frozenset(EVENTS)
        robin, sales = state.user("robin.rep"), state.channel(SALES)
        crowd = [
            replace(robin, id=f"U0CROWD{number:03}", name=f"person.{number}", email=f"person.{number}@example.com")
            for number in range(PEOPLE)
        ]
        state.users |= {person.id: person for person in crowd}
        members = (*sales.members, *(person.id for person in crowd))
        state.channels[sales.id] = replace(sales, members=members)
        for number in range(channels):
            state.channels[channel(number)] = replace(sales, id=channel(number), name=f"many-{number}")
        self.slack = EmbeddedSlack(**{"limits": NO_LIMITS, **options}, state=state)
        self._people: list[User] = crowd
        self._asked = 0
        self._sending: set[asyncio.Task[Any]] = set()

    # ---- what the parent asks ----------------------------------------------------------------------------------------

    async def reach(self, url: str) -> None:
        """Send what people do to this address, unless there is a socket."""
        self.slack.request_url = url

    async def sockets(self) -> int:
        """Return how many sockets are open."""
        return len(self.slack.sockets.connections)

    async def commands(self, texts: list[str]) -> list[str]:
        """Return the signed bodies of commands with these texts, each by the next of the people."""
        state, sales = self.slack.state, self.slack.state.channel(SALES)
        bodies = []
        for text in texts:
            person = self.next_person()
            path = state.new_hook("commands", person.id, sales.id, None)
            fields = {
                "token": state.verification_token,
                "team_id": state.team_id,
                "team_domain": state.team_domain,
                "channel_id": sales.id,
                "channel_name": sales.name,
                "user_id": person.id,
                "user_name": person.name,
                "command": "/kickscale",
                "text": text,
                "api_app_id": state.app_id,
                "is_enterprise_install": "false",
                "response_url": f"{self.slack.base_url}{path}",
                "trigger_id": state.new_trigger(person.id),
            }
            bodies.append(fields)
        return [json.dumps(fields) for fields in bodies]

    async def crowd(self, texts: list[str], rate: float, busy: int) -> dict[str, Any]:
        """Have people type a command with each of these texts, at this rate; return how the bot acknowledged them.

        Every five seconds, Slack answers the next `busy` requests with 429.
        """
        loop = asyncio.get_running_loop()
        began, before = loop.time(), len(self.slack.deliveries)
        bursting = asyncio.create_task(self._burst(busy))
        for number, text in enumerate(texts):
            await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
            typed = self.slack.command(self.next_person().id, SALES, f"/kickscale {text}")
            sending = asyncio.create_task(typed)
            self._sending.add(sending)
            sending.add_done_callback(self._sending.discard)
        took = loop.time() - began
        await asyncio.gather(*self._sending)
        bursting.cancel()
        deliveries = self.slack.deliveries[before:]
        return {
            "seconds": took,
            "acks": sorted(delivery.seconds for delivery in deliveries if not delivery.error),
            "errors": Counter(delivery.error for delivery in deliveries if delivery.error),
        }

    async def _burst(self, busy: int) -> None:
        while busy:
            await asyncio.sleep(5)
            for method in ("response_url", "*"):
                self.slack.faults.add(method, status=429, retry_after=1, times=busy // 2)

    async def answers(self) -> dict[str, int]:
        """Return what has become of all commands so far.

        Whoever typed one that wasn't acknowledged has seen an error by Slack, and whoever was refused has read that.
        All others that have no answer are `lost`. Each command has at most one answer, besides that it takes a moment.
        """
        state = self.slack.state
        typed = [delivery for delivery in self.slack.deliveries if delivery.kind == "slash_commands"]
        accepted = [delivery for delivery in typed if not delivery.error and not delivery.answer]
        uses = {path: hook.uses for path, hook in state.hooks.items() if hook.kind == "commands"}
        waiting = texts_in("en")("waiting.message")
        said = (message for messages in state.ephemerals.values() for message in messages)
        answers = sum(uses.values()) - sum(waiting in message.text for message in said)
        paths = [urlsplit(delivery.payload["response_url"]).path for delivery in accepted]
        return {
            "commands": len(typed),
            "answers": answers,
            "skipped": sum(bool(delivery.answer) for delivery in typed),
            "lost": sum(not uses[path] for path in paths) + sum(map(bool, uses.values())) - answers,
            "refused": sum(call.status == 429 for call in self.slack.calls),
        }

    async def methods(self) -> dict[str, int]:
        """Return how often each method was called since the last time."""
        counts = Counter(call.method for call in self.slack.calls)
        self.slack.calls.clear()
        return counts

    async def upload(self, size: int, name: str) -> dict[str, float | str]:
        """Have Robin upload a recording, and return when the bot says that it is being analysed."""
        loop, slack = asyncio.get_running_loop(), self.slack
        shared = await slack.share("robin.rep", SALES, name, size=size)
        await slack.message_shortcut("robin.rep", SALES, shared, ids.UPLOAD_SHORTCUT)
        view = await slack.wait_for(self._upload_form, 60)
        assert view is not None
        began = loop.time()
        await slack.submit("robin.rep", view, {"attestation": ["yes"], **missing_dates(view, datetime.now(UTC))})
        await slack.wait_for(partial(self._is_analysed, shared), 300)
        return {"seconds": loop.time() - began, "url": self._address(shared)}

    async def file(self, size: int) -> str:
        """Share a file without telling the app, and return its address."""
        shared = await self.slack.share("robin.rep", SALES, "copy.wav", size=size, events=())
        return self._address(shared)

    async def ask(self, text: str) -> float | None:
        """Type a command, and return the seconds until its answer is there; None if it wasn't acknowledged in time."""
        loop, person, slack = asyncio.get_running_loop(), self.next_person(), self.slack
        before = len(slack.ephemerals(SALES, person.id))
        waiting = texts_in("en")("waiting.message")

        def is_answered() -> bool:
            return any(waiting not in said.text for said in slack.ephemerals(SALES, person.id)[before:])

        began = loop.time()
        delivery = await slack.command(person.id, SALES, f"/kickscale {text}")
        if delivery.error:
            return None
        await slack.wait_for(is_answered, 120)
        return loop.time() - began

    async def latest_answer(self) -> str:
        """Return the latest answer as people read it."""
        everything = [message for messages in self.slack.state.ephemerals.values() for message in messages]
        latest = max(everything, key=lambda message: message.ts)
        return self.slack.text(latest, latest.ephemeral_for)

    # ---- helpers -----------------------------------------------------------------------------------------------------

    def next_person(self) -> User:
        self._asked += 1
        return self._people[self._asked % PEOPLE]

    def _address(self, shared: Message) -> str:
        return f"{self.slack.base_url}/files-pri/{self.slack.state.team_id}-{shared.files[0]}/call.wav"

    def _upload_form(self) -> View | None:
        view = self.slack.open_view("robin.rep")
        return view if view is not None and view.callback_id == ids.UPLOAD_FORM else None

    def _is_analysed(self, shared: Message) -> bool:
        thread = [message for message in self.slack.posts(SALES) if message.thread_ts == shared.ts]
        return any("analysing it now" in self.slack.text(message, "robin.rep") for message in thread)


def channel(number: int) -> str:
    return f"CMANY{number}"


def settings_for(slack: EmbeddedSlack) -> dict[str, str]:
    """Return the settings with which a bot reaches it."""
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
    }


async def main(channels: int) -> None:
    random.seed(1)
    crowd = Crowd(channels)
    async with crowd.slack as slack:
        print(json.dumps(settings_for(slack)), flush=True)
        await answer_questions(
            {
                "reach": crowd.reach,
                "sockets": crowd.sockets,
                "commands": crowd.commands,
                "crowd": crowd.crowd,
                "answers": crowd.answers,
                "methods": crowd.methods,
                "upload": crowd.upload,
                "file": crowd.file,
                "ask": crowd.ask,
                "latest_answer": crowd.latest_answer,
            }
        )


if __name__ == "__main__":
    asyncio.run(main(**json.loads(sys.argv[1])))
