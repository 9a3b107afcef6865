"""After an upload: its thread follows the call until the summary is there, and `uploads status` lists the latest."""

import itertools
from datetime import timedelta

import pytest

from bot import ids
from bot.sandbox.slack import Message, View
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import LEA, ROBIN, World, missing_dates

SOUND = wav(61)
HOUR = 3600.0
ONE = "/calls/*-*"
"""One call, by its id."""

pytestmark = pytest.mark.usefixtures("no_backoff")


async def upload(here: World, name: str = "Pricing with Acme.wav", content: bytes = SOUND) -> Message:
    """Upload a recording that isn't analysed yet, and return the message it was shared in."""
    shared = await here.share(name, content)
    await here.choose_upload(shared)
    await here.submit_upload_form()
    assert "analysing it now" in status(here, shared)
    return shared


def status(here: World, shared: Message) -> str:
    return here.text(here.thread(shared)[-1])


def form(here: World) -> View | None:
    """The upload's form, once it is open."""
    view = here.slack.open_view(ROBIN)
    return view if view is not None and view.callback_id == ids.UPLOAD_FORM else None


async def pass_hours(here: World, hours: float, *, step: float = 60.0) -> None:
    """Let time pass in steps, and the bot do what is due after each."""
    for _ in range(round(hours * HOUR / step)):
        await here.pass_time(step)


async def test_the_thread_shows_the_summary_once_it_is_there(here: World) -> None:
    """In the upload's one message, with *Details*."""
    here.kickscale.analysis_after = 600
    shared = await upload(here)
    await pass_hours(here, 0.1)
    assert "analysing it now" in status(here, shared)
    await pass_hours(here, 0.25)
    (message,) = here.thread(shared)
    text = here.text(message)
    (call,) = here.kickscale.calls()
    assert "has been analysed" in text
    assert call["summary"].split(". ")[0] in text
    assert "Robin Rep" in text
    await here.click(message, "Details", LEA)
    details = here.text(here.slack.open_view(LEA), LEA)
    assert "Pricing with Acme" in details
    assert "[Transcript]" in details


async def test_a_summary_waits_until_its_message_can_be_posted(here: World) -> None:
    """Slack accepts no message until after the analysis. Then there is one message, with the summary."""
    shared = await here.share("Pricing with Acme.wav", SOUND)
    await here.choose_upload(shared)
    here.slack.faults.add("chat.postMessage", status=503, times=4)
    await here.submit_upload_form()
    assert here.thread(shared) == []
    await pass_hours(here, 0.2, step=10)
    (message,) = here.thread(shared)
    assert "has been analysed" in here.text(message)
    (call,) = here.kickscale.calls()
    assert call["summary"].split(". ")[0] in here.text(message)


async def test_details_open_before_the_analysis_is_there(here: World) -> None:
    """With what is known so far."""
    here.kickscale.analysis_after = 600
    shared = await upload(here)
    await here.click(here.thread(shared)[-1], "Details")
    assert "Pricing with Acme" in here.text(here.slack.open_view(ROBIN))


async def test_the_analysis_is_asked_for_at_widening_intervals(here: World) -> None:
    """Soon at first, then less and less often, for at most a day. Then the thread says that the bot has stopped
    looking.
    """
    here.kickscale.analysis_after = 10 * 86_400
    shared = await upload(here)
    await pass_hours(here, 0.03, step=1)  # short steps, so that it is asked when it is due
    await pass_hours(here, 0.07, step=10)
    await pass_hours(here, 2, step=120)
    await pass_hours(here, 26, step=1800)
    asked = [request.at for request in here.kickscale.requests.on(ONE, "GET")]
    pauses = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(asked)]
    assert len(asked) < 50
    assert pauses[0] <= 15
    assert pauses[-1] >= HOUR
    assert pauses[:8] == sorted(pauses[:8])
    assert timedelta(hours=22) < asked[-1] - asked[0] < timedelta(hours=26)
    text = status(here, shared)
    assert "hasn't analysed it after 24 hours" in text
    await pass_hours(here, 5, step=1800)
    assert len(here.kickscale.requests.on(ONE, "GET")) == len(asked)
    await here.restart()
    await pass_hours(here, 2, step=1800)
    assert len(here.kickscale.requests.on(ONE, "GET")) == len(asked), "it was given up"


async def test_an_upload_is_followed_across_a_restart(here: World) -> None:
    """The next bot continues where the last one stopped."""
    here.kickscale.analysis_after = HOUR
    shared = await upload(here)
    await here.restart()
    await pass_hours(here, 3, step=600)
    assert "has been analysed" in status(here, shared)


async def test_an_upload_is_followed_through_outages(here: World) -> None:
    """Kickscale refuses, fails and doesn't know the call for a while, and Slack refuses the edit with the summary."""
    here.kickscale.analysis_after = 600
    shared = await upload(here)
    for error in (403, 500, 404):
        here.kickscale.faults.add(ONE, status=error, times=4)
    here.slack.faults.add("chat.update", status=429, retry_after=120, times=2)
    await pass_hours(here, 3, step=300)
    assert "has been analysed" in status(here, shared)
    assert len(here.thread(shared)) == 1
    assert {request.status for request in here.kickscale.requests.on(ONE, "GET")} >= {403, 500, 404}
    assert [request.error for request in here.slack.calls if request.method == "chat.update"].count("fault") == 2


async def test_a_deleted_call_is_followed_for_at_most_a_day(here: World) -> None:
    """That is no error."""
    shared = await upload(here)
    here.kickscale.remove(here.kickscale.uploads[0].call_id)
    await pass_hours(here, 27, step=1800)
    assert "hasn't analysed it after 24 hours" in status(here, shared)


async def test_status_lists_the_channels_latest_uploads(here: World) -> None:
    """The newest ten, with what became of each; in private channels, too."""
    channel = "deals"
    assert "No recordings from this channel" in here.text(await here.ask("/kickscale uploads status", channel=channel))
    for number in range(12):
        await here.choose_upload(await here.share(f"call {number}.wav", wav(number + 1), channel=channel))
        await here.submit_upload_form()
    here.kickscale.seatless.add("robin.rep@example.com")
    await here.choose_upload(await here.share("refused.wav", wav(20), channel=channel))
    await here.submit_upload_form()
    await here.choose_upload(await here.share("again.wav", wav(3), channel=channel))
    await here.submit_upload_form()
    await here.pass_time(10)
    text = here.text(await here.ask("/kickscale uploads status", channel=channel)).replace("*", "")
    names = [line.split(" · ")[0] for line in text.splitlines() if ".wav" in line and " · " in line]
    assert names == ["again.wav", "refused.wav", *(f"call {number}.wav" for number in range(11, 3, -1))]
    for part in ("Already in Kickscale, not uploaded again", "User has no paid seat", "Analysed"):
        assert part in text
    other = here.text(await here.ask("/kickscale uploads status", channel="general"))
    assert "No recordings from this channel" in other


async def test_status_shows_the_place_in_the_queue(here: World) -> None:
    """Two are uploaded at a time, and the others wait for their turn."""
    here.kickscale.faults.add("/calls/upload", hang=True, times=2)
    for number in range(4):
        shared = await here.slack.share(ROBIN, "sales-acme", f"call {number}.wav", wav(number + 1))
        await here.slack.message_shortcut(ROBIN, "sales-acme", shared, ids.UPLOAD_SHORTCUT)
        view = await here.slack.wait_for(lambda: form(here))
        assert view is not None
        await here.slack.submit(ROBIN, view, {"attestation": ["yes"], **missing_dates(view, here.clock.now())})
    await here.kickscale.requests.until(lambda log: len(log.on("/calls/upload")) == 2)
    before = len(here.slack.ephemerals("sales-acme", ROBIN))
    await here.slack.command(ROBIN, "sales-acme", "/kickscale uploads status")
    await here.slack.wait_for(lambda: len(here.slack.ephemerals("sales-acme", ROBIN)) > before)
    text = here.text(here.slack.ephemerals("sales-acme", ROBIN)[-1])
    assert text.count("Uploading") == 2
    assert "Number 1 in the queue" in text
    assert "Number 2 in the queue" in text
    here.kickscale.release()
    await here.settle()
