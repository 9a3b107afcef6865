"""Escaping, clipping, and what is left out when it does not fit."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.kit import blocks, limits
from tests.unit.render.slack_rules import check_message, check_view, units


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Q&A <!channel>", "Q&amp;A &lt;!channel&gt;"),
        ("&lt;", "&amp;lt;"),
        ("*a* ~b~ `c`", "\u2217a\u2217 \u223cb\u223c \u02cbc\u02cb"),
        ("_a_ first_name", "\u02cda\u02cd first_name"),
        (":tada: at 10:30:45", "\u2236tada: at 10:30:45"),
        (">> said\nand > more", "\u203a\u203a said\nand &gt; more"),
        ("a\u202eb\u200bc\x00d\u2028e", "abcd\ne"),
        ("\ud800", "\ufffd"),
    ],
)
def test_text_from_outside_can_format_nothing(typed: str, sent: str) -> None:
    """What mrkdwn would take for markup becomes an entity or a look-alike."""
    assert limits.escape(typed) == sent


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_text_is_cleaned_like_any_other(text: str) -> None:
    """Most text needs no cleaning, which is found out quickly: a character that nobody sees must change nothing."""
    assert limits.clean(text) == limits.clean(f"{text}\u200b")
    assert limits.escape(f"{text}.&") == f"{limits.escape(f'{text}.')}&amp;"


@pytest.mark.parametrize(
    ("text", "limit", "clipped"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("ab&amp;cd", 6, "ab…"),
        ("ab<@U1>cd", 8, "ab<@U1>…"),
        ("ab<@U1>cd", 7, "ab…"),
        ("🇩🇪🇫🇷🇮🇹", 9, "🇩🇪🇫🇷…"),
        ("a👩\u200d👧b", 5, "a…"),
        ("one two three", 9, "one two…"),
    ],
)
def test_clipping_cuts_nothing_in_half(text: str, limit: int, clipped: str) -> None:
    """Entities, links, flags and combined emoji stay whole or are removed."""
    assert limits.clip(text, limit) == clipped


@given(st.text(), st.integers(1, 40))
def test_a_clipped_text_is_within_its_limit(text: str, limit: int) -> None:
    """Counted after escaping, in UTF-16 units. What remains is the beginning of the text."""
    clipped = limits.clip(limits.escape(text), limit)
    assert units(clipped) <= limit
    assert limits.escape(text).startswith(clipped.removesuffix("…"))


@given(st.text("ab \n&🇩\u0301"), st.integers(2, 9))
def test_splitting_only_loses_whitespace(text: str, limit: int) -> None:
    """The pieces of a text to copy make up the text again."""
    pieces = limits.split(text, limit)
    assert all(0 < units(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_message_that_is_cut_keeps_its_tail() -> None:
    """Of sixty blocks fifty remain: the first ones, a note that it was cut, and the buttons."""
    body = [blocks.section(f"line {number}") for number in range(60)]
    tail = [blocks.actions([blocks.button("Go", "go", value="1")], "buttons")]
    payload = limits.message("text", body, tail=tail, cut=blocks.context("more"))
    check_message(payload)
    assert [block["type"] for block in payload["blocks"][-3:]] == ["section", "context", "actions"]
    assert payload["blocks"][47]["text"]["text"] == "line 47"
    assert len(payload["blocks"]) == 50


def test_messages_and_modals_keep_slacks_size_limits() -> None:
    """Slack also limits the total size."""
    body = [blocks.section("\u00fc" * 3_000) for _ in range(99)]
    check_message(limits.message("text", body, cut=blocks.context("more")))
    payload = limits.view("A title of more than 24 characters", body, close="Close", callback_id="v")
    check_view(payload)
    assert len(json.dumps(payload)) > 200_000


@pytest.mark.parametrize(
    "block",
    [
        blocks.section("  "),
        blocks.header(""),
        blocks.context(""),
        blocks.actions([], "none"),
        blocks.actions([blocks.button("Too long", "go", value="x" * 2_001)], "none"),
    ],
)
def test_an_empty_block_is_left_out(block: dict[str, Any]) -> None:
    """Slack refuses a block without content."""
    assert limits.message("text", [block, blocks.section("kept")])["blocks"] == [blocks.section("kept")]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://crm.example.com/d/1?a=1&b=2", "https://crm.example.com/d/1?a=1&b=2"),
        ("http://crm.example.com/a b|c>", "http://crm.example.com/a%20b%7Cc%3E"),
        ("javascript:alert(1)", ""),
        ("https://", ""),
        ("https://bank.example@evil.example/", ""),
        ("//evil.example", ""),
        ("https://[", ""),
        ("\ud800", ""),
        ("", ""),
    ],
)
def test_only_web_addresses_become_links(url: str, address: str) -> None:
    """Anything but http or https, or an address that pretends to be another host, isn't a link."""
    assert blocks.web_address(url) == address


def test_a_link_without_a_web_address_is_only_its_text() -> None:
    assert blocks.link("javascript:alert(1)", "Acme") == "Acme"
    assert blocks.link("https://a.example/?x=1&y=*", "Acme") == "<https://a.example/?x=1&amp;y=%2A|Acme>"


def test_text_to_copy_is_unchanged() -> None:
    """A rich_text needs no escaping, since nothing in it is markup. A long text comes in pieces."""
    text = "Dear `Kim`,\n\n<b>Q&A</b> *soon*\n" * 200
    pieces = [block["elements"][0]["elements"][0]["text"] for block in blocks.preformatted(text.strip())]
    assert len(pieces) == 3
    assert "\n".join(pieces).replace("\n\n", "\n") == text.strip().replace("\n\n", "\n")


def test_markdown_in_an_analysis_becomes_plain_text() -> None:
    """Headings, strong words and bullets lose their signs but keep their structure."""
    assert blocks.paragraphs("## Next\n\n\n\n- **send** it\n* call", 100) == "Next\n\n• send it\n• call"
