"""Answers in the app's own messages: ordinary messages, recorded so that erasure reaches them; and who was greeted."""

from bot.clock import Clock
from bot.jobs.outbox import Entry, Outbox, Subjects
from bot.render.kit.subjects import conversations_in, domains_in
from bot.slack.client import Slack
from bot.slack.payloads import Payload
from bot.storage.stores import FactStore, Ledger

ANSWER = "answer"
GREETED = "greeted."
"""The name of a fact, followed by the person's id."""


class DirectAnswers:
    def __init__(self, slack: Slack, outbox: Outbox, ledger: Ledger, facts: FactStore, clock: Clock) -> None:
        self._slack = slack
        self._outbox = outbox
        self._ledger = ledger
        self._facts = facts
        self._clock = clock

    async def post(self, channel: str, user: str, payload: Payload, *, thread_ts: str = "") -> None:
        """Answer somebody who wrote to the bot. Not promised: after a kill, they ask again. Raises SlackError."""
        ts = await self._slack.messages.post(channel, payload, thread_ts)
        entry = Entry(f"{ANSWER}:{channel}:{ts}", ANSWER, "", channel, self._clock.now(), thread_ts=thread_ts, by=user)
        await self._outbox.record(entry, ts, Subjects(conversations_in(payload), domains_in(payload)))

    async def learn(self, channel: str, ts: str, payload: Payload) -> None:
        """Record what an answer is about since a button has changed it."""
        await self._ledger.learn(channel, ts, conversations_in(payload), domains_in(payload))

    async def greet(self, user: str) -> bool:
        """Return whether somebody writes to the bot for the first time, and remember that they did."""
        name = GREETED + user
        if await self._facts.get(name) is not None:
            return False
        await self._facts.set(name, value=True, now=self._clock.now())
        return True
