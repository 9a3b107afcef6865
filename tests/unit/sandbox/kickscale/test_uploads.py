"""Recordings that are uploaded to the embedded Kickscale: taken, refused, analysed, and lost on bad days."""

import asyncio
import hashlib
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.kickscale import EmbeddedKickscale, Stage, UploadForm
from bot.sandbox.kickscale.callfields import read_fields
from bot.sandbox.kickscale.nest import Refusal
from tests.clock import ManualClock
from tests.servers import serving
from tests.unit.sandbox.asking import stranger_to

UPLOAD = "/calls/upload"
NAMED = {"name": "Call with Acme", "date": "2026-11-20T14:30:00Z"}
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
SOUND = bytes(range(256)) * 1_000


async def send(client: httpx.AsyncClient, fields: dict[str, Any] = NAMED, sound: bytes = SOUND) -> httpx.Response:
    return await client.post(UPLOAD, data=fields, files={"file": ("call.wav", sound, "audio/wav")})


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


FORM = (
    b'--B\r\nContent-Disposition: form-data; name="name"\r\n\r\nx\r\n'
    b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n'
    b"sound\r\n--B\r\n"
    b'Content-Disposition: form-data; name="date"\r\n\r\n2026-11-20\r\n--B--\r\n'
)


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


# ---- put into a store ----------------------------------------------------------------------------------------------

TICKET = NAMED | {"fileName": "call.wav", "contentType": "audio/wav", "size": len(SOUND), "externalCallId": "slack-F1"}


@pytest.fixture
async def stranger(kickscale: EmbeddedKickscale) -> AsyncIterator[httpx.AsyncClient]:
    async with stranger_to(kickscale) as stranger:
        yield stranger


async def test_a_recording_is_put_to_the_address_in_the_answer(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, stranger: httpx.AsyncClient, clock: ManualClock
) -> None:
    """Without credentials; the call is there when it has come. Putting it again makes no other call."""
    kickscale.variant.upload = UploadForm.PRESIGNED
    ticket = (await client.post(UPLOAD, json=TICKET)).json()
    assert kickscale.calls() == []
    for sound in (b"half", SOUND):
        answer = await stranger.put(ticket["uploadUrl"], content=sound, headers={"content-type": "audio/wav"})
        assert answer.status_code == 200
    (upload,) = kickscale.uploads
    assert (upload.call_id, upload.file_name, upload.media_type) == (ticket["id"], "call.wav", "audio/wav")
    assert (upload.fields, upload.sha256) == (TICKET, hashlib.sha256(SOUND).hexdigest())
    assert kickscale.leaks == []
    await clock.advance(4)
    assert [call["externalCallId"] for call in kickscale.calls() if call["summary"]] == ["slack-F1"]


async def test_the_address_is_the_credential(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, stranger: httpx.AsyncClient, clock: ManualClock
) -> None:
    """For a quarter of an hour. Any other credential that comes there has leaked."""
    kickscale.variant.upload = UploadForm.PRESIGNED
    ticket = (await client.post(UPLOAD, json=TICKET)).json()
    url = httpx.URL(ticket["uploadUrl"])
    for wrong in (url.copy_remove_param("signature"), url.copy_with(path="/storage/other")):
        assert (await stranger.put(wrong, content=SOUND)).status_code == 403
    assert (await stranger.put(url, content=pieces(1))).status_code == 411
    assert (await client.put(url, content=SOUND)).status_code == 200
    assert kickscale.leaks == [f"{name} at /storage/{ticket['id']}" for name in ("api-key", "client-id")]
    await clock.advance(15 * 60)
    assert (await stranger.put(url, content=SOUND)).status_code == 403


@pytest.mark.parametrize(
    ("form", "given", "wrong"),
    [
        (UploadForm.PRESIGNED, NAMED | {"fileName": "a.wav"}, ["size must be an integer number"]),
        (UploadForm.PRESIGNED, TICKET | {"duration": "60"}, ["duration must be an integer number"]),
        (UploadForm.PRESIGNED, TICKET | {"customerDomains": "acme.com"}, ["customerDomains must be an array"]),
        (UploadForm.URL, NAMED | {"recordingUrl": "call.wav"}, ["recordingUrl must be a URL address"]),
    ],
)
async def test_json_has_its_types(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, form: UploadForm, given: dict[str, Any], wrong: list[str]
) -> None:
    """A number is no text, and a list is a list. A body that is no JSON is refused as well."""
    kickscale.variant.upload = form
    answer = await client.post(UPLOAD, json=given)
    assert (answer.status_code, answer.json()["message"]) == (400, wrong)
    assert (await client.post(UPLOAD, content=b"{", headers={"content-type": "application/json"})).status_code == 400


# ---- fetched from an address ---------------------------------------------------------------------------------------


@pytest.fixture
async def shelf() -> AsyncIterator[str]:
    """The address of a server with a recording at `/call.wav`."""

    async def answer(request: web.Request) -> web.Response:
        kept_call = request.path == "/call.wav"
        return web.Response(body=SOUND, content_type="audio/wav") if kept_call else web.Response(status=410)

    async with serving(answer) as address:
        yield address


async def test_a_recording_is_fetched(kickscale: EmbeddedKickscale, client: httpx.AsyncClient, shelf: str) -> None:
    """From the address that was named, before the answer."""
    kickscale.variant.upload = UploadForm.URL
    answer = await client.post(UPLOAD, json=NAMED | {"recordingUrl": f"{shelf}/call.wav"})
    (upload,) = kickscale.uploads
    assert (answer.status_code, answer.json()) == (201, {"id": upload.call_id})
    assert (upload.file_name, upload.media_type, upload.size) == ("call.wav", "audio/wav", len(SOUND))
    assert upload.sha256 == hashlib.sha256(SOUND).hexdigest()


async def test_what_cannot_be_fetched_is_refused(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, shelf: str
) -> None:
    """Nothing there, nobody there, or not on this machine."""
    kickscale.variant.upload = UploadForm.URL
    gone = await client.post(UPLOAD, json=NAMED | {"recordingUrl": f"{shelf}/other.wav"})
    dead = await client.post(UPLOAD, json=NAMED | {"recordingUrl": "http://127.0.0.1:1/call.wav"})
    away = await client.post(UPLOAD, json=NAMED | {"recordingUrl": "https://files.example/call.wav"})
    assert [response.status_code for response in (gone, dead, away)] == [422] * 3
    assert gone.json()["message"] == "The recording could not be fetched: 410"
    assert kickscale.uploads == []


# ---- bad days ------------------------------------------------------------------------------------------------------


async def pieces(count: int, before: Callable[[int], Awaitable[object]] | None = None) -> AsyncIterator[bytes]:
    """That many times 64 KiB."""
    for place in range(count):
        if before is not None:
            await before(place)
        yield bytes(65_536)


def form(count: int) -> dict[str, Any]:
    """The headers and the content of a form with a recording of `count` times 64 KiB."""
    first, last = FORM.split(b"sound")

    async def content() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces(count):
            yield piece
        yield last

    length = len(first) + count * 65_536 + len(last)
    headers = {"content-type": "multipart/form-data; boundary=B", "content-length": str(length)}
    return {"content": content(), "headers": headers}


async def test_a_large_recording_takes_no_memory(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """64 MiB pass through, and some of the pieces are there at a time."""
    await client.get("/calls")
    tracemalloc.start()
    assert (await client.post(UPLOAD, **form(1_024))).status_code == 201
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kickscale.uploads[0].size == 64 * 2**20
    assert peak < 16 * 2**20


@pytest.mark.parametrize(("stage", "calls"), [(Stage.READ, 0), (Stage.STORED, 1)])
async def test_a_500_is_before_or_after_storing(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, stage: Stage, calls: int
) -> None:
    """Which nobody can tell from the answer."""
    kickscale.faults.add(UPLOAD, stage=stage, status=500)
    answer = await send(client)
    assert (answer.status_code, answer.json()["message"]) == (500, "Internal server error")
    assert (len(kickscale.uploads), len(kickscale.calls())) == (calls, calls)
    assert (await send(client)).status_code == 201


async def test_an_answer_can_fail_to_come_after_storing(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient
) -> None:
    """It hangs, breaks, or is cut; the call is there."""
    kickscale.faults.add(UPLOAD, stage=Stage.STORED, hang=True)
    kickscale.faults.add(UPLOAD, stage=Stage.STORED, broken=True)
    kickscale.faults.add(UPLOAD, stage=Stage.STORED, truncated=True)
    with pytest.raises(httpx.ReadTimeout):
        await client.post(UPLOAD, **form(1), timeout=httpx.Timeout(10, read=0.1))
    for _ in range(2):
        with pytest.raises(httpx.RemoteProtocolError):
            await send(client)
    assert len(kickscale.calls()) == 3


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 413, "message": "Recordings may have 50 MB"},
        {"status": 403, "message": "User has no paid seat"},
        {"status": 429, "message": "Slow down", "retry_after": 7},
    ],
)
async def test_an_answer_can_come_early(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, fault: dict[str, Any]
) -> None:
    """Before anything of the recording was read, or in its middle; in its own words."""
    kickscale.faults.add(UPLOAD, **fault)
    kickscale.faults.add(UPLOAD, stage=Stage.MIDDLE, after=1_000_000, **fault)
    for _ in range(2):
        answer = await client.post(UPLOAD, **form(64))
        assert (answer.status_code, answer.json()["message"]) == (fault["status"], fault["message"])
        assert answer.headers.get("retry-after", "") == str(fault.get("retry_after", ""))
    assert kickscale.uploads == []
    assert (await client.post(UPLOAD, **form(64))).status_code == 201


async def test_an_early_answer_does_not_wait_for_the_recording(kickscale: EmbeddedKickscale) -> None:
    """It can be found while it is being sent."""
    kickscale.faults.add(UPLOAD, status=413)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(kickscale.base_url.rpartition(":")[2]))
    writer.write(f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n".encode())
    assert await reader.readline() == b"HTTP/1.1 413 Request Entity Too Large\r\n"
    writer.close()
    await writer.wait_closed()


async def test_a_connection_can_be_cut_in_the_middle(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """Of a form, and of what is put into the storage."""
    kickscale.faults.add("*", stage=Stage.MIDDLE, after=1_000_000, broken=True, times=2)
    with pytest.raises(httpx.TransportError):
        await client.post(UPLOAD, **form(512))
    kickscale.variant.upload = UploadForm.PRESIGNED
    ticket = (await client.post(UPLOAD, json=TICKET)).json()
    with pytest.raises(httpx.TransportError):
        await client.put(ticket["uploadUrl"], content=bytes(32 * 2**20))
    assert kickscale.uploads == []
    assert (await client.put(ticket["uploadUrl"], content=SOUND)).status_code == 200


async def test_a_recording_can_pause_in_the_middle_and_continue(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient
) -> None:
    """Then the sender is held up, but for what the network takes in advance."""
    kickscale.faults.add(UPLOAD, stage=Stage.MIDDLE, after=1_000_000, hang=True)
    sent = 0

    async def count(place: int) -> None:
        nonlocal sent
        sent = place

    first, last = FORM.split(b"sound")

    async def content() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces(1_024, count):
            yield piece
        yield last

    headers = form(1_024)["headers"]
    sending = asyncio.ensure_future(client.post(UPLOAD, content=content(), headers=headers))
    before = -1
    while sent < 16 or sent > before:
        before = sent
        await asyncio.wait([sending], timeout=0.05)
    assert sent < 1_000
    assert not sending.done()
    kickscale.release()
    assert (await sending).status_code == 201
    assert kickscale.uploads[0].size == 64 * 2**20


async def test_a_recording_can_come_slowly(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """At so many bytes a second."""
    kickscale.upload_rate = len(SOUND) / 0.2
    began = asyncio.get_running_loop().time()
    await send(client)
    assert asyncio.get_running_loop().time() - began >= 0.19


async def test_half_a_recording_is_none(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """Where the sender goes away, nothing is stored and nothing is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(kickscale.base_url.rpartition(":")[2]))
    headers = {"host": "127.0.0.1", **client.headers, **form(512)["headers"]}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"POST {UPLOAD} HTTP/1.1\r\n{lines}\r\n".encode() + FORM.split(b"sound")[0] + bytes(2**20))
    await kickscale.requests.until(lambda log: len(log) == 1)
    writer.close()
    await kickscale.requests.until(lambda log: log[0].ended is not None)
    assert (kickscale.requests[0].status, kickscale.uploads, kickscale.calls()) == (None, [], [])
    assert await reader.read() == b""
    await writer.wait_closed()
