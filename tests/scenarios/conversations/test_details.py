"""*Details*, the transcript, the recording link, and `call ID`."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.model.audit import AuditKind
from bot.sandbox.slack import Message
from tests.scenarios.conversations.calls import rich
from tests.world import GUS, LEA, ROBIN, SALES, World, call, is_error, world

PERSONAL = ("63", "Words per minute", "wordsPerMinute", "4.5")


async def read_audit(here: World, kind: AuditKind) -> list[tuple[str, list[str]]]:
    """Return what every row is about, with the ids of its conversations."""
    return [(row["what"], row["conversations"]) for row in await here.read_audit(kind)]


async def test_details_show_everything_known(here: World) -> None:
    """The owner of the call also sees the personal figures."""
    here.kickscale.add_call(rich(1, here), recorded=True)
    await here.click(await here.ask("/kickscale calls acme.com"), "Details")
    text = here.text(here.slack.open_view(ROBIN))
    for part in (
        "Summary 1",
        "Send the offer",
        "Call back",
        "What does it cost?",
        "Budget",
        "Follow-up",
        "Discovery",
        "Acme 2027",
        "Our talk",
        "Dear Jane,",
        "Jane Doe",
        "63",
        "[Transcript]",
        "[Recording]",
    ):
        assert part in text, part


QUOTED: dict[str, Any] = {
    "insights": [
        {"id": "i1", "text": "Approved", "event_type": "Budget", "quote": "We have 50k", "utterance_id": "u2"},
        {"Title": "?", "title": "Team", "text": "Twelve", "Quote": "Twelve of us", "Speaker": {"name": "Jim Doe"}},
    ],
    "transcript": {
        "utterances": [
            {"id": "u1", "speaker": "Robin Rep", "text": "And the budget?", "start": 60},
            {"id": "u2", "speaker": "Jane Doe", "text": "We have 50k", "start": 83.2},
        ]
    },
}


async def test_an_insight_quotes_who_said_it_and_when(here: World) -> None:
    """The speaker and the moment are in the transcript, which is only read for one conversation. The audit knows."""
    here.kickscale.add_call({**rich(1, here), **QUOTED})
    listed = await here.ask("/kickscale calls acme.com")
    assert "meeting_transcript" not in str([request.query for request in here.kickscale.requests])
    await here.click(listed, "Details")
    text = here.text(here.slack.open_view(ROBIN))
    assert "• Budget: Approved\n“We have 50k” – Jane Doe, 1:23\n• Team: Twelve\n“Twelve of us” – Jim Doe\n" in text
    assert ("transcript", ["c1"]) in await read_audit(here, AuditKind.USED)


async def test_a_quote_that_is_not_in_the_transcript_has_no_moment(here: World) -> None:
    """For example, a transcript may be plain text."""
    here.kickscale.add_call({**rich(1, here), **QUOTED, "transcript": "And the budget?\nWe have 50k"})
    assert "• Budget: Approved\n“We have 50k”\n" in here.text(await here.ask("/kickscale call c1"))


@pytest.mark.parametrize("consent", ["refused", "pending"])
async def test_nothing_is_quoted_without_consent(here: World, consent: str) -> None:
    """A quote is a part of the transcript."""
    here.kickscale.add_call({**rich(1, here), **QUOTED, "recordingConsent": consent})
    text = here.text(await here.ask("/kickscale call c1"))
    assert "Approved" in text
    assert "50k" not in text


async def test_details_are_shared_from_their_modal(here: World) -> None:
    """In the channel where they were opened, once, without quotes; a modal on top says so."""
    here.kickscale.add_call({**rich(1, here), **QUOTED})
    await here.click(await here.ask("/kickscale calls acme.com"), "Details")
    details = here.slack.open_view(ROBIN)
    assert details is not None
    await here.click(details, "Share in channel")
    assert "I'm sharing this in #sales-acme." in here.text(here.slack.open_view(ROBIN))
    await here.slack.close(ROBIN, here.slack.open_view(ROBIN) or details)
    await here.click(details, "Share in channel")
    assert "already shared" in here.text(here.slack.open_view(ROBIN))
    (post,) = here.slack.posts(SALES)
    text = here.text(post, LEA)
    assert "Shared by @Robin Rep" in text
    assert "50k" not in text


async def test_only_the_owner_sees_personal_figures(here: World) -> None:
    """Others see no talk share, no metric and no rating, and neither does a channel in which the call is shared."""
    here.kickscale.add_call(rich(1, here))
    answer = await here.ask("/kickscale call c1", user=LEA)
    assert not any(figure in here.text(answer) for figure in PERSONAL)
    own = await here.ask("/kickscale call c1", user=ROBIN)
    assert "63" in here.text(own)
    await here.click(own, "Share in channel")
    shared = here.slack.posts(SALES)[-1]
    assert "Summary 1" in here.text(shared)
    assert not any(figure in here.text(shared) for figure in PERSONAL)
    await here.click(shared, "Details", user=LEA)
    assert not any(figure in here.text(here.slack.open_view(LEA)) for figure in PERSONAL)


async def test_a_click_is_judged_for_the_person_who_clicks(here: World) -> None:
    """A guest who sees a shared message in the channel gets no details."""
    here.kickscale.add_call(rich(1, here))
    await here.click(await here.ask("/kickscale calls acme.com"), "Share in channel")
    await here.slack.join(GUS, SALES)
    await here.click(here.slack.posts(SALES)[-1], "Details", user=GUS)
    view = here.slack.open_view(GUS)
    assert view is not None
    assert is_error(view)
    assert "Summary" not in here.text(view, GUS)


async def test_a_record_with_another_id_is_never_shown(here: World) -> None:
    """If Kickscale answers with another record, the answer is that there is none."""
    here.kickscale.add_call(rich(1, here))
    here.kickscale.variant.id_ignored = True
    answer = await here.ask("/kickscale call other")
    assert is_error(answer)
    assert "Summary 1" not in here.text(answer)


async def test_meetings_are_answered_like_calls(here: World) -> None:
    """A list of meetings, one meeting, and its details."""
    here.kickscale.add_meeting(rich(1, here, id="m1", name="Kick-off"))
    answer = await here.ask("/kickscale meetings acme.com")
    assert "1 meeting with acme.com" in here.text(answer)
    await here.click(answer, "Details")
    assert "Kick-off" in here.text(here.slack.open_view(ROBIN))
    assert "Kick-off" in here.text(await here.ask("/kickscale meeting m1"))
    assert is_error(await here.ask("/kickscale call m1"))


async def test_a_transcript_is_sent_once_as_a_file_by_direct_message(here: World) -> None:
    """Pressing twice doesn't send it twice, and nobody else gets it."""
    here.kickscale.add_call(rich(1, here))
    await here.click(await here.ask("/kickscale calls acme.com"), "Details")
    view = here.slack.open_view(ROBIN)
    assert view is not None
    await here.click(view, "Transcript")
    promised = here.slack.open_view(ROBIN)
    assert promised is not None
    assert promised.id != view.id, "a modal on top says that it is on its way"
    await here.slack.close(ROBIN, promised)
    again = here.slack.open_view(ROBIN)
    assert again is not None
    await here.click(again, "Transcript")
    messages = here.slack.direct_messages(ROBIN)
    assert len(messages) == 1
    file = here.slack.state.files[messages[0].files[0]]
    assert file.content is not None
    assert "[00:00:01] Robin Rep: Hello Jane\nJane: Hi\n" in file.content.decode()
    assert here.slack.posts(SALES) == []


async def test_a_transcripts_title_has_no_invisible_characters(here: World) -> None:
    """None that hide, and none that reverse the text."""
    here.add_calls(1, name="Call \u202etxt.exe\u200b", transcript=[{"speaker": "Robin Rep", "text": "Hello"}])
    await here.click(await here.ask("/kickscale call c0"), "Transcript")
    (file,) = here.slack.state.files.values()
    assert file.title == "Call txt.exe"


async def test_a_call_without_a_transcript_says_so(here: World) -> None:
    """The promise is followed by a sentence about why it can't be kept."""
    here.kickscale.add_call(call(1, here.clock.now()))
    answer = await here.ask("/kickscale call c1")
    await here.click(answer, "Transcript")
    view = here.slack.open_view(ROBIN)
    assert view is not None
    assert is_error(view)
    assert "transcript" in here.text(view)


async def test_a_modal_that_cannot_be_opened_is_reported_below_the_message(
    here: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The trigger had expired when it reached Slack. Otherwise nothing would happen, and nobody would know why."""
    here.kickscale.add_call(rich(1, here))
    answer = await here.ask("/kickscale calls acme.com")
    here.slack.faults.add("views.open", error="expired_trigger_id")
    await here.click(answer, "Details")
    assert here.slack.open_view(ROBIN) is None
    message = here.slack.ephemerals(SALES, ROBIN)[-1]
    assert is_error(message)
    assert "expired_trigger_id" in here.text(message)
    await here.click(answer, "Details")
    view = here.slack.open_view(ROBIN)
    assert view is not None
    here.slack.faults.add("views.push", error="expired_trigger_id")
    told = len(here.slack.ephemerals(SALES, ROBIN))
    await here.click(view, "Transcript")
    (message,) = here.slack.ephemerals(SALES, ROBIN)[told:]
    assert message.blocks[0]["block_id"].startswith("error")
    assert "background work failed" not in caplog.text


async def test_a_transcript_that_fails_after_its_modal_was_closed_is_reported_by_direct_message(here: World) -> None:
    """People close the modal and wait for the file."""
    here.kickscale.add_call(call(1, here.clock.now()))
    answer = await here.ask("/kickscale call c1")
    here.kickscale.faults.add("/calls/c1", hang=True)
    await here.slack.click(ROBIN, answer, "Transcript")
    view = await here.slack.wait_for(lambda: here.slack.open_view(ROBIN))
    assert view is not None
    await here.slack.wait_for(lambda: "direct message" in here.text(here.slack.open_view(ROBIN)))
    await here.slack.close(ROBIN, view)
    await here.kickscale.requests.until(lambda _: here.kickscale.hanging > 0)
    here.kickscale.release()
    await here.settle()
    (message,) = here.slack.direct_messages(ROBIN)
    assert is_error(message)
    assert "no transcript" in here.text(message)


async def test_a_transcript_that_fails_at_once_is_reported_after_its_promise(here: World) -> None:
    """If Slack refuses the promise once, its second try must not overwrite the failure."""
    here.kickscale.add_call(call(1, here.clock.now()))
    answer = await here.ask("/kickscale call c1")
    here.slack.faults.add("views.update", status=503)
    await here.slack.click(ROBIN, answer, "Transcript")
    await here.slack.wait_for(lambda: any(request.method == "conversations.open" for request in here.slack.calls))
    with suppress(TimeoutError):
        await here.slack.wait_for(lambda: "no transcript" in here.text(here.slack.open_view(ROBIN)), timeout=0.5)
    await here.settle()
    assert "no transcript" in here.text(here.slack.open_view(ROBIN))


async def test_a_transcript_outlives_an_outage_of_slack(here: World) -> None:
    """Whichever call fails, the transcript is sent once Slack is back."""
    for number, method in enumerate(
        ("conversations.open", "files.getUploadURLExternal", "upload", "files.completeUploadExternal"), start=1
    ):
        here.kickscale.add_call(rich(number, here))
        answer = await here.ask(f"/kickscale call c{number}")
        here.slack.faults.add(method, status=503, times=3)
        await here.slack.click(ROBIN, answer, "Transcript")
        await here.slack.wait_for(lambda: here.slack.open_view(ROBIN))  # it can be opened for three seconds
        while len(here.slack.direct_messages(ROBIN)) < number:
            await here.clock.advance(1)
        await here.bot.idle()
        assert len(here.slack.direct_messages(ROBIN)) == number, method
        view = here.slack.open_view(ROBIN)
        assert view is not None
        await here.slack.close(ROBIN, view)


async def test_a_transcript_is_recorded_though_slacks_answer_was_lost_and_access_too(here: World) -> None:
    """The person became a guest before the next attempt. The file is there, and `erase` has to find it."""
    here.kickscale.add_call(rich(1, here))
    answer = await here.ask("/kickscale call c1")
    here.slack.faults.add("files.completeUploadExternal", broken=True, late=True)
    await here.slack.click(ROBIN, answer, "Transcript")
    (sent,) = await here.slack.wait_for(lambda: here.slack.direct_messages(ROBIN))
    robin = here.slack.user(ROBIN)
    here.slack.state.users[robin.id] = replace(robin, is_restricted=True)
    await here.clock.advance(300)  # Slack is asked again who they are
    await here.pass_time(10)
    assert len(here.slack.direct_messages(ROBIN)) == 1
    assert "direct message" in here.text(here.slack.open_view(ROBIN)), "the promise stands"
    (known,) = await here.bot.database.ledger.of_conversation("c1")
    assert (known.channel, known.ts, known.domains) == (sent.channel, sent.ts, ("acme.com",))
    assert (known.file,) == sent.files
    assert (await read_audit(here, AuditKind.USED)).count(("transcript", ["c1"])) == 1


async def test_a_transcript_is_audited_once_it_is_sent(here: World) -> None:
    """Once, however many attempts it takes. A transcript or recording that isn't there was not handed out."""
    raw = {**rich(1, here), "emailDraft": None, "metrics": None, "rating": None}
    here.kickscale.add_call({**raw, "recordingRef": "https://media.example.com/1.wav"})
    answer = await here.ask("/kickscale call c1")
    here.slack.faults.add("files.completeUploadExternal", status=503, times=3)
    await here.slack.click(ROBIN, answer, "Transcript")
    while not here.slack.direct_messages(ROBIN):
        await here.clock.advance(1)
    await here.settle()
    assert await read_audit(here, AuditKind.USED) == [("transcript", ["c1"])]
    promise = here.slack.open_view(ROBIN)
    assert promise is not None
    await here.slack.close(ROBIN, promise)
    answer = await here.ask("/kickscale call c1")
    here.kickscale.change("c1", {"transcript": [], "recordingRef": ""})
    await nothing_is_handed_out(here, answer)
    assert len(await read_audit(here, AuditKind.USED)) == 1


async def nothing_is_handed_out(here: World, answer: Message) -> None:
    for button in ("Transcript", "Recording"):
        await here.click(answer, button)
        view = here.slack.open_view(ROBIN)
        assert view is not None
        assert is_error(view), button
        await here.slack.close(ROBIN, view)


async def test_a_recording_link_is_fresh_and_for_one_person(here: World) -> None:
    """It is requested at the click, and the answer says how long it works."""
    here.kickscale.add_call(rich(1, here), recorded=True)
    answer = await here.ask("/kickscale call c1")
    await here.clock.advance(3 * 86_400)
    await here.click(answer, "Recording")
    view = here.slack.open_view(ROBIN)
    assert view is not None
    text = here.text(view)
    (link,) = (element for block in view.payload["blocks"] for element in block.get("elements", []) if "url" in element)
    assert any(request.path == "/calls/c1" and request.at == here.clock.now() for request in here.kickscale.requests)
    assert link["url"].startswith(here.kickscale.base_url)
    assert "28 Nov" in text, "two days after the click"
    assert here.slack.posts(SALES) == []
    assert here.slack.open_view(LEA) is None


@pytest.mark.parametrize(
    ("hosts", "link", "is_shown"),
    [
        ("", "https://media.example.com/Größe.wav?s=1", True),
        ("", "http://media.example.com/1.wav", False),
        ("", "https://10.0.0.7/1.wav", False),
        ("*.example.com", "https://media.example.com/1.wav", True),
        ("*.example.com", "https://media.example.org/1.wav", False),
    ],
)
async def test_a_recording_link_leads_to_allowed_hosts(tmp_path: Path, hosts: str, link: str, is_shown: bool) -> None:
    """Over https to public addresses and, if hosts are configured, only to those."""
    async with world(tmp_path, kickscale_storage_hosts=hosts) as here:
        here.kickscale.add_call(rich(1, here, recordingRef=link))
        assert ("[Recording]" in here.text(await here.ask("/kickscale call c1"))) is is_shown


@pytest.mark.parametrize("consent", ["refused", "notGiven", {"consented": False}, "pending"])
async def test_refused_consent_hides_transcript_and_recording(here: World, consent: Any) -> None:
    """The details say so, and old buttons get neither. The audit log has it as refused, not as handed out."""
    raw = {**rich(1, here), "emailDraft": None, "metrics": None, "rating": None}
    here.kickscale.add_call(raw, recorded=True)
    answer = await here.ask("/kickscale call c1")
    here.kickscale.change("c1", {"recordingConsent": consent})
    assert "[Transcript]" not in here.text(await here.ask("/kickscale call c1"))
    await nothing_is_handed_out(here, answer)
    assert here.slack.direct_messages(ROBIN) == []
    assert await read_audit(here, AuditKind.USED) == []
    why = "unclear" if consent == "pending" else "withheld"
    assert await read_audit(here, AuditKind.REFUSED) == [(why, ["c1"])] * 2


@pytest.mark.parametrize("way", ["path", "query"])
@pytest.mark.parametrize("id_", ["c-1/../x", "ä b".replace(" ", "%20"), "A.b~c", "..", "?x=1"])
async def test_no_id_reaches_another_address_of_the_api(here: World, way: str, id_: str) -> None:
    """Whichever characters it has, and however it is sent."""
    here.kickscale.variant.by_id = type(here.kickscale.variant.by_id)(way)
    await here.restart()
    here.kickscale.add_call(rich(1, here, id="zzz"))
    answer = await here.ask(f"/kickscale call {id_}")
    assert is_error(answer)
    assert "Summary 1" not in here.text(answer)
