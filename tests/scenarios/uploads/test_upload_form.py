"""The form: how it is filled in at first, what it asks for, and what it says about wrong answers."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.erasure.traces import forget_old_copies
from bot.sandbox.kickscale.openapi import document
from bot.sandbox.slack import Message, View
from tests.unit.uploads.recordings.synthesis import mp4, ogg, wav, webm
from tests.world import LEA, ROBIN, SALES, World, missing_dates

SOUND = wav(62)
AT = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)


@pytest.fixture
async def on(here: World) -> World:
    """Uploads are on, and Robin's clock is an hour ahead of UTC."""
    await here.type("/kickscale uploads on")
    return here


async def opened(here: World, name: str = "call.wav", content: bytes = SOUND, user: str = ROBIN, **how: Any) -> View:
    """Share a recording, and press the button of its offer."""
    shared = await here.share(name, content, user=user, **how)
    return await pressed(here, shared, user)


async def pressed(here: World, shared: Message, user: str = ROBIN) -> View:
    await here.click(here.thread(shared)[0], "Upload to Kickscale", user)
    view = here.slack.open_view(user)
    assert view is not None
    return view


def standing(view: View) -> dict[str, Any]:
    """Return what the form contains at first, by field."""
    found: dict[str, Any] = {}
    for block in view.payload["blocks"]:
        if block["type"] == "input" and block["block_id"] != "attestation":
            element = block["element"]
            first = next((value for key, value in element.items() if key.startswith("initial_")), "")
            found[block["block_id"].partition(":")[2]] = first["value"] if isinstance(first, dict) else first
    return found


def moment(view: View) -> datetime:
    return datetime.fromtimestamp(standing(view)["date"], UTC)


async def sent(here: World, view: View, user: str = ROBIN, **values: Any) -> View | None:
    """Submit a form with these changes, and return what is open afterwards."""
    dates = missing_dates(view, here.clock.now())
    delivery = await here.slack.submit(user, view, {"attestation": ["yes"], **dates, **values})
    assert not delivery.error, delivery
    await here.settle()
    return here.slack.open_view(user)


# ---- what is known -------------------------------------------------------------------------------------------------


async def test_the_form_shows_the_fields_of_the_api(on: World) -> None:
    """Required ones are marked, fields that nobody knows aren't asked for, and the attestation always is."""
    view = await opened(on)
    inputs = {block["block_id"]: block for block in view.payload["blocks"] if block["type"] == "input"}
    assert list(inputs) == [
        "f0:name",
        "f0:date",
        "f0:duration",
        "s:customerDomains",
        "s:direction",
        "s:userEmail",
        "s:caller",
        "s:callee",
        "s:language",
        "attestation",
    ]
    required = [block_id for block_id, block in inputs.items() if not block["optional"]]
    assert required == ["f0:name", "f0:date", "attestation"]
    text = on.text(view)
    assert "Call name *: [call]" in text
    assert "Everyone on this recording has consented" in text


async def test_what_the_recording_itself_says_comes_first(on: World) -> None:
    """Its tags know when it began better than its name and its message, and how long it is."""
    named = "2026-11-19 09.00 Pricing with Acme"
    view = await opened(on, f"{named}.mp4", mp4(61, recorded_at=AT))
    assert moment(view) == AT
    assert standing(view)["name"] == "Pricing with Acme"
    assert standing(view)["duration"] == "1:01"
    view = await opened(on, f"{named}.webm", webm(62, recorded_at=AT))
    assert (moment(view), standing(view)["duration"]) == (AT, "1:02")
    view = await opened(on, f"{named}.wav", wav(63, recorded_at=datetime(2026, 11, 20, 14, 30)))  # noqa: DTZ001
    assert (moment(view), standing(view)["duration"]) == (AT, "1:03")


async def test_the_name_comes_next(on: World) -> None:
    """In the time zone of the person who shared it, unless the name says another one."""
    view = await opened(on, "2026-11-20 14.30 Pricing with Acme.wav")
    assert (moment(view), standing(view)["name"]) == (AT, "Pricing with Acme")
    assert moment(await opened(on, "GMT20261120-133000_Recording.wav")) == AT
    assert moment(await opened(on, "2026-11-20 08.30 Pricing.wav", user=LEA)) == AT


async def test_nobody_invents_when_a_recording_began(on: World) -> None:
    """If neither knows, or the name says a moment in the future, it is empty, and the form says what to enter."""
    for name in ("call.wav", "2062-11-20 14.30 Call.wav"):
        view = await opened(on, name)
        assert standing(view)["date"] == ""
        assert "doesn't say when the call started" in on.text(view)
    view = await opened(on, "Call of 2026-11-20.wav")
    assert standing(view)["date"] == ""
    assert "from Fri, 20 Nov 2026, but doesn't say the time" in on.text(view)


async def test_the_end_of_a_recording_is_read_as_far_as_it_is_needed(on: World) -> None:
    """The index of a film follows its pictures: only the index is read."""
    content = mp4(65, recorded_at=AT, media=3_000_000)
    view = await opened(on, "film.mp4", content)
    assert (moment(view), standing(view)["duration"]) == (AT, "1:05")
    assert sum(download.sent for download in on.slack.downloads.served) < 700_000
    on.slack.downloads.takes_ranges = False
    view = await opened(on, "film.mp4", content)
    assert standing(view)["duration"] == ""


async def test_the_rep_is_the_person_who_shared_it(on: World) -> None:
    """Or anybody else who is chosen, by their e-mail address."""
    shared = await on.share("call.wav", SOUND, user=LEA)
    view = await pressed(on, shared)
    assert standing(view)["userEmail"] == on.slack.user(LEA).id
    await sent(on, view, **{"s:userEmail": ROBIN})
    assert on.kickscale.uploads[0].fields["userEmail"] == "robin.rep@example.com"


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("with <http://acme.com|acme.com>", "acme.com"),
        ("a talk with Jane <mailto:jane@acme.com|jane@acme.com>.", "acme.com"),
        ("jane@ACME.com and others", "acme.com"),
        ("robin.rep@example.com talked to acme.com", "acme.com"),
        ("call.wav of acme.com, done.Now <https://www.acme.com/about|acme>", "acme.com"),
        ("no customer here", ""),
        ("<@U0LEA00001> <!here> <#C0SALES001|sales.acme>", ""),
    ],
)
async def test_the_customer_is_read_off_the_message(on: World, text: str, domain: str) -> None:
    """An e-mail address counts as its domain; our own domain doesn't count, nor does a file's name."""
    assert standing(await opened(on, text=text))["customerDomains"] == domain


async def test_the_customer_is_the_one_that_the_channel_follows(on: World) -> None:
    """If it follows only one; a message may name another one that it follows."""
    await on.type("/kickscale digest add acme.com")
    assert standing(await opened(on))["customerDomains"] == "acme.com"
    assert standing(await opened(on, text="see zoom.us"))["customerDomains"] == "acme.com"
    await on.type("/kickscale digest add globex.com")
    assert standing(await opened(on))["customerDomains"] == ""
    assert standing(await opened(on, text="see zoom.us and globex.com"))["customerDomains"] == "globex.com"
    assert standing(await opened(on, text="with initech.com"))["customerDomains"] == "initech.com"


async def test_a_name_may_say_who_called(on: World) -> None:
    """The direction, and so whose number it is."""
    initial = standing(await opened(on, "Inbound +493023125111 2026-11-20 14.30.wav"))
    assert (initial["direction"], initial["caller"], initial["callee"]) == ("inbound", "+493023125111", "")
    initial = standing(await opened(on, "outgoing +493023125111 2026-11-20 14.30.wav"))
    assert (initial["direction"], initial["caller"], initial["callee"]) == ("outbound", "", "+493023125111")


async def test_a_clip_knows_its_length_and_its_language(on: World) -> None:
    """Slack transcribes what it recorded itself."""
    initial = standing(await opened(on, "audio_message.m4a", mp4(0), subtype="slack_audio", duration_ms=61_500))
    assert (initial["duration"], initial["language"]) == ("1:02", "en")


async def test_several_recordings_are_asked_about_in_one_form(on: World) -> None:
    """Each with its own name, moment and length; the rest once, and one attestation for all."""
    files = [("2026-11-20 14.30 First.wav", wav(61)), ("2026-11-19 14.30 Second.ogg", ogg(70))]
    shared = await on.slack.share(ROBIN, SALES, files=files, text="with acme.com")
    await on.settle()
    view = await pressed(on, shared)
    text = on.text(view)
    assert text.count("Customer domain") == 1
    assert "Everyone on each of the 2 recordings has consented" in text
    await sent(on, view, **{"f1:name": "Number two"})
    uploaded = {
        upload.fields["name"]: (upload.fields["duration"], upload.fields["customerDomains"])
        for upload in on.kickscale.uploads
    }
    assert uploaded == {"First": ("61", "acme.com"), "Number two": ("70", "acme.com")}


# ---- what is entered -----------------------------------------------------------------------------------------------


async def test_what_is_entered_is_what_is_sent(on: World) -> None:
    """In the form that the API expects."""
    view = await opened(on)
    values: dict[str, Any] = {
        "f0:name": " Pricing <!channel> & more ",
        "f0:date": AT,
        "f0:duration": "1:02:03",
        "s:customerDomains": "https://www.ACME.com/, bücher.example",
        "s:direction": "outbound",
        "s:userEmail": LEA,
        "s:caller": "+49 30 23125 111",
        "s:callee": "Jane",
        "s:language": "de",
    }
    assert await sent(on, view, **values) is None
    fields = on.kickscale.uploads[0].fields
    assert fields.pop("externalCallId").startswith("slack-F")
    assert fields == {
        "name": "Pricing <!channel> & more",
        "date": "2026-11-20T13:30:00Z",
        "duration": "3723",
        "customerDomains": ["acme.com", "xn--bcher-kva.example"],
        "direction": "outbound",
        "userEmail": "lea.lead@example.com",
        "caller": "+49 30 23125 111",
        "callee": "Jane",
        "language": "de",
    }


async def test_who_attested_and_when_is_recorded(on: World) -> None:
    """And shown in the thread."""
    shared = await on.share("call.wav", SOUND)
    view = await pressed(on, shared, LEA)
    await on.clock.advance(300)
    at = on.clock.now()
    await sent(on, view, LEA)
    upload = await on.bot.database.uploads.of_source(shared.files[0])
    assert upload is not None
    assert (upload.attestation.by, upload.attestation.at) == (on.slack.user(LEA).id, at)
    assert "Lea Lead confirmed everyone's consent" in on.text(on.thread(shared)[-1])


@pytest.mark.parametrize("line", ["", "/kickscale uploads on auto"])
async def test_without_the_tick_nothing_is_uploaded(on: World, line: str) -> None:
    """Slack doesn't submit the form; if a client does, the error is shown beside the box, for channels too."""
    if line:
        await on.type(line)
        view = on.slack.open_view(ROBIN)
    else:
        view = await opened(on)
    assert view is not None
    with pytest.raises(ValueError, match="required"):
        await on.slack.submit(ROBIN, view, {})
    blocks = [block | ({"optional": True} if block["type"] == "input" else {}) for block in view.payload["blocks"]]
    on.slack.state.views[view.id] = replace(view, payload=view.payload | {"blocks": blocks})
    await on.slack.submit(ROBIN, view, missing_dates(view, on.clock.now()))
    again = on.slack.open_view(ROBIN)
    assert again is not None
    assert dict(again.errors) == {"attestation": "Please confirm consent before uploading."}
    setting = await on.bot.services.uploads.channels.get(on.slack.state.channel(SALES).id)
    assert setting.mode == "on"
    assert not on.kickscale.uploads
    await on.submit_upload_form()
    assert on.slack.open_view(ROBIN) is None


async def test_wrong_answers_are_reported_beside_their_fields(on: World) -> None:
    """All of them at once, and the form stays as it was filled in."""
    view = await opened(on)
    values = {"f0:name": "   ", "f0:duration": "long", "s:customerDomains": "acme", "s:userEmail": "kickscale"}
    again = await sent(on, view, **values)
    assert again is not None
    assert set(again.errors) == set(values)
    text = on.text(again)
    for part in ("Required by Kickscale.", "Enter a length", "Enter a customer's domain", "no email address"):
        assert part in text
    assert not on.kickscale.uploads
    right = {"f0:name": "Call", "f0:duration": "42", "s:customerDomains": "acme.com", "s:userEmail": ROBIN}
    assert await sent(on, again, **right) is None
    assert on.kickscale.uploads[0].fields["duration"] == "2520"


# ---- late and twice ------------------------------------------------------------------------------------------------


async def test_a_form_outlives_a_restart(on: World) -> None:
    """Everything it needs is in the form itself and in the database."""
    view = await opened(on)
    await on.restart()
    assert await sent(on, view) is None
    assert len(on.kickscale.uploads) == 1


@pytest.mark.parametrize("how", ["rejected", "cancelled"])
async def test_try_again_opens_the_form_of_what_was_not_uploaded(on: World, how: str) -> None:
    """Filled in as at first, and with the attestation to be given again."""
    status = 422 if how == "rejected" else 429
    on.kickscale.faults.add("/calls/upload", status=status, retry_after=600, times=1)
    shared = await on.share("2026-11-20 14.30 Pricing.wav", SOUND)
    await on.choose_upload(shared)
    await on.submit_upload_form()
    *_, message = on.thread(shared)
    if how == "cancelled":
        await on.click(message, "Cancel")
        *_, message = on.thread(shared)
    await on.click(message, "Try again")
    view = on.slack.open_view(ROBIN)
    assert view is not None
    assert (moment(view), standing(view)["name"]) == (AT, "Pricing")
    assert await sent(on, view) is None
    await on.pass_time(60)
    assert len(on.kickscale.uploads) == 1
    assert "has been analysed" in on.text(on.thread(shared)[-1])


async def test_of_two_forms_the_first_counts(on: World) -> None:
    """A person who submits the second one hears about the first."""
    shared = await on.share("call.wav", SOUND)
    first, second = await pressed(on, shared, ROBIN), await pressed(on, shared, LEA)
    await sent(on, first, **{"f0:name": "Robin's"})
    answer = await sent(on, second, LEA, **{"f0:name": "Lea's"})
    assert "already in Kickscale. @Robin Rep uploaded it" in on.text(answer, LEA)
    assert [upload.fields["name"] for upload in on.kickscale.uploads] == ["Robin's"]
    assert "Robin Rep is uploading this recording" in on.text(on.thread(shared)[0])


async def test_an_offer_that_was_accepted_says_so(on: World) -> None:
    """To a person who presses its button later, in an old client or with the shortcut."""
    shared = await on.share("call.wav", SOUND)
    offer = on.thread(shared)[0]
    await on.click(offer, "Upload to Kickscale")
    await on.submit_upload_form()
    on.slack.state.replace(on.thread(shared)[0], offer)
    assert "already in Kickscale" in on.text(await pressed(on, shared, LEA), LEA)
    await on.choose_upload(shared)
    assert "already in Kickscale" in on.text(on.slack.open_view(ROBIN))
    assert len(on.kickscale.uploads) == 1


async def test_a_file_that_goes_while_a_form_is_open_takes_no_others_answers(on: World) -> None:
    """The answers stay with the recordings that they were given for."""
    files = [("a.wav", wav(61)), ("b.wav", wav(62)), ("c.wav", wav(63))]
    shared = await on.slack.share(ROBIN, SALES, files=files)
    await on.settle()
    view = await pressed(on, shared)
    on.slack.delete_file(ROBIN, shared.files[1])
    later = on.text(await pressed(on, shared, LEA), LEA)
    assert "b.wav is no longer in Slack" in later.replace("*", "")
    await sent(on, view, **{"f0:name": "A", "f1:name": "B", "f2:name": "C"})
    assert {upload.file_name: upload.fields["name"] for upload in on.kickscale.uploads} == {"a.wav": "A", "c.wav": "C"}
    assert any("b.wav is no longer in Slack" in on.text(message).replace("*", "") for message in on.thread(shared))


async def test_a_deleted_recording_gets_the_reason_and_no_form(on: World) -> None:
    """Instead of the form."""
    shared = await on.share("call.wav", SOUND)
    on.slack.delete_file(ROBIN, shared.files[0])
    assert "call.wav is no longer in Slack" in on.text(await pressed(on, shared)).replace("*", "")


async def test_what_failed_or_was_cancelled_can_be_asked_for_again(on: World) -> None:
    """With a form, like the first time."""
    shared = await on.share("call.wav", SOUND)
    view = await pressed(on, shared)
    on.kickscale.seatless.add("robin.rep@example.com")
    await sent(on, view)
    assert "no paid seat" in on.text(on.thread(shared)[-1])
    on.kickscale.seatless.clear()
    await on.choose_upload(shared)
    await on.submit_upload_form()
    assert len(on.kickscale.uploads) == 1


async def test_a_form_of_an_api_that_has_changed_has_to_be_opened_again(on: World) -> None:
    """The open form has no place to say so."""
    shared = await on.share("call.wav", SOUND)
    view = await pressed(on, shared)
    said = json.dumps(document(on.kickscale.variant)).replace('"caller"', '"hostName"')
    said = said.replace('["name", "date"]', '["name", "date", "dealId"]').replace(
        '"hostName":', '"dealId": {"type": "string"}, "hostName":'
    )
    on.kickscale.faults.add("/swagger-json", body=said)
    await on.restart()
    answer = await sent(on, view)
    assert "expired" in on.text(answer)
    assert not on.kickscale.uploads
    await on.choose_upload(shared)
    assert "Deal id *" in on.text(on.slack.open_view(ROBIN))


async def test_an_old_offer_says_how_else_to_upload(on: World) -> None:
    """Offers are kept for ninety days."""
    shared = await on.share("call.wav", SOUND)
    later = on.clock.now().replace(year=2027)
    await on.bot.database.erasures.write(lambda stores: forget_old_copies(stores, later))
    assert "choose Upload to Kickscale" in on.text(await pressed(on, shared)).replace("*", "")
    await on.choose_upload(shared)
    await on.submit_upload_form()
    assert len(on.kickscale.uploads) == 1


BUSY = "Slack or Kickscale didn't answer in time, so nothing was saved. Please submit this again in a moment."


@pytest.mark.parametrize("wait", [30, 100])
async def test_a_form_that_slack_is_too_busy_for_stays_open(on: World, wait: int) -> None:
    """If Slack can't say within three seconds who submitted it, nothing is promised, and it can be submitted again."""
    dates = missing_dates(await opened(on), on.clock.now())
    view = await on.submit_form_while_slack_is_busy(wait, attestation=["yes"], **dates)
    assert view.errors == {"attestation": BUSY}
    await on.pass_time(120)
    assert on.kickscale.uploads == []
    await sent(on, view)
    assert len(on.kickscale.uploads) == 1


@pytest.mark.parametrize("wait", [30, 100])
async def test_an_attestation_that_slack_is_too_busy_for_stays_open(on: World, wait: int) -> None:
    """Nothing is uploaded without asking before it was accepted."""
    await on.type("/kickscale uploads on auto")
    view = await on.submit_form_while_slack_is_busy(wait, attestation=["yes"])
    assert view.errors == {"attestation": BUSY}
    await on.pass_time(120)
    await on.share("call.wav", SOUND)
    assert on.kickscale.uploads == []
