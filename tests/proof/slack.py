"""The embedded Slack as a process of the proof: its people keep the bots busy, and it counts what became of that."""

import asyncio
import itertools
import json
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot import ids
from bot.conversations.direct_answers import EVENT_TYPE as ANSWER
from bot.digests.job_kinds import DIGEST_EVENT
from bot.sandbox.slack import Delivery, Limits, Message
from bot.sandbox.slack.outbound import EVENT_RETRIES
from bot.texts import texts_in
from bot.uploads.thread.notifications import EVENT_TYPE as UPLOAD
from tests.benchmarks.processes import answer_questions
from tests.benchmarks.sample import domain
from tests.benchmarks.slack import SALES, Crowd, settings_for
from tests.world import ROBIN

RECORDINGS = "general"
"""The channel whose recordings are uploaded without asking."""
SIZE = 1_000_000
"""Bytes of a recording."""
GLANCE = 0.5
"""Seconds between two looks at whether a recording was sent."""
OVER = ("was uploaded", "has been analysed", "I don't know whether")
"""In the message about an upload: it isn't under way any more."""
ATTEMPTS = 1 + len(EVENT_RETRIES)
LISTED = "calls last-30-days"
"""What Robin asks for: a list of several pages, which are turned by clicks."""
PATIENCE = 30.0
"""Seconds for its first page."""
WAITING = texts_in("en")("waiting.message")
RESTARTED = tuple(texts_in("en")(f"waiting.{name}") for name in ("interrupted", "stopped"))
CLICK_INTERRUPTED = texts_in("en")("waiting.click_interrupted")
_MENTIONED = re.compile(r"mention(\d+)\.example\.com")


class BusyCrowd(Crowd):
    def __init__(self, channels: int, customers: int) -> None:
        super().__init__(channels, limits=Limits(tiers=False), middlewares=[self._listen])
        self._customers = customers
        self._said: defaultdict[str, list[str]] = defaultdict(list)
        """By the path of the response_url of a command or a click: what came there."""
        self._written: dict[str, str] = {}
        """By channel and ts, as the bot's key has them: the messages to the bot, and their event."""
        self._shared: dict[str, Message] = {}
        """By name: the recordings."""
        self._mentions = 0
        self._busy: list[asyncio.Task[None]] = []
        self._names = itertools.count(1)

    @web.middleware
    async def _listen(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        response = await handler(request)
        if request.path.startswith(("/commands/", "/actions/")) and response.status == 200:
            self._said[request.path].append((await request.json()).get("text", ""))
        return response

    # ---- what people do ----------------------------------------------------------------------------------------------

    async def begin(
        self, commands: float, messages: float = 0, mentions: float = 0, clicks: float = 0, recordings: int = 0
    ) -> None:
        """Have people type, write, mention the bot and click so often a second, and keep recordings under way."""
        if clicks:
            await self.slack.write(ROBIN, LISTED)
            await self.slack.wait_for(self._list, PATIENCE)
        self._busy = [
            asyncio.create_task(self._repeat(commands, self._type)),
            asyncio.create_task(self._repeat(messages, self._write)),
            asyncio.create_task(self._repeat(mentions, self._mention)),
            asyncio.create_task(self._repeat(clicks, self._click)),
            *(asyncio.create_task(self._keep_sharing()) for _ in range(recordings)),
        ]

    async def end(self) -> None:
        """Have people do nothing more."""
        for task in self._busy:
            task.cancel()
        await asyncio.gather(*self._busy, return_exceptions=True)
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _repeat(self, rate: float, do: Callable[[], Awaitable[object]]) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in itertools.count() if rate else ():
            await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
            self._send(do())

    def _send(self, sent: Awaitable[object]) -> "asyncio.Future[object]":
        task = asyncio.ensure_future(sent)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        return task

    async def _type(self) -> None:
        calls = f"calls {domain(random.randrange(self._customers))} last-30-days"
        text = random.choice(["help", calls, calls])
        await self.slack.command(self.next_person().id, SALES, f"/kickscale {text}")

    async def _write(self) -> None:
        message = await self.slack.write(self.next_person().id, "help")
        self._written[message.ts] = message.channel

    async def _mention(self) -> None:
        self._mentions += 1
        await self.slack.mention(self.next_person().id, SALES, f"calls mention{self._mentions}.example.com")

    async def _click(self) -> None:
        page, button = self._list() or (None, "")
        assert page is not None, "its buttons are gone"
        await self.slack.click(ROBIN, page, button)

    async def _keep_sharing(self) -> None:
        while True:
            number = next(self._names)
            name = f"Recording {number}"
            yesterday = datetime.now(UTC).date().replace(day=1)
            sharing = self._send(
                self.slack.share(
                    ROBIN,
                    RECORDINGS,
                    f"{yesterday} 08.{number % 60:02} {name}.wav",
                    size=SIZE + number,
                    text=domain(number % self._customers),
                )
            )
            message = await asyncio.shield(sharing)
            assert isinstance(message, Message)
            self._shared[name] = message
            while not self._is_sent(message.ts):
                await asyncio.sleep(GLANCE)

    def _is_sent(self, ts: str) -> bool:
        said = [self.slack.text(message, ROBIN) for message in self._thread(ts)]
        return any(word in text for text in said for word in OVER)

    def _thread(self, ts: str) -> list[Message]:
        return [message for message in self.slack.posts(RECORDINGS) if message.thread_ts == ts]

    def _list(self) -> tuple[Message, str] | None:
        """Return the list as it is now, and the button that turns its page."""
        for message in self.slack.direct_messages(ROBIN):
            for button in (ids.OLDER, ids.NEWER):
                if f"'{button}'" in str(message.blocks):
                    return message, button
        return None

    # ---- what became of it -------------------------------------------------------------------------------------------

    async def tally(self) -> dict[str, Any]:
        """Return what became of everything so far."""
        clicks = self._answered([sent for sent in self.slack.deliveries if sent.kind == "interactive"])
        # Nothing says of which click: of as many as have no answer, if so many were told.
        clicks["told"] = sum(message.text == CLICK_INTERRUPTED for message in self.slack.direct_messages(ROBIN))
        clicks["unanswered"] = clicks["unanswered"][clicks["told"] :]
        return {
            "commands": self._answered([sent for sent in self.slack.deliveries if sent.kind == "slash_commands"]),
            "clicks": clicks,
            "events": self._events(),
            "messages": self._messages(),
            "mentions": self._mentioned(),
            "digests": self._digests(),
            "recordings": self._recordings(),
            "refused": sum(call.status == 429 for call in self.slack.calls),
        }

    def _answered(self, deliveries: Sequence[Delivery]) -> dict[str, Any]:
        """Return how commands or clicks were acknowledged, and how they were answered.

        Whoever was `told` read that the bot was restarted meanwhile, and that they should check or try again.
        """
        counts = Counter(sent=len(deliveries), unacked=0, told=0)
        unanswered, doubled = [], []
        for delivery in deliveries:
            said = [text for text in self._said[urlsplit(delivery.payload["response_url"]).path] if text != WAITING]
            if delivery.answer:
                said.append(str(delivery.answer.get("text", "")))
            answers = [text for text in said if text not in RESTARTED]
            counts["unacked"] += bool(delivery.error)
            counts["told"] += len(answers) < len(said)
            if len(answers) > 1 or len(said) - len(answers) > 1:
                doubled.append((delivery.error, said))
            if not delivery.error and not said:
                unanswered.append(delivery.at.isoformat())
        return {
            **counts,
            "unanswered": unanswered,
            "doubled": doubled,
            "errors": Counter(delivery.error for delivery in deliveries if delivery.error),
            "acks": sorted(delivery.seconds for delivery in deliveries if not delivery.error),
        }

    def _events(self) -> dict[str, int]:
        attempts = defaultdict(list)
        for delivery in self.slack.deliveries:
            if delivery.kind == "events_api":
                attempts[delivery.payload["event_id"]].append(delivery)
        failed = [sent for sent in attempts.values() if all(delivery.error for delivery in sent)]
        return {
            "sent": len(attempts),
            "redelivered": sum(len(sent) > 1 for sent in attempts.values()),
            "pending": sum(len(sent) < ATTEMPTS for sent in failed),
            "lost": sum(len(sent) >= ATTEMPTS for sent in failed),
        }

    def _messages(self) -> dict[str, Any]:
        """Return how many messages people wrote to the bot, and how many answers it posted."""
        answers = Counter(
            message.metadata["event_payload"]["key"]
            for channel in set(self._written.values())
            for message in self.slack.posts(channel)
            if message.metadata and message.metadata["event_type"] == ANSWER
        )
        unanswered = [ts for ts in self._written if not any(ts in key for key in answers)]
        return {
            "written": len(self._written),
            "unanswered": unanswered,
            "doubled": [key for key, count in answers.items() if count > 1],
        }

    def _mentioned(self) -> dict[str, Any]:
        """Return how many mentions of the bot there were, and what became of them."""
        counts, told = Counter[int](), Counter[int]()
        for message in itertools.chain.from_iterable(self.slack.state.ephemerals.values()):
            if found := _MENTIONED.search(f"{message.text} {message.blocks}"):
                (told if message.text in RESTARTED else counts)[int(found[1])] += 1
        written = range(1, self._mentions + 1)
        return {
            "written": len(written),
            "told": len(told),
            "unanswered": [number for number in written if not counts[number] and not told[number]],
            "doubled": [number for number in written if counts[number] > 1 or told[number] > 1],
        }

    def _digests(self) -> dict[str, int]:
        """Return how many messages of each digest are in a channel, by the key of each."""
        posted = Counter(
            message.metadata["event_payload"]["key"]
            for channel in self.slack.state.channels
            for message in self.slack.posts(channel)
            if message.metadata and message.metadata["event_type"] == DIGEST_EVENT
        )
        return dict(posted)

    def _recordings(self) -> dict[str, list[str]]:
        """Return, by the recordings' names, what the messages about their uploads say."""
        return {
            name: [
                self.slack.text(answer, ROBIN)
                for answer in self._thread(message.ts)
                if answer.metadata and answer.metadata["event_type"] == UPLOAD
            ]
            for name, message in self._shared.items()
        }


async def main(channels: int, customers: int) -> None:
    random.seed(1)
    crowd = BusyCrowd(channels, customers)
    async with crowd.slack as slack:
        print(json.dumps({**settings_for(slack), "SLACK_APP_TOKEN": ""}), flush=True)
        await answer_questions({"reach": crowd.reach, "begin": crowd.begin, "end": crowd.end, "tally": crowd.tally})


if __name__ == "__main__":
    asyncio.run(main(**json.loads(sys.argv[1])))
