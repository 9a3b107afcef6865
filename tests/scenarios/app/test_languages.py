"""Two reps do the same: one has Slack in German, the other one in English."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from string import Formatter
from typing import Any

import pytest

from bot.sandbox.slack import Message
from bot.texts.languages import ENGLISH, GERMAN
from tests.catalogues import catalogue
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import ROBIN, SALES, World, call

JANA = "jana.vogt"
CUSTOMER, SPOKEN = "s:customerDomains", "s:language"
_NO_PROSE = re.compile(r"`[^`]*`|<!date[^>]*\||<[@#!][^>]*>")
_WORD = re.compile(r"[^\W\d_]{3}")
TEXTS = {"text", "title", "name", "initial_comment", "label"}


def read_texts(payload: Any) -> Iterator[str]:
    """Yield what people read in a payload, without commands and ids."""
    if isinstance(payload, dict):
        for key, value in payload.items():
            if isinstance(value, str) and not value.startswith(("[", "{")):
                if key in TEXTS or key.startswith("digest_") or key == "attestation":
                    yield _NO_PROSE.sub(" ", value)
            else:
                yield from read_texts(value)
    elif isinstance(payload, list):
        for value in payload:
            yield from read_texts(value)
    elif isinstance(payload, str) and payload.startswith(("[", "{")):
        yield from read_texts(json.loads(payload))


def said_in(here: World) -> set[str]:
    """Return all that the bot has said so far, also what it has edited or closed since."""
    return {
        *(text for request in here.slack.calls for text in read_texts(dict(request.args))),
        *(text for delivery in here.slack.deliveries for text in read_texts(dict(delivery.answer))),
    }


def forms_of(text: str | dict[str, str]) -> list[str]:
    return [*text.values()] if isinstance(text, dict) else [text]


def patterns_of(language: str, other: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield a pattern for each text of a language that reads differently in the other one."""
    others = catalogue(other)
    for key, text in catalogue(language).items():
        for form in forms_of(text):
            literals = [_NO_PROSE.sub(" ", literal) for literal, *_ in Formatter().parse(form)]
            if form in forms_of(others[key]) or not _WORD.search("".join(literals)):
                continue
            pattern = r"[^\n]{1,200}?".join(map(re.escape, literals))
            start = r"\b" if literals[0][:1].isalpha() else ""
            end = r"\b" if literals[-1][-1:].isalpha() else ""
            # A single word may be a name, or be a word of the other language too.
            is_word = len(literals) == 1 and form.isalpha()
            yield key, re.compile(f"^{pattern}$" if is_word else f"{start}{pattern}{end}")


class Reader:
    """A person who presses buttons by the names that they have in one language."""

    def __init__(self, here: World, user: str, language: str) -> None:
        self._here = here
        self.user = user
        self.language = language
        self._texts = catalogue(language)

    async def say(self, *lines: str, channel: str = SALES) -> Message:
        for line in lines:
            await self._here.type(f"/kickscale {line}", self.user, channel)
        return self._here.slack.ephemerals(channel, self.user)[-1]

    async def press(self, where: Message, key: str) -> None:
        """Press the button with this text, and close the modal that it may open."""
        (button,) = forms_of(self._texts[key])
        await self._here.click(where, button, self.user)

    async def submit(self, **values: Any) -> None:
        """Submit the open form."""
        view = self._here.slack.open_view(self.user)
        assert view is not None, "no form is open"
        await self._here.slack.submit(self.user, view, values)
        await self._here.settle()

    async def close(self) -> None:
        while (view := self._here.slack.open_view(self.user)) is not None:
            await self._here.slack.close(self.user, view)


async def ask(here: World, reader: Reader) -> None:
    """Ask for lists and details, share one, and make every kind of mistake."""
    here.add_calls(12, name="Acme 7", summary="Acme.")
    long_ago = here.clock.now() - timedelta(days=90)
    here.kickscale.add_call(call(99, long_ago, name="Acme 6", summary="Acme.", customerDomains=["example.com"]))
    listed = await reader.say("calls acme.com")
    await reader.press(listed, "list.older")
    await reader.press(listed, "list.share")
    (shared,) = here.slack.posts(SALES)
    for message in (listed, shared):
        await reader.press(message, "list.details")
        await reader.close()
    await reader.say("call c1", "call c404", "calls example.com", "meetings", "meetings foo:bar", "calls tomorow")
    await reader.say("status", "help", "help digest", "help dates", "help filters", "help domains", "why c1")
    here.slack.faults.add("chat.postMessage", error="is_archived")
    await reader.press(await reader.say("calls sort:oldest"), "list.share")


async def look_around(here: World, reader: Reader) -> None:
    """Search and count what was copied, and before that, while nothing is."""
    await reader.say("search acme", "stats", "customers")
    await here.catch_up()
    await reader.press(await reader.say("search acme"), "search.more")
    await reader.say("search nothing acme.com today type:Demo", "stats acme.com", "stats last-7-days", "customers")


async def subscribe(here: World, reader: Reader) -> None:
    """Add, edit, pause and resume digests, and wait for a digest and a card."""
    await reader.say("digest add acme.com", "digest add example.com live", "digest preview acme.com")
    await reader.press(await reader.say("digest list"), "digest.edit")
    await reader.submit(digest_zone="Mars/Olympus")
    await reader.submit(digest_zone="Europe/Vienna")
    await reader.close()
    await reader.say("digest pause acme.com", "digest resume acme.com", "why c1")
    both = ["acme.com", "example.com"]
    here.kickscale.add_call(call(50, here.clock.now(), name="Acme 8", summary="Acme.", customerDomains=both))
    await here.look_for_news(timedelta(minutes=20))
    await here.run_digests_at(here.clock.now() + timedelta(days=1))
    assert len(here.posts(SALES)) == 3, "the shared list, the card and the digest"


async def upload(here: World, reader: Reader) -> None:
    """Have a recording offered and uploaded, and share a file that can't be."""
    await reader.say("uploads on")
    recording = await here.share("2026-11-20 14.30 Acme 9.wav", wav(60), reader.user)
    (offer,) = here.thread(recording)
    await reader.press(offer, "upload.button.upload")
    for customer in ("acme", "acme.com"):
        await reader.submit(**{CUSTOMER: customer, SPOKEN: reader.language, "attestation": ["yes"]})
    await here.pass_time(120)
    assert here.kickscale.uploads
    await here.share("broken.mp3", b"no sound", reader.user)
    await reader.say("uploads status", "uploads off")


@pytest.mark.parametrize(("user", "language", "other"), [(JANA, GERMAN, ENGLISH), (ROBIN, ENGLISH, GERMAN)])
async def test_everybody_reads_their_own_language(here: World, user: str, language: str, other: str) -> None:
    """In every answer, form, error, digest, card, offer and upload, also while an answer takes long."""
    reader = Reader(here, user, language)
    for do in (ask, look_around, subscribe, upload):
        await do(here, reader)
    said = said_in(here)
    assert len(_read(language, other, said)) > 100, "otherwise the patterns wouldn't find anything"
    assert not _read(other, language, said)


def _read(language: str, other: str, said: set[str]) -> dict[str, str]:
    """Return the texts of a language that were said, by key, if they differ from those of the other one."""
    return {key: text for key, pattern in patterns_of(language, other) for text in said if pattern.search(text)}


@pytest.mark.parametrize(("seconds", "text"), [(0, "Wird geladen …"), (2, "Loading…")])
async def test_a_modal_waits_shortly_for_the_language_of_somebody_new(here: World, seconds: int, text: str) -> None:
    """It has three seconds to open, so if Slack takes long to say who clicked, it is in English at first."""
    await here.type("/kickscale uploads on")
    (offer,) = here.thread(await here.share("Acme 9.wav", wav(1)))
    if seconds:
        here.slack.faults.add("users.info", latency=seconds)
    await here.slack.click(JANA, offer, "Upload to Kickscale")
    await here.clock.advance(seconds)
    (opened,) = await here.slack.wait_for(
        lambda: [request for request in here.slack.calls if request.method == "views.open"]
    )
    await here.settle()
    assert text in list(read_texts(dict(opened.args)))
    assert "Titel des Anrufs" in here.text(here.slack.open_view(JANA))
