"""Forms with every kind of input: what is entered, what is refused, what the app gets, and how it is displayed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import EmbeddedSlack, View
from tests.unit.sandbox.samples import ROBIN, actions, button, modal, shown
from tests.unit.sandbox.socketapp import SocketApp

pytestmark = pytest.mark.usefixtures("app")

WHEN = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def asking(block_id: str, kind: str, *, optional: bool = False, **more: Any) -> dict[str, Any]:
    element = {"type": kind, "action_id": "value", **more}
    label = plain(block_id.title())
    return {"type": "input", "block_id": block_id, "label": label, "element": element, "optional": optional}


def options(*names: str) -> list[dict[str, Any]]:
    return [{"text": plain(name.title()), "value": name} for name in names]


AGREED = {**options("yes")[0], "description": plain("All of them")}
BLOCKS = [
    asking("name", "plain_text_input", initial_value="Call"),
    asking("date", "datetimepicker", initial_date_time=int(WHEN.timestamp())),
    asking("length", "number_input", is_decimal_allowed=False, min_value="1", optional=True),
    asking("rep", "users_select", optional=True),
    asking("direction", "static_select", options=options("in", "out"), optional=True),
    asking("mail", "email_text_input", optional=True),
    asking("site", "url_text_input", optional=True),
    asking("agreed", "checkboxes", options=[AGREED]),
]

SHOWN = """\
Title
=====

Name *: [Call]

Date *: [2026-11-20 15:30]
  ! That is still to come.

Length: […]

Rep: [@Robin Rep]

Direction: [In]

Mail: […]

Site: […]

Agreed *: [x] Yes

[Send]"""


async def opened(slack: EmbeddedSlack, client: AsyncWebClient, blocks: list[dict[str, Any]] | None = None) -> View:
    return await shown(slack, client, modal(submit=plain("Send"), blocks=blocks or BLOCKS))


async def test_what_was_filled_in_is_submitted(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """By block, in Slack's form for each kind of input, together with what was there from the beginning."""
    view = await opened(slack, client)
    await slack.fill(ROBIN, view, {"length": 61, "rep": "lea.lead", "direction": "Out"})
    await slack.fill(ROBIN, view, {"agreed": ["yes"], "name": ""})
    delivery = await slack.submit(ROBIN, view, {"name": "Acme"})
    assert delivery.payload["view"]["state"]["values"] == {
        "name": {"value": {"type": "plain_text_input", "value": "Acme"}},
        "date": {"value": {"type": "datetimepicker", "selected_date_time": 1795185000}},
        "length": {"value": {"type": "number_input", "value": "61"}},
        "rep": {"value": {"type": "users_select", "selected_user": "U0LEA00001"}},
        "direction": {"value": {"type": "static_select", "selected_option": options("out")[0]}},
        "mail": {"value": {"type": "email_text_input", "value": None}},
        "site": {"value": {"type": "url_text_input", "value": None}},
        "agreed": {"value": {"type": "checkboxes", "selected_options": [AGREED]}},
    }
    assert slack.open_view(ROBIN) is None


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"agreed": []}, "required"),
        ({"name": ""}, "required"),
        ({"date": None}, "required"),
        ({"date": "tomorrow"}, "no moment"),
        ({"length": "long"}, "no number"),
        ({"length": "1.5"}, "no whole number"),
        ({"length": 0}, "out of range"),
        ({"mail": "robin"}, "no email address"),
        ({"site": "acme.com"}, "no URL"),
    ],
)
async def test_the_client_does_not_submit_it(
    slack: EmbeddedSlack, client: AsyncWebClient, app: SocketApp, given: dict[str, Any], problem: str
) -> None:
    """And the app hears nothing of it."""
    view = await opened(slack, client)
    await slack.fill(ROBIN, view, {"agreed": ["yes"], **given})
    app.received.clear()
    with pytest.raises(ValueError, match=problem):
        await slack.submit(ROBIN, view)
    assert app.received == []


async def test_only_what_is_there_can_be_chosen(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Inputs, options and people."""
    view = await opened(slack, client)
    wrong: dict[str, Any]
    for wrong in ({"nowhere": "x"}, {"direction": "sideways"}, {"rep": "nobody"}, {"agreed": ["no"]}):
        with pytest.raises(LookupError):
            await slack.fill(ROBIN, view, wrong)


async def test_errors_stand_below_their_inputs(slack: EmbeddedSlack, client: AsyncWebClient, app: SocketApp) -> None:
    """With what was put in, in the reader's time zone; they are gone after the next try."""
    view = await opened(slack, client)
    app.answer = lambda _: {"response_action": "errors", "errors": {"date": "That is still to come."}}
    await slack.submit(ROBIN, view, {"agreed": ["yes"], "rep": ROBIN, "direction": "in", "date": WHEN})
    kept = slack.open_view(ROBIN)
    assert kept is not None
    assert slack.text(kept, ROBIN) == SHOWN
    app.answer = lambda _: {}
    await slack.submit(ROBIN, kept)
    assert slack.open_view(ROBIN) is None


async def test_an_input_can_tell_the_app_at_once(slack: EmbeddedSlack, client: AsyncWebClient, app: SocketApp) -> None:
    """With everything else that is put in."""
    blocks = [*BLOCKS, {**asking("kind", "static_select", options=options("a", "b")), "dispatch_action": True}]
    view = await opened(slack, client, blocks)
    await slack.fill(ROBIN, view, {"kind": "b", "name": "Acme"})
    payload = app.received[-1]["payload"]
    assert payload["actions"][0]["selected_option"]["value"] == "b"
    assert payload["view"]["state"]["values"]["name"]["value"]["value"] == "Acme"


async def test_a_click_brings_what_is_put_in(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Of all inputs, touched or not."""
    view = await opened(slack, client, [*BLOCKS, *actions(button("more"))])
    await slack.fill(ROBIN, view, {"length": 3})
    values = (await slack.click(ROBIN, view, "more")).payload["view"]["state"]["values"]
    assert values["length"]["value"]["value"] == "3"
    assert values["name"]["value"]["value"] == "Call"
