"""Draws every kind of message as a picture: `uv run python -m tests.pictures DIR [--de] [NAME …]`.

The running bot answers from the sandbox's data, the sandbox's page turns its blocks into HTML, and Chromium draws each
scene twice: 680 pixels wide, and beside it as on a phone.
"""

import asyncio
import sys
import tempfile
import traceback
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from bot import ids
from bot.model.conversation import Kind
from bot.observe import logs
from bot.sandbox.kickscale.faults import Stage
from bot.sandbox.page.documents import document, message_html, view_html
from bot.sandbox.page.elements import confirm
from bot.sandbox.page.reader import reader_of
from bot.sandbox.slack import Message, View
from bot.sandbox.slack.dates import ENGLISH
from bot.texts.languages import language_of
from tests.browser import MISSING, chromium, find_chromium
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import GUS, LEA, ROBIN, SALES, World, world

THURSDAY = datetime(2026, 11, 26, 13, 10, tzinfo=UTC)
WIDE, PHONE, GAP = 680, 390, 30
SOUND = wav(61)
Shown = Message | View | str
"""A message, a modal, or a line of text between them."""


@dataclass
class Album:
    """The pictures of one scene: what was shown, and to whom."""

    here: World
    parts: list[str] = field(default_factory=list)

    def show(self, *shown: Shown, reader: str = ROBIN) -> None:
        self.parts += [self._html(what, reader) for what in shown]

    def _html(self, what: Shown, reader: str) -> str:
        if isinstance(what, str):
            return f'<p style="margin:16px 12px 4px;color:#868686;font-size:12px">{escape(what)}</p>'
        state = self.here.slack.state
        who = reader_of(state, state.user(reader), what if isinstance(what, View) else None)
        body = message_html(what, who) if isinstance(what, Message) else view_html(what.payload, who)
        blocks = what.blocks if isinstance(what, Message) else what.payload["blocks"]
        return body + "".join(confirm(dialog, who) for dialog in confirms(blocks))


Scene = Callable[[World, Album], Awaitable[None]]
SCENES: dict[str, Scene] = {}


def scene(shoot: Scene) -> Scene:
    SCENES[shoot.__name__] = shoot
    return shoot


def confirms(node: Any) -> Iterator[dict[str, Any]]:
    """Yield the dialogs in which a block's elements ask first."""
    if isinstance(node, dict):
        if "confirm" in node and isinstance(node["confirm"], dict) and "deny" in node["confirm"]:
            yield node["confirm"]
        for value in node.values():
            yield from confirms(value)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from confirms(item)


async def subscribe(here: World, **changes: Any) -> None:
    """Write a subscription to the database in Robin's language."""
    await here.subscribe(language=language_of(here.slack.user(ROBIN).locale), **changes)


async def say(here: World, album: Album, *lines: str, user: str = ROBIN) -> Message:
    """Type commands and show each answer."""
    for line in lines:
        answer = await here.ask(line, user)
        album.show(line, answer, reader=user)
    return answer


# ---- conversations -------------------------------------------------------------------------------------------------


@scene
async def list_calls(here: World, album: Album) -> None:
    await say(here, album, "/kickscale calls last-month")


@scene
async def list_filters(here: World, album: Album) -> None:
    await say(here, album, '/kickscale calls acme.com last-month owner:@robin.rep type:"Follow-up" sort:oldest')


@scene
async def list_meetings(here: World, album: Album) -> None:
    await say(here, album, "/kickscale meetings acme.com last-month")


@scene
async def list_internal(here: World, album: Album) -> None:
    await say(here, album, "/kickscale meetings last-week scope:all")


@scene
async def list_empty(here: World, album: Album) -> None:
    await say(
        here, album, "/kickscale calls nobody.example last-week", "/kickscale calls acme.com 2026-11-21..2026-11-22"
    )
    await say(here, album, '/kickscale calls acme.com last-week owner:@lea.lead "quantum"')


@scene
async def details_view(here: World, album: Album) -> None:
    answer = await say(here, Album(here), "/kickscale calls acme.com last-week")
    await here.click(answer, ids.details(Kind.CALL))
    album.show(opened(here))


@scene
async def details_meeting(here: World, album: Album) -> None:
    answer = await say(here, Album(here), "/kickscale meetings acme.com last-month")
    await here.click(answer, ids.details(Kind.MEETING), index=1)
    album.show(opened(here))


@scene
async def details_message(here: World, album: Album) -> None:
    await say(here, album, f"/kickscale call {newest(here)}")


@scene
async def details_without_consent(here: World, album: Album) -> None:
    here.kickscale.change(newest(here), {"recordingConsent": False})
    await say(here, album, f"/kickscale call {newest(here)}")


@scene
async def transcript(here: World, album: Album) -> None:
    await here.click(await say(here, Album(here), f"/kickscale call {newest(here)}"), ids.transcript(Kind.CALL))
    if (view := here.slack.open_view(ROBIN)) is not None:
        album.show("The answer to Transcript", view)
    album.show("Direct message", *here.slack.direct_messages(ROBIN))


@scene
async def recording(here: World, album: Album) -> None:
    answer = await say(here, Album(here), f"/kickscale call {newest(here)}")
    await here.click(answer, ids.recording(Kind.CALL))
    if (view := here.slack.open_view(ROBIN)) is not None:
        album.show(view)
    else:
        album.show(here.slack.ephemerals(SALES, ROBIN)[-1])


@scene
async def share(here: World, album: Album) -> None:
    await here.click(await say(here, Album(here), "/kickscale calls acme.com last-week"), ids.SHARE)
    await here.click(await say(here, Album(here), f"/kickscale call {newest(here)}"), ids.SHARE)
    album.show(*here.slack.posts(SALES))


@scene
async def share_outside(here: World, album: Album) -> None:
    answer = await here.ask("/kickscale calls acme.com last-week", channel="sales-team")
    await here.click(answer, ids.SHARE)
    album.show(here.slack.ephemerals("sales-team", ROBIN)[-1])


# ---- digests -------------------------------------------------------------------------------------------------------


@scene
async def digest_commands(here: World, album: Album) -> None:
    await say(here, album, "/kickscale digest add acme.com", "/kickscale digest add *.acme.com at 8:30 on monday")
    await say(here, album, "/kickscale digest add globex.example live", "/kickscale digest list")
    await say(here, album, "/kickscale digest pause globex.example", "/kickscale digest remove acme.com")
    album.show("In the channel", *here.slack.posts(SALES))


@scene
async def digest_preview(here: World, album: Album) -> None:
    await say(here, album, "/kickscale digest preview acme.com", "/kickscale digest preview nobody.example")


@scene
async def digest_form(here: World, album: Album) -> None:
    await say(here, Album(here), "/kickscale digest add acme.com")
    await here.click(await here.ask("/kickscale digest list"), ids.DIGEST_EDIT)
    album.show(opened(here))


@scene
async def digest_day(here: World, album: Album) -> None:
    await subscribe(here, timezone="Europe/Berlin")
    await here.run_digests_at(THURSDAY + timedelta(days=1))
    album.show(*here.slack.posts(SALES))


@scene
async def digest_week(here: World, album: Album) -> None:
    since = THURSDAY - timedelta(days=7)
    await subscribe(here, domains=("*",), days=(4,), timezone="Europe/Berlin", since=since, due_after=since)
    await here.run_digests_at(THURSDAY + timedelta(days=1))
    album.show(*here.slack.posts(SALES))


@scene
async def digest_quiet(here: World, album: Album) -> None:
    await subscribe(here, domains=("nobody.example",), empty=True, timezone="Europe/Berlin")
    await here.run_digests_at(THURSDAY + timedelta(days=1))
    album.show(*here.slack.posts(SALES))


@scene
async def live_card(here: World, album: Album) -> None:
    await subscribe(here, live=True, since=here.clock.now() - timedelta(days=2))
    await here.look_for_news(timedelta(minutes=30))
    album.show(*here.slack.posts(SALES)[:2])


@scene
async def why(here: World, album: Album) -> None:
    await say(here, Album(here), "/kickscale digest add acme.com")
    await say(here, album, f"/kickscale why {newest(here)}")


# ---- uploads -------------------------------------------------------------------------------------------------------


@scene
async def uploads_commands(here: World, album: Album) -> None:
    await say(here, album, "/kickscale uploads status", "/kickscale uploads on")
    await here.type("/kickscale uploads on auto")
    album.show("/kickscale uploads on auto", opened(here))
    await here.slack.submit(ROBIN, opened(here), {"attestation": ["yes"]})
    await here.settle()
    await say(here, album, "/kickscale uploads off")
    album.show("In the channel", *here.slack.posts(SALES))


@scene
async def upload_offer(here: World, album: Album) -> None:
    await here.type("/kickscale uploads on")
    before = len(here.slack.posts(SALES))
    await here.share("2026-11-20 Pricing with Acme.wav", SOUND)
    await here.share("", b"", files=[("a.wav", SOUND), ("b.wav", wav(62))])
    album.show(*here.slack.posts(SALES)[before:])
    await here.share("broken.mp3", b"no sound")
    album.show("A file that can't be uploaded", *here.slack.ephemerals(SALES, ROBIN)[-1:])


@scene
async def upload_form(here: World, album: Album) -> None:
    await here.choose_upload(await here.share("Pricing with Acme.wav", SOUND))
    album.show(opened(here))


@scene
async def upload_sent(here: World, album: Album) -> None:
    here.kickscale.analysis_after = 600
    shared = await uploaded(here, SOUND, **{"s:customerDomains": "acme.com"})
    album.show("Sent", *here.thread(shared))
    await here.pass_time(700)
    await here.pass_time(700)
    album.show("Analysed", *here.thread(shared))
    album.show("The same recording again", *here.thread(await shared_again(here)))
    await say(here, album, "/kickscale uploads status")


@scene
async def upload_failed(here: World, album: Album) -> None:
    here.kickscale.faults.add("/calls/upload", stage=Stage.READ, status=422, message="duration must not be negative")
    album.show("Rejected", *here.thread(await uploaded(here, SOUND)))
    here.kickscale.faults.add("/calls/upload", stage=Stage.READ, status=503, times=3)
    album.show("Unavailable", *here.thread(await uploaded(here, wav(62))))


@scene
async def upload_unclear(here: World, album: Album) -> None:
    here.kickscale.faults.add("/calls/upload", stage=Stage.READ, status=500)
    shared = await uploaded(here, SOUND)
    for _ in range(40):
        await here.pass_time(60)
    album.show(*here.thread(shared))


async def uploaded(here: World, content: bytes, **values: Any) -> Message:
    """Share a recording, submit its form, and return the message it was shared in."""
    shared = await here.share("Pricing with Acme.wav", content)
    await here.choose_upload(shared)
    await here.submit_upload_form(**values)
    return shared


async def shared_again(here: World) -> Message:
    shared = await here.share("Copy.wav", SOUND)
    await here.choose_upload(shared)
    if here.slack.open_view(ROBIN) is not None:
        await here.submit_upload_form()
    return shared


# ---- help, status and errors ---------------------------------------------------------------------------------------


@scene
async def help_(here: World, album: Album) -> None:
    await say(here, album, "/kickscale help", "/kickscale help calls", "/kickscale help dates")


# ---- search and statistics -------------------------------------------------------------------------------------------


@scene
async def search(here: World, album: Album) -> None:
    await say(here, album, "/kickscale search price")
    await here.catch_up()
    await say(here, album, "/kickscale search price security", "/kickscale search quantum acme.com last-week")


@scene
async def stats(here: World, album: Album) -> None:
    await here.catch_up()
    await say(here, album, "/kickscale stats", "/kickscale stats acme.com last-week", "/kickscale stats nobody.example")


@scene
async def customers(here: World, album: Album) -> None:
    raw = {"id": "quiet", "date": "2026-10-02T10:00:00Z", "customerDomains": ["quiet.example"]}
    here.kickscale.add_call(raw)
    await here.catch_up()
    await say(here, album, "/kickscale customers")


@scene
async def status(here: World, album: Album) -> None:
    await say(here, album, "/kickscale status")
    await say(here, album, "/kickscale status", user=LEA)


@scene
async def errors(here: World, album: Album) -> None:
    await say(here, album, "/kickscale cals acme.com", "/kickscale calls acme", "/kickscale calls acme.com from 31.02.")
    await say(here, album, "/kickscale call 12345", '/kickscale calls outcome:"unclosed')
    here.kickscale.faults.add("/calls*", status=503, times=20)
    await say(here, album, "/kickscale calls initech.example yesterday")
    album.show(await here.ask("/kickscale calls acme.com", GUS, "acme-project"), reader=GUS)


def opened(here: World, user: str = ROBIN) -> View:
    view = here.slack.open_view(user)
    if view is None:
        raise LookupError("No form is open.")
    return view


def newest(here: World) -> str:
    """Return the id of the newest call with acme.com that was analysed."""
    calls = [raw for raw in here.kickscale.calls() if "acme.com" in raw["customerDomains"] and raw.get("summary")]
    now = here.clock.now().isoformat()
    return str(max((raw for raw in calls if raw["date"] < now), key=lambda raw: raw["date"])["id"])


# ---- drawing -------------------------------------------------------------------------------------------------------


def side_by_side(name: str, body: str) -> str:
    """Return a page that shows the same as on a wide screen and as on a phone."""
    content = escape(document(name, body))
    frames = (
        f'<iframe width="{width}" style="border:0;background:#fff" srcdoc="{content}" '
        'onload="this.height=this.contentDocument.documentElement.scrollHeight"></iframe>'
        for width in (WIDE, PHONE)
    )
    return (
        '<!doctype html><meta charset="utf-8"><body style="margin:0;background:#ddd;display:flex;'
        f'align-items:flex-start;gap:{GAP}px">{"".join(frames)}'
    )


async def shoot(name: str, folder: Path, locale: str) -> str:
    """Return what a scene shows people with this locale, as HTML."""
    async with world(folder, now=THURSDAY, populated=True, language=language_of(locale), admins="U0LEA00001") as here:
        users = here.slack.state.users
        users.update({id_: replace(user, locale=locale) for id_, user in users.items()})
        album = Album(here)
        try:
            await SCENES[name](here, album)
        except Exception:  # noqa: BLE001 the other scenes are still worth drawing
            traceback.print_exc()
            album.parts.append(f"<pre>{escape(traceback.format_exc(limit=-2))}</pre>")
        return "".join(album.parts)


async def main(target: Path, *arguments: str) -> None:
    names = [argument for argument in arguments if argument != "--de"] or list(SCENES)
    locale = "de-DE" if "--de" in arguments else ENGLISH
    logs.configure("CRITICAL", "text", ())
    target.mkdir(parents=True, exist_ok=True)
    if (command := find_chromium()) is None:
        raise SystemExit(MISSING)
    with tempfile.TemporaryDirectory() as temporary:
        async with chromium(command) as browser:
            page = await browser.new_page(viewport={"width": WIDE + GAP + PHONE, "height": 100})
            for name in names:
                Path(temporary, name).mkdir()
                await page.set_content(side_by_side(name, await shoot(name, Path(temporary, name), locale)))
                await page.screenshot(path=target / f"{name}.png", full_page=True)
                print(name)  # noqa: T201 it takes a while


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
