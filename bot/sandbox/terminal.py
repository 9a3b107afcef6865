"""The sandbox in a terminal: the real bot with an embedded Slack and an embedded Kickscale."""

import asyncio
import contextlib
import shlex
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from zoneinfo import ZoneInfo

from bot import ids
from bot.model.uploads import UploadState
from bot.observe import logs
from bot.sandbox.cast import HERE, REPS
from bot.sandbox.clock import SandboxClock, next_morning
from bot.sandbox.session import Session, session
from bot.sandbox.slack import Delivery, Message, View
from bot.sandbox.slack.refusals import Refused
from bot.sandbox.words import meaning, name_of
from bot.texts import formatting, texts_in
from bot.texts.languages import ENGLISH
from bot.tools.terminal import echo

LOOK = 0.5
"""Seconds between two checks of an upload."""
Ask = Callable[[str], Awaitable[str | None]]
"""Shows a prompt and returns the typed line; None at the end of the input."""
SLASH = "/kickscale"
HOUR = timedelta(hours=1)


def play(says: Sequence[str], shares: Sequence[Path] = (), *, language: str = ENGLISH, terminal: bool) -> int:
    """Type `says`, upload the recordings `shares`, and then, with `terminal`, read lines from the terminal.

    Returns the exit code: 1 if an answer is an error. The terminal is read in the main thread, the only one that Ctrl-C
    reaches, and the bot runs in another one.
    """
    if not terminal:
        return asyncio.run(_play(says, shares, None, language))
    prompts: SimpleQueue[str | None] = SimpleQueue()
    lines: SimpleQueue[str | None] = SimpleQueue()

    async def ask(prompt: str) -> str | None:
        prompts.put(prompt)
        return await asyncio.to_thread(lines.get)

    with ThreadPoolExecutor(1) as pool:
        playing = pool.submit(asyncio.run, _play(says, shares, ask, language))
        playing.add_done_callback(lambda _: prompts.put(None))
        _read(prompts, lines)
        return playing.result()


def _read(prompts: "SimpleQueue[str | None]", lines: "SimpleQueue[str | None]") -> None:
    """Read a line for each prompt until a prompt is None. The end of the input and Ctrl-C give None."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401, PLC0415 gives input() a history and editing, if the platform has it
    while True:
        try:
            prompt = prompts.get()
            if prompt is None:
                return
            line = input(prompt)
            if not sys.stdin.isatty():  # a terminal shows it by itself
                echo(line)
            lines.put(line)
        except (EOFError, KeyboardInterrupt):
            lines.put(None)


async def _play(says: Sequence[str], shares: Sequence[Path], ask: Ask | None, language: str) -> int:
    logs.configure("ERROR", "text", ())
    async with session(SandboxClock(), language) as running:
        reading = running.begin_reading()
        player = Player(running, language)
        if says or shares:
            await reading  # so that customers are known by their names
        for line in says:
            await player.do(line, is_shown=True)
        for path in shares:
            await player.upload_whole(path)
        if ask is not None:
            await _prompt(player, ask)
        return 1 if player.has_seen_error and ask is None else 0


async def _prompt(player: "Player", ask: Ask) -> None:
    player.welcome()
    while True:
        player.separate()
        line = await ask(f"{player.you} #{player.here}> ")
        if line is None:
            echo()
            return
        if meaning(player.language, line.strip()) == "quit":
            return
        if line.strip():
            await player.do(line.strip())


_NAMED = ("in", "as", "click", "share", "upload", "clock")
"""The commands that need a name."""
_ACTS = ("click", "share", "upload", "submit", "close", "wait", "clock")
_LOOKS = ("help", "history", "in", "as")


class Player:
    """One person at the keyboard: what they do, and what they see."""

    def __init__(self, running: Session, language: str) -> None:
        self._session = running
        self._slack = running.slack
        self._bot = running.bot
        self._seen: dict[tuple[str, str], Message | View] = {}
        self.you = REPS[language]
        self.language = language
        self.here = HERE
        self.has_seen_error = False
        self._is_below_answer = False

    async def do(self, line: str, *, is_shown: bool = False) -> None:
        """Carry out the line, wait until the bot is done, and print whatever is new.

        With `is_shown`, print the line too.
        """
        if is_shown:
            self.separate()
            echo(f"> {line}")
        typed, _, rest = line.partition(" ")
        word, rest = meaning(self.language, typed), rest.strip()
        try:
            if word in _NAMED and not rest:
                self._fail(self._said(f"sandbox.missing.{word}"))
            elif word in _ACTS:
                await self._act(word, rest)
            elif word in _LOOKS:
                self._look(word, rest)
            else:
                command = line if line.startswith("/") else f"{SLASH} {line}"
                delivery = await self._slack.command(self.you, self.here, command)
                await self._settle(self._failure(delivery))
        except Refused as exc:
            self._fail(self._said(f"sandbox.refused.{exc.reason}", **exc.values))
        except (LookupError, ValueError) as exc:
            self._fail(str(exc.args[0]) if exc.args else type(exc).__name__)

    async def _act(self, word: str, rest: str) -> None:
        match word:
            case "click":
                await self._click(rest)
            case "submit":
                await self._submit(rest)
            case "close":
                await self._close()
            case "wait":
                await self._wait()
            case "clock":
                await self._move_clock(rest)
            case _:
                await self._share(rest, mention=word == "upload")

    def _look(self, word: str, rest: str) -> None:
        """Switch the channel or person, or print something to read."""
        match word:
            case "help":
                self._help()
            case "history":
                self._history()
            case "in":
                self.here = self._slack.state.channel(rest.removeprefix("#")).name
            case "as":
                self.you = self._slack.user(rest.removeprefix("@")).name

    async def _click(self, what: str) -> None:
        button, number = what, 1
        name, _, last = what.rpartition(" ")
        if name and last.isdecimal():
            button, number = name, max(1, int(last))
        view = self._slack.open_view(self.you)
        refusal: LookupError = Refused("nothing_to_click")
        # In the topmost modal; without a modal, in the newest message that has such a button.
        for where in [view] if view is not None else reversed(self._visible()):
            try:
                delivery = await self._slack.click(self.you, where, button, index=number - 1)
            except LookupError as exc:
                refusal = exc
            else:
                return await self._settle(self._failure(delivery))
        raise refusal

    async def upload_whole(self, path: Path) -> None:
        """Do everything a person does to upload a recording, until its summary or an error appears."""
        before, self.has_seen_error = self.has_seen_error, False
        if (open_ := self._slack.open_view(self.you)) is not None:  # an earlier command may have opened one
            await self._slack.close(self.you, open_, everything=True)
        button, click, wait = self._said("upload.button.upload"), self._name("click"), self._name("wait")
        for line in (f"upload {path}", f"{click} {button}", None, wait):
            if not self.has_seen_error:
                await self.do(line or self._filled_in(), is_shown=True)
        self.has_seen_error |= before

    def _filled_in(self) -> str:
        """Return the line that submits the open form: where it asks for a moment, that is now."""
        view, now = self._slack.open_view(self.you), self._bot.services.clock.now()
        empty = [
            block["block_id"]
            for block in (view.payload["blocks"] if view is not None else ())
            if _is_moment(block) and "initial_date_time" not in block["element"]
        ]
        consent = f"{self._name('submit')} attestation={self._name('yes')}"
        return " ".join([consent, *(f"{name}={now:%Y-%m-%dT%H:%M%z}" for name in empty)])

    async def _share(self, path: str, *, mention: bool) -> None:
        try:
            content = await asyncio.to_thread(Path(path).read_bytes)
        except FileNotFoundError as exc:
            raise Refused("no_file", path=path) from exc
        except OSError as exc:
            raise Refused("unreadable", path=path) from exc
        if not content:
            raise Refused("empty", path=path)
        files = [(Path(path).name, content)]
        if mention:
            await self._slack.mention(self.you, self.here, files=files)
        else:
            await self._slack.share(self.you, self.here, files=files)
        await self._settle("")

    async def _submit(self, rest: str) -> None:
        view = self._slack.open_view(self.you)
        if view is None:
            raise Refused("no_form")
        values: dict[str, object] = {}
        for pair in shlex.split(rest):
            name, is_pair, value = pair.partition("=")
            if not is_pair:
                raise Refused("pair", pair=pair)
            block = _block(view, name)
            values[block["block_id"]] = _entered(block, meaning(self.language, value))
        delivery = await self._slack.submit(self.you, view, values)
        await self._settle(self._failure(delivery))

    async def _wait(self) -> None:
        """Wait until no upload in this channel is in progress or waiting for its analysis."""
        where = self._slack.state.channel(self.here).id
        places = self._bot.services.uploads.places
        while True:
            latest, _ = await places.latest(where, 20)
            if not any(upload.state.is_under_way or upload.state is UploadState.SENT for upload in latest):
                return
            await asyncio.sleep(LOOK)
            await self._settle("")

    async def _move_clock(self, until: str) -> None:
        now, zone = self._session.clock.now(), ZoneInfo(self._slack.user(self.you).tz)
        moments, until = {"hour": now + HOUR, "tomorrow": next_morning(now, zone)}, meaning(self.language, until)
        if until not in moments:
            raise Refused("clock", typed=until)
        await self._session.move_clock(moments[until])
        self.separate()
        echo(self._said("sandbox.now", at=formatting.moment(self.language, moments[until].astimezone(zone))))
        self._is_below_answer = True
        await self._settle("")

    async def _close(self) -> None:
        view = self._slack.open_view(self.you)
        if view is None:
            raise Refused("nothing_open")
        await self._slack.close(self.you, view)

    async def _settle(self, failure: str) -> None:
        if failure:
            self._fail(failure)
        await self._bot.idle()
        for message in self._visible():
            if self._seen.get((message.channel, message.ts)) != message:
                self._show(message)
        view = self._slack.open_view(self.you)
        if view is not None and self._seen.get(("view", view.id)) != view:
            self._show(view)

    def _failure(self, delivery: Delivery) -> str:
        """Return what Slack says if the bot didn't acknowledge something; empty if it did."""
        if not delivery.error or delivery.kind not in ("slash_commands", "interactive"):
            return ""
        return self._said(f"sandbox.failed.{delivery.kind}", error=delivery.error)

    def _visible(self) -> list[Message]:
        direct = self._slack.state.im(self._slack.user(self.you).id)
        own = [*self._slack.ephemerals(self.here, self.you), *self._slack.posts(self.here)]
        return sorted([*own, *self._slack.posts(direct.id)], key=lambda message: message.ts)

    def _show(self, what: Message | View) -> None:
        if isinstance(what, View):
            self._seen["view", what.id] = what
            blocks = what.payload["blocks"]
        else:
            self._seen[what.channel, what.ts] = what
            blocks = what.blocks
        self.has_seen_error |= bool(blocks) and str(blocks[0].get("block_id", "")).startswith("error")
        self._print(what)

    def _history(self) -> None:
        for message in self._visible():
            self._print(message)

    def separate(self) -> None:
        """Print an empty line if the last thing printed was an answer."""
        if self._is_below_answer:
            echo()
        self._is_below_answer = False

    def _print(self, what: Message | View) -> None:
        self.separate()
        if isinstance(what, Message):
            echo(self._who_sees(what))
        echo(self._slack.text(what, self.you))
        for file in what.files if isinstance(what, Message) else ():
            echo(self._said("sandbox.file", name=self._slack.state.files[file].name))
        self._is_below_answer = True

    def _who_sees(self, message: Message) -> str:
        channel = self._slack.state.channels[message.channel]
        if channel.is_im:
            return self._said("sandbox.seen.direct")
        return self._said(f"sandbox.seen.{'private' if message.ephemeral_for else 'channel'}", channel=channel.name)

    def _help(self) -> None:
        channels = ", ".join(channel.name for channel in self._slack.state.channels.values() if channel.name)
        people = ", ".join(user.name for user in self._slack.state.users.values() if not user.is_bot)
        echo(self._said("sandbox.help", channels=channels, people=people))

    def welcome(self) -> None:
        echo(self._said("sandbox.welcome", you=self.you, here=self.here))

    def _said(self, key: str, **values: str) -> str:
        return texts_in(self.language)(key, **values)

    def _name(self, command: str) -> str:
        return name_of(self.language, command)

    def _fail(self, sentence: str) -> None:
        self.has_seen_error = True
        self.separate()
        echo(sentence)
        self._is_below_answer = True


def _block(view: View, name: str) -> Mapping[str, Any]:
    """Return the input with this block_id or with a label that starts with this name."""
    blocks: Sequence[Mapping[str, Any]] = view.payload["blocks"]
    for block in blocks:
        label = (block.get("label") or {}).get("text", "")
        if name == block.get("block_id") or (label and label.casefold().startswith(name.casefold())):
            return block
    raise Refused("input", name=name)


def _is_moment(block: Mapping[str, Any]) -> bool:
    return block["type"] == "input" and bool(block["element"]["type"] == "datetimepicker")


def _entered(block: Mapping[str, Any], text: str) -> object:
    """Return a typed text as what the input takes. Raises Refused for what is no date and time."""
    if block["block_id"] == ids.ATTESTATION:
        return [text]
    if not _is_moment(block):
        return text
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise Refused("moment", typed=text) from None
