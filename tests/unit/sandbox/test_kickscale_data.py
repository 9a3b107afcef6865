"""The sample workspace of the embedded Kickscale: a believable year, relative to today."""

import io
import wave
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from bot.sandbox.kickscale import EmbeddedKickscale
from bot.sandbox.kickscale.data import conversations
from tests.clock import ManualClock
from tests.unit.sandbox.asking import client_of, ids, stranger_to

FRIDAY_EVENING = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
EXPANDED = {"expand": "user_client_augmentation,meeting_transcript"}


@pytest.fixture
def clock() -> ManualClock:
    """After work on a Friday."""
    return ManualClock(FRIDAY_EVENING)


@pytest.fixture
async def kickscale(clock: ManualClock) -> AsyncIterator[EmbeddedKickscale]:
    async with EmbeddedKickscale(clock) as kickscale:
        yield kickscale


@pytest.fixture
async def client(kickscale: EmbeddedKickscale) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(kickscale) as client:
        yield client


def starts(raw: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(raw["date"]).astimezone(BERLIN)


def everything(kickscale: EmbeddedKickscale) -> list[dict[str, Any]]:
    return kickscale.calls() + kickscale.meetings()


async def test_there_is_a_year_of_it(kickscale: EmbeddedKickscale) -> None:
    """Some 1,400 conversations with a dozen customers and more, in two languages, owned by four reps."""
    found = everything(kickscale)
    assert 1_000 <= len(found) <= 1_500
    assert len({each["id"] for each in found}) == len(found)
    assert {each["language"] for each in found} == {"de", "en"}
    assert len({domain for each in found for domain in each["customerDomains"]}) >= 12
    assert len({each["user"]["email"] for each in found}) == 4
    assert min(map(starts, found)).date() <= date(2025, 11, 24)


async def test_nothing_in_it_belongs_to_anybody(kickscale: EmbeddedKickscale) -> None:
    """Domains are the sample ones, and the reps' own is no customer's."""
    domains = {domain for each in everything(kickscale) for domain in each["customerDomains"]}
    samples = {"acme.com", "eu.acme.com", "example.org", "example.net"}
    assert all(each in samples or each.endswith(".example") for each in domains)
    emails = {person["email"] for each in everything(kickscale) for person in each["participants"]}
    assert {each.partition("@")[2] for each in emails} == domains | {"example.com"}


async def test_it_happens_in_working_hours(kickscale: EmbeddedKickscale, clock: ManualClock) -> None:
    """On working days in Berlin, one after another, and never in the future."""
    found = sorted(everything(kickscale), key=starts)
    assert all(each.weekday() < 5 and 8 <= each.hour < 17 for each in map(starts, found))
    for one, next_one in pairwise(found):
        assert starts(one) + timedelta(seconds=one["duration"]) <= starts(next_one)
    assert all(datetime.fromisoformat(each["updatedAt"]) <= clock.now() for each in found)


async def test_acme_is_busy_every_week(kickscale: EmbeddedKickscale) -> None:
    """Several calls and meetings in each, last week and today included."""
    for records, least in ((kickscale.calls(), 4), (kickscale.meetings(), 2)):
        ours = [starts(each) for each in records if "acme.com" in each["customerDomains"]]
        weeks = Counter(each.isocalendar()[:2] for each in ours)
        last = FRIDAY_EVENING.date() - timedelta(days=7)
        assert weeks[last.isocalendar()[:2]] >= least
        assert all(count >= least for week, count in weeks.items() if week != min(weeks))
        assert FRIDAY_EVENING.date() in {each.date() for each in ours}


async def test_summaries_are_all_different_and_complete(kickscale: EmbeddedKickscale) -> None:
    """No two of them are the same, and no place in a template was left open."""
    found = everything(kickscale)
    texts = [str(each) for each in found]
    assert len({each["summary"] for each in found}) == len(found)
    assert not [each for each in texts if "{rep}" in each or "{company}" in each or "{day}" in each]
    german = [each["summary"] for each in found if each["language"] == "de"]
    assert not [each for each in german if " the " in each]


async def test_internal_ones_have_no_customer(client: httpx.AsyncClient) -> None:
    """And come when asked for."""
    found = (await client.get("/meetings", params={"scopes": "internal", "pageSize": 100})).json()
    assert found["meta"]["total"] >= 90
    assert all(each["customerDomains"] == [] for each in found["data"])
    assert all(person.endswith("@example.com") for each in found["data"] for person in each["participantEmails"])


async def test_some_have_a_subdomain_and_some_two_customers(kickscale: EmbeddedKickscale) -> None:
    """`eu.acme.com` stands alone; one meeting was with acme.com and globex.example."""
    domains = [each["customerDomains"] for each in everything(kickscale)]
    assert ["eu.acme.com"] in domains
    assert ["acme.com", "globex.example"] in domains


async def test_talking_adds_up(kickscale: EmbeddedKickscale) -> None:
    """The parts of the talking time make one, and the rep's is the one in the metrics."""
    for each in everything(kickscale):
        assert sum(person["speakRatio"] for person in each["participants"]) == pytest.approx(1, abs=0.02)
        assert each["metrics"]["speakRatio"] == each["participants"][0]["speakRatio"]
        assert each["participants"][0]["email"] == each["user"]["email"]


async def test_fields_are_those_of_the_connector(client: httpx.AsyncClient) -> None:
    """The same for both kinds, and a few of each."""
    shared = {
        *("id", "createdAt", "updatedAt", "clientId", "name", "date", "summary", "actionItems", "participants"),
        *("userQuestions", "duration", "emailDraft", "feedback", "metrics", "type", "insights", "language", "outcome"),
        *("comments", "rating", "user", "recordingRef", "transcript", "crmReference", "customerDomains"),
        *("businessEntities", "recordingConsent"),
    }
    for path, own in (
        ("/calls", {"caller", "callee", "direction", "externalCallId"}),
        ("/meetings", {"participantEmails", "metadata"}),
    ):
        records = (await client.get(path, params=EXPANDED)).json()["data"]
        assert all(each.keys() == shared | own for each in records)


async def test_transcripts_are_dialogues(client: httpx.AsyncClient) -> None:
    """Speakers take turns, times grow, and the rep asks for consent first."""
    for one in (await client.get("/calls", params=EXPANDED | {"pageSize": 100})).json()["data"]:
        lines = one["transcript"]
        owner = f"{one['user']['firstName']} {one['user']['lastName']}"
        assert lines[0]["speaker"] == owner
        assert all(a["speaker"] != b["speaker"] for a, b in pairwise(lines))
        assert [each["start"] for each in lines] == sorted(each["start"] for each in lines)
        assert lines[-1]["start"] < one["duration"]
        assert not any("{" in each["text"] or each["text"].count(each["speaker"]) for each in lines)


async def test_action_items_are_objects_and_sometimes_strings(kickscale: EmbeddedKickscale) -> None:
    """As nobody knows which they are."""
    kinds = Counter(type(item).__name__ for each in kickscale.calls() for item in each["actionItems"])
    assert kinds["dict"] > kinds["str"] > 0


# ---- the clock -----------------------------------------------------------------------------------------------------


def test_a_day_is_always_the_same() -> None:
    """Whatever today is, and in another process."""
    day = date(2026, 11, 19)
    first = [each.raw for each in conversations(day)]
    conversations.cache_clear()
    assert [each.raw for each in conversations(day)] == first
    assert conversations(date(2026, 11, 21)) == ()


async def test_days_come_as_the_clock_goes_on(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, clock: ManualClock
) -> None:
    """A conversation is known once it was analysed, never before."""
    acme = {"customerDomain": "acme.com", "startDate": "2026-11-23"}
    assert ids(await client.get("/calls", params=acme)) == []
    await clock.advance(3 * 86_400)
    assert len(ids(await client.get("/calls", params=acme))) == 1
    start = starts((await client.get("/calls", params=acme)).json()["data"][0])
    early = ManualClock(start.astimezone(UTC))
    async with EmbeddedKickscale(early) as other, client_of(other) as asking:
        assert ids(await asking.get("/calls", params=acme)) == []
        await early.advance(3_600)
        (found,) = ids(await asking.get("/calls", params=acme))
        assert (await asking.get(f"/calls/{found}")).status_code == 200
    assert len(kickscale.requests) == 3


async def test_servers_share_nothing_that_a_test_changes(kickscale: EmbeddedKickscale, clock: ManualClock) -> None:
    """A change stays with the server that it was made on."""
    changed = kickscale.calls()[0]["id"]
    kickscale.change(changed, {"name": "Changed"})
    async with EmbeddedKickscale(clock) as other:
        assert "Changed" not in [each["name"] for each in other.calls()]
    assert "Changed" in [each["name"] for each in kickscale.calls()]
    kickscale.clear()
    assert everything(kickscale) == []


# ---- recordings ----------------------------------------------------------------------------------------------------


async def test_a_recording_link_works_for_two_days(
    kickscale: EmbeddedKickscale, client: httpx.AsyncClient, clock: ManualClock
) -> None:
    """Without credentials, from the moment of the answer on; each answer brings a fresh one."""
    one = (await client.get("/calls", params={"pageSize": 1})).json()["data"][0]
    async with stranger_to(kickscale) as stranger:
        recording = await stranger.get(one["recordingRef"])
        assert recording.headers["content-type"] == "audio/wav"
        with wave.open(io.BytesIO(recording.content)) as sound:
            assert sound.getnframes() == sound.getframerate()
        await clock.advance(2 * 86_400 - 1)
        assert (await stranger.get(one["recordingRef"])).status_code == 200
        await clock.advance(1)
        assert (await stranger.get(one["recordingRef"])).status_code == 403
        fresh = (await client.get(f"/calls/{one['id']}")).json()["recordingRef"]
        assert (await stranger.get(fresh)).status_code == 200


async def test_a_recording_link_cannot_be_made_up(client: httpx.AsyncClient, kickscale: EmbeddedKickscale) -> None:
    """Neither for another record nor for a longer time."""
    one, other = (await client.get("/calls", params={"pageSize": 2})).json()["data"]
    link = httpx.URL(one["recordingRef"])
    later = link.copy_set_param("expires", int(link.params["expires"]) + 60)
    for forged in (
        one["recordingRef"].replace(one["id"], other["id"]),
        later,
        link.copy_remove_param("signature"),
        link.copy_set_param("expires", "soon"),
        f"{kickscale.base_url}/recordings/{one['id']}.wav",
    ):
        assert (await client.get(forged)).status_code == 403


async def test_only_what_was_recorded_has_a_link(kickscale: EmbeddedKickscale, client: httpx.AsyncClient) -> None:
    """A test's own record says whether it was."""
    kickscale.add_call({"id": "silent"})
    kickscale.add_call({"id": "a b/ü"}, recorded=True)
    assert "recordingRef" not in (await client.get("/calls/silent")).json()
    link = (await client.get("/calls/a%20b%2F%C3%BC")).json()["recordingRef"]
    assert (await client.get(link)).status_code == 200
