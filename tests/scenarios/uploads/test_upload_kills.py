"""Bots that are killed while recordings are shared, asked for, sent and followed: none is lost or sent twice."""

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot import ids
from bot.model.uploads import ChannelUploads, UploadMode, UploadState
from bot.operations.manifest import EVENTS, SCOPES
from bot.sandbox.kickscale import EmbeddedKickscale, Stage, UploadForm
from bot.sandbox.slack import NO_LIMITS, EmbeddedSlack, Message, View, default_world
from tests.clock import MONDAY_MORNING, ManualClock
from tests.databases import database_settings, open_database_in
from tests.scenarios.digests.lives import Mother, mother
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import ROBIN, SALES, audit_row, call, free_port, missing_dates, service_settings

FORMS = (UploadForm.MULTIPART, UploadForm.PRESIGNED, UploadForm.URL)
LONG, SHORT = wav(125), wav(61)
RECORDINGS = {"long.wav": (SALES, LONG), "short.wav": (SALES, SHORT), "the long one again.wav": ("general", LONG)}
THERE, ANALYSED, KNOWN, UNKNOWN = (
    "is analysing it now",
    "has been analysed",
    "is already in Kickscale",
    "I don't know whether",
)
PATIENCE = 20


class Death:
    """A moment at which the bot dies, somewhere on a recording's way, and a note of which one."""

    def __init__(self, chance: random.Random, slack: EmbeddedSlack, kickscale: EmbeddedKickscale) -> None:
        self._slack = slack
        self._kickscale = kickscale
        self.kind = chance.choice(["slack", "slack", "kickscale", "upload", "upload", "download", "post", "time"])
        self._seconds = chance.choice([0.0, chance.uniform(0, 0.02)])
        self._calls = len(slack.calls) + chance.randint(1, 30)
        self._requests = len(kickscale.requests) + chance.randint(1, 8)
        self._later = chance.uniform(0, 1.5)
        match self.kind:
            case "upload":  # hangs at one step at Kickscale, and dies there
                stage = chance.choice(list(Stage))
                is_put = kickscale.variant.upload is UploadForm.PRESIGNED and chance.random() < 0.7
                path = "/storage/*" if is_put else "/calls/upload"
                after = chance.randrange(len(SHORT)) if stage is Stage.MIDDLE else 0
                kickscale.faults.add(path, stage=stage, after=after, hang=True)
                self.kind += f" {stage}"
            case "download":  # has some bytes of a recording, and waits for more
                slack.faults.add("download", after=chance.randrange(len(SHORT)), hang=True)
            case "post":  # Slack accepts something, but never answers
                method = chance.choice(["chat.postMessage", "chat.update"])
                slack.faults.add(method, hang=True, late=chance.random() < 0.5)

    async def moment(self) -> None:
        """Return at the moment of the death."""
        slack, kickscale = self._slack, self._kickscale
        if self.kind.startswith("upload"):
            await kickscale.requests.until(lambda _: kickscale.hanging > 0)
        elif self.kind in ("download", "post"):
            await slack.wait_for(lambda: not slack.faults.ordered, PATIENCE)
        elif self.kind == "kickscale":
            await kickscale.requests.until(lambda log: len(log) >= self._requests)
        elif self.kind == "slack":
            await slack.wait_for(lambda: len(slack.calls) >= self._calls, PATIENCE)
        else:
            await asyncio.sleep(self._later)
        await asyncio.sleep(self._seconds)

    def over(self) -> None:
        """Clear the faults, so that the next life begins without them."""
        self._slack.faults.clear()
        self._kickscale.faults.clear()
        self._kickscale.release()


class Enough:
    """The moment at which a coroutine has ended, or an earlier death."""

    def __init__(self, work: asyncio.Task[Any], death: Death | None = None) -> None:
        self._work = work
        self._death = death

    async def moment(self) -> None:
        death = asyncio.ensure_future(self._death.moment() if self._death else asyncio.Event().wait())
        try:
            await asyncio.wait([self._work, death], return_when=asyncio.FIRST_COMPLETED)
        finally:
            death.cancel()
            await asyncio.gather(death, return_exceptions=True)


@dataclass
class Robin:
    """Shares each recording once, and asks for it until the bot has promised it."""

    slack: EmbeddedSlack
    kickscale: EmbeddedKickscale
    shared: dict[str, Message] = field(default_factory=dict)
    promised: set[str] = field(default_factory=set)

    async def act(self) -> None:
        """Continue with what is not promised yet. May be cancelled anywhere, when the bot dies."""
        await self.slack.wait_for(lambda: self.slack.sockets.connections, PATIENCE)
        for name, (channel, content) in RECORDINGS.items():
            if name not in self.shared:
                sharing = self.slack.share(ROBIN, channel, name, content)
                self.shared[name] = await asyncio.shield(asyncio.ensure_future(sharing))
            while name not in self.promised:
                await self._ask(name)
        for name, shared in self.shared.items():
            while UNKNOWN in self.said(name):
                button = "It's there" if self._is_there(name) else "Upload again"
                await self.slack.click(ROBIN, self.thread(shared)[-1], button)
                await self.slack.wait_for(lambda name=name: UNKNOWN not in self.said(name), PATIENCE)  # type: ignore[misc]
        with suppress(TimeoutError):
            await self.slack.wait_for(lambda: all(THERE in self.said(name) for name in self.shared), 0.3)

    async def _ask(self, name: str) -> None:
        shared = self.shared[name]
        old = self.slack.open_view(ROBIN)
        if old is not None:
            await self.slack.close(ROBIN, old, everything=True)
        offers = [
            message for message in self.thread(shared) if "Upload to Kickscale" in self.slack.text(message, ROBIN)
        ]
        if offers:
            await self.slack.click(ROBIN, offers[0], "Upload to Kickscale")
        else:
            await self.slack.message_shortcut(ROBIN, shared.channel, shared, ids.UPLOAD_SHORTCUT)
        view = await self.slack.wait_for(self._view, PATIENCE)
        if view is None or view.callback_id != ids.UPLOAD_FORM:  # the bot knows it already
            self.promised.add(name)
            return
        delivery = await self.slack.submit(ROBIN, view, {"attestation": ["yes"], **missing_dates(view, MONDAY_MORNING)})
        if not delivery.error and delivery.answer.get("response_action") in ("clear", "update"):
            self.promised.add(name)

    def _view(self) -> View | None:
        """Return the open view once it says more than that it is loading."""
        view = self.slack.open_view(ROBIN)
        text = self.slack.text(view, ROBIN) if view is not None else ""
        return view if view is not None and not any(word in text for word in ("Loading", "takes a moment")) else None

    def _is_there(self, name: str) -> bool:
        return hashlib.sha256(RECORDINGS[name][1]).hexdigest() in [upload.sha256 for upload in self.kickscale.uploads]

    def thread(self, of: Message) -> list[Message]:
        return [message for message in self.slack.posts(of.channel) if message.thread_ts == of.ts]

    def said(self, name: str) -> str:
        """Return the bot's last message below a recording."""
        thread = self.thread(self.shared[name]) if name in self.shared else []
        return self.slack.text(thread[-1], ROBIN) if thread else ""


async def kill_some(home: Path, seed: int, bots: Mother) -> list[str]:
    """Bring three recordings, two of them the same, to Kickscale by bots that are killed; return the deaths."""
    chance = random.Random(seed)
    clock = ManualClock(MONDAY_MORNING)
    state = default_world(clock, scopes=frozenset(SCOPES))
    state.subscriptions = frozenset(EVENTS)
    deaths: list[str] = []
    async with (
        EmbeddedKickscale(clock, populated=False) as kickscale,
        EmbeddedSlack(clock=clock, limits=NO_LIMITS, state=state) as slack,
    ):
        kickscale.variant.upload = FORMS[seed % len(FORMS)]
        # If calls don't show their key, one whose id got lost is not found again, and so not followed.
        kickscale.variant.hides_external_id = seed % 5 == 4
        ends = [ANALYSED, KNOWN, *([THERE] if kickscale.variant.hides_external_id else [])]
        if kickscale.variant.hides_external_id:
            kickscale.add_call(call(1, clock.now(), createdAt=clock.now().isoformat()))
        before = len(kickscale.calls())
        await turn_on(home, slack)
        settings = settings_of(home, slack, kickscale)
        robin = Robin(slack, kickscale)

        async def live(death: Death | None = None, *, is_asked: bool = False) -> None:
            """Live one life, in which Robin asks for recordings or only lets the bot do what it has promised."""
            acting = asyncio.ensure_future(robin.act() if is_asked else asyncio.Event().wait())
            end = Enough(acting, death) if death or is_asked else None
            try:
                is_peaceful = await bots.live(settings, clock.now(), end, "killed" if is_asked else "idle")
                is_through = acting.done()
            finally:
                acting.cancel()
                await asyncio.gather(acting, return_exceptions=True)
            if is_through:
                await acting  # an exception in Robin's actions fails the test
            if death:
                death.over()
            if not is_peaceful:
                deaths.append(death.kind if death and not is_through else "idle")
            await clock.advance(chance.choice([31, 600, 1800]))

        for _ in range(chance.randint(1, 4)):
            await live(Death(chance, slack, kickscale), is_asked=chance.random() < 0.7)
        for _ in range(6):
            await live(is_asked=True)
            await live()
            await clock.advance(1800)
            if all(any(end in robin.said(name) for end in ends) for name in RECORDINGS):
                break
        for _ in range(2):  # the leases of the dead have ended, and what Slack reports late is looked at twice
            await live()
        await check(home, robin, ends, len(kickscale.calls()) - before)
    return deaths


async def turn_on(home: Path, slack: EmbeddedSlack) -> None:
    database = await open_database_in(home)
    try:
        for channel in (SALES, "general"):
            setting = ChannelUploads(slack.state.channel(channel).id, UploadMode.ON)
            await database.uploads.set_channel(setting, [audit_row("uploads on")])
    finally:
        await database.close()


def settings_of(home: Path, slack: EmbeddedSlack, kickscale: EmbeddedKickscale) -> dict[str, Any]:
    port = free_port()
    return {
        **service_settings(slack, kickscale),
        **database_settings(home),
        "port": port,
        "public_url": f"http://127.0.0.1:{port}",
    }


async def check(home: Path, robin: Robin, ends: Sequence[str], calls: int) -> None:
    """Check that each recording is there once and whole, and that each thread says so in one message."""
    wanted = {hashlib.sha256(content).hexdigest() for _, content in RECORDINGS.values()}
    assert Counter(upload.sha256 for upload in robin.kickscale.uploads) == Counter(wanted)
    assert calls == len(wanted)
    assert robin.promised == RECORDINGS.keys()
    found = {name: next((end for end in ends if end in robin.said(name)), robin.said(name)) for name in RECORDINGS}
    assert set(found.values()) <= set(ends)
    assert [name for name, end in found.items() if end == KNOWN] in (["long.wav"], ["the long one again.wav"])
    for name, shared in robin.shared.items():
        thread = [robin.slack.text(message, ROBIN) for message in robin.thread(shared)]
        assert len(thread) <= 2, "the offer, if it came in time, and the upload's own"
        assert name in thread[-1]
    database = await open_database_in(home)
    try:
        states = Counter(upload.state for upload in await database.uploads.in_state(*UploadState))
        left = await database.jobs.unfinished()
    finally:
        await database.close()
    assert states[UploadState.DUPLICATE] == 1
    assert states[UploadState.ANALYSED] + states[UploadState.SENT] == len(wanted)
    assert set(left) <= ({"follow"} if THERE in ends else set())


@pytest.mark.parametrize("form", FORMS)
async def test_a_killed_bot_neither_loses_nor_doubles_a_recording(
    tmp_path_factory: pytest.TempPathFactory, form: UploadForm
) -> None:
    """Killed anywhere, up to four times, with each form of the upload, and once if the list of calls can't tell."""
    async with mother() as bots:
        for seed in range(6):
            if FORMS[seed % len(FORMS)] is form:
                assert await kill_some(tmp_path_factory.mktemp("home"), seed, bots)


@pytest.mark.soak
async def test_a_bot_killed_hundreds_of_times_neither_loses_nor_doubles_a_recording(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same, two hundred and forty times, eighty with each form."""
    deaths: Counter[str] = Counter()
    async with mother() as bots:
        for seed in range(240):
            deaths.update(await kill_some(tmp_path_factory.mktemp("home"), 1_000 + seed, bots))
            with capsys.disabled():
                print(f"trial {seed + 1}, {deaths.total()} killed: {dict(deaths)}")  # noqa: T201 what it came to
    assert deaths.total() >= 240
