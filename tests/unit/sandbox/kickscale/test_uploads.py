"""What happens to recordings that are sent to the embedded Kickscale."""

import hashlib
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.kickscale import EmbeddedKickscale, UploadForm
from bot.sandbox.kickscale.callfields import read_fields
from bot.sandbox.kickscale.nest import Refusal
from tests.clock import ManualClock
from tests.unit.sandbox.asking import stranger_to
from tests.unit.sandbox.kickscale.recordings import FORM, NAMED, SOUND, UPLOAD, send

ALL = NAMED | {
    "duration": "600",
    "customerDomains": "acme.com",
    "direction": "inbound",
    "userEmail": "lea.lead@example.com",
    "caller": "+49 30 23125 111",
    "callee": "+49 30 23125 902",
    "language": "en",
    "externalCallId": "slack-F1",
}
TYPED = (*ALL, "fileName", "contentType", "size", "recordingUrl")


# ---- taken ---------------------------------------------------------------------------------------------------------


async def test_a_recording_is_counted_and_not_kept(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, clock: ManualClock
) -> None:
    """Its name, type, size, hash, first bytes and fields are known, and the id that was answered."""
    answer = await send(client, ALL)
    (upload,) = kickscale.uploads
    assert (answer.status_code, answer.json()) == (201, {"id": upload.call_id})
    assert (upload.file_name, upload.media_type, upload.at) == ("call.wav", "audio/wav", clock.now())
    assert (upload.size, upload.sha256) == (len(SOUND), hashlib.sha256(SOUND).hexdigest())
    assert (upload.fields, upload.head) == (ALL, SOUND[:65_536])


async def test_it_is_a_call_at_once(client: httpx.AsyncClient) -> None:
    """With what came with it, and nothing of an analysis."""
    call_id = (await send(client, ALL)).json()["id"]
    query = {"startDate": "2026-11-20T14:30:00Z", "customerDomain": "acme.com", "expand": "user_client_augmentation"}
    (call,) = (await client.get("/calls", params=query)).json()["data"]
    assert (call["id"], call["createdAt"], call["date"]) == (
        call_id,
        "2026-11-23T08:30:00.000Z",
        "2026-11-20T14:30:00.000Z",
    )
    same = ("name", "direction", "caller", "callee", "language", "externalCallId")
    assert {name: call[name] for name in same} == {name: ALL[name] for name in same}
    assert (call["duration"], call["customerDomains"], call["user"]["lastName"]) == (600, ["acme.com"], "Lead")
    assert [call[name] for name in ("summary", "actionItems", "insights", "participants")] == [None] * 4
    assert (await client.get(call["recordingRef"])).status_code == 200


async def test_it_is_analysed_later(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, clock: ManualClock
) -> None:
    """After four seconds, or as many as were ordered: with words of that rep and that customer."""
    call_id = (await send(client, ALL)).json()["id"]
    kickscale.analysis_after = 60
    later = (await send(client, ALL)).json()["id"]
    await clock.advance(4)
    call, waiting = [
        (await client.get(f"/calls/{id_}", params={"expand": "user_client_augmentation,meeting_transcript"})).json()
        for id_ in (call_id, later)
    ]
    assert waiting["summary"] is None
    assert len(call["summary"]) > 40
    assert call["actionItems"]
    assert call["insights"]
    assert call["metrics"]
    assert call["participants"][0]["email"] == "lea.lead@example.com"
    assert call["participants"][1]["email"].endswith("@acme.com")
    assert 0 < call["transcript"][-1]["start"] < 600
    assert (call["name"], call["duration"], call["updatedAt"]) == (ALL["name"], 600, "2026-11-23T08:30:04.000Z")
    await clock.advance(56)
    assert (await client.get(f"/calls/{later}")).json()["summary"]


async def test_little_is_needed(kickscale: EmbeddedKickscale, client: httpx.AsyncClient, clock: ManualClock) -> None:
    """A name and a date: the analysis adds duration and language, and the person who made the key owns the call."""
    await send(client)
    (call,) = kickscale.calls()
    assert (call["duration"], call["language"], call["user"]["firstName"]) == (None, None, "Robin")
    await clock.advance(4)
    (call,) = kickscale.calls()
    assert (call["duration"] > 0, call["language"], call["customerDomains"]) == (True, "en", [])


@pytest.mark.parametrize("domain", ["acme.com", "new-one.example"])
@pytest.mark.parametrize("language", ["de", "en"])
async def test_any_customer_and_rep_will_do(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, clock: ManualClock, domain: str, language: str
) -> None:
    """Known to the sample workspace or not."""
    await send(
        client, NAMED | {"customerDomains": [domain, "b.example"], "userEmail": "a.b@acme.com"} | {"language": language}
    )
    await clock.advance(4)
    (call,) = kickscale.calls()
    assert kickscale.uploads[0].fields["customerDomains"] == call["customerDomains"] == [domain, "b.example"]
    assert call["user"] | {"id": ""} == {"id": "", "firstName": "A", "lastName": "B", "email": "a.b@acme.com"}
    assert {participant["email"].partition("@")[2] for participant in call["participants"]} >= {domain, "b.example"}
    assert "{" not in call["summary"]


async def test_the_same_twice_is_two_calls(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """Nothing is merged, so that a doubled upload shows."""
    assert (await send(client, ALL)).json() != (await send(client, ALL)).json()
    assert [call["externalCallId"] for call in kickscale.calls()] == ["slack-F1", "slack-F1"]


async def test_the_key_can_be_hidden(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """Then no answer shows which call came from which upload."""
    kickscale.variant.hides_external_id = True
    call_id = (await send(client, ALL)).json()["id"]
    assert "externalCallId" not in (await client.get("/calls")).json()["data"][0]
    assert "externalCallId" not in (await client.get(f"/calls/{call_id}")).json()


async def test_what_was_removed_before_its_analysis_stays_away(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, clock: ManualClock
) -> None:
    """As when somebody deletes it."""
    kickscale.remove((await send(client)).json()["id"])
    await clock.advance(4)
    assert kickscale.calls() == []


# ---- refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"name": None}, ["name should not be empty", "name must be a string"]),
        ({"name": ""}, ["name should not be empty"]),
        ({"date": "yesterday"}, ["date must be a valid ISO 8601 date string"]),
        ({"date": None}, ["date must be a valid ISO 8601 date string"]),
        ({"duration": "9.5"}, ["duration must be an integer number"]),
        ({"direction": ""}, ["direction must be one of the following values: inbound, outbound"]),
        ({"language": "english"}, ["language must be one of the following values: de, en"]),
        ({"userEmail": "<@U1>"}, ["userEmail must be an email"]),
        ({"caller": ["1", "2"]}, ["caller must be a string"]),
        ({"customerDomains": "a.example, b.example"}, ["each value in customerDomains must be a valid domain name"]),
        ({"more": "1"}, ["property more should not exist"]),
    ],
)
async def test_wrong_fields_are_refused(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, changes: dict[str, Any], wrong: list[str]
) -> None:
    """With class-validator's sentences; nothing is stored."""
    kickscale.variant.rejects_unknown = True
    fields = {name: value for name, value in (ALL | changes).items() if value is not None}
    answer = await send(client, fields)
    assert (answer.status_code, answer.json()["message"], answer.json()["error"]) == (400, wrong, "Bad Request")
    assert (kickscale.uploads, kickscale.calls()) == ([], [])


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9), lambda inner: st.lists(inner, max_size=2)
)


@given(st.dictionaries(st.sampled_from([*TYPED, "more"]), ODD), st.sampled_from(UploadForm), st.booleans())
def test_whatever_comes_is_read_or_refused(fields: dict[str, Any], form: UploadForm, strict: bool) -> None:
    """No JSON makes it fail in another way than as a refusal."""
    with suppress(Refusal):
        assert read_fields(fields, form, strict=strict).name == fields["name"]


async def test_a_stranger_is_refused(kickscale: EmbeddedKickscale) -> None:
    """Without reading what they send."""
    async with stranger_to(kickscale, {"api-key": kickscale.api_key}) as stranger:
        assert (await send(stranger)).status_code == 403
    assert kickscale.uploads == []


async def test_a_rep_without_a_seat_is_refused(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """In words."""
    kickscale.seatless.add("lea.lead@example.com")
    answer = await send(client, ALL)
    assert (answer.status_code, answer.json()["message"]) == (422, "User has no paid seat")
    assert kickscale.uploads == []


async def test_too_large_a_recording_is_refused(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """By the size that the document names."""
    kickscale.variant.max_bytes = len(SOUND)
    assert "At most 0.256 MB." in (await client.get("/swagger-json")).text
    assert (await send(client)).status_code == 201
    answer = await send(client, sound=SOUND + b"x")
    assert (answer.status_code, answer.json()["message"]) == (413, "File too large")
    assert len(kickscale.uploads) == 1


async def test_the_file_belongs_in_its_field(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """Elsewhere, or twice, or not at all, it is refused."""
    file = ("call.wav", SOUND, "audio/wav")
    elsewhere = await client.post(UPLOAD, data=NAMED, files={"recording": file})
    twice = await client.post(UPLOAD, data=NAMED, files=[("file", file), ("file", file)])
    missing = await client.post(UPLOAD, data=NAMED)
    other = await client.post(UPLOAD, json=NAMED)
    messages = [response.json()["message"] for response in (elsewhere, twice, missing, other)]
    assert messages == [
        "Unexpected field - recording",
        "Unexpected field - file",
        "File is required",
        "File is required",
    ]
    assert kickscale.uploads == []


@pytest.mark.filterwarnings("ignore::aiohttp.BadContentDispositionHeader")
async def test_a_broken_form_is_refused(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """Wherever it was cut; whole, it is taken, though a field comes after the file."""
    form = {"content-type": "multipart/form-data; boundary=B"}
    for length in range(len(FORM) - len("--\r\n")):
        answer = await client.post(UPLOAD, content=FORM[:length], headers=form)
        assert (answer.status_code, answer.json()["error"]) == (400, "Bad Request"), length
    assert kickscale.uploads == []
    assert (await client.post(UPLOAD, content=FORM, headers=form)).status_code == 201
    assert (kickscale.uploads[0].fields, kickscale.uploads[0].size) == ({"name": "x", "date": "2026-11-20"}, 5)
    unbound = await client.post(UPLOAD, content=FORM, headers={"content-type": "multipart/form-data"})
    assert unbound.json()["message"] == "Multipart: Boundary not found"
