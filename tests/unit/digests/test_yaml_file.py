"""Subscriptions as a YAML file: writing it, checking all of it, and what importing it changes."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access.audit import Audit
from bot.clock import SystemClock
from bot.digests.rules import begin, identity
from bot.digests.subscriptions import carry_out
from bot.digests.yaml_file import Step, describe, dump, parse, plan_import
from bot.domains import distinct
from bot.model.digests import Subscription
from bot.storage.sqlite import Database
from tests.scenarios.cli.processes import PATIENCE, process, run
from tests.world import audit_row

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ZONE = "Europe/Berlin"
ENTRY = "digests:\n- channel: C0SALES001\n  domains: [acme.com]\n  created_by: U0ROBIN001\n"


def subscription(id_: str = "d1", **changes: Any) -> Subscription:
    values: dict[str, Any] = {
        "id": id_,
        "channel": "C0SALES001",
        "domains": ("acme.com",),
        "timezone": ZONE,
        "created_by": "U0ROBIN001",
        "created_at": NOW,
        "since": NOW,
        "due_after": NOW,
    }
    return begin(Subscription(**{**values, **changes}), NOW - timedelta(days=5))


def parse_valid(text: str) -> list[Subscription]:
    subscriptions, problems = parse(text, NOW, ZONE)
    assert problems == []
    return subscriptions


def problems(text: str) -> list[str]:
    return parse(text, NOW, ZONE)[1]


# ---- the file ------------------------------------------------------------------------------------------------------


def test_the_file_is_easy_to_read() -> None:
    """Sorted by channel and id, with days by name and without values that are defaults anyway."""
    assert dump(
        [
            subscription("d10", live=True, language="de"),
            subscription(
                "d2", domains=("*", "xn--bcher-kva.de"), days=(0, 2), at=time(14, 5), empty=True, paused="asked"
            ),
            subscription("d1", channel="C0GENERAL1", days=(0, 1, 2, 3, 4)),
        ]
    ).splitlines()[1:] == [
        "digests:",
        "- id: d1",
        "  channel: C0GENERAL1",
        "  domains:",
        "  - acme.com",
        "  at: 08:30",
        "  days: weekdays",
        "  timezone: Europe/Berlin",
        "  created_by: U0ROBIN001",
        "- id: d2",
        "  channel: C0SALES001",
        "  domains:",
        "  - '*'",
        "  - xn--bcher-kva.de",
        "  at: '14:05'",
        "  days:",
        "  - monday",
        "  - wednesday",
        "  timezone: Europe/Berlin",
        "  empty: true",
        "  paused: asked",
        "  created_by: U0ROBIN001",
        "- id: d10",
        "  channel: C0SALES001",
        "  domains:",
        "  - acme.com",
        "  live: true",
        "  language: de",
        "  created_by: U0ROBIN001",
    ]


def test_most_keys_have_defaults() -> None:
    """The same defaults as for `digest add`, in the default time zone."""
    (parsed,) = parse_valid(ENTRY)
    assert parsed == begin(replace(parsed, id="", at=time(8, 30), days=(), timezone=ZONE), NOW)
    assert not parsed.paused


def test_values_are_read_as_people_write_them() -> None:
    """An unquoted 8:30, short names of days, and any spelling of a domain."""
    (parsed,) = parse_valid(
        ENTRY + "  at: 8:30\n  days: mon-fri\n  timezone: america/new york\n  empty: yes\n  paused: no\n"
    )
    assert (parsed.at, parsed.days, parsed.timezone) == (time(8, 30), (0, 1, 2, 3, 4), "America/New_York")
    assert (parsed.empty, parsed.paused, parsed.language) == (True, "", "en")
    (parsed,) = parse_valid(ENTRY.replace("[acme.com]", '["*", acme.com]'))
    assert parsed.domains == ("*",)
    (parsed,) = parse_valid(
        ENTRY.replace("[acme.com]", '"https://www.Bücher.de/"') + "  days: [sunday, monday]\n  paused: true\n"
    )
    assert (parsed.domains, parsed.days, parsed.paused) == (("xn--bcher-kva.de",), (0, 6), "asked")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "The file must have a single key, `digests`, with a list of subscriptions."),
        ("[]", "The file must have a single key, `digests`, with a list of subscriptions."),
        ("digests: {}", "The file must have a single key, `digests`, with a list of subscriptions."),
        ("digests:\n- x", "Line 2: an entry must consist of keys and values."),
        ("digests:\n- domains: *.acme.com", "Line 2: not valid YAML"),
        ("digests: [", "Line 1: not valid YAML"),
        ("\x00", "The file isn't valid YAML."),
        (ENTRY + "  chanel: C1\n", "Line 5: “chanel” isn't one of the keys: id, channel,"),
        (ENTRY + "  channel: C0SALES001\n", "Line 5: “channel” is given twice."),
        (ENTRY + "  id: 7\n", "Line 5: “7” isn't an ID like d1."),
        (ENTRY + "  at: noonish\n", "Line 5: “noonish” isn't a time like 8:30."),
        (ENTRY + "  days: [mon, mnday]\n", "Line 5: “mnday” isn't a day like"),
        (ENTRY + "  days: [[mon]]\n", "Line 5: `days` is missing or isn't a day like"),
        (ENTRY + "  days: []\n", "Line 5: `days` is missing or isn't a day like"),
        (ENTRY + "  timezone: Berlin\n", "Line 5: “Berlin” isn't a time zone like Europe/Berlin."),
        (
            ENTRY + "  timezone: EST\n",
            "Line 5: “EST” isn't a time zone with daylight saving time like America/New_York.",
        ),
        (ENTRY + "  empty: perhaps\n", "Line 5: “perhaps” isn't true or false."),
        (ENTRY + "  language: French\n", "Line 5: “French” isn't one of en, de."),
        (ENTRY + "  paused: Too loud\n", "Line 5: “Too loud” isn't true, false or asked."),
        (ENTRY + "  live: true\n  at: 8:30\n", "Line 6: a live subscription can't have `at`."),
        (ENTRY.replace("C0SALES001", "#sales-acme"), "Line 2: `channel` is missing or isn't a channel ID"),
        (ENTRY.replace("C0SALES001", "sales-acme"), "Line 2: “sales-acme” isn't a channel ID like"),
        (ENTRY.replace("[acme.com]", "[acme.com, localhost]"), "Line 3: “localhost” isn't a customer's domain"),
        (ENTRY.replace("[acme.com]", "[]"), "Line 3: `domains` is missing or isn't a customer's domain"),
        (ENTRY.replace("  created_by: U0ROBIN001\n", ""), "Line 2: `created_by` is missing"),
        (ENTRY + ENTRY.partition("\n")[2], "Line 5: this is the same as the entry in line 2."),
        (
            ENTRY + "  id: d1\n- id: d1\n  channel: C1X\n  domains: a.com\n  created_by: U1X\n",
            "Line 6: the ID d1 is already used in",
        ),
    ],
)
def test_a_problem_is_a_sentence_with_its_line(text: str, problem: str) -> None:
    """One for everything that is wrong."""
    (sentence,) = problems(text)
    assert sentence.startswith(problem)


def test_every_problem_is_named_at_once() -> None:
    """So nobody has to try again and again. They are in the order of the lines, whatever the order of the keys is."""
    said = problems(
        "digests:\n- at: x\n  timezone: y\n  created_by: U0ROBIN001\n  domains: acme\n  channel: sales\n- id: 7\n"
    )
    assert [text.partition(":")[0] for text in said] == [f"Line {line}" for line in (2, 3, 5, 6, 7, 7, 7, 7)]


def test_two_problems_in_one_line_are_both_named() -> None:
    """In YAML's short form, a line may have several entries."""
    entry = "{id: d1, channel: C0SALES001, domains: acme.com, created_by: U0ROBIN001}"
    assert len(problems(f"digests: [{entry}, {entry}]")) == 2


def test_a_list_that_entries_share_is_read_once() -> None:
    """A YAML alias lets thousands of entries share a long list. What is wrong in it is also reported once."""
    entry = "{{channel: C0SALES001, domains: {}, days: {}, at: '{}', created_by: U0ROBIN001}}"
    entries = [entry.format("*all", "*days", f"8:{number:02}") for number in range(60)]
    file = "\n- ".join(["digests:", entry.format("&all [acme.com, a.com]", "&days [mon, tue]", "9:00"), *entries])
    parsed = parse_valid(file)
    assert len(parsed) == 61
    assert len({(id(item.domains), id(item.days)) for item in parsed}) == 1
    assert len(problems(file.replace("acme.com", "localhost").replace("tue", "someday"))) == 2


@given(st.text(max_size=200) | st.text(alphabet="digests:-[]{}&*! \n\"'a1.|>", max_size=80))
def test_any_text_is_read_or_its_problems_are_named(text: str) -> None:
    """It never fails."""
    parsed, wrong = parse(text, NOW, ZONE)
    assert isinstance(parsed, list)
    assert all(isinstance(problem, str) and problem for problem in wrong)


DOMAINS = st.lists(
    st.sampled_from(("acme.com", "example.com", "*.example.com", "*", "xn--bcher-kva.de")), min_size=1, unique=True
).map(distinct)
subscriptions = st.builds(
    subscription,
    channel=st.sampled_from(("C0SALES001", "C0GENERAL1")),
    domains=DOMAINS,
    timezone=st.sampled_from((ZONE, "Asia/Tokyo", "America/New_York")),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    days=st.sets(st.integers(0, 6), max_size=6).map(lambda days: tuple(sorted(days))),
    empty=st.booleans(),
    language=st.sampled_from(("en", "de")),
    paused=st.sampled_from(("", "asked", "not_in_channel")),
) | st.builds(
    subscription,
    domains=DOMAINS,
    live=st.just(value=True),
    paused=st.sampled_from(("", "asked")),
)
several = st.lists(subscriptions, max_size=6, unique_by=identity).map(
    lambda drawn: [replace(item, id=f"d{number}") for number, item in enumerate(drawn, 1)]
)


@given(several, st.booleans())
def test_importing_an_export_changes_nothing(existing: list[Subscription], with_ids: bool) -> None:
    """Entries are recognised by their ids, and without an id by what they say."""
    wanted = parse_valid(dump(existing))
    if not with_ids:
        wanted = [replace(item, id="") for item in wanted]
    steps, clashes = plan_import(existing, wanted, NOW)
    assert clashes == []
    assert sorted((step.after.id, step.before == step.after) for step in steps) == sorted(
        (item.id, True) for item in existing
    )


@given(several, several)
def test_importing_a_file_twice_changes_nothing_more(existing: list[Subscription], wanted: list[Subscription]) -> None:
    """Whatever was there before."""
    text = dump(wanted)
    steps, clashes = plan_import(existing, parse_valid(text), NOW)
    if clashes:
        return
    after = {item.id: item for item in existing} | {step.after.id: step.after for step in steps}
    again, clashes = plan_import(list(after.values()), parse_valid(text), NOW + timedelta(days=1))
    assert clashes == []
    assert [step for step in again if step.before != step.after] == []


# ---- what it changes -----------------------------------------------------------------------------------------------


def plan_one(existing: Subscription, wanted: str) -> Step:
    (step,), clashes = plan_import([existing], parse_valid(wanted), NOW)
    assert clashes == []
    return step


def test_a_change_is_described() -> None:
    """Every value as it was and as it will be."""
    step = plan_one(subscription(), ENTRY + "  id: d1\n  at: 9:00\n  days: weekdays\n  paused: true\n")
    assert describe(step) == ("change d1 in C0SALES001: at 08:30 -> 09:00, days daily -> weekdays, paused no -> asked")
    (step,), _ = plan_import([], parse_valid(ENTRY), NOW)
    assert describe(step) == (
        "add a new subscription: channel C0SALES001, domains acme.com, at 08:30, days daily, timezone Europe/Berlin, "
        "created_by U0ROBIN001"
    )


def test_a_resumed_subscription_begins_now() -> None:
    """With nothing from before."""
    step = plan_one(subscription(paused="asked"), ENTRY)
    assert (step.after.paused, step.after.since, step.after.due_after) == ("", NOW, NOW)


@pytest.mark.parametrize("change", ["  live: true\n", "  id: d1\n  live: true\n"])
def test_a_subscription_that_becomes_live_begins_now(change: str) -> None:
    """The conversations of the days before aren't posted one by one."""
    step = plan_one(subscription(), ENTRY + "  id: d1\n" * ("id" not in change) + change)
    assert (step.after.id, step.after.live, step.after.since) == ("d1", True, NOW)


def test_a_change_that_makes_two_the_same_is_refused() -> None:
    """An entry is changed into one that exists, but isn't in the file."""
    existing = [subscription(), subscription("d2", at=time(9))]
    _, clashes = plan_import(existing, parse_valid(ENTRY + "  id: d2\n"), NOW)
    assert clashes == ["d2 would be the same as d1, which already exists."]


def test_a_subscription_without_a_creator_survives_an_export() -> None:
    """An empty value is read back as exported, but a new entry can't leave the creator out."""
    forgotten = subscription(created_by="")
    (read_back,) = parse_valid(dump([forgotten]))
    assert read_back.created_by == ""
    _, problems = parse(ENTRY.replace("U0ROBIN001", "[]"), NOW, ZONE)
    assert problems


async def test_ids_in_the_file_are_kept(tmp_path: Path) -> None:
    """In an empty database, whatever their order. Entries without an id get free ones."""
    database = await Database.open(tmp_path / "bot.db")
    try:
        text = ENTRY + "- channel: C0GENERAL1\n  domains: acme.com\n  created_by: U0ROBIN001\n  id: d1\n"
        steps, _ = plan_import([], parse_valid(text), SystemClock().now())
        await carry_out(database.subscriptions, Audit(database.audit, SystemClock()), steps)
        stored = await database.subscriptions.every()
        assert sorted((item.id, item.channel) for item in stored) == [("d1", "C0GENERAL1"), ("d2", "C0SALES001")]
    finally:
        await database.close()


async def test_an_id_after_a_very_high_one_can_be_imported(tmp_path: Path) -> None:
    """Somebody wrote a very high id in the file."""
    database = await Database.open(tmp_path / "bot.db")
    try:
        steps, _ = plan_import([], parse_valid(ENTRY + "  id: d999999999\n"), NOW)
        await carry_out(database.subscriptions, Audit(database.audit, SystemClock()), steps)
        await database.subscriptions.add(subscription("", at=time(9)), audit_row("digest add"))
        existing = await database.subscriptions.every()
        assert {item.id for item in parse_valid(dump(existing))} == {"d999999999", "d1000000000"}
    finally:
        await database.close()


async def test_an_import_is_done_completely_or_not_at_all(tmp_path: Path) -> None:
    """A subscription in the file is removed after the file was compared, while the changes are being printed."""
    database = await Database.open(tmp_path / "kickscale-bot.db")
    try:
        await database.subscriptions.add(subscription(), audit_row("digest add"))
        file = tmp_path / "digests.yaml"
        many = [f"customer{number}.example.com" for number in range(12_000)]  # more than a pipe holds
        file.write_text(
            ENTRY + "  id: d1\n  at: 9:00\n" + ENTRY.partition("\n")[2].replace("acme.com", ", ".join(many))
        )
        async with process(tmp_path, "digest", "import", str(file)) as started:
            assert started.stdout is not None
            await asyncio.wait_for(started.stdout.read(1), PATIENCE)
            await database.subscriptions.remove("d1", audit_row("digest remove"))
            _, err = await asyncio.wait_for(started.communicate(), PATIENCE)
            assert started.returncode == 1
            said = "d1 was added or removed meanwhile. Import the file again.\nNothing was changed.\n"
            assert err.decode() == said
        assert await database.subscriptions.every() == []
    finally:
        await database.close()


async def test_the_command_line_exports_and_imports(tmp_path: Path) -> None:
    """Nothing changes if there is a problem or in a dry run. What was imported is exported."""
    file = tmp_path / "digests.yaml"
    file.write_text(ENTRY + "  at: noonish\n")
    code, out, err = await run(tmp_path, "digest", "import", str(file))
    assert (code, out) == (1, "")
    assert err == "Line 5: “noonish” isn't a time like 8:30.\nNothing was changed.\n"
    file.write_text(ENTRY)
    code, out, _ = await run(tmp_path, "digest", "import", str(file), "--dry-run")
    assert code == 0
    assert "add a new subscription" in out
    assert "Dry run" in out
    assert [path.name for path in tmp_path.iterdir()] == [file.name], "a dry run creates no database"
    code, _, err = await run(tmp_path, "digest", "import", str(file))
    assert (code, err) == (0, f"Created the database {tmp_path.resolve() / 'kickscale-bot.db'}.\n")
    _, exported, _ = await run(tmp_path, "digest", "export")
    assert "id: d1" in exported
    file.write_text(exported)
    _, out, _ = await run(tmp_path, "digest", "import", str(file))
    assert out == "0 changed, 1 unchanged, 0 not in the file.\n"
    _, out, _ = await run(tmp_path, "audit", "export")
    (row,) = (json.loads(line) for line in out.splitlines())
    assert (row["kind"], row["what"], row["by"]) == ("changed", "digest import d1", "command line")
