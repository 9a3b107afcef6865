"""What goes wrong ends in one clear sentence, with a remedy and a reference."""

import asyncio
import json
import logging
import re
from typing import Any

import pytest

from bot.erasure.traces import forget_old_copies
from tests.databases import nobody_writes, run_sql
from tests.world import ROBIN, SALES, World, is_error

REFERENCE = re.compile(r"[0-9a-f]{8}")


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ({"status": 403}, "API key"),
        ({"status": 401}, "API key"),
        ({"status": 403, "body": '{"message": "This key reads no calls"}'}, "This key reads no calls"),
        ({"status": 429, "retry_after": 900}, "15 min"),
        ({"redirect": "https://elsewhere.example.com/calls"}, "redirect"),
        ({"body": "{broken"}, "understand"),
        ({"body": "<html>Maintenance</html>", "content_type": "text/html"}, "understand"),
        ({"status": 400, "body": '{"statusCode": 400, "message": ["page must be a number"]}'}, "page must be a number"),
    ],
)
async def test_a_failure_of_kickscale_is_reported_with_a_reference(
    here: World, fault: dict[str, Any], word: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Once, to the asker, and the log has the same reference."""
    here.add_calls(1)
    await here.ask("/kickscale status")
    here.kickscale.faults.add("/calls", times=50, **fault)
    with caplog.at_level(logging.INFO):
        answer = await here.ask("/kickscale calls acme.com")
    assert is_error(answer)
    text = here.text(answer)
    assert word.casefold() in text.casefold()
    found = REFERENCE.search(text)
    assert found is not None
    assert found[0] in caplog.text


@pytest.mark.parametrize("line", ["cals", "calls foo bar", "call nosuch", "digest pause acme.com"])
async def test_a_mistake_of_the_person_is_no_warning(here: World, line: str, caplog: pytest.LogCaptureFixture) -> None:
    """They can correct it themselves: no reference is shown, so none is logged."""
    with caplog.at_level(logging.INFO):
        answer = await here.ask(f"/kickscale {line}")
    assert is_error(answer)
    (record,) = (record for record in caplog.records if "ended in" in record.getMessage())
    assert (record.levelno, "reference" in record.getMessage()) == (logging.INFO, False)
    assert "Reference" not in here.text(answer)


async def test_a_person_whom_slack_cannot_identify_is_a_warning(here: World, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody can do anything about it if Slack does not say who they are."""
    here.slack.faults.add("users.info", error="user_not_found")
    answer = await here.ask("/kickscale help")
    found = REFERENCE.search(here.text(answer))
    assert found is not None
    assert found[0] in caplog.text


async def test_a_wrong_key_is_named_as_the_cause(here: World) -> None:
    """The real refusal, not an injected one."""
    here.kickscale.api_key = "another"
    answer = await here.ask("/kickscale calls acme.com")
    assert is_error(answer)
    assert "API key" in here.text(answer)


async def test_no_redirect_is_followed(here: World) -> None:
    """It would take the credentials elsewhere."""
    here.kickscale.faults.add("/calls", redirect=f"{here.kickscale.base_url}/stolen")
    assert is_error(await here.ask("/kickscale calls acme.com"))
    assert len(here.kickscale.requests.on("/stolen")) == 0


@pytest.mark.usefixtures("no_backoff")
async def test_a_command_that_failed_can_be_tried_again(here: World) -> None:
    """The button runs it for the person who presses it, and what comes then takes the place of the error."""
    here.add_calls(1)
    await here.ask("/kickscale status")
    here.kickscale.faults.add("/calls", status=503, times=20)
    failed = await here.ask("/kickscale calls acme.com")
    await here.click(failed, "Try again")
    (still,) = [message for message in here.slack.ephemerals(SALES, ROBIN) if is_error(message)]
    here.kickscale.faults.clear()
    before = len(here.slack.ephemerals(SALES, ROBIN))
    await here.click(still, "Try again")
    assert len(here.slack.ephemerals(SALES, ROBIN)) == before
    assert "1 call with acme.com" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])


@pytest.mark.usefixtures("no_backoff")
async def test_what_was_written_to_the_bot_can_be_tried_again(here: World) -> None:
    """In its own messages, where the answer changes the message with the error."""
    here.add_calls(1)
    await here.ask("/kickscale status")
    here.kickscale.faults.add("/calls", status=503, times=20)
    await here.write("calls acme.com")
    failed = here.slack.direct_messages(ROBIN)[-1]
    here.kickscale.faults.clear()
    await here.click(failed, "Try again")
    changed = here.slack.direct_messages(ROBIN)[-1]
    assert changed.ts == failed.ts
    assert "1 call with acme.com" in here.text(changed)


@pytest.mark.parametrize("fault", [{"status": 403}, {"status": 400}, {"redirect": "https://elsewhere.example.com/"}])
async def test_nothing_is_tried_again_in_vain(here: World, fault: dict[str, Any]) -> None:
    """A refusal stays one, until an admin does something."""
    await here.ask("/kickscale status")
    here.kickscale.faults.add("/calls", times=20, **fault)
    assert "Try again" not in here.text(await here.ask("/kickscale calls acme.com"))


async def test_a_slow_answer_is_announced_and_follows(here: World) -> None:
    """Within three seconds, then comes the answer."""
    here.add_calls(1)
    await here.ask("/kickscale status")
    here.kickscale.faults.add("/calls", hang=True)
    before = len(here.slack.ephemerals(SALES, ROBIN))
    await here.slack.command(ROBIN, SALES, "/kickscale calls acme.com")
    while len(here.kickscale.requests.on("/calls")) == 0:
        await here.clock.advance(0)
    await here.clock.advance(2.5)
    await here.slack.wait_for(lambda: len(here.slack.ephemerals(SALES, ROBIN)) > before)
    assert "takes a moment" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])
    here.kickscale.release()
    await here.bot.idle()
    assert "1 call with acme.com" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])


@pytest.mark.parametrize("is_deleted", [True, False])
async def test_in_direct_messages_the_answer_takes_the_place_of_the_announcement(here: World, is_deleted: bool) -> None:
    """Elsewhere Slack lets nobody remove what only one person sees. If it can't be deleted, the answer is there too."""
    here.add_calls(1)
    await here.write("status")
    here.kickscale.faults.add("/calls", hang=True)
    if not is_deleted:
        here.slack.faults.add("chat.delete", error="cant_delete_message")
    before = len(here.slack.direct_messages(ROBIN))
    await here.slack.write(ROBIN, "calls acme.com")
    while len(here.kickscale.requests.on("/calls")) == 0:
        await here.clock.advance(0)
    await here.clock.advance(2.5)
    await here.slack.wait_for(lambda: "takes a moment" in here.text(here.slack.direct_messages(ROBIN)[-1]))
    here.kickscale.release()
    await here.settle()
    said = [here.text(message) for message in here.slack.direct_messages(ROBIN)[before:]]
    assert "1 call with acme.com" in said.pop()
    assert len(said) == (0 if is_deleted else 1)


async def test_a_stop_answers_those_who_still_wait(here: World) -> None:
    """Nobody waits for an answer that can't come any more."""
    here.add_calls(1)
    await here.ask("/kickscale status")
    here.kickscale.faults.add("/calls", hang=True, times=50)
    before = len(here.slack.ephemerals(SALES, ROBIN))
    await here.slack.command(ROBIN, SALES, "/kickscale calls acme.com")
    await here.kickscale.requests.until(lambda _: here.kickscale.hanging > 0)
    restarting = asyncio.create_task(here.restart())
    while not restarting.done():
        await here.clock.advance(1)
    waiting, last = here.slack.ephemerals(SALES, ROBIN)[before:]
    assert "Your answer will appear here" in here.text(waiting)
    assert "I'm being restarted" in here.text(last)
    assert "[Try again]" in here.text(last)
    here.kickscale.release()


async def test_a_slow_answer_comes_even_if_its_announcement_failed(
    here: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Slack refuses that, but the answer is what matters."""
    here.add_calls(1)
    await here.ask("/kickscale status")
    here.kickscale.faults.add("/calls", hang=True)
    here.slack.faults.add("response_url", status=404)
    await here.slack.command(ROBIN, SALES, "/kickscale calls acme.com")
    while len(here.kickscale.requests.on("/calls")) == 0:
        await here.clock.advance(0)
    await here.clock.advance(2.5)
    await here.slack.wait_for(
        lambda: any(call.method == "response_url" and call.status == 404 for call in here.slack.calls)
    )
    here.kickscale.release()
    await here.bot.idle()
    assert "1 call with acme.com" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])
    assert "Slack rejected an additional message" in caplog.text


async def test_an_answer_that_slack_is_too_busy_for_is_given_again(here: World) -> None:
    """A 5xx is a problem of Slack, and the person still waits for the answer."""
    here.add_calls(1)
    here.slack.faults.add("response_url", status=503)
    await here.slack.command(ROBIN, SALES, "/kickscale calls acme.com")
    await here.slack.wait_for(
        lambda: any(call.method == "response_url" and call.status == 503 for call in here.slack.calls)
    )
    while not here.slack.ephemerals(SALES, ROBIN):
        await here.clock.advance(1)
    await here.bot.idle()
    (answer,) = here.slack.ephemerals(SALES, ROBIN)
    assert "1 call with acme.com" in here.text(answer)


async def test_if_slack_accepts_no_message_the_log_has_the_reason(
    here: World, caplog: pytest.LogCaptureFixture
) -> None:
    """An expired response_url is no error of the bot."""
    here.slack.faults.add("response_url", status=404, times=9)
    await here.type("/kickscale help")
    assert here.slack.ephemerals(SALES, ROBIN) == []
    assert "Slack rejected an additional message" in caplog.text
    assert "background work failed" not in caplog.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("cals acme.com", ["cals", "calls"]),
        ("calls acme.com lats-week", ["lats-week", "last-week"]),
        ("calls acme.com 2026-02-30", ["2026-02-30"]),
        ("meetings acme.com direction:inbound", ["direction"]),
        ('calls acme.com "unclosed', ["unclosed"]),
        ("call", ["/kickscale call"]),
        ("<!channel> *bold* `code`", ["<!channel>"]),
    ],
)
async def test_what_is_not_understood_is_echoed_with_an_example(here: World, typed: str, words: list[str]) -> None:
    """What was typed, the nearest word, and one valid command; nobody is pinged by it."""
    answer = await here.ask(f"/kickscale {typed}")
    assert is_error(answer)
    text = here.text(answer)
    assert "/kickscale" in text
    for word in words:
        assert word in text
    assert answer.mentions == ()


async def test_buttons_of_a_forgotten_list_say_so(here: World) -> None:
    """After ninety days its question is gone."""
    here.add_calls(12)
    answer = await here.ask("/kickscale calls acme.com")
    later = here.clock.now().replace(year=2030)
    await here.bot.database.erasures.write(lambda stores: forget_old_copies(stores, later))
    await here.click(answer, "Older")
    assert is_error(here.slack.ephemerals(SALES, ROBIN)[-1])
    assert not is_error(here.slack.ephemerals(SALES, ROBIN)[0])


@pytest.mark.parametrize("button", ["Older", "Share in channel", "Details"])
@pytest.mark.parametrize(
    "value", [None, "", ":", "{id}:", "{id}:-1", "{id}:\u0663", "{id}:" + "9" * 1_900, "\ud800:0", 5]
)
async def test_a_button_with_anything_in_it_leads_nowhere(here: World, button: str, value: object) -> None:
    """A version that comes later, or somebody who forges clicks: they get an explanation, and nothing is done."""
    here.add_calls(12)
    answer = await here.ask("/kickscale calls acme.com")
    if isinstance(value, str):
        value = value.replace("{id}", answer.blocks[-1]["elements"][0]["value"].partition(":")[0])
    for block in answer.blocks:
        for element in (*block.get("elements", ()), block.get("accessory", {})):
            if element.get("value"):
                element["value"] = value
    await here.click(answer, button)
    view = here.slack.open_view(ROBIN)
    shown = here.slack.ephemerals(SALES, ROBIN)[-1].blocks if view is None else view.payload["blocks"]
    assert str(shown[0]["block_id"]).startswith("error")
    assert "went wrong" not in json.dumps(shown)
    assert here.slack.posts(SALES) == []


# ---- clicks ----------------------------------------------------------------------------------------------------------


async def test_a_click_that_cannot_be_written_down_is_not_done(here: World) -> None:
    """The person is told at once. What is written after that does nothing, and leaves nothing."""
    here.add_calls(1)
    answer = await here.ask("/kickscale calls acme.com")
    with nobody_writes(here.settings):
        clicking = asyncio.create_task(here.slack.click(ROBIN, answer, "Details"))
        while not clicking.done():
            await here.clock.advance(1)
        assert not (await clicking).error
    await here.settle()
    assert is_error(here.slack.ephemerals(SALES, ROBIN)[-1])
    assert here.slack.open_view(ROBIN) is None
    assert run_sql(here.settings, "select key from jobs where kind = 'click'") == []
