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

from bot.sandbox.kickscale import EmbeddedKickscale, german
from bot.sandbox.kickscale.data import conversations
from bot.texts.languages import ENGLISH, GERMAN
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


def starts(raw: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(raw["date"]).astimezone(BERLIN)


def everything(kickscale: EmbeddedKickscale) -> list[dict[str, Any]]:
    return kickscale.calls() + kickscale.meetings()


async def test_there_is_a_year_of_it(kickscale: EmbeddedKickscale) -> None:
    """Some 1,400 conversations with a dozen customers and more, in two languages, owned by four reps."""
    served = everything(kickscale)
    assert 1_000 <= len(served) <= 1_500
    assert len({call["id"] for call in served}) == len(served)
    assert {call["language"] for call in served} == {"de", "en"}
    assert len({domain for call in served for domain in call["customerDomains"]}) >= 12
    assert len({call["user"]["email"] for call in served}) == 4
    assert min(map(starts, served)).date() <= date(2025, 11, 24)


async def test_nothing_in_it_belongs_to_anybody(kickscale: EmbeddedKickscale) -> None:
    """Domains are the sample ones, and the reps' own is no customer's."""
    domains = {domain for call in everything(kickscale) for domain in call["customerDomains"]}
    samples = {"acme.com", "eu.acme.com", "example.org", "example.net"}
    assert all(domain in samples or domain.endswith(".example") for domain in domains)
    emails = {person["email"] for call in everything(kickscale) for person in call["participants"]}
    assert {email.partition("@")[2] for email in emails} == domains | {"example.com"}


async def test_it_happens_in_working_hours(kickscale: EmbeddedKickscale, clock: ManualClock) -> None:
    """On working days in Berlin, one after another, and never in the future."""
    served = sorted(everything(kickscale), key=starts)
    assert all(moment.weekday() < 5 and 8 <= moment.hour < 17 for moment in map(starts, served))
    for one, next_one in pairwise(served):
        assert starts(one) + timedelta(seconds=one["duration"]) <= starts(next_one)
    assert all(datetime.fromisoformat(call["updatedAt"]) <= clock.now() for call in served)


async def test_acme_is_busy_every_week(kickscale: EmbeddedKickscale) -> None:
    """Several calls and meetings in each, last week and today included."""
    for records, least in ((kickscale.calls(), 4), (kickscale.meetings(), 2)):
        ours = [starts(record) for record in records if "acme.com" in record["customerDomains"]]
        weeks = Counter(moment.isocalendar()[:2] for moment in ours)
        last = FRIDAY_EVENING.date() - timedelta(days=7)
        assert weeks[last.isocalendar()[:2]] >= least
        assert all(count >= least for week, count in weeks.items() if week != min(weeks))
        assert FRIDAY_EVENING.date() in {moment.date() for moment in ours}


async def test_summaries_are_all_different_and_complete(kickscale: EmbeddedKickscale) -> None:
    """No two of them are the same, and no place in a template was left open."""
    served = everything(kickscale)
    texts = [str(call) for call in served]
    assert len({call["summary"] for call in served}) == len(served)
    assert not [text for text in texts if "{rep}" in text or "{company}" in text or "{day}" in text]
    german = [call["summary"] for call in served if call["language"] == "de"]
    assert not [summary for summary in german if " the " in summary]


async def test_internal_ones_have_no_customer(client: httpx.AsyncClient) -> None:
    """And come when asked for."""
    served = (await client.get("/meetings", params={"scopes": "internal", "pageSize": 100})).json()
    assert served["meta"]["total"] >= 90
    assert all(meeting["customerDomains"] == [] for meeting in served["data"])
    assert all(person.endswith("@example.com") for meeting in served["data"] for person in meeting["participantEmails"])


async def test_some_have_a_subdomain_and_some_two_customers(kickscale: EmbeddedKickscale) -> None:
    """One call is only with `eu.acme.com`, and one meeting with acme.com and globex.example."""
    domains = [record["customerDomains"] for record in everything(kickscale)]
    assert ["eu.acme.com"] in domains
    assert ["acme.com", "globex.example"] in domains


async def test_talking_adds_up(kickscale: EmbeddedKickscale) -> None:
    """The parts of the talking time make one, and the rep's is the one in the metrics."""
    for record in everything(kickscale):
        assert sum(person["speakRatio"] for person in record["participants"]) == pytest.approx(1, abs=0.02)
        assert record["metrics"]["speakRatio"] == record["participants"][0]["speakRatio"]
        assert record["participants"][0]["email"] == record["user"]["email"]


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
        assert all(record.keys() == shared | own for record in records)


async def test_transcripts_are_dialogues(client: httpx.AsyncClient) -> None:
    """Speakers take turns, times grow, and the rep asks for consent first."""
    for one in (await client.get("/calls", params=EXPANDED | {"pageSize": 100})).json()["data"]:
        lines = one["transcript"]
        owner = f"{one['user']['firstName']} {one['user']['lastName']}"
        assert lines[0]["speaker"] == owner
        assert all(a["speaker"] != b["speaker"] for a, b in pairwise(lines))
        assert [line["start"] for line in lines] == sorted(line["start"] for line in lines)
        assert lines[-1]["start"] < one["duration"]
        assert not any("{" in line["text"] or line["text"].count(line["speaker"]) for line in lines)


async def test_action_items_are_objects_and_sometimes_strings(kickscale: EmbeddedKickscale) -> None:
    """As nobody knows which they are."""
    kinds = Counter(type(item).__name__ for call in kickscale.calls() for item in call["actionItems"])
    assert kinds["dict"] > kinds["str"] > 0


def test_a_german_company_speaks_german() -> None:
    """All of its conversations are in German, with German names for types and outcomes."""
    records = [record.raw for day in range(1, 29) for record in conversations(date(2026, 11, day), GERMAN)]
    assert {record["language"] for record in records} == {"de"}
    assert not {record["type"] for record in records} & {"Discovery", "Negotiation", "Internal"}
    assert not {record["outcome"] for record in records} & {"Next step agreed", "On hold"}
    assert "Erstgespräch" in {record["type"] for record in records}
    assert any("Acme GmbH" in record["summary"] for record in records)


@pytest.mark.parametrize("language", [ENGLISH, GERMAN])
def test_outcomes_and_topics_go_with_the_type_of_a_conversation(language: str) -> None:
    """Nobody says yes in a first conversation, and nobody who has bought weighs up the price or decides against it."""
    labels = german.GERMAN.labels if language == GERMAN else {}

    def label(name: str) -> str:
        return labels.get(name, name)

    seen: set[tuple[str, str]] = set()
    for number in range(364):
        for record in conversations(date(2025, 12, 1) + timedelta(days=number), language):
            if record.raw["outcome"]:
                seen.add((record.raw["type"], record.raw["outcome"]))
            if record.raw["type"] in {label("Onboarding"), label("Check-in")}:
                titles = {insight.get("title") or insight["event_type"] for insight in record.raw["insights"]}
                assert not titles & {"Pricing and seats", "Pilot", "Preis und Lizenzen", "Pilotphase"}
    assert (label("Discovery"), label("Verbal yes")) not in seen
    assert (label("Negotiation"), label("Verbal yes")) in seen
    for kind in ("Onboarding", "Check-in"):
        outcomes = {outcome for kind_, outcome in seen if kind_ == label(kind)}
        assert outcomes == {label("Next step agreed"), label("Follow-up needed")}


# ---- the clock -----------------------------------------------------------------------------------------------------


def test_a_day_is_always_the_same() -> None:
    """Whatever today is, and in another process."""
    day = date(2026, 11, 19)
    first = [record.raw for record in conversations(day)]
    conversations.cache_clear()
    assert [record.raw for record in conversations(day)] == first
    assert conversations(date(2026, 11, 21)) == ()


async def test_days_are_added_as_the_clock_advances(
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
        (served,) = ids(await asking.get("/calls", params=acme))
        assert (await asking.get(f"/calls/{served}")).status_code == 200
    assert len(kickscale.requests) == 3


async def test_servers_share_nothing_that_a_test_changes(kickscale: EmbeddedKickscale, clock: ManualClock) -> None:
    """A change stays with the server that it was made on."""
    changed = kickscale.calls()[0]["id"]
    kickscale.change(changed, {"name": "Changed"})
    async with EmbeddedKickscale(clock) as other:
        assert "Changed" not in [call["name"] for call in other.calls()]
    assert "Changed" in [call["name"] for call in kickscale.calls()]
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
