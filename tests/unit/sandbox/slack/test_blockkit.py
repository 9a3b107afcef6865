"""Block Kit's limits, one by one: values at the limit are accepted, and those just above are refused."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.sandbox.slack import blockkit


def plain(text: str = "x") -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "x") -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def section(**more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(), **more}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(), **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def context(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "context", "elements": list(elements)}


def options(count: int, text: str = "x", value: str = "") -> list[dict[str, Any]]:
    return [{"text": plain(text), "value": value or str(number)} for number in range(count)]


def select(**more: Any) -> dict[str, Any]:
    return {"type": "static_select", "options": options(1), **more}


def overflow(count: int) -> dict[str, Any]:
    return {"type": "overflow", "options": options(count)}


def confirm(**more: Any) -> dict[str, Any]:
    return {"title": plain(), "text": plain(), "confirm": plain(), "deny": plain(), **more}


def field(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "label": plain(), "element": element, **more}


def text_input(**more: Any) -> dict[str, Any]:
    return {"type": "plain_text_input", **more}


def image(**more: Any) -> dict[str, Any]:
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "x", **more}


def markdown(length: int) -> dict[str, Any]:
    return {"type": "markdown", "text": "x" * length}


def table(rows: int, columns: int, text: str = "") -> dict[str, Any]:
    cell = {"type": "raw_text", "text": text or "x"}
    return {"type": "table", "rows": [[cell] * columns] * rows}


def rich(*inline: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(inline)}]}


GOOD: list[list[dict[str, Any]]] = [
    [{"type": "divider"}] * 50,
    [section(text=mrkdwn("x" * 3000))],
    [{"type": "section", "fields": [mrkdwn("x" * 2000)] * 10}],
    [{"type": "header", "text": plain("x" * 150)}],
    [context(*[mrkdwn()] * 9, {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "x"})],
    [actions(*[button() for _ in range(25)])],
    [actions(button(text=plain("x" * 75), value="x" * 2000, action_id="x" * 255, url="https://example.com"))],
    [actions(button(style="danger", confirm=confirm(style="danger")))],
    [section(accessory=overflow(1), block_id="x" * 255), section(accessory=overflow(5))],
    [section(accessory=select(options=options(100, "x" * 75, "x" * 150)))],
    [section(accessory=select(initial_option=options(1)[0], placeholder=plain("x" * 150)))],
    [actions(select(), {"type": "datepicker", "initial_date": "2026-11-23"}, {"type": "users_select"})],
    [section(accessory={"type": "checkboxes", "options": [{"text": mrkdwn("*x*"), "value": "1"}]})],
    [image(title=plain("x" * 2000))],
    [rich({"type": "text", "text": "x", "style": {"bold": True}}, {"type": "link", "url": "https://example.com"})],
    [markdown(6000), markdown(6000)],
    [table(100, 20)],
    [field(text_input(multiline=True))],
    [actions(button(action_id="a")), actions(button(action_id="a"))],
]

# What is wrong, and what Slack says of it.
BAD: list[tuple[list[Any], str]] = [
    ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ([{"type": "banner"}], "unsupported type: banner [json-pointer:/blocks/0/type]"),
    ([{}], "missing required field: type [json-pointer:/blocks/0]"),
    (["x"], "must provide an object [json-pointer:/blocks/0]"),
    ([{"type": "divider", "text": plain()}], "invalid additional property: text [json-pointer:/blocks/0]"),
    ([{"type": "divider", "block_id": "x" * 256}], "less than 256 characters [json-pointer:/blocks/0/block_id]"),
    ([{"type": "divider", "block_id": "a"}] * 2, '`block_id` "a" already exists [json-pointer:/blocks/1/block_id]'),
    ([section(text=mrkdwn("x" * 3001))], "less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ([section(text=mrkdwn(""))], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ([section(text="x")], "must provide an object [json-pointer:/blocks/0/text]"),
    ([section(text=mrkdwn() | {"emoji": True})], "invalid additional property: emoji [json-pointer:/blocks/0/text]"),
    ([{"type": "section"}], "must define either `text` or `fields` [json-pointer:/blocks/0/type]"),
    ([{"type": "section", "fields": [mrkdwn()] * 11}], "no more than 10 items allowed [json-pointer:/blocks/0/fields]"),
    (
        [{"type": "section", "fields": [mrkdwn("x" * 2001)]}],
        "less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    ([{"type": "header", "text": plain("x" * 151)}], "less than 151 characters [json-pointer:/blocks/0/text/text]"),
    ([{"type": "header", "text": mrkdwn()}], "must be a valid enum value [json-pointer:/blocks/0/text/type]"),
    ([{"type": "header"}], "missing required field: text [json-pointer:/blocks/0]"),
    ([context(*[mrkdwn()] * 11)], "no more than 10 items allowed [json-pointer:/blocks/0/elements]"),
    ([context(button())], "unsupported type: button [json-pointer:/blocks/0/elements/0/type]"),
    ([actions(*[button()] * 26)], "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
    ([actions()], "no less than 1 items allowed [json-pointer:/blocks/0/elements]"),
    ([actions(text_input())], "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]"),
    (
        [actions(button(action_id="a"), button(action_id="a"))],
        '`action_id` "a" already exists [json-pointer:/blocks/0/elements/1/action_id]',
    ),
    ([actions(button(text=plain("x" * 76)))], "less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"),
    ([actions(button(text=mrkdwn()))], "must be a valid enum value [json-pointer:/blocks/0/elements/0/text/type]"),
    ([actions(button(value="x" * 2001))], "less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"),
    ([actions(button(value=7))], "must be a string [json-pointer:/blocks/0/elements/0/value]"),
    ([actions(button(action_id="x" * 256))], "less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]"),
    ([actions(button(style="green"))], "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]"),
    ([actions(button(url="example"))], "invalid url [json-pointer:/blocks/0/elements/0/url]"),
    ([actions(button(url="https://example.com/" + "x" * 3000))], "less than 3001 characters"),
    ([actions(button(confirm=confirm(title=plain("x" * 101))))], "less than 101 characters"),
    ([actions(button(confirm=confirm(text=plain("x" * 301))))], "less than 301 characters"),
    ([actions(button(confirm=confirm(deny=plain("x" * 31))))], "less than 31 characters"),
    ([actions(button(confirm={"title": plain()}))], "missing required field: deny"),
    ([section(accessory=overflow(6))], "no more than 5 items allowed [json-pointer:/blocks/0/accessory/options]"),
    ([section(accessory=overflow(0))], "no less than 1 items allowed [json-pointer:/blocks/0/accessory/options]"),
    ([section(accessory=select(options=options(101)))], "no more than 100 items allowed"),
    ([section(accessory=select(options=options(1, "x" * 76)))], "less than 76 characters"),
    ([section(accessory=select(options=options(1, value="x" * 151)))], "less than 151 characters"),
    ([section(accessory=select(placeholder=plain("x" * 151)))], "less than 151 characters"),
    ([section(accessory=select(initial_option=None))], "must provide an object"),
    ([section(accessory=select(initial_option=options(2)[1]))], "must match one of the options"),
    ([section(accessory={"type": "static_select"})], "must define either `options` or `option_groups`"),
    ([section(accessory={"type": "datepicker", "initial_date": "23.11.2026"})], "must be a date"),
    ([section(accessory=text_input())], "unsupported type: plain_text_input [json-pointer:/blocks/0/accessory/type]"),
    ([section(accessory={"type": "checkboxes", "options": options(11)})], "no more than 10 items allowed"),
    ([{"type": "image", "image_url": "https://example.com/a.png"}], "missing required field: alt_text"),
    ([{"type": "image", "alt_text": "x"}], "must define either `image_url` or `slack_file`"),
    ([rich({"type": "shout", "text": "x"})], "unsupported type: shout"),
    ([{"type": "rich_text", "elements": [plain()]}], "unsupported type: plain_text"),
    ([rich({"type": "text", "text": "x", "style": "bold"})], "must provide an object"),
    ([markdown(6000), markdown(6001)], "markdown must be less than 12001 characters"),
    ([table(101, 1)], "no more than 100 items allowed [json-pointer:/blocks/0/rows]"),
    ([table(1, 21)], "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]"),
    ([table(10, 10, "x" * 101)], "must be less than 10001 characters"),
    ([table(1, 1), table(1, 1)], "only one table allowed [json-pointer:/blocks]"),
    ([field(button())], "unsupported type: button [json-pointer:/blocks/0/element/type]"),
    ([field(text_input(), label=mrkdwn())], "must be a valid enum value [json-pointer:/blocks/0/label/type]"),
    ([field(text_input(), label=plain("x" * 2001))], "less than 2001 characters [json-pointer:/blocks/0/label/text]"),
    ([field(text_input(max_length=3001))], "must be between 1 and 3000"),
    ([{"type": "file", "external_id": "1", "source": "remote"}], "unsupported type: file"),
    ([{"type": "alert", "text": plain()}], "unsupported type: alert"),
]


@pytest.mark.parametrize("blocks", GOOD)
def test_what_is_within_the_limits_passes(blocks: list[dict[str, Any]]) -> None:
    """To the last character."""
    assert blockkit.message(blocks) == []


@pytest.mark.parametrize(("blocks", "problem"), BAD)
def test_what_is_beyond_them_is_refused(blocks: list[Any], problem: str) -> None:
    """The error says what is wrong, and where."""
    problems = blockkit.message(blocks)
    assert any(problem in complaint for complaint in problems), problems


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain(), "blocks": list(blocks), **more}


@pytest.mark.parametrize(
    "view",
    [
        modal(*[{"type": "divider"}] * 100, title=plain("x" * 24), private_metadata="x" * 3000, callback_id="x" * 255),
        modal(field(text_input()), submit=plain("x" * 24), close=plain("x" * 24)),
        modal(field({"type": "file_input", "max_files": 10}), submit=plain()),
    ],
)
def test_a_modal_within_its_limits_passes(view: dict[str, Any]) -> None:
    """To the last character."""
    assert blockkit.view(view) == []


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        (modal(*[{"type": "divider"}] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (modal(title=plain("x" * 25)), "less than 25 characters [json-pointer:/view/title/text]"),
        (modal(title=mrkdwn()), "must be a valid enum value [json-pointer:/view/title/type]"),
        (modal(close=plain("x" * 25)), "less than 25 characters [json-pointer:/view/close/text]"),
        (modal(submit=plain("x" * 25)), "less than 25 characters [json-pointer:/view/submit/text]"),
        (modal(private_metadata="x" * 3001), "less than 3001 characters [json-pointer:/view/private_metadata]"),
        (modal(callback_id="x" * 256), "less than 256 characters [json-pointer:/view/callback_id]"),
        (modal(external_id="x" * 256), "less than 256 characters [json-pointer:/view/external_id]"),
        (modal(channel="C1"), "invalid additional property: channel [json-pointer:/view]"),
        (modal(markdown(1)), "unsupported type: markdown [json-pointer:/view/blocks/0/type]"),
        (modal(table(1, 1)), "unsupported type: table [json-pointer:/view/blocks/0/type]"),
        (
            modal(field(text_input())),
            "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]",
        ),
        ({"type": "modal", "blocks": []}, "missing required field: title [json-pointer:/view]"),
        ({"type": "modal", "title": plain()}, "missing required field: blocks [json-pointer:/view]"),
        ({"type": "home", "blocks": []}, "unsupported type: home [json-pointer:/view/type]"),
        ({"type": "window"}, "unsupported type: window [json-pointer:/view/type]"),
        ("x", "must provide an object [json-pointer:/view]"),
    ],
)
def test_a_modal_beyond_them_is_refused(view: Any, problem: str) -> None:
    """The error says what is wrong, and where."""
    assert any(problem in complaint for complaint in blockkit.view(view)), blockkit.view(view)


def test_a_home_is_checked_as_one() -> None:
    """It has no title and nothing to submit."""
    assert blockkit.view({"type": "home", "blocks": [section()] * 100}, ("home",)) == []
    assert blockkit.view({"type": "home", "blocks": [], "title": plain()}, ("home",))
    assert blockkit.view(modal(), ("home",))


def test_missing_ids_are_generated() -> None:
    """For blocks and for what can be used in them, in a copy."""
    given = [section(accessory=button()), actions(button(action_id="mine"))]
    made = blockkit.complete(given, lambda prefix: f"{prefix}1")
    assert made[0]["accessory"]["action_id"] == "a1"
    assert made[1]["elements"][0]["action_id"] == "mine"
    assert all(block["block_id"] == "b1" for block in made)
    assert "block_id" not in given[0]


def spoilt(node: Any) -> Iterator[Any]:
    """`node` with one thing in it, at whatever depth, replaced by something of another shape."""
    yield from (None, True, 7, "x", [], ["x"], {}, {"type": []})
    if isinstance(node, dict):
        for key, value in node.items():
            yield from ({**node, key: worse} for worse in spoilt(value))
    elif isinstance(node, list):
        for index, value in enumerate(node[:1]):
            yield from ([*node[:index], worse, *node[index + 1 :]] for worse in spoilt(value))


@pytest.mark.parametrize("blocks", GOOD)
def test_no_payload_is_too_odd_to_be_judged(blocks: list[dict[str, Any]]) -> None:
    """It is refused or passes, and is never stumbled over."""
    for worse in spoilt(blocks):
        if not blockkit.message(worse):
            blockkit.complete(worse, str)
        blockkit.view(modal() | {"blocks": worse})
    for worse in spoilt(modal(submit=plain(), close=plain(), private_metadata="x")):
        blockkit.view(worse)
