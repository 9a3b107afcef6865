"""A list of meetings or calls."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.commands.registry import parse
from bot.model.commands import Days, Filters, ListCommand
from bot.model.conversation import Kind, Owner, Scope
from bot.model.questions import Answer
from bot.render.conversations.cards import SEPARATOR
from bot.render.conversations.lists import list_message
from tests.unit.render.samples import DATE, TEXTS, answer, conversation, list_command, question
from tests.unit.render.slack_rules import Payload, buttons, check_message, shown


def rendered(page: Answer, template: str = "", **command: Any) -> Payload:
    payload = list_message(TEXTS, question(list_command(**command)), page, link_template=template)
    check_message(payload)
    return payload


def test_a_list_has_a_heading_and_two_lines_for_every_conversation() -> None:
    """Count, domain and days, then the conversations with their buttons."""
    second = conversation(name="", outcome="", direction="inbound")
    payload = rendered(answer((conversation(), second), 12, 0, 2, unreadable=1))
    assert shown(payload) == (
        "12 calls with acme.com, Mon, 16 – Sun, 22 Nov 2026\n"
        "📞 Acme: pricing →\u00a0*Next step agreed*\n"
        "[Details]\n"
        f"{DATE}\u00a0· 42 min\u00a0· Robin Rep\u00a0· ↗\u00a0outbound\n"
        "📞 Untitled call\n"
        "[Details]\n"
        f"{DATE}\u00a0· 42 min\u00a0· Robin Rep\u00a0· ↙\u00a0inbound\n"
        "External conversations only · times in Europe/Berlin · page 1 of 2"
        " · 1 record couldn't be read and isn't listed\n"
        "[Older]\n"
        "[Share in channel]"
    )
    heading = "12 calls with acme.com, Mon, 16 – Sun, 22 Nov 2026"
    assert payload["text"] == f"{heading}: Acme: pricing, Untitled call, 10 more"


@pytest.mark.parametrize(
    ("page", "oldest_first", "values"),
    [
        (0, False, {"Older": "q-1:1", "Share in channel": "q-1:0"}),
        (1, False, {"Newer": "q-1:0", "Older": "q-1:2", "Share in channel": "q-1:1"}),
        (2, False, {"Newer": "q-1:1", "Share in channel": "q-1:2"}),
        (0, True, {"Newer": "q-1:1", "Share in channel": "q-1:0"}),
        (2, True, {"Older": "q-1:1", "Share in channel": "q-1:2"}),
    ],
)
def test_page_buttons_lead_to_existing_pages(page: int, oldest_first: bool, values: dict[str, str]) -> None:
    """With the oldest first, the next page is the newer one."""
    payload = rendered(answer((conversation(),), 30, page, 3), filters=Filters(oldest_first=oldest_first))
    assert {text: button["value"] for text, button in buttons(payload).items()} == values


def test_details_has_the_id_as_value_and_the_kind_in_its_action() -> None:
    """An id that is too long for a button leaves the button out."""
    meeting = conversation(kind=Kind.MEETING, id="M-1")
    payload = rendered(answer((meeting, conversation(id="x" * 2_001)), 2))
    button = payload["blocks"][1]["accessory"]
    assert (button["action_id"], button["value"]) == ("details_meeting", "M-1")
    assert "accessory" not in payload["blocks"][3]


@pytest.mark.parametrize(
    ("domains", "heading"),
    [
        ((), "1 call, Mon, 16 – Sun, 22 Nov 2026"),
        (("acme.com", "xn--mller-kva.de"), "1 call with acme.com or müller.de, Mon, 16 – Sun, 22 Nov 2026"),
        (("*.acme.com",), "1 call with *.acme.com, Mon, 16 – Sun, 22 Nov 2026"),
        (tuple(f"customer-{n}.example" for n in range(9)), None),
    ],
)
def test_conversations_name_their_customers_if_there_are_several(domains: tuple[str, ...], heading: str | None) -> None:
    """With one domain it is only in the heading."""
    payload = rendered(answer((conversation(),), 1), domains=domains)
    assert payload["blocks"][2]["elements"][0]["text"].endswith("↗\u00a0outbound\u00a0· acme.com")
    assert payload["blocks"][0]["text"]["text"] == (
        heading
        or "1 call with customer-0.example, customer-1.example, customer-2.example, customer-3.example,"
        " customer-4.example or 4 more, Mon, 16 – Sun, 22 Nov 2026"
    )


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2026, 11, 16), date(2026, 11, 16), "Mon, 16 Nov 2026"),
        (date(2026, 10, 26), date(2026, 11, 1), "Mon, 26 Oct – Sun, 1 Nov 2026"),
        (date(2025, 12, 29), date(2026, 1, 4), "Mon, 29 Dec 2025 – Sun, 4 Jan 2026"),
    ],
)
def test_the_heading_has_the_dates(first: date, last: date, days: str) -> None:
    """Nobody has to work out what `last-week` was."""
    assert rendered(answer((conversation(),), 1), days=Days(first, last))["text"].startswith(
        f"1 call with acme.com, {days}: "
    )


def test_a_list_names_its_filters() -> None:
    """All of them, including defaults that weren't typed."""
    filters = Filters(
        owner_user="U7",
        scope=Scope.ALL,
        type="Discovery",
        language="de",
        direction="inbound",
        outcome="Won",
        words=("price", "<!here>"),
        oldest_first=True,
    )
    assert rendered(answer((conversation(),), 1), filters=filters)["blocks"][-2]["elements"][0]["text"] == (
        "External and internal conversations · owner: Robin Rep · type: Discovery · language: de · outcome: Won"
        " · ↙\u00a0inbound · “price” · “&lt;!here&gt;” · times in Europe/Berlin · oldest first"
    )


def test_an_empty_list_says_what_to_do() -> None:
    """The days searched, when the latest one was, and that internal ones aren't included."""
    payload = rendered(answer(latest=conversation()), days=Days(date(2026, 11, 23), date(2026, 11, 23)))
    assert shown(payload) == (
        "No calls with acme.com, Mon, 23 Nov 2026\n"
        "The most recent call:\n"
        "📞 Acme: pricing →\u00a0*Next step agreed*\n"
        "[Details]\n"
        f"{DATE}\u00a0· 42 min\u00a0· Robin Rep\u00a0· ↗\u00a0outbound\u00a0· acme.com\n"
        "To see it, type `/kickscale calls acme.com 2026-11-18..2026-11-23`.\n"
        "Internal conversations aren't included. Add `scope:all` to see them.\n"
        "External conversations only · times in Europe/Berlin"
    )
    assert payload["text"] == "No calls with acme.com, Mon, 23 Nov 2026"


@pytest.mark.parametrize(
    ("domains", "filters", "steps"),
    [
        (("acme.com",), Filters(), "Check the spelling of the domain.\nInternal conversations aren't included. Add"),
        (("acme.com",), Filters(scope=Scope.ALL), "Check the spelling of the domain.\n"),
        (("acme.com",), Filters(type="x", scope=Scope.ALL), "Check the spelling of the domain.\nTry fewer filters.\n"),
        ((), Filters(owner_user="U7", scope=Scope.ALL), "Try fewer filters.\n"),
        ((), Filters(), "Internal conversations aren't included. Add `scope:all` to see them.\n"),
        ((), Filters(scope=Scope.ALL, oldest_first=True), "External and internal conversations"),
    ],
)
def test_an_empty_list_suggests_what_to_change(domains: tuple[str, ...], filters: Filters, steps: str) -> None:
    """If there is no latest one either: the domain, the filters or the scope, if they were typed."""
    text = shown(rendered(answer(), domains=domains, filters=filters))
    assert f"I didn't find any outside these dates either.\n{steps}" in text


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(scope=Scope.INTERNAL, oldest_first=True),
        Filters(owner_user="U7", type="Discovery", direction="inbound", language="de"),
        Filters(owner_email="rep@example.com", outcome="Next step: R&D", words=("a <price>", 'say "yes"', "last-week")),
    ],
)
def test_the_suggested_command_has_the_same_filters(filters: Filters) -> None:
    """The same customers, filters and scope. A rep chosen by Slack user is named by e-mail address."""
    domains = ("acme.com", "xn--bcher-kva.de")
    text = shown(rendered(answer(latest=conversation()), domains=domains, filters=filters))
    typed = text.split("To see it, type `")[1].split("`")[0]
    command = parse(typed.removeprefix("/kickscale "), today=date(2026, 11, 24))
    owner = "robin@example.com" if filters.owner_user else filters.owner_email
    days = Days(date(2026, 11, 16), date(2026, 11, 22))
    assert command == ListCommand(Kind.CALL, days, domains, replace(filters, owner_user="", owner_email=owner))


def test_a_name_is_a_link_if_the_address_template_is_set() -> None:
    """The id in it is encoded."""
    payload = rendered(answer((conversation(id="a/b"),), 1), "https://app.example.com/{kind}/{id}")
    assert payload["blocks"][1]["text"]["text"].startswith("📞 <https://app.example.com/call/a%2Fb|Acme: pricing> →")


def test_ten_long_conversations_fit() -> None:
    """A page of ten with the longest names and summaries is one message."""
    huge = conversation(
        name="&" * 5_000, summary="ü" * 5_000, owner=Owner(name="<" * 5_000), customer_domains=("x" * 5_000,) * 9
    )
    payload = rendered(answer((huge,) * 10, 10_000, 5, 1_000), domains=("a.example", "b.example"))
    assert sum("accessory" in block for block in payload["blocks"]) == 10
    assert payload["blocks"][0]["text"]["text"].startswith("10,000 calls with a.example or b.example")


@pytest.mark.parametrize(
    ("seconds", "length"),
    [(20, "under a minute"), (2520, "42 min"), (3900, "1 h 5 min"), (-1, ""), (10**400, ""), (None, "")],
)
def test_a_duration_is_readable(seconds: int | None, length: str) -> None:
    """An impossible one is left out."""
    text = rendered(answer((conversation(duration=seconds),), 1))["blocks"][2]["elements"][0]["text"]
    assert text == f"{DATE}{f'{SEPARATOR}{length}' if length else ''}\u00a0· Robin Rep\u00a0· ↗\u00a0outbound"
