"""Slack's blocks as HTML."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.page.blocks import blocks_html
from bot.sandbox.page.documents import view_html
from bot.sandbox.page.markup import mrkdwn
from bot.sandbox.page.reader import Reader
from bot.sandbox.slack import blockkit

READER = Reader({"U1": "Robin Rep", "C1": "sales"}, ZoneInfo("Europe/Berlin"), datetime(2026, 11, 23, 12, tzinfo=UTC))
HOSTILE = st.text(alphabet="<>&\"'`*_~|!@#^:/\n\ue000\ue0010ajsh=", max_size=60)
TEXT = {"type": "mrkdwn", "text": "a"}
PLAIN = {"type": "plain_text", "text": "a"}
OPTION = {"text": PLAIN, "value": "v"}


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src"}]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*a* _b_ ~c~", "<strong>a</strong> <em>b</em> <s>c</s>"),
        ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
        ("`*a* &lt;b&gt;`", "<code>*a* &lt;b&gt;</code>"),
        ("&gt; a\n&gt; b\nc", "<blockquote>a<br>b</blockquote>c"),
        ("<@U1> in <#C1>", '<span class="mention">@Robin Rep</span> in <span class="mention">#sales</span>'),
        ("<!date^1795341600^{date_short_pretty} at {time}|then>", "yesterday at 11:00"),
        ("<javascript:alert(1)|a>", "a"),
    ],
)
def test_texts_are_formatted_as_slack_does(text: str, html: str) -> None:
    """Marks at the edges of words, code as it is, names for ids, dates in the reader's zone, links that are safe."""
    assert mrkdwn(text, READER) == html


@given(HOSTILE)
def test_no_text_becomes_a_tag(text: str) -> None:
    """Only those of the formats, and only addresses that a browser may open."""
    parser = _Tags()
    parser.feed(mrkdwn(text, READER))
    assert parser.tags <= {"strong", "em", "s", "code", "pre", "blockquote", "br", "span", "a"}
    assert all(address.startswith(("http:", "https:", "mailto:")) for address in parser.addresses)


@given(HOSTILE)
def test_nothing_leaves_an_attribute(text: str) -> None:
    """Ids, values, addresses and what was entered are in attributes."""
    button = {"type": "button", "text": PLAIN, "action_id": text, "value": text, "accessibility_label": text}
    hint = {"type": "plain_text", "text": text}
    field = {"type": "plain_text_input", "action_id": text, "initial_value": text, "placeholder": hint}
    options = [{"text": hint, "value": text}]
    menu = {
        "type": "static_select",
        "action_id": text,
        "placeholder": hint,
        "option_groups": [{"label": hint, "options": options}],
    }
    parser = _Tags()
    parser.feed(
        blocks_html(
            [
                {"type": "actions", "block_id": text, "elements": [button]},
                {"type": "input", "label": PLAIN, "element": field},
                {"type": "section", "text": TEXT, "accessory": menu},
                {"type": "image", "image_url": "https://a", "alt_text": text},
            ],
            READER,
        )
    )
    assert parser.tags <= {"div", "span", "button", "input", "img", "select", "optgroup", "option", "br"}


def test_every_block_is_drawn() -> None:
    """All that the embedded Slack accepts."""
    point = {"label": "Mon", "value": 3}
    chart = {"type": "bar", "series": [{"name": "Calls", "data": [point]}], "axis_config": {"categories": ["Mon"]}}
    samples: dict[str, dict[str, Any]] = {
        "section": {"text": TEXT, "fields": [TEXT], "accessory": {"type": "overflow", "options": [OPTION]}},
        "header": {"text": PLAIN},
        "divider": {},
        "context": {"elements": [TEXT, {"type": "image", "image_url": "https://a", "alt_text": "b"}]},
        "actions": {"elements": [{"type": "button", "text": PLAIN, "style": "danger"}]},
        "image": {"image_url": "https://a", "alt_text": "b", "title": PLAIN},
        "input": {"label": PLAIN, "hint": PLAIN, "element": {"type": "checkboxes", "options": [OPTION]}},
        "rich_text": {"elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a"}]}]},
        "markdown": {"text": "# a\n- [b](https://c)"},
        "table": {"rows": [[{"type": "raw_text", "text": "a"}], [{"type": "raw_text", "text": "b"}]]},
        "data_visualization": {"title": "Days", "chart": chart},
    }
    assert samples.keys() == blockkit.BLOCKS.keys()
    for kind, fields in samples.items():
        html = blocks_html([{"type": kind, **fields}], READER)
        assert f'<div class="block {kind}">' in html
        assert f"<em>{kind}</em>" not in html


def test_a_form_shows_what_was_entered_and_what_is_wrong() -> None:
    """Of text inputs, menus and pickers."""
    menu = {"type": "static_select", "action_id": "b", "options": [OPTION], "placeholder": PLAIN}
    blocks = [
        {"type": "input", "block_id": "a", "label": PLAIN, "element": {"type": "plain_text_input", "action_id": "a"}},
        {"type": "input", "block_id": "b", "label": PLAIN, "optional": True, "element": menu},
    ]
    values = {
        "a": {"a": {"type": "plain_text_input", "value": "x < y"}},
        "b": {"b": {"type": "static_select", "selected_option": OPTION}},
    }
    reader = Reader(READER.names, READER.zone, READER.now, values, {"a": "Too short"})
    html = view_html({"title": PLAIN, "submit": PLAIN, "close": PLAIN, "blocks": blocks}, reader)
    for part in (
        'value="x &lt; y"',
        '<option value="v" selected>',
        '<p class="error" role="alert">Too short</p>',
        "(optional)",
    ):
        assert part in html
