"""Payloads that Slack would take, and short ways to have them shown."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import EmbeddedSlack, View

ROBIN, LEA, SALES = "robin.rep", "lea.lead", "sales-acme"


def button(action: str, value: str = "") -> dict[str, Any]:
    text = {"type": "plain_text", "text": action.title()}
    return {"type": "button", "action_id": action, "text": text, **({"value": value} if value else {})}


def actions(*elements: dict[str, Any], block_id: str = "buttons") -> list[dict[str, Any]]:
    return [{"type": "actions", "block_id": block_id, "elements": list(elements)}]


def modal(**more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": {"type": "plain_text", "text": "Title"}, "blocks": [], **more}


def form(**more: Any) -> dict[str, Any]:
    blocks = [
        {
            "type": "input",
            "block_id": "what",
            "label": {"type": "plain_text", "text": "What"},
            "element": {"type": "plain_text_input", "action_id": "what", "max_length": 5},
        },
        {
            "type": "input",
            "block_id": "which",
            "optional": True,
            "label": {"type": "plain_text", "text": "Which"},
            "element": {
                "type": "static_select",
                "action_id": "which",
                "options": [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("one", "two")],
            },
        },
    ]
    return modal(submit={"type": "plain_text", "text": "Save"}, blocks=blocks) | more


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def trigger_of(slack: EmbeddedSlack, user: str = ROBIN) -> str:
    return str((await slack.command(user, SALES, "/kickscale help")).payload["trigger_id"])


async def shown(slack: EmbeddedSlack, client: AsyncWebClient, view: dict[str, Any]) -> View:
    await client.views_open(trigger_id=await trigger_of(slack), view=view)
    found = slack.open_view(ROBIN)
    assert found is not None
    return found
