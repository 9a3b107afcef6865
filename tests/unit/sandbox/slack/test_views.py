"""Modals, Home and forms."""

from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import EmbeddedSlack
from tests.clock import ManualClock
from tests.unit.sandbox.samples import LEA, ROBIN, actions, button, error_of, form, modal, shown, trigger_of
from tests.unit.sandbox.socketapp import SocketApp

pytestmark = pytest.mark.usefixtures("app")

# ---- views -----------------------------------------------------------------------------------------------------------


async def test_a_trigger_is_good_for_one_view(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """A view that is refused does not use it up."""
    trigger = await trigger_of(slack)
    assert await error_of(client.views_open(trigger_id=trigger, view=modal(title="x"))) == "invalid_arguments"
    assert (await client.views_open(trigger_id=trigger, view=modal()))["view"]["id"].startswith("V")
    assert await error_of(client.views_open(trigger_id=trigger, view=modal())) == "exchanged_trigger_id"
    assert await error_of(client.views_open(trigger_id="1.2.abc", view=modal())) == "invalid_trigger_id"


async def test_a_trigger_is_good_for_three_seconds(
    slack: EmbeddedSlack, client: AsyncWebClient, clock: ManualClock
) -> None:
    """Not longer."""
    trigger = await trigger_of(slack)
    await clock.advance(3.1)
    assert await error_of(client.views_open(trigger_id=trigger, view=modal())) == "expired_trigger_id"


async def test_a_wrong_view_is_explained(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """As `invalid_arguments`, with where in the view."""
    title = {"type": "plain_text", "text": "x" * 25}
    with pytest.raises(SlackApiError) as caught:
        await client.views_open(trigger_id=await trigger_of(slack), view=modal(title=title))
    assert caught.value.response["error"] == "invalid_arguments"
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] failed to match all allowed schemas [json-pointer:/view]",
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]",
    ]


async def test_a_view_has_at_most_250_kb(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Although each of its hundred blocks is allowed."""
    section = {"type": "section", "text": {"type": "plain_text", "text": "x" * 3000}}
    view = modal(blocks=[section] * 100)
    assert await error_of(client.views_open(trigger_id=await trigger_of(slack), view=view)) == "view_too_large"


async def test_a_click_in_a_modal_pushes_another_up_to_three(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """It brings the view and no response_url; the fourth is one too many."""
    view = await shown(slack, client, modal(blocks=actions(button("more"))))
    for depth in (2, 3):
        payload = (await slack.click(ROBIN, view, "More")).payload
        assert payload["container"] == {"type": "view", "view_id": view.id}
        assert payload["view"]["id"] == view.id
        assert "response_url" not in payload
        pushed = await client.views_push(trigger_id=payload["trigger_id"], view=modal(blocks=actions(button("more"))))
        assert pushed["view"]["previous_view_id"] == view.id
        assert len(slack.state.stacks[slack.user(ROBIN).id]) == depth
        top = slack.open_view(ROBIN)
        assert top is not None
        view = top
    trigger = (await slack.click(ROBIN, view, "More")).payload["trigger_id"]
    assert await error_of(client.views_push(trigger_id=trigger, view=modal())) == "push_limit_reached"


async def test_a_commands_trigger_pushes_nothing(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """There is no modal to lie on."""
    trigger = await trigger_of(slack)
    assert await error_of(client.views_push(trigger_id=trigger, view=modal())) == "not_found"


async def test_a_view_is_updated_while_it_is_open_and_unchanged(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """An old hash conflicts, and a closed view is not found."""
    view = await shown(slack, client, modal(external_id="mine"))
    updated = await client.views_update(view_id=view.id, hash=view.hash, view=modal(external_id="mine"))
    assert updated["view"]["hash"] != view.hash
    call = client.views_update(view_id=view.id, hash=view.hash, view=modal(external_id="mine"))
    assert await error_of(call) == "hash_conflict"
    await client.views_update(external_id="mine", view=modal(external_id="mine"))
    assert await slack.close(ROBIN, view) is None
    assert await error_of(client.views_update(view_id=view.id, view=modal())) == "not_found"


async def test_an_external_id_is_unique(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Among the views that are open."""
    await shown(slack, client, modal(external_id="mine"))
    trigger = await trigger_of(slack, LEA)
    call = client.views_open(trigger_id=trigger, view=modal(external_id="mine"))
    assert await error_of(call) == "duplicate_external_id"


async def test_a_home_is_published_again_and_again(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """It keeps its id; a modal is no Home."""
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    first = await client.views_publish(user_id="U0ROBIN001", view=home)
    second = await client.views_publish(user_id="U0ROBIN001", view=home, hash=first["view"]["hash"])
    assert second["view"]["id"] == first["view"]["id"]
    call = client.views_publish(user_id="U0ROBIN001", view=home, hash=first["view"]["hash"])
    assert await error_of(call) == "hash_conflict"
    assert await error_of(client.views_publish(user_id="U0ROBIN001", view=modal())) == "invalid_arguments"
    assert slack.home(ROBIN) is not None


# ---- forms -----------------------------------------------------------------------------------------------------------


async def test_a_form_brings_every_value(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """By block and action, as Slack has them; then it is closed."""
    view = await shown(slack, client, form(private_metadata="secret", callback_id="save"))
    delivery = await slack.submit(ROBIN, view, {"what": "hello", "which": "two"})
    sent = delivery.payload["view"]
    assert delivery.payload["type"] == "view_submission"
    assert (sent["private_metadata"], sent["callback_id"]) == ("secret", "save")
    values = sent["state"]["values"]
    assert values["what"]["what"] == {"type": "plain_text_input", "value": "hello"}
    assert values["which"]["which"]["selected_option"]["value"] == "two"
    assert slack.open_view(ROBIN) is None


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({}, ValueError),
        ({"what": "too long"}, ValueError),
        ({"what": "ok", "which": "three"}, LookupError),
        ({"what": "ok", "where": "x"}, LookupError),
    ],
)
async def test_the_client_does_not_submit_invalid_values(
    slack: EmbeddedSlack, client: AsyncWebClient, values: dict[str, Any], error: type[Exception]
) -> None:
    """A required field that is empty, a text too long, a choice and a field that are not there."""
    view = await shown(slack, client, form())
    with pytest.raises(error):
        await slack.submit(ROBIN, view, values)


async def test_errors_keep_the_form_open(slack: EmbeddedSlack, app: SocketApp, client: AsyncWebClient) -> None:
    """With what was put in; errors about fields that are not there are refused."""
    view = await shown(slack, client, form())
    app.answer = lambda _: {"response_action": "errors", "errors": {"what": "No."}}
    await slack.submit(ROBIN, view, {"what": "hello"})
    kept = slack.open_view(ROBIN)
    assert kept is not None
    assert kept.errors == {"what": "No."}
    assert kept.values["what"]["what"]["value"] == "hello"
    app.answer = lambda _: {"response_action": "errors", "errors": {"nowhere": "No."}}
    delivery = await slack.submit(ROBIN, view, {"what": "hello"})
    assert delivery.error == "invalid_arguments"
    assert delivery.shown


async def test_an_answer_can_update_push_or_clear(slack: EmbeddedSlack, app: SocketApp, client: AsyncWebClient) -> None:
    """The views in it are held to the same limits."""
    view = await shown(slack, client, form())
    app.answer = lambda _: {"response_action": "update", "view": form(callback_id="second")}
    await slack.submit(ROBIN, view, {"what": "a"})
    updated = slack.open_view(ROBIN)
    assert updated is not None
    assert (updated.id, updated.callback_id) == (view.id, "second")
    app.answer = lambda _: {"response_action": "push", "view": form(callback_id="third")}
    await slack.submit(ROBIN, view, {"what": "a"})
    pushed = slack.open_view(ROBIN)
    assert pushed is not None
    assert pushed.previous_view_id == view.id
    app.answer = lambda _: {"response_action": "update", "view": {"type": "modal"}}
    assert (await slack.submit(ROBIN, pushed, {"what": "a"})).error == "invalid_arguments"
    app.answer = lambda _: {"response_action": "clear"}
    await slack.submit(ROBIN, pushed, {"what": "a"})
    assert slack.open_view(ROBIN) is None


async def test_the_app_gets_the_closing_of_a_view_on_request(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Not otherwise."""
    view = await shown(slack, client, modal(notify_on_close=True))
    delivery = await slack.close(ROBIN, view)
    assert delivery is not None
    assert (delivery.payload["type"], delivery.payload["is_cleared"]) == ("view_closed", False)


async def test_a_view_can_only_be_used_by_the_person_who_has_it_open(
    slack: EmbeddedSlack, client: AsyncWebClient
) -> None:
    """Nobody else sees it."""
    view = await shown(slack, client, form())
    with pytest.raises(LookupError):
        await slack.submit(LEA, view, {"what": "x"})
    with pytest.raises(ValueError, match="nothing to submit"):
        await slack.submit(ROBIN, await shown(slack, client, modal()))
    with pytest.raises(LookupError):
        await slack.click(ROBIN, replace(view, id="V0"), "what")
