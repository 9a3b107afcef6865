"""The Slack client against the embedded Slack, and against servers that aren't Slack."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import RecordingRefused, SlackError, SlackUnavailable
from bot.sandbox.slack import NO_LIMITS, EmbeddedSlack
from bot.slack.auth import Auth
from bot.slack.calls import Calls
from bot.slack.client import Slack
from bot.slack.session import new_session
from tests.clock import ManualClock
from tests.servers import serving

ROBIN, SALES = "U0ROBIN001", "C0SALES001"


@pytest.fixture
async def embedded(clock: ManualClock) -> AsyncIterator[EmbeddedSlack]:
    async with EmbeddedSlack(clock=clock, limits=NO_LIMITS) as slack:
        yield slack


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def slack(embedded: EmbeddedSlack, clock: ManualClock) -> AsyncIterator[Slack]:
    async with new_session(30) as session:
        client = AsyncWebClient(embedded.bot_token, base_url=embedded.api_url, session=session, retry_handlers=[])
        yield Slack(Auth(Calls(client, clock)))


def tagged(key: str) -> dict[str, object]:
    return {"text": key, "metadata": {"event_type": "upload", "event_payload": {"key": key}}}


async def _result(waiting: Awaitable[object]) -> object:
    return await waiting


async def test_a_message_goes_into_a_thread(slack: Slack, embedded: EmbeddedSlack) -> None:
    """If one is given."""
    parent = embedded.say("robin.rep", SALES, "a recording")
    ts = await slack.messages.post(SALES, {"text": "an answer"}, parent.ts)
    posted = embedded.posts(SALES)[-1]
    assert (posted.ts, posted.thread_ts, posted.text) == (ts, parent.ts, "an answer")


async def test_a_message_in_a_thread_is_only_found_there(
    slack: Slack, embedded: EmbeddedSlack, clock: ManualClock
) -> None:
    """By its key. The channel's history doesn't have it."""
    parent = embedded.say("robin.rep", SALES, "a recording")
    since = clock.now()
    ts = await slack.messages.post(SALES, tagged("one"), parent.ts)
    assert await slack.messages.find_posted(SALES, "upload", "one", since, parent.ts) == ts
    assert await slack.messages.find_posted(SALES, "upload", "two", since, parent.ts) is None
    assert await slack.messages.find_posted(SALES, "upload", "one", since) is None


@pytest.mark.parametrize("step", [timedelta(hours=1), timedelta(hours=-1)])
async def test_a_message_is_found_by_slacks_clock(clock: ManualClock, step: timedelta) -> None:
    """Even if the machine's own clock is wrong, so that nothing is posted twice."""
    async with EmbeddedSlack(clock=clock.right, limits=NO_LIMITS) as embedded, new_session(30) as session:
        clock.set_by(step)
        client = AsyncWebClient(embedded.bot_token, base_url=embedded.api_url, session=session, retry_handlers=[])
        slack = Slack(Auth(Calls(client, clock)))
        since = clock.now()
        ts = await slack.messages.post(SALES, tagged("one"))
        assert await slack.messages.find_posted(SALES, "upload", "one", since) == ts
        clock.set_by(-step)
        await slack.auth.check()
        assert await slack.messages.find_posted(SALES, "upload", "one", since) == ts


async def test_nothing_is_found_in_a_thread_that_was_deleted(slack: Slack, clock: ManualClock) -> None:
    """There is no error."""
    assert await slack.messages.find_posted(SALES, "upload", "one", clock.now(), "1795000000.000100") is None


async def test_a_message_is_edited(slack: Slack, embedded: EmbeddedSlack, clock: ManualClock) -> None:
    """In place, and again if Slack was too busy."""
    ts = await slack.messages.post(SALES, {"text": "0 %"})
    embedded.faults.add("chat.update", status=500)
    editing = asyncio.ensure_future(slack.messages.edit(SALES, ts, {"text": "50 %"}))
    async with asyncio.timeout(30):
        while not clock.sleepers:  # noqa: ASYNC110 the clock has no event for it
            await asyncio.sleep(0)
    await clock.advance(1)
    await editing
    posted = embedded.posts(SALES)[-1]
    assert (posted.ts, posted.text) == (ts, "50 %")


async def test_only_known_error_codes_are_counted_by_name(embedded: EmbeddedSlack, clock: ManualClock) -> None:
    """Any other text from Slack, or from something that answers in its place, stays out of the metrics."""
    counted = []
    async with new_session(30) as session:
        client = AsyncWebClient(embedded.bot_token, base_url=embedded.api_url, session=session, retry_handlers=[])
        slack = Slack(Auth(Calls(client, clock, lambda _method, outcome, _seconds: counted.append(outcome))))
        for error in ("channel_not_found", "acme.com", "made-up-1", "made-up-2"):
            embedded.faults.add("chat.postMessage", error=error)
            with pytest.raises(SlackError):
                await slack.messages.post(f"{SALES}{error}", {"text": "hello"})
    assert counted == ["channel_not_found", "other", "other", "other"]


async def test_a_deleted_message_can_not_be_edited(slack: Slack) -> None:
    """The error has Slack's own code."""
    with pytest.raises(SlackError) as caught:
        await slack.messages.edit(SALES, "1795000000.000100", {"text": "50 %"})
    assert caught.value.code == "message_not_found"


async def test_an_ephemeral_message_goes_into_a_thread(slack: Slack, embedded: EmbeddedSlack) -> None:
    """Only one person sees it."""
    parent = embedded.say("robin.rep", SALES, "a recording")
    await slack.messages.post_ephemeral(SALES, ROBIN, {"text": "for you"}, parent.ts)
    seen = embedded.ephemerals(SALES, "robin.rep")[-1]
    assert (seen.text, seen.thread_ts) == ("for you", parent.ts)


async def test_a_file_is_returned_by_its_id(slack: Slack) -> None:
    """With the threads in which it was shared."""
    file = await slack.files.upload("call.wav", b"RIFF")
    await slack.files.share(file, "Call", SALES, "here")
    shared = await slack.files.get(file)
    assert (shared.id, shared.name, shared.size) == (file, "call.wav", 4)
    assert list(shared.threads) == [SALES]


@pytest.mark.parametrize(("code", "reason"), [("file_deleted", "gone"), ("file_not_found", "unseen")])
async def test_a_missing_file_has_a_reason(slack: Slack, embedded: EmbeddedSlack, code: str, reason: str) -> None:
    """It was deleted, or perhaps the bot just doesn't see it."""
    embedded.faults.add("files.info", error=code)
    with pytest.raises(RecordingRefused) as caught:
        await slack.files.get("F0NOTHERE1")
    assert caught.value.reason == reason


# ---- a Slack that is not itself --------------------------------------------------------------------------------------


@asynccontextmanager
async def answering(clock: ManualClock, /, **bodies: bytes | str) -> AsyncIterator[Slack]:
    """Yield a client for a server that answers each method (with `_` for its dot) with this body, as JSON or text."""

    async def handle(request: web.Request) -> web.Response:
        body = bodies[request.path.rpartition("/")[2].replace(".", "_")]
        kind = "application/json" if body[:1] in (b"{", "{", "[", b"\xff") else "text/plain"
        return web.Response(body=body, headers={"Content-Type": kind, "Date": "Mon, 23 Nov 2026 08:30:00 -0000"})

    async with serving(handle) as address, new_session(30) as session:
        client = AsyncWebClient("xoxb-sample", base_url=f"{address}/api/", session=session, retry_handlers=[])
        yield Slack(Auth(Calls(client, clock)))


async def test_no_redirect_is_followed(clock: ManualClock) -> None:
    """Neither with the token nor with a message: a redirect counts as no answer."""
    asked: list[str] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode())
        writer.write(
            b"HTTP/1.1 307 Elsewhere\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server, new_session(30) as session:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/"
        slack = Slack(
            Auth(Calls(AsyncWebClient("xoxb-sample", base_url=address, session=session, retry_handlers=[]), clock))
        )
        with pytest.raises(SlackUnavailable):
            await slack.messages.post(SALES, {"text": "private"})
        with pytest.raises(SlackUnavailable):
            await slack.responses.send(f"{address}x", {"text": "private"})
    assert asked == ["POST /api/chat.postMessage HTTP/1.1\r\n", "POST /api/x HTTP/1.1\r\n"]


HOME = '{"ok": true, "team_id": "T1", "user_id": "U0"}'


@pytest.mark.parametrize("body", [b"\xff{", "upstream connect error", "{", "[]", '{"ok": false}'])
async def test_an_answer_that_is_not_from_slack_counts_as_none(clock: ManualClock, body: bytes | str) -> None:
    """A proxy's text, a page, half a body: no other exception escapes."""
    async with answering(clock, apps_connections_open=body) as slack:
        with pytest.raises(SlackUnavailable):
            await slack.auth.open_socket("xapp-sample")


@pytest.mark.parametrize("user", ["null", "{}", '{"team_id": "T1", "name": "robin"}', "[]"])
async def test_a_user_without_an_id_is_unknown(clock: ManualClock, user: str) -> None:
    """Although Slack says that the call succeeded."""
    async with answering(clock, auth_test=HOME, users_info=f'{{"ok": true, "user": {user}}}') as slack:
        with pytest.raises(SlackError):
            await slack.people.get("U1")


@pytest.mark.parametrize("team", ['"T2"', "null", '""', "5"])
async def test_people_of_other_workspaces_are_from_outside(clock: ManualClock, team: str) -> None:
    """Also if Slack doesn't say which workspace is theirs."""
    user = f'{{"ok": true, "user": {{"id": "U1", "team_id": {team}, "profile": null, "tz": null}}}}'
    async with answering(clock, auth_test=HOME, users_info=user) as slack:
        assert (await slack.people.get("U1")).is_outside
    async with answering(clock, auth_test='{"ok": true}', users_info=user) as slack:
        assert (await slack.people.get("U1")).is_outside


async def test_an_id_and_a_workspace_are_enough_for_a_person(clock: ManualClock) -> None:
    """The rest is empty."""
    async with answering(
        clock, auth_test=HOME, users_info='{"ok": true, "user": {"id": "U1", "team_id": "T1"}}'
    ) as slack:
        person = await slack.people.get("U1")
    assert (person.is_outside, person.is_guest, person.email, person.timezone) == (False, False, "", "")


async def test_a_date_without_a_zone_is_utc(clock: ManualClock) -> None:
    """`-0000` means that the zone is unknown (RFC 5322, section 3.3)."""
    async with answering(clock, auth_test=HOME) as slack:
        assert (await slack.auth.check()).answered_at == clock.now()


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.com/actions/T/1/x",
        "https://hooks.slack.com.evil.example.com/",
        "https://hooks.slack.com@evil.example.com/",
        "http://hooks.slack.com/actions/T/1/x",
        "http://127.0.0.1:1/actions/T/1/x",
        "file:///etc/passwd",
        "",
    ],
)
async def test_an_answer_only_goes_to_slack(slack: Slack, embedded: EmbeddedSlack, url: str) -> None:
    """Whatever address a payload has."""
    with pytest.raises(SlackError, match="invalid_url"):
        await slack.responses.send(url, {"text": "private"})
    assert embedded.calls == []


@pytest.mark.parametrize("method", ["users.info", "response_url"])
async def test_those_who_wait_for_a_rate_limit_come_back_one_after_another(
    slack: Slack, embedded: EmbeddedSlack, clock: ManualClock, method: str
) -> None:
    """All together, they would only be refused again. Nobody waits for the sake of others who don't wait."""
    count = 10
    embedded.faults.add(method, status=429, retry_after=30, times=count)
    asked: list[Coroutine[Any, Any, object]]
    if method == "users.info":
        crowd = [replace(embedded.state.user(ROBIN), id=f"U0CROWD{number}") for number in range(count)]
        embedded.state.users |= {person.id: person for person in crowd}
        asked = [slack.people.get(person.id) for person in crowd]
    else:
        urls = [embedded.state.new_hook("commands", ROBIN, SALES, None) for _ in range(count)]
        asked = [slack.responses.send(embedded.base_url + url, {"text": "an answer"}) for url in urls]
    waiting = asyncio.gather(*asked)
    await embedded.wait_for(lambda: [call for call in embedded.calls if call.status == 429][count - 1 :])
    refused_at = clock.elapsed()
    await clock.advance(30)
    await clock.run_to_end(_result(waiting))
    came_back = [call.at for call in embedded.calls if call.method == method and call.ok]
    assert len(came_back) == len(set(came_back)) == count
    assert timedelta(seconds=30) <= clock.elapsed() - refused_at <= timedelta(seconds=31)


async def test_somebody_is_looked_up_once_for_all_who_ask_at_the_same_time(
    slack: Slack, embedded: EmbeddedSlack
) -> None:
    """All get the same answer; so do later ones for a few minutes."""
    people = await asyncio.gather(*(slack.people.get(ROBIN) for _ in range(5)))
    assert {person.id for person in [*people, await slack.people.get(ROBIN)]} == {ROBIN}
    assert [call.method for call in embedded.calls].count("users.info") == 1


async def test_a_long_rate_limit_is_not_waited_out(slack: Slack, embedded: EmbeddedSlack) -> None:
    """Neither by the first call nor by later ones: an answer in an hour would be too late."""
    embedded.faults.add("users.info", status=429, retry_after=3600)
    for _ in range(2):
        with pytest.raises(SlackUnavailable):
            await slack.people.get(ROBIN)
    assert [call.method for call in embedded.calls].count("users.info") == 1


@pytest.mark.parametrize("wait", ["inf", "nan", "1e300", "-5", "soon", ""])
async def test_any_retry_after_leads_to_a_pause(
    slack: Slack, embedded: EmbeddedSlack, clock: ManualClock, wait: str
) -> None:
    """If it is no reasonable number of seconds, the pause is a second or a day."""
    embedded.faults.add("users.info", status=429, retry_after=wait, times=99)  # type: ignore[arg-type]
    looking = asyncio.ensure_future(slack.people.get(ROBIN))
    async with asyncio.timeout(30):
        while not looking.done():
            await clock.advance(1)
    with pytest.raises(SlackUnavailable):
        await looking
