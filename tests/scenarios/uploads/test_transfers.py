"""What happens to a recording on its way to Kickscale, on good days and bad ones."""

import hashlib
import itertools
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot import ids
from bot.model.uploads import Attestation, Upload
from bot.sandbox.kickscale import Stage, UploadForm
from bot.sandbox.slack import Message
from tests.clock import MONDAY_MORNING as NOW
from tests.databases import run_sql
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import GUESTS, LEA, ROBIN, SALES, World, audit_row, call, free_port, missing_dates, world

UPLOAD = "/calls/upload"
STORAGE = "/storage/*"
SOUND = wav(10)  # 160 kB: more than is read before anything is sent
OTHER = SOUND[:-1] + b"\x01"

pytestmark = pytest.mark.usefixtures("no_backoff")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
async def here(here: World) -> World:
    """Uploads are on in two channels, and nothing is analysed."""
    here.kickscale.analysis_after = 10 * 86_400
    for channel in (SALES, "general"):
        await here.type("/kickscale uploads on", channel=channel)
    return here


@asynccontextmanager
async def addressed(folder: Path) -> AsyncIterator[World]:
    """The bot has a public address, uploads are on, and nothing is analysed."""
    port = free_port()
    async with world(folder, port=port, public_url=f"http://127.0.0.1:{port}") as here:
        here.kickscale.analysis_after = 10 * 86_400
        await here.type("/kickscale uploads on")
        yield here


@pytest.fixture
async def public(tmp_path: Path) -> AsyncIterator[World]:
    """Kickscale fetches recordings from the bot."""
    async with addressed(tmp_path) as here:
        await take_as(here, UploadForm.URL)
        yield here


async def take_as(here: World, form: UploadForm) -> None:
    """Have Kickscale accept recordings in another way from now on, and the bot read its document."""
    here.kickscale.variant.upload = form
    await here.restart()
    await here.settle()


async def offered(here: World, name: str, content: bytes | int, channel: str = SALES) -> Message:
    """Share a recording, and open the form; return the message with the recording."""
    shared = await here.share(name, content, channel=channel)
    await here.click(here.thread(shared)[0], "Upload to Kickscale")
    return shared


async def promised(here: World, name: str, content: bytes | int, channel: str = SALES) -> Message:
    """Share a recording, and have it uploaded; return as soon as nothing is due."""
    shared = await offered(here, name, content, channel)
    await here.submit_upload_form()
    return shared


async def submit(here: World, user: str = ROBIN) -> None:
    """Submit the form, and wait for nothing: if something hangs, its end would not come."""
    view = here.slack.open_view(user)
    assert view is not None
    delivery = await here.slack.submit(user, view, {"attestation": ["yes"], **missing_dates(view, here.clock.now())})
    assert not delivery.error, delivery


def status(here: World, shared: Message) -> str:
    """Return the bot's last message below this one."""
    thread = here.thread(shared)
    return re.sub("[*`]", "", here.text(thread[-1])) if thread else ""


async def reply_with(here: World, shared: Message, words: str) -> str:
    """Return the bot's message below this one as soon as it contains these words."""
    is_said = lambda: len(here.thread(shared)) > 1 and words in status(here, shared)  # noqa: E731
    await here.run_to_end(here.slack.wait_for(is_said))
    return status(here, shared)


async def form_is_open(here: World) -> None:
    await here.slack.wait_for(lambda: getattr(here.slack.open_view(ROBIN), "callback_id", "") == ids.UPLOAD_FORM)


async def hanging(here: World) -> None:
    """Return once Kickscale keeps the bot waiting for an answer."""
    await here.run_to_end(here.kickscale.requests.until(lambda _: here.kickscale.hanging > 0))


async def asked(here: World, name: str, content: bytes) -> Message:
    """Like `offered`, while another one may hang."""
    shared = await here.slack.share(ROBIN, SALES, name, content)
    (offer,) = await here.run_to_end(here.slack.wait_for(lambda: here.thread(shared)))
    await here.slack.click(ROBIN, offer, "Upload to Kickscale")
    await here.run_to_end(form_is_open(here))
    return shared


async def beside(here: World, name: str, content: bytes) -> Message:
    """Share a recording and have it uploaded, without waiting: another one may hang."""
    shared = await asked(here, name, content)
    await submit(here)
    return shared


async def stuck(here: World, name: str, content: bytes, after: int = 100_000) -> Message:
    """Share a recording of which Slack sends the first bytes, and then hangs."""
    shared = await asked(here, name, content)
    here.slack.faults.add("download", after=after, hang=True, times=2)  # the first request reads only the beginning
    await submit(here)
    downloads = here.slack.downloads.served
    is_so = (shared.files[0], after)
    await here.run_to_end(
        here.slack.wait_for(lambda: is_so in [(download.file, download.sent) for download in downloads])
    )
    await reply_with(here, shared, name)
    return shared


def links(here: World, shared: Message) -> list[str]:
    """Return where the bot's last message below this one leads."""
    return re.findall(r"<(https?://[^|>]+)\|", json.dumps(here.thread(shared)[-1].blocks))


def permalink(here: World, message: Message) -> str:
    place = f"{here.slack.base_url}/archives/{message.channel}/p{message.ts.replace('.', '')}"
    return f"{place}?thread_ts={message.thread_ts}&amp;cid={message.channel}"


async def over(here: World, *, left: int) -> None:
    """Return as soon as no more than this many attempts are under way."""
    while (await here.bot.database.jobs.unfinished()).get("transfer", 0) > left:
        await here.clock.advance(0)


async def press(here: World, shared: Message, button: str) -> None:
    """Press a button of the bot's last message, while something may be under way."""
    delivery = await here.slack.click(ROBIN, here.thread(shared)[-1], button)
    assert not delivery.error, delivery


async def second_by_second(here: World, shared: Message, words: str = "analys") -> None:
    """Let seconds pass until these words are there. Whatever looks each second has shown it before the next one."""
    end = here.clock.now() + timedelta(hours=1)
    while words not in status(here, shared):
        assert here.clock.now() < end, status(here, shared)
        await here.clock.advance(1)
        await here.bot.database.check()
        await here.clock.advance(0)
        await here.bot.services.background.idle()


async def cancel(here: World, shared: Message) -> None:
    """Press *Cancel* while the recording is under way: the attempt checks for that every three seconds."""
    await press(here, shared, "Cancel")
    end = here.clock.now() + timedelta(hours=1)
    while here.clock.now() < end and "cancelled the upload" not in status(here, shared):
        await here.clock.advance(3)
        with suppress(TimeoutError):
            await here.slack.wait_for(lambda: "cancelled the upload" in status(here, shared), timeout=0.05)
    assert "@Robin Rep cancelled the upload" in status(here, shared)


async def until(here: World, shared: Message, words: str, hours: float = 1) -> str:
    """Let time pass, job after job, until these words are below a message."""
    end = here.clock.now() + timedelta(hours=hours)
    step = 15.0
    while words not in status(here, shared):
        assert here.clock.now() < end, status(here, shared)
        await here.pass_time(step)
        step = min(1.2 * step, 900)
    return status(here, shared)


def posts(here: World, path: str = UPLOAD) -> int:
    """Return how often something was posted to this path."""
    return len(here.kickscale.requests.on(path, "P*"))


# ---- the three forms -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
async def test_the_bytes_arrive_whole(here: World, form: UploadForm) -> None:
    """As a form and at a pre-signed address: every byte, under our own key, and the bucket gets no credentials."""
    await take_as(here, form)
    shared = await promised(here, "acme.wav", SOUND)
    (received,) = here.kickscale.uploads
    assert (received.size, received.sha256) == (len(SOUND), sha256(SOUND))
    assert received.fields["externalCallId"].startswith("slack-F")
    assert here.kickscale.leaks == []
    assert "is analysing it now" in status(here, shared)
    assert kept_addresses(here) == []


async def test_kickscale_fetches_a_recording_from_the_bot(public: World) -> None:
    """At an address that nobody can guess, and only as long as it may be fetched."""
    shared = await promised(public, "Acme & co.wav", SOUND)
    (received,) = public.kickscale.uploads
    assert (received.size, received.sha256) == (len(SOUND), sha256(SOUND))
    assert "is analysing it now" in status(public, shared)
    address = received.fields["recordingUrl"]
    base, secret, _ = address.rsplit("/", 2)
    assert base == f"{public.settings.public_url}/recordings"
    assert len(secret) >= 43  # 256 bits
    async with aiohttp.ClientSession() as session:

        async def answer(url: str) -> tuple[int, bytes]:
            async with session.get(url) as response:
                types.append(response.content_type)
                return response.status, await response.read()

        types: list[str] = []
        assert await answer(address) == (200, SOUND)
        assert types[0] in ("audio/wav", "audio/x-wav")
        assert (await answer(address.replace(secret, secret[:-1] + ("A" if secret[-1] != "A" else "B"))))[0] == 404
        assert (await answer(address.replace(secret, "x")))[0] == 404
        await public.clock.advance(86_400)
        assert (await answer(address))[0] == 404


def kept_addresses(here: World) -> list[str]:
    """Return the addresses of recordings that are still in the database."""
    noted = [json.loads(progress).get("address") for (progress,) in run_sql(here.settings, "select progress from jobs")]
    found = run_sql(here.settings, "select address from uploads where address != ''")
    return [*(address for (address,) in found), *(address["url"] for address in noted if address)]


async def test_the_address_ends_with_the_upload(public: World) -> None:
    """Once the call is analysed, nobody fetches the recording any more."""
    public.kickscale.analysis_after = 4
    await promised(public, "acme.wav", SOUND)
    assert len(kept_addresses(public)) == 1
    await public.pass_time(60)
    assert kept_addresses(public) == []
    (received,) = public.kickscale.uploads
    async with aiohttp.ClientSession() as session, session.get(received.fields["recordingUrl"]) as response:
        assert response.status == 404


@pytest.mark.parametrize("public_url", ["", "https://bot.example.com"])
async def test_without_a_public_address_the_bot_says_so(tmp_path: Path, public_url: str) -> None:
    """If the API fetches recordings and the bot can't be reached, the message names the settings."""
    async with world(tmp_path, public_url=public_url) as here:
        await take_as(here, UploadForm.URL)
        shared = await here.share("acme.wav", SOUND)
        await here.choose_upload(shared)
        await here.submit_upload_form()
        assert "have no public address" in status(here, shared)
        assert "PUBLIC_URL (and PORT in Socket Mode)" in status(here, shared)
        assert posts(here) == 0


async def test_the_way_may_change_between_two_tries(here: World) -> None:
    """Kickscale's document is read again: uploads that wait are sent in the new way, with the same key."""
    here.kickscale.faults.add(UPLOAD, status=429, retry_after=60)
    shared = await promised(here, "acme.wav", SOUND)
    await take_as(here, UploadForm.PRESIGNED)
    await until(here, shared, "is analysing it now")
    (received,) = here.kickscale.uploads
    assert received.sha256 == sha256(SOUND)
    assert posts(here, STORAGE) == 1


async def test_an_address_is_used_although_the_way_has_changed(here: World) -> None:
    """The bucket may have the bytes already: sent in the new way, they would be a second call."""
    await take_as(here, UploadForm.PRESIGNED)
    here.kickscale.faults.add(STORAGE, stage=Stage.STORED, broken=True)
    shared = await promised(here, "acme.wav", SOUND)
    await take_as(here, UploadForm.MULTIPART)
    await until(here, shared, "is analysing it now")
    assert len(here.kickscale.uploads) == 1
    assert posts(here, STORAGE) == 2


# ---- what is taken -------------------------------------------------------------------------------------------------


async def test_a_format_that_kickscale_does_not_accept_is_named(here: World) -> None:
    """By its bytes, or by the ending of its name; the message lists the formats that it accepts."""
    flac = b"fLaC\x00\x00\x00\x22" + bytes(100_000)
    await here.choose_upload(await here.share("acme.flac", flac))
    said = "Supported formats: mp3, m4a, mp4, wav, webm, ogg."
    assert said in here.text(here.slack.open_view(ROBIN))
    shared = await promised(here, "acme.mp3", flac)
    assert "is analysing it now" in status(here, shared)


async def test_the_limit_is_named_for_a_recording_that_is_too_large(here: World) -> None:
    """The limit from Kickscale's document, in readable units."""
    shared = await offered(here, "acme.wav", SOUND)
    here.kickscale.variant.max_bytes = 100_000
    await here.restart()
    await here.submit_upload_form()
    assert "larger than the 100 kB limit" in status(here, shared)


async def test_html_in_place_of_a_recording_is_a_lack_of_permission(here: World) -> None:
    """Slack answers with its sign-in page and 200 if the bot may not have the file."""
    shared = await offered(here, "acme.wav", SOUND)
    here.slack.faults.add("download", html=True, times=2)
    await here.submit_upload_form()
    assert "Slack won't let me read acme.wav" in status(here, shared)
    assert here.kickscale.uploads == []


@pytest.mark.parametrize("fault", [{"after": 100_000}, {"after": 100_000, "short": True}])
async def test_a_truncated_recording_is_no_call(here: World, fault: dict[str, Any]) -> None:
    """The bytes are counted: a download that breaks off, or claims to be shorter, is tried again."""
    shared = await offered(here, "acme.wav", SOUND)
    here.slack.faults.add("download", times=2, **fault)
    await here.submit_upload_form()
    assert "Slack isn't providing the file right now" in status(here, shared)
    assert here.kickscale.uploads == []
    await until(here, shared, "is analysing it now")
    (received,) = here.kickscale.uploads
    assert received.sha256 == sha256(SOUND)


async def test_a_recording_that_was_deleted_ends_kindly(here: World) -> None:
    """The message says so once, and blames nobody."""
    shared = await offered(here, "acme.wav", SOUND)
    here.slack.delete_file(ROBIN, shared.files[0])
    await here.submit_upload_form()
    assert "acme.wav is no longer in Slack, so it can't be uploaded." in status(here, shared)
    assert posts(here) == 0


async def test_a_recording_that_is_deleted_between_two_tries_ends_kindly(here: World) -> None:
    """The upload doesn't wait for it any longer."""
    here.kickscale.faults.add(UPLOAD, status=429, retry_after=60)
    shared = await promised(here, "acme.wav", SOUND)
    here.slack.delete_file(ROBIN, shared.files[0])
    assert "is no longer in Slack" in await until(here, shared, "couldn't upload")
    assert here.kickscale.uploads == []


# ---- progress and Cancel -------------------------------------------------------------------------------------------


async def test_progress_is_shown_by_editing_one_message(here: World) -> None:
    """A bar, bytes, rate and remaining time, with *Cancel*, at most every three seconds."""
    shared = await offered(here, "long.wav", 10_000_000)
    here.slack.faults.add("download", pause=1, times=2)
    began = here.clock.now()
    await submit(here)
    await second_by_second(here, shared)
    _, message = here.thread(shared)
    edits = [call for call in here.slack.calls if call.method == "chat.update" and call.args["ts"] == message.ts]
    bars = [(call.at, str(call.args)) for call in edits if "\u2593" in str(call.args)]
    assert len(bars) >= 3
    for at, text in bars:
        assert re.search(r"[\u2593\u2591]{10} \d+% · [\d.]+ of 10 MB", text), (at, text)
        assert "Cancel" in text
    assert re.search(r" · [\d.]+ [kM]B/s · [^·]+ left", bars[1][1]), bars[1]
    assert len(bars) <= (bars[-1][0] - began).total_seconds() / 3
    assert len(here.thread(shared)) == 2
    assert "is analysing it now" in status(here, shared)


async def test_the_more_uploads_at_a_time_the_fewer_edits_each(tmp_path: Path) -> None:
    """Slack allows fifty edits a minute for all of them together."""
    async with world(tmp_path, upload_concurrency=4) as here:
        await here.type("/kickscale uploads on")
        shared = await offered(here, "long.wav", 25_000_000)
        here.slack.faults.add("download", pause=1, times=2)
        began = here.clock.now()
        await submit(here)
        await second_by_second(here, shared)
        message = here.thread(shared)[-1]
        edits = [call for call in here.slack.calls if call.method == "chat.update" and call.args["ts"] == message.ts]
        bars = [call.at for call in edits if "\u2593" in str(call.args)]
        assert len(bars) > 1
        assert len(bars) <= (bars[-1] - began).total_seconds() / 6


async def test_what_kickscale_fetches_shows_its_progress_too(public: World) -> None:
    """The bytes are counted as they leave the bot; the recording is read once before that, for its hash."""
    shared = await offered(public, "long.wav", 10_000_000)
    public.slack.faults.add("download", pause=1, times=3)
    await submit(public)
    await second_by_second(public, shared)
    edits = [str(call.args) for call in public.slack.calls if call.method == "chat.update"]
    assert any("Checking" in text and "of 10 MB" in text for text in edits)
    assert any("Uploading" in text and re.search(r"[1-9]% · [\d.]+ of 10 MB", text) for text in edits)
    assert "is analysing it now" in status(public, shared)


async def test_waiting_uploads_show_their_place(here: World) -> None:
    """Two are under way at a time; those behind one that is cancelled in the queue move up."""
    under_way = [await stuck(here, f"long {number}.wav", SOUND + bytes(2 * number)) for number in range(2)]
    waiting = [await beside(here, f"short {number}.wav", SOUND + bytes(10 + 2 * number)) for number in range(2)]
    await reply_with(here, waiting[0], "Number 1 in the queue")
    await reply_with(here, waiting[1], "Number 2 in the queue")
    assert posts(here) == 2
    await press(here, waiting[0], "Cancel")
    assert "@Robin Rep cancelled the upload" in await reply_with(here, waiting[0], "cancelled the upload")
    await reply_with(here, waiting[1], "Number 1 in the queue")
    await cancel(here, under_way[0])
    await reply_with(here, waiting[1], "is analysing it now")
    assert [upload.file_name for upload in here.kickscale.uploads] == ["short 1.wav"]


async def test_uploads_from_the_disk_take_no_place_in_the_queue(here: World) -> None:
    """`kickscale-bot upload` has its own queue, and may have been killed long ago: its recordings don't count."""
    for number in range(12):
        left = Upload(0, f"sha256:{number}", "old.wav", 10, {}, f"k{number}", Attestation("Lea", NOW), NOW)
        await here.bot.database.uploads.add(left, audit_row("upload"))
    under_way = [await stuck(here, f"long {number}.wav", SOUND + bytes(2 * number)) for number in range(2)]
    waiting = [await beside(here, f"short {number}.wav", SOUND + bytes(10 + 2 * number)) for number in range(2)]
    await reply_with(here, waiting[0], "Number 1 in the queue")
    await reply_with(here, waiting[1], "Number 2 in the queue")
    await press(here, waiting[0], "Cancel")
    await reply_with(here, waiting[1], "Number 1 in the queue")
    await cancel(here, under_way[0])


async def test_cancelled_while_it_is_compared(here: World) -> None:
    """It is being hashed, because a recording of the same size was uploaded before: nothing is sent."""
    await promised(here, "first.wav", SOUND)
    shared = await stuck(here, "second.wav", OTHER)
    await cancel(here, shared)
    assert posts(here) == 1


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
async def test_cancelled_while_it_is_sent(here: World, form: UploadForm) -> None:
    """As long as not all of it was sent, Kickscale has no call; it can be uploaded after all."""
    await take_as(here, form)
    shared = await stuck(here, "acme.wav", SOUND)
    await here.run_to_end(here.kickscale.requests.until(lambda log: len(log.on("*", "P*")) > 0))
    await cancel(here, shared)
    await here.pass_time(600)
    assert here.kickscale.uploads == []
    await here.slack.message_shortcut(ROBIN, SALES, shared, ids.UPLOAD_SHORTCUT)
    await here.settle()
    await here.submit_upload_form()
    assert "is analysing it now" in status(here, shared)
    assert len(here.kickscale.uploads) == 1


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
async def test_cancelled_after_the_last_byte_is_too_late(here: World, form: UploadForm) -> None:
    """All of it was sent, so Kickscale may have it: the message shows its answer."""
    await take_as(here, form)
    path = STORAGE if form is UploadForm.PRESIGNED else UPLOAD
    here.kickscale.faults.add(path, stage=Stage.STORED, hang=True)
    shared = await offered(here, "acme.wav", SOUND)
    await submit(here)
    await reply_with(here, shared, "acme.wav")
    await hanging(here)
    await press(here, shared, "Cancel")
    await here.clock.advance(10)
    here.kickscale.release()
    assert "was uploaded" in await reply_with(here, shared, "is analysing it now")
    assert len(here.kickscale.uploads) == 1
    await press(here, shared, "Details")


# ---- once ----------------------------------------------------------------------------------------------------------


async def test_the_same_bytes_in_another_file_are_sent_once(here: World) -> None:
    """They are hashed before anything is sent, and the second thread leads to the first."""
    first = await promised(here, "first.wav", SOUND)
    second = await promised(here, "second.wav", SOUND)
    assert len(here.kickscale.uploads) == 1
    assert posts(here) == 1
    said = status(here, second)
    assert "second.wav is already in Kickscale. @Robin Rep uploaded the same recording as first.wav" in said
    assert links(here, second) == [permalink(here, here.thread(first)[-1])]
    assert "[Details]" in said


@pytest.mark.parametrize("private", [False, True])
async def test_a_thread_says_nothing_of_what_another_channel_uploaded(here: World, private: bool) -> None:
    """Only the person who asked learns where, if they are a member there: the thread may have guests."""
    channel = "leads-only" if private else SALES
    if private:
        await here.slack.join("kickscale", channel)
    user = LEA if private else ROBIN
    first = await here.share("Merger with Globex.wav", SOUND, user, channel)
    await here.choose_upload(first, user)
    await here.submit_upload_form(user)
    second = await here.share("call.wav", SOUND, channel=GUESTS)
    await here.choose_upload(second, LEA)
    await here.submit_upload_form(LEA)
    await here.pass_time(5)
    third = await here.share("again.wav", SOUND, channel=GUESTS)
    await here.choose_upload(third)
    await here.submit_upload_form()
    await here.pass_time(5)
    for shared in (second, third):
        said = status(here, shared)
        assert "is already in Kickscale" in said
        assert "Merger" not in said
        assert links(here, shared) == []
    (told_lea,) = here.slack.ephemerals(GUESTS, LEA)
    assert "uploaded it as Merger with Globex.wav" in here.text(told_lea, LEA)
    assert bool(here.slack.ephemerals(GUESTS, ROBIN)) is not private


async def test_the_same_bytes_at_the_same_time_are_sent_once(here: World) -> None:
    """The second one waits until the first has ended."""
    first = await stuck(here, "first.wav", SOUND)
    second = await beside(here, "second.wav", SOUND)
    assert "is waiting for another upload of the same size" in await reply_with(
        here, second, "is waiting for another upload"
    )
    await here.restart()  # the hanging download starts again
    await until(here, second, "is already in Kickscale")
    assert "is analysing it now" in status(here, first)
    assert len(here.kickscale.uploads) == 1


async def test_when_the_first_fails_the_second_is_sent(here: World) -> None:
    """An upload that waited for the same recording isn't lost with it."""
    first = await stuck(here, "first.wav", SOUND)
    second = await beside(here, "second.wav", SOUND)
    await reply_with(here, second, "is waiting for another upload")
    await cancel(here, first)
    await until(here, second, "is analysing it now")
    assert [upload.file_name for upload in here.kickscale.uploads] == ["second.wav"]


async def test_one_that_is_started_again_waits_for_those_before_it(here: World) -> None:
    """It has its old id and a new place: the same bytes are on their way as another file by now."""
    first = await offered(here, "first.wav", SOUND)
    here.kickscale.faults.add(UPLOAD, status=422, message="No such customer")
    await here.submit_upload_form()
    await here.pass_time(60)
    second = await stuck(here, "second.wav", SOUND)
    await here.slack.message_shortcut(ROBIN, SALES, first, ids.UPLOAD_SHORTCUT)
    await here.run_to_end(form_is_open(here))
    await submit(here)
    await reply_with(here, first, "is waiting for another upload")
    await here.restart()
    await until(here, first, "is already in Kickscale")
    assert "is analysing it now" in status(here, second)
    assert len(here.kickscale.uploads) == 1


async def test_the_same_file_in_three_channels_is_sent_once(here: World) -> None:
    """There is one call; the other two offers lead to the first thread, for people who are members there."""
    await here.type("/kickscale uploads on", channel="deals")
    first = await here.share("acme.wav", SOUND)
    others = []
    for channel in ("general", "deals"):
        others.append(await here.slack.share_again(ROBIN, first.files[0], channel))
        await here.settle()
    await here.click(here.thread(first)[0], "Upload to Kickscale")
    await here.submit_upload_form()
    for shared in others:
        await here.click(here.thread(shared)[0], "Upload to Kickscale")
        view = here.slack.open_view(ROBIN)
        assert "This recording is already in Kickscale. @Robin Rep uploaded it as acme.wav" in here.text(view)
        assert view is not None
        assert permalink(here, here.thread(first)[-1]) in json.dumps(view.payload["blocks"])
    assert len(here.kickscale.uploads) == 1


async def test_forms_of_the_same_file_are_all_answered(here: World) -> None:
    """After it was uploaded elsewhere, the first form is answered in its thread, and later ones right away."""
    await here.type("/kickscale uploads on auto", channel="deals")
    await here.submit_upload_form()
    shared = await here.share("2026-11-20 14.30 acme.wav", SOUND)
    for user in (ROBIN, LEA):
        await here.choose_upload(shared, user)
    await here.slack.share_again(ROBIN, shared.files[0], "deals")
    await here.settle()
    await here.submit_upload_form()
    assert "This recording is already in Kickscale" in status(here, shared)
    said = len(here.thread(shared))
    await here.submit_upload_form(LEA)
    assert "already in Kickscale" in here.text(here.slack.open_view(LEA), LEA)
    await here.mention("please", LEA, thread_ts=shared.ts)
    assert "uploaded it as 2026-11-20 14.30 acme.wav" in here.text(here.slack.ephemerals(SALES, LEA)[-1], LEA)
    assert len(here.thread(shared)) == said
    assert len(here.kickscale.uploads) == 1


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_people_who_were_led_to_an_upload_hear_how_it_ended(here: World, is_restarted: bool) -> None:
    """So they can ask again, and that works."""
    first = await here.share("acme.wav", SOUND)
    second = await here.slack.share_again(ROBIN, first.files[0], "general")
    await here.settle()
    for number in range(2):
        await here.click(here.thread(first)[0], "Upload to Kickscale") if not number else await here.choose_upload(
            first
        )
        await here.choose_upload(second, LEA)
        here.kickscale.faults.add(UPLOAD, status=429, retry_after=600)
        await here.submit_upload_form()
        await here.submit_upload_form(LEA)
        assert "is already being uploaded" in status(here, second)
        if is_restarted:
            await here.restart()
        await here.click(here.thread(first)[-1], "Cancel")
        assert "didn't get to Kickscale" in await until(here, second, "To try again")
        assert len(here.thread(second)) == 2 + number, "the offer, and one message for each time it was asked for"
    await here.choose_upload(second, LEA)
    await here.submit_upload_form(LEA)
    await until(here, second, "is analysing it now")
    assert len(here.kickscale.uploads) == 1


async def test_an_event_that_comes_four_times_is_one_upload(here: World) -> None:
    """Twice under one id and twice under another: one offer, one call."""
    shared = await here.share("acme.wav", SOUND, repeats=2, again=1)
    (offer,) = here.thread(shared)
    await here.click(offer, "Upload to Kickscale")
    await here.submit_upload_form()
    assert len(here.kickscale.uploads) == 1


async def test_other_bytes_of_the_same_size_are_another_recording(here: World) -> None:
    """The size says nothing: both are uploaded."""
    await promised(here, "first.wav", SOUND)
    second = await promised(here, "second.wav", OTHER)
    assert "is analysing it now" in status(here, second)
    assert [upload.sha256 for upload in here.kickscale.uploads] == [sha256(SOUND), sha256(OTHER)]


async def test_one_that_is_started_again_is_sent_once(here: World) -> None:
    """It was cancelled in the queue while an attempt waited for Slack, and both attempts get the file."""
    shared = await here.share("acme.wav", SOUND)
    for user in (ROBIN, LEA):
        await here.click(here.thread(shared)[0], "Upload to Kickscale", user)
    here.slack.faults.add("files.info", latency=9)
    await submit(here)
    await reply_with(here, shared, "acme.wav")
    await press(here, shared, "Cancel")
    await reply_with(here, shared, "cancelled the upload")
    here.kickscale.faults.add(UPLOAD, hang=True)
    await submit(here, LEA)
    await hanging(here)
    await here.clock.advance(9)
    await over(here, left=1)
    here.kickscale.release()
    await here.settle()
    assert (posts(here), len(here.kickscale.uploads)) == (1, 1)
    assert "is analysing it now" in status(here, shared)


async def test_a_late_message_does_not_replace_a_later_one(here: World) -> None:
    """It failed in one channel and is started again in another, before Slack accepts the first message."""
    first = await here.share("acme.wav", SOUND)
    second = await here.slack.share_again(ROBIN, first.files[0], "general")
    await here.settle()
    here.kickscale.faults.add(UPLOAD, status=422, message="No such customer")
    await here.click(here.thread(first)[0], "Upload to Kickscale")
    here.slack.faults.add("chat.postMessage", latency=5)
    await submit(here)
    await here.kickscale.requests.until(lambda _: posts(here) == 1)
    await over(here, left=0)
    await here.clock.advance(1)
    while here.slack.faults.ordered:
        await here.clock.advance(0)
    await here.slack.click(ROBIN, here.thread(second)[0], "Upload to Kickscale")
    await here.run_to_end(form_is_open(here))
    await submit(here)
    await reply_with(here, second, "is analysing it now")
    await here.pass_time(5)
    await here.pass_time(60)
    (upload,) = await here.bot.database.uploads.of_channel(here.slack.state.channel("general").id, 9)
    assert upload.message_ts == here.thread(second)[-1].ts


# ---- refusals ------------------------------------------------------------------------------------------------------


async def test_kickscales_refusal_is_quoted(here: World) -> None:
    """For example a rep without a seat: at once, and without another try."""
    here.kickscale.seatless.add("robin.rep@example.com")
    shared = await promised(here, "acme.wav", SOUND)
    assert "Kickscale rejected it: User has no paid seat" in status(here, shared)
    await here.pass_time(7_200)
    assert posts(here) == 1


@pytest.mark.parametrize("stage", [Stage.REQUEST, Stage.MIDDLE])
async def test_an_early_refusal_ends_the_sending(here: World, stage: Stage) -> None:
    """An answer in the middle of the body ends the sending."""
    here.kickscale.faults.add(UPLOAD, stage=stage, status=413, message="Recordings of this size go elsewhere")
    shared = await promised(here, "long.wav", 5_000_000)
    assert "rejected it: Recordings of this size go elsewhere" in status(here, shared)
    assert posts(here) == 1


async def test_refused_credentials_are_reported(here: World) -> None:
    """Without showing the credentials, and with what to do."""
    here.kickscale.api_key = "another one"
    shared = await promised(here, "acme.wav", SOUND)
    assert "Kickscale rejected my API key" in status(here, shared)


@pytest.mark.parametrize("status_code", [401, 403])
async def test_a_refusal_that_says_more_is_quoted(here: World, status_code: int) -> None:
    """It may be about the rep as well as about the key; NestJS's default messages aren't shown."""
    here.kickscale.faults.add(UPLOAD, status=status_code, message="User robin.rep@example.com has no seat")
    shared = await promised(here, "acme.wav", SOUND)
    said = status(here, shared)
    assert (
        "Kickscale denied access: User robin.rep@example.com has no seat. Either the rep has no Kickscale seat" in said
    )
    assert "a problem with my API key" in said
    for number, bare in enumerate(["Forbidden", "Forbidden resource", "Unauthorized"], 1):
        here.kickscale.faults.add(UPLOAD, status=status_code, message=bare)
        shared = await promised(here, "acme.wav", SOUND + bytes(2 * number))
        assert "Kickscale rejected my API key or client ID." in status(here, shared)


# ---- patience ------------------------------------------------------------------------------------------------------


async def test_too_many_requests_are_waited_out(here: World) -> None:
    """For as long as Kickscale asks; nothing is sent in the meantime."""
    here.kickscale.faults.add(UPLOAD, status=429, retry_after=300)
    shared = await promised(here, "acme.wav", SOUND)
    assert "I'll try again today at 09:35" in status(here, shared)
    await here.pass_time(290)
    assert posts(here) == 1
    await here.pass_time(12)
    assert "is analysing it now" in status(here, shared)
    assert (posts(here), len(here.kickscale.uploads)) == (2, 1)


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
async def test_a_server_error_before_storing_is_tried_again(here: World, form: UploadForm) -> None:
    """After 500 twice, with nothing stored, the third try succeeds under the same key, and there is one call."""
    await take_as(here, form)
    path = STORAGE if form is UploadForm.PRESIGNED else UPLOAD
    here.kickscale.faults.add(path, stage=Stage.READ, status=500, times=2)
    shared = await promised(here, "acme.wav", SOUND)
    await until(here, shared, "is analysing it now")
    assert posts(here, path) == 3
    (received,) = here.kickscale.uploads
    assert received.sha256 == sha256(SOUND)


@pytest.mark.parametrize("fault", [{"status": 503}, {"broken": True}])
async def test_what_ended_before_all_bytes_were_sent_is_sent_again_after_a_pause(
    here: World, fault: dict[str, Any]
) -> None:
    """Nothing can have been stored, so the list of calls isn't searched."""
    here.kickscale.faults.add(UPLOAD, stage=Stage.MIDDLE, after=100_000, times=2, **fault)
    shared = await promised(here, "long.wav", 30_000_000)
    assert "Kickscale is unavailable right now" in status(here, shared)
    await here.pass_time(6)
    assert "I'll try again" in status(here, shared)
    await here.pass_time(11)
    assert "is analysing it now" in status(here, shared)
    assert not here.kickscale.requests.on("/calls", "GET")
    assert (posts(here), len(here.kickscale.uploads)) == (3, 1)


async def test_it_is_not_sent_again_before_it_might_have_turned_up(here: World) -> None:
    """The list may lag behind: it is searched for two minutes, and the thread says so."""
    here.kickscale.faults.add(UPLOAD, stage=Stage.READ, status=500)
    shared = await promised(here, "acme.wav", SOUND)
    assert "I'm checking whether it arrived, so it isn't uploaded twice" in status(here, shared)
    for _ in range(7):
        await here.pass_time(15)
    assert posts(here) == 1
    assert len(here.kickscale.requests.on("/calls", "GET")) > 4
    await until(here, shared, "is analysing it now")
    assert posts(here) == 2


STORED: dict[str, dict[str, Any]] = {
    "an error": {"status": 500},
    "another page": {"status": 303, "redirect": "https://example.com/calls/1"},
    "no answer": {"broken": True},
    "half an answer": {"truncated": True},
}


@pytest.mark.parametrize("form", list(UploadForm)[:3])
async def test_what_was_stored_is_not_sent_again(tmp_path: Path, form: UploadForm) -> None:
    """Kickscale has it without saying so: it is found by its key, or put at its address again, and is one call."""
    async with addressed(tmp_path) as here:
        await take_as(here, form)
        path = STORAGE if form is UploadForm.PRESIGNED else UPLOAD
        for number, (name, fault) in enumerate(STORED.items()):
            content = SOUND + bytes(2 * number)
            here.kickscale.faults.add(path, stage=Stage.STORED, **fault)
            shared = await promised(here, f"{name}.wav", content)
            await until(here, shared, "is analysing it now")
            received = here.kickscale.uploads[number:]
            assert [upload.sha256 for upload in received] == [sha256(content)], name
        again = await promised(here, "again.wav", SOUND)
        await until(here, again, "is already in Kickscale")
        assert len(here.kickscale.uploads) == len(STORED)


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
async def test_a_connection_that_is_cut_is_no_call_and_no_loss(here: World, form: UploadForm) -> None:
    """In the middle of the recording, three times."""
    await take_as(here, form)
    path = STORAGE if form is UploadForm.PRESIGNED else UPLOAD
    here.kickscale.faults.add(path, stage=Stage.MIDDLE, after=500_000, broken=True, times=3)
    shared = await promised(here, "long.wav", 8_000_000)
    await until(here, shared, "is analysing it now")
    (received,) = here.kickscale.uploads
    assert received.size == 8_000_000


async def test_kickscale_that_can_not_be_reached_is_waited_for(here: World) -> None:
    """No connection was made, so nothing can have arrived; the thread says when it continues."""
    shared = await offered(here, "acme.wav", SOUND)
    await here.kickscale.stop()
    await here.submit_upload_form()
    assert "Kickscale is unavailable right now" in status(here, shared)
    assert "No action needed" in status(here, shared)
    await here.pass_time(3_600)
    await here.kickscale.start()
    await until(here, shared, "is analysing it now")
    assert len(here.kickscale.uploads) == 1


async def test_the_bot_keeps_trying_for_hours(here: World) -> None:
    """Kickscale answers with 500 for five hours, and then accepts it; the pauses grow to half an hour."""
    here.kickscale.faults.add(UPLOAD, stage=Stage.READ, status=500, times=1_000)
    shared = await promised(here, "acme.wav", SOUND)
    for _ in range(5 * 12):
        await here.pass_time(300)
    tries = [request.at for request in here.kickscale.requests.on(UPLOAD, "POST")]
    pauses = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert 10 < len(tries) < 20
    assert max(pauses) <= timedelta(minutes=40)
    here.kickscale.faults.clear()
    await until(here, shared, "is analysing it now")
    assert len(here.kickscale.uploads) == 1


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
async def test_the_bot_stops_trying_in_the_end(here: World, form: UploadForm) -> None:
    """After six hours the message says that it failed, and the bot stops trying."""
    await take_as(here, form)
    path = STORAGE if form is UploadForm.PRESIGNED else UPLOAD
    here.kickscale.faults.add(path, stage=Stage.READ, status=503, times=1_000)
    shared = await promised(here, "acme.wav", SOUND)
    said = await until(here, shared, "couldn't upload", hours=8)
    assert "Kickscale was unavailable for too long." in said
    tries = posts(here, path)
    await here.pass_time(7_200)
    assert posts(here, path) == tries < 30
    here.kickscale.faults.clear()
    await here.slack.message_shortcut(ROBIN, SALES, shared, ids.UPLOAD_SHORTCUT)
    await here.settle()
    await here.submit_upload_form()
    assert len(here.kickscale.uploads) == 1


async def test_time_in_the_queue_does_not_count_as_trying(here: World) -> None:
    """An upload that waited for a day is tried as long as one that began at once."""
    under_way = [await stuck(here, f"long {number}.wav", SOUND + bytes(2 * number)) for number in range(2)]
    shared = await beside(here, "acme.wav", SOUND + bytes(10))
    await reply_with(here, shared, "Number 1 in the queue")
    await here.clock.jump(here.clock.now() + timedelta(days=1))
    here.kickscale.faults.add(UPLOAD, status=429, retry_after=60)
    await cancel(here, under_way[0])
    await reply_with(here, shared, "I'll try again")
    await cancel(here, under_way[1])
    await until(here, shared, "is analysing it now")


# ---- an outcome that is not known ----------------------------------------------------------------------------------


async def unknown(here: World, *, is_stored: bool) -> Message:
    """Share a recording that Kickscale answers with 500, and whose key its calls don't have."""
    here.kickscale.variant.hides_external_id = True
    here.kickscale.add_call(call(1, here.clock.now(), createdAt=here.clock.now().isoformat()))
    here.kickscale.faults.add(UPLOAD, stage=Stage.STORED if is_stored else Stage.READ, status=500)
    shared = await promised(here, "acme.wav", SOUND)
    await until(here, shared, "I don't know whether acme.wav arrived")
    return shared


async def test_a_person_says_that_it_is_there(here: World) -> None:
    """The list can't tell, so a person is asked, and nothing is sent until they answer."""
    shared = await unknown(here, is_stored=True)
    await here.pass_time(7_200)
    assert posts(here) == 1
    await here.click(here.thread(shared)[-1], "It's there")
    assert "is analysing it now" in status(here, shared)
    assert posts(here) == 1
    again = await promised(here, "again.wav", SOUND)
    assert "is already in Kickscale" in status(here, again)


async def test_a_person_says_that_it_is_to_be_sent_again(here: World) -> None:
    """So it is, under the same key."""
    shared = await unknown(here, is_stored=False)
    await here.click(here.thread(shared)[-1], "Upload again")
    assert "is analysing it now" in status(here, shared)
    assert (posts(here), len(here.kickscale.uploads)) == (2, 1)
    assert here.kickscale.uploads[0].fields["externalCallId"] == f"slack-{shared.files[0]}"


async def test_without_a_key_a_person_is_asked_at_once(here: World) -> None:
    """The API doesn't accept our key, so its list of calls can't tell, and isn't searched."""
    here.kickscale.variant.takes_external_id = False
    await here.restart()
    here.kickscale.faults.add(UPLOAD, stage=Stage.STORED, broken=True)
    shared = await promised(here, "acme.wav", SOUND)
    await here.pass_time(10)
    assert "I don't know whether acme.wav arrived" in status(here, shared)
    assert not here.kickscale.requests.on("/calls", "GET")
    assert "externalCallId" not in here.kickscale.uploads[0].fields
    await here.click(here.thread(shared)[-1], "It's there")
    assert posts(here) == 1


@pytest.mark.parametrize(
    ("stage", "end"), [(Stage.READ, "@Robin Rep cancelled the upload"), (Stage.STORED, "is analysing it now")]
)
async def test_cancelled_while_it_is_found_out_whether_it_arrived(here: World, stage: Stage, end: str) -> None:
    """The message says at once that it is being cancelled, and later how it ended."""
    here.kickscale.faults.add(UPLOAD, stage=stage, broken=True)
    shared = await promised(here, "acme.wav", SOUND)
    assert "checking whether it arrived" in status(here, shared)
    await here.click(here.thread(shared)[-1], "Cancel")
    said = status(here, shared)
    assert "Cancelling acme.wav, as @Robin Rep asked" in said
    assert "[Cancel]" not in said
    await here.pass_time(5)
    await until(here, shared, end)
    assert len(here.kickscale.uploads) == (stage is Stage.STORED)


async def test_sent_again_although_it_had_been_cancelled(here: World) -> None:
    """The person who pressed *Cancel* was too late; the later answer counts."""
    here.kickscale.variant.hides_external_id = True
    here.kickscale.add_call(call(1, here.clock.now(), createdAt=here.clock.now().isoformat()))
    here.kickscale.faults.add(UPLOAD, stage=Stage.READ, hang=True)
    here.kickscale.faults.add(UPLOAD, stage=Stage.STORED, broken=True)
    shared = await offered(here, "acme.wav", SOUND)
    await submit(here)
    await reply_with(here, shared, "Cancel")
    await hanging(here)
    await press(here, shared, "Cancel")
    await here.clock.advance(3)
    here.kickscale.release()
    await until(here, shared, "I don't know whether")
    here.kickscale.clear()
    here.kickscale.uploads.clear()
    await here.click(here.thread(shared)[-1], "Upload again")
    assert "is analysing it now" in status(here, shared)
    assert len(here.kickscale.uploads) == 1


async def test_the_same_bytes_wait_for_the_person_that_is_asked(here: World) -> None:
    """They may be in Kickscale: that depends on the person's answer."""
    await unknown(here, is_stored=True)
    again = await promised(here, "again.wav", SOUND)
    assert "is waiting for another upload" in status(here, again)
    assert posts(here) == 1
    await here.clock.jump(here.clock.now() + timedelta(days=1))
    said = await until(here, again, "couldn't upload")
    assert "It may be the same recording as an earlier upload" in said
    assert posts(here) == 1


async def test_if_the_list_can_not_be_read_a_person_is_asked_in_the_end(here: World) -> None:
    """Nothing is sent blindly, not even after hours."""
    here.kickscale.faults.add(UPLOAD, stage=Stage.STORED, status=500)
    shared = await offered(here, "acme.wav", SOUND)
    here.kickscale.faults.add("/calls", status=503, times=10_000)
    await here.submit_upload_form()
    await until(here, shared, "I don't know whether acme.wav arrived", hours=8)
    assert posts(here) == 1


async def test_a_recording_in_a_bucket_is_found_although_its_address_expired(here: World) -> None:
    """It stored the bytes without saying so, and refuses them later: the list of calls can tell."""
    await take_as(here, UploadForm.PRESIGNED)
    here.kickscale.faults.add(STORAGE, stage=Stage.STORED, broken=True)
    shared = await promised(here, "acme.wav", SOUND)
    here.kickscale.faults.add(STORAGE, status=503, times=8)
    await until(here, shared, "is analysing it now")
    assert len(here.kickscale.uploads) == 1
    assert posts(here) == 1


async def test_a_recording_in_a_bucket_is_found_although_the_source_is_deleted(here: World) -> None:
    """It can't be put there again, and doesn't have to be."""
    await take_as(here, UploadForm.PRESIGNED)
    here.kickscale.faults.add(STORAGE, stage=Stage.STORED, broken=True)
    shared = await promised(here, "acme.wav", SOUND)
    here.slack.delete_file(ROBIN, shared.files[0])
    await until(here, shared, "is analysing it now")
    assert len(here.kickscale.uploads) == 1


@pytest.mark.parametrize("is_stored", [True, False])
async def test_after_cancel_the_list_is_searched_for_a_recording_in_a_bucket(here: World, *, is_stored: bool) -> None:
    """A recording that may have arrived isn't called cancelled until it is certain that it didn't."""
    await take_as(here, UploadForm.PRESIGNED)
    here.kickscale.faults.add(STORAGE, stage=Stage.STORED if is_stored else Stage.READ, broken=True)
    shared = await promised(here, "acme.wav", SOUND)
    await here.click(here.thread(shared)[-1], "Cancel")
    await until(here, shared, "is analysing it now" if is_stored else "@Robin Rep cancelled the upload")
    assert len(here.kickscale.uploads) == is_stored
    assert kept_addresses(here) == []


async def test_an_address_that_expired_is_requested_again(here: World) -> None:
    """Nothing was put there, so the bytes go to a new one."""
    await take_as(here, UploadForm.PRESIGNED)
    here.kickscale.faults.add(STORAGE, status=429, retry_after=1_800)
    shared = await promised(here, "acme.wav", SOUND)
    await until(here, shared, "is analysing it now")
    assert (posts(here), posts(here, STORAGE)) == (2, 3)
    assert len(here.kickscale.uploads) == 1


# ---- a restart -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
async def test_a_restart_in_the_middle_sends_it_again(here: World, form: UploadForm) -> None:
    """A recording that was cut off in the middle can't be a call, so nobody has to find out."""
    await take_as(here, form)
    here.kickscale.requests.clear()
    shared = await stuck(here, "acme.wav", SOUND)
    await here.run_to_end(here.kickscale.requests.until(lambda log: len(log.on("*", "P*")) > 0))
    await here.restart()
    await here.settle()
    assert "is analysing it now" in status(here, shared)
    assert len(here.kickscale.uploads) == 1
    if form is UploadForm.MULTIPART:
        first, second = here.kickscale.requests.on(UPLOAD, "POST")
        assert (first.status, second.status) == (None, 201)


async def test_a_restart_after_the_last_byte_finds_it(here: World) -> None:
    """Kickscale has it, but the bot stopped before the answer."""
    here.kickscale.faults.add(UPLOAD, stage=Stage.STORED, hang=True)
    shared = await offered(here, "acme.wav", SOUND)
    await submit(here)
    await hanging(here)
    await reply_with(here, shared, "acme.wav")
    await here.restart()
    await until(here, shared, "is analysing it now")
    assert (posts(here), len(here.kickscale.uploads)) == (1, 1)


async def test_a_restart_between_two_tries_keeps_the_pause(here: World) -> None:
    """A pause that Kickscale asked for is kept."""
    here.kickscale.faults.add(UPLOAD, status=429, retry_after=300)
    shared = await promised(here, "acme.wav", SOUND)
    await here.restart()
    await here.pass_time(200)
    assert posts(here) == 1
    await until(here, shared, "is analysing it now")
    assert posts(here) == 2


# ---- Slack's bad minutes -------------------------------------------------------------------------------------------


async def test_no_late_edit_overwrites_the_end(here: World) -> None:
    """While Slack allows no edits, the upload continues; afterwards the thread shows how it ended."""
    shared = await offered(here, "long.wav", 25_000_000)
    here.slack.faults.add("download", pause=1, times=2)
    await submit(here)
    await second_by_second(here, shared, "\u2593")
    here.slack.faults.add("chat.update", status=429, retry_after=40)
    await here.run_to_end(here.kickscale.requests.until(lambda _: bool(here.kickscale.uploads)))
    await here.pass_time(50)
    assert "is analysing it now" in status(here, shared)
    await here.pass_time(50)
    assert "is analysing it now" in status(here, shared)


EXCHANGED = ("files.info", "chat.update", "chat.postMessage", "conversations.open")


async def test_a_token_that_is_exchanged_costs_no_upload(here: World) -> None:
    """Slack refuses the old one for a while: after a restart with the new one, the upload continues."""
    here.kickscale.faults.add(UPLOAD, status=429)
    shared = await promised(here, "acme.wav", SOUND)
    for method in EXCHANGED:
        here.slack.faults.add(method, error="token_revoked", times=50)
    await here.pass_time(120)
    here.slack.faults.clear()
    await here.restart()
    await until(here, shared, "is analysing it now")
    assert len(here.kickscale.uploads) == 1


async def test_an_end_that_a_revoked_token_withheld_is_shown_with_the_new_one(here: World) -> None:
    """The upload has failed in the meantime: its message says so as soon as possible, even after a restart."""
    here.kickscale.faults.add(UPLOAD, status=429)
    shared = await promised(here, "acme.wav", SOUND)
    here.kickscale.faults.add(UPLOAD, status=422, message="User has no paid seat")
    here.slack.faults.add("chat.update", error="token_revoked", times=50)
    await here.pass_time(120)
    assert "I'll try again" in status(here, shared)
    here.slack.faults.clear()
    await here.restart()
    await until(here, shared, "rejected it: User has no paid seat")


@pytest.mark.parametrize("method", EXCHANGED[1:3])
async def test_a_message_that_a_revoked_token_withheld_comes_with_the_new_one(here: World, method: str) -> None:
    """After longer than other messages are tried."""
    shared = await offered(here, "acme.wav", SOUND)
    here.slack.faults.add(method, error="token_revoked", times=1_000)
    here.slack.faults.add("conversations.open", error="token_revoked", times=1_000)
    await here.submit_upload_form()
    for _ in range(12):
        await here.pass_time(600)
    here.slack.faults.clear()
    await here.restart()
    await until(here, shared, "is analysing it now")


async def test_a_token_that_stays_revoked_ends_it_with_that_reason(here: World) -> None:
    """After six hours."""
    shared = await offered(here, "acme.wav", SOUND)
    here.slack.faults.add("files.info", error="token_revoked", times=1_000)
    await here.submit_upload_form()
    assert "Slack isn't providing the file right now" in status(here, shared)
    said = await until(here, shared, "couldn't upload", hours=8)
    assert "Slack won't let me read the recording (token_revoked)" in said


async def test_if_the_thread_is_closed_the_uploader_gets_a_direct_message(here: World) -> None:
    """The channel was archived while the upload waited, so its message can't be edited any more."""
    here.kickscale.faults.add(UPLOAD, status=429)
    await promised(here, "acme.wav", SOUND)
    here.slack.faults.add("chat.update", error="is_archived", times=50)
    here.kickscale.faults.add(UPLOAD, status=422, message="User has no paid seat")
    await here.pass_time(120)
    await here.pass_time(60)
    (message,) = here.slack.direct_messages(ROBIN)
    said = re.sub("[*`]", "", here.text(message))
    assert "I couldn't upload acme.wav to Kickscale." in said
    assert "rejected it: User has no paid seat" in said
    assert "I can't post in the thread in #sales-acme" in said
    assert here.slack.direct_messages(LEA) == []


async def test_if_nothing_could_be_posted_the_uploader_hears_how_it_ended(here: World) -> None:
    """The channel accepted no message: the uploader hears by direct message that it continues, and how it ended."""
    shared = await offered(here, "acme.wav", SOUND)
    here.kickscale.faults.add(UPLOAD, status=429)
    here.kickscale.faults.add(UPLOAD, status=422, message="User has no paid seat")
    here.slack.faults.add("chat.postMessage", error="is_archived", times=1)
    await here.submit_upload_form()
    (first,) = here.slack.direct_messages(ROBIN)
    assert "This channel is archived" in here.text(first)
    here.slack.faults.add("chat.postMessage", error="is_archived", times=1)
    await here.pass_time(120)
    _, last = here.slack.direct_messages(ROBIN)
    assert "User has no paid seat" in here.text(last)
    assert len(here.thread(shared)) == 1


async def test_people_answer_in_the_direct_message(here: World) -> None:
    """Whether it arrived: the buttons are in the direct message, and so is the result."""
    here.kickscale.variant.hides_external_id = True
    here.kickscale.add_call(call(1, here.clock.now(), createdAt=here.clock.now().isoformat()))
    here.kickscale.faults.add(UPLOAD, stage=Stage.STORED, status=500)
    shared = await offered(here, "acme.wav", SOUND)
    here.slack.faults.add("chat.update", error="is_archived", times=50)
    await here.submit_upload_form()
    await here.pass_time(600)
    (asked_alone,) = here.slack.direct_messages(ROBIN)
    assert "I don't know whether" in here.text(asked_alone)
    await here.click(asked_alone, "It's there")
    await here.pass_time(5)
    assert "is analysing it now" in here.text(here.slack.direct_messages(ROBIN)[-1])
    assert posts(here) == 1
    assert "[It's there]" not in status(here, shared)


async def test_the_bot_waits_for_slack_if_it_is_too_busy_to_describe_the_file(here: World) -> None:
    """Several 429s, each for longer than a call waits: nothing is requested before that, or sent."""
    shared = await offered(here, "acme.wav", SOUND)
    await here.pass_time(60)  # the backstop checks by then whether it was offered
    here.slack.faults.add("files.info", status=429, retry_after=100, times=4)
    await submit(here)
    await second_by_second(here, shared, "is analysing it now")
    asked_at = [call.at for call in here.slack.calls if call.method == "files.info" and call.status == 429]
    pauses = [later - earlier for earlier, later in itertools.pairwise(asked_at)]
    assert len(asked_at) > 2
    assert min(pauses) >= timedelta(seconds=100)
    assert (posts(here), len(here.kickscale.uploads)) == (1, 1)


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"html": True}, "Slack won't let me read"),
        ({"status": 401}, "Slack won't let me read"),
        ({"status": 404}, "is no longer in Slack"),
        ({"location": "https://evilslack.com/f"}, "to evilslack.com, which isn't one of Slack's own hosts"),
    ],
)
async def test_a_recording_that_slack_withholds_in_between_is_no_call(
    here: World, form: UploadForm, fault: dict[str, Any], reason: str
) -> None:
    """Its beginning was read, but the download is refused: the message says so at once, and Kickscale has nothing."""
    await take_as(here, form)
    shared = await offered(here, "acme.wav", SOUND)
    here.slack.faults.add("download", after=10_000_000)  # the first request reads only the beginning
    here.slack.faults.add("download", **fault)
    await here.submit_upload_form()
    said = status(here, shared)
    assert "I couldn't upload acme.wav to Kickscale." in said
    assert reason in said
    await here.pass_time(600)
    assert here.kickscale.uploads == []


@pytest.mark.parametrize("form", [UploadForm.MULTIPART, UploadForm.PRESIGNED])
async def test_a_recording_that_is_deleted_while_it_is_sent_ends_kindly(here: World, form: UploadForm) -> None:
    """Its download stops in the middle: the next try finds it gone, and Kickscale has nothing."""
    await take_as(here, form)
    shared = await offered(here, "acme.wav", SOUND)
    here.slack.faults.add("download", after=100_000, times=2)
    await here.submit_upload_form()
    assert "Slack isn't providing the file right now" in status(here, shared)
    here.slack.delete_file(ROBIN, shared.files[0])
    assert "is no longer in Slack" in await until(here, shared, "couldn't upload")
    assert here.kickscale.uploads == []
