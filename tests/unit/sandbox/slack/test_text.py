"""What Slack makes of typed text, and messages as plain text."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.slack import render_text
from bot.sandbox.slack.mrkdwn import escape, typed, unescape

USERS = {"robin.rep": "U1"}
CHANNELS = {"sales-acme": "C1"}


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("calls acme.com last-week", "calls <http://acme.com|acme.com> last-week"),
        ("calls ACME.com", "calls <http://ACME.com|ACME.com>"),
        ("calls https://www.ACME.com/ today", "calls <https://www.ACME.com/> today"),
        ("calls https://acme.com/?a=1&b=2", "calls <https://acme.com/?a=1&amp;b=2>"),
        ("calls sophie@acme.com", "calls <mailto:sophie@acme.com|sophie@acme.com>"),
        ("owner:@robin.rep", "owner:<@U1|robin.rep>"),
        ("owner:robin.rep@example.com", "owner:<mailto:robin.rep@example.com|robin.rep@example.com>"),
        ("owner:@nobody", "owner:@nobody"),
        ("in #sales-acme", "in <#C1|sales-acme>"),
        ("in #nowhere", "in #nowhere"),
        ("*.acme.com", "*.acme.com"),
        ("2026-11-01..2026-11-15", "2026-11-01..2026-11-15"),
        ("last-7-days 9.5", "last-7-days 9.5"),
        ("“a & b” <c>", "“a &amp; b” &lt;c&gt;"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("call 9f3a-ID", "call 9f3a-ID"),
        ("münchen-mueller.de", "<http://münchen-mueller.de|münchen-mueller.de>"),
    ],
)
def test_typed_text_arrives_as_slack_escapes_it(text: str, sent: str) -> None:
    """Links, addresses, people and channels are marked, and the three control characters escaped."""
    assert typed(text, USERS.get, CHANNELS.get) == sent


@given(st.text())
def test_escaping_is_undone(text: str) -> None:
    """Whatever the text."""
    assert unescape(escape(text)) == text


@given(st.text())
def test_no_text_is_too_odd_to_type(text: str) -> None:
    """And none can smuggle in a mention."""
    assert "<!" not in typed(text, USERS.get, CHANNELS.get)


MOMENT = int(datetime(2026, 11, 22, 23, 30, tzinfo=UTC).timestamp())
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def shown(text: str) -> str:
    names = {"U1": "Robin Rep", "C1": "sales-acme"}
    return render_text({"text": text}, names=names, zone=ZoneInfo("Europe/Berlin"), now=NOW)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("*bold* _italic_ ~gone~ a*b*c", "bold italic gone a*b*c"),
        ("*x* and *y*", "x and y"),
        ("snake_case_name 2*3*4", "snake_case_name 2*3*4"),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("&lt;@U1&gt;", "<@U1>"),
        ("<@U1> in <#C1>", "@Robin Rep in #sales-acme"),
        ("<@U9|worf> <!here> <!subteam^S1|@sales>", "@worf @here @sales"),
        ("<https://example.com|the page>", "the page (https://example.com)"),
        ("<https://example.com>", "https://example.com"),
        ("<mailto:a@example.com|a@example.com>", "a@example.com"),
        (f"<!date^{MOMENT}^{{date_short_pretty}} at {{time}}|fallback>", "today at 00:30"),
        (f"<!date^{MOMENT - 86400}^{{date_short_pretty}}|fallback>", "yesterday"),
        (f"<!date^{MOMENT - 9 * 86400}^{{date_short_pretty}}|fallback>", "Nov 14, 2026"),
        (f"<!date^{MOMENT}^{{date}}|fallback>", "November 23rd, 2026"),
        (f"<!date^{MOMENT}^{{date_long}}|fallback>", "Monday, November 23rd, 2026"),
        (f"<!date^{MOMENT}^{{date_num}} {{time_secs}}|fallback>", "2026-11-23 00:30:00"),
        (f"<!date^{MOMENT}^{{nonsense}}|fallback>", "fallback"),
        ("<!date^soon^{date}|fallback>", "fallback"),
    ],
)
def test_marked_up_text_is_read_as_a_person_reads_it(text: str, plain: str) -> None:
    """In the reader's zone, with names for ids."""
    assert shown(text) == plain


def test_dates_are_in_the_readers_language() -> None:
    """As Slack's client shows them."""
    text = f"<!date^{MOMENT}^{{date_long}} um {{time}}|fallback>, <!date^{MOMENT}^{{date_short_pretty}}|fallback>"
    german = render_text({"text": text}, zone=ZoneInfo("Europe/Berlin"), now=NOW, locale="de-DE")
    assert german == "Montag, 23. November 2026 um 00:30, heute"


@given(st.text(alphabet="<>!@#|^{}*_~ab1&;\n"))
def test_no_markup_is_too_odd_to_show(text: str) -> None:
    """It may look odd, but it is shown."""
    shown(text)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def button(text: str) -> dict[str, Any]:
    return {"type": "button", "action_id": text, "text": plain(text)}


def test_a_message_reads_well_in_a_terminal() -> None:
    """Headers are underlined, small print and buttons stand with what they belong to."""
    blocks = [
        {"type": "header", "text": plain("2 calls")},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "*Discovery*\nAbout prices"},
            "accessory": button("Details"),
        },
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "Robin Rep"}, plain("30 min")]},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Outcome*\nWon"}]},
        {"type": "divider"},
        {"type": "actions", "elements": [button("Newer"), button("Older")]},
    ]
    assert render_text({"text": "2 calls", "blocks": blocks}) == "\n".join(
        [
            "2 calls",
            "=======",
            "",
            "Discovery  [Details]",
            "About prices",
            "Robin Rep  30 min",
            "",
            "Outcome: Won",
            "",
            "─" * 40,
            "[Newer] [Older]",
        ]
    )


def test_a_view_has_its_title_and_its_buttons() -> None:
    """And its fields."""
    view = {
        "type": "modal",
        "title": plain("Upload"),
        "submit": plain("Save"),
        "close": plain("Cancel"),
        "blocks": [
            {
                "type": "input",
                "label": plain("Name"),
                "element": {"type": "plain_text_input", "initial_value": "call.wav"},
                "hint": plain("As it is shown"),
            }
        ],
    }
    assert render_text(view) == "Upload\n======\n\nName *: [call.wav]\n  As it is shown\n\n[Save] [Cancel]"


def test_rich_text_and_tables_are_text_too() -> None:
    """With bullets, quotes and columns."""
    text = {"type": "text", "text": "one"}
    line = {"type": "rich_text_section", "elements": [text, {"type": "user", "user_id": "U1"}]}
    blocks = [
        {
            "type": "rich_text",
            "elements": [
                line,
                {"type": "rich_text_list", "style": "ordered", "elements": [line, line]},
                {"type": "rich_text_quote", "elements": [text]},
            ],
        },
        {
            "type": "table",
            "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in ("ab", ["ccc", "d"])],
        },
    ]
    assert render_text({"blocks": blocks}, names={"U1": "Robin"}) == (
        "one@Robin\n1. one@Robin\n2. one@Robin\n> one\n\na    b\nccc  d"
    )
