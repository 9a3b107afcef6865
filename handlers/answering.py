"""Brings people their answers. If one takes long they read that it does, and if it fails, what went wrong."""

import asyncio
import functools
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import closing
from typing import Any, TypeVar

from bot.app.services import Services
from bot.conversations.attempts import Attempt
from bot.errors import BotError, SlackError, SlackUnavailable, StorageFailed
from bot.model.job import Retry, TakenOver
from bot.render.commands.waiting import interrupted_message, stopped_message, waiting_message
from bot.render.errors import can_remedy, error_message
from bot.render.kit.charts import without_charts
from bot.render.kit.limits import Payload
from bot.texts import Texts, texts_for

log = logging.getLogger(__name__)

T = TypeVar("T")

SLOW_AFTER = 2.0
"""Seconds until they read that an answer takes long: people see something within three."""
LAST_WORD = 1.0
"""Seconds for telling people that the bot is stopping before it has their answer."""

Respond = Callable[[Payload], Awaitable[None]]


def respond_to(services: Services, body: Mapping[str, Any], *, replace: bool = False) -> Respond:
    """Return what answers a command or a click, so that only the person who made it sees the answer.

    With `replace`, the answer takes the place of the message that was clicked.
    """
    send = functools.partial(services.slack.responses.send, body["response_url"], replace=replace)
    container = body.get("container") or {}
    channel = str(container.get("channel_id", ""))
    if not replace or container.get("is_ephemeral") or not channel.startswith("D"):
        return send

    async def change(payload: Payload) -> None:
        await services.direct_answers.learn(channel, str(container.get("message_ts", "")), payload)
        await send(payload)

    return change


async def _nothing() -> None:
    """Do nothing before the answer: the question isn't a job that would note it."""


async def answer(  # noqa: PLR0917 what is done, for whom, and how they hear of it
    services: Services,
    name: str,
    user: str,
    work: Coroutine[Any, Any, Payload | None],
    respond: Respond,
    notify: Respond,
    *,
    command: str = "",
    before_answer: Callable[[], Awaitable[None]] = _nothing,
) -> None:
    """Wait for `work` and `respond` with its payload, unless that is None.

    `notify` is used to say that it takes long, what went wrong, or that the bot is stopping. If Slack doesn't accept
    that, it is logged and the work continues. `name` is for the log and the metrics; `user` is the Slack user who
    asked, and `command` is what they typed, so that they can try it again. `before_answer` is awaited before anything
    is sent but the note that it takes long. If it or `work` raises Retry or TakenOver, so does this, since another
    attempt answers. If this is cancelled, it raises CancelledError only if the person couldn't be told that the bot is
    stopping.
    """
    started = time.perf_counter()
    outcome = "ok"
    try:
        payload = await _wait(services, name, user, work, notify)
        if payload is not None:
            await before_answer()
            await _send(respond, payload)
    except (Retry, TakenOver) as exc:
        outcome = type(exc).__name__
        raise
    except BotError as exc:
        outcome = type(exc).__name__
        await before_answer()
        await say(notify, failure_message(known_texts(services, user), name, exc, command), name)
    except Exception as exc:  # noqa: BLE001 the person gets a reference, and the log the exception
        outcome = "unexpected"
        await before_answer()
        await say(notify, failure_message(known_texts(services, user), name, exc, command), name)
    except asyncio.CancelledError as stopping:
        outcome = "stopped"
        try:
            async with asyncio.timeout(LAST_WORD):
                await before_answer()
                await say(notify, stopped_message(known_texts(services, user), command), name)
        except TimeoutError:
            raise stopping from None
    finally:
        services.metrics.command(name, outcome, time.perf_counter() - started)


async def answer_once(  # noqa: PLR0917 as above
    services: Services,
    name: str,
    user: str,
    begin: Callable[[], Coroutine[Any, Any, Payload | None]],
    respond: Respond,
    attempt: Attempt,
    command: str,
) -> None:
    """`answer` with what `begin` returns, unless an earlier attempt may have done so: then ask whether it came."""
    may_be_there = attempt.may_be_answered and not attempt.may_be_changed
    work = _ask_whether_it_came(services, user, command) if may_be_there else begin()
    await answer(services, name, user, work, respond, respond, command=command, before_answer=attempt.before_answer)


async def _ask_whether_it_came(services: Services, user: str, command: str) -> Payload:
    return interrupted_message(texts_for(await services.slack.people.find(user)), command)


async def compose(  # noqa: PLR0917 as above
    services: Services,
    name: str,
    user: str,
    work: Coroutine[Any, Any, Payload | None],
    notify: Respond,
    command: str = "",
) -> Payload | None:
    """Return what `work` returns, or a message about what went wrong, for a job to post; arguments as in `answer`."""
    started = time.perf_counter()
    outcome = "ok"
    try:
        return await _wait(services, name, user, work, notify)
    except BotError as exc:
        outcome = type(exc).__name__
        return failure_message(known_texts(services, user), name, exc, command)
    except Exception as exc:  # noqa: BLE001 as above
        outcome = "unexpected"
        return failure_message(known_texts(services, user), name, exc, command)
    except asyncio.CancelledError:
        outcome = "stopped"  # the job's next attempt answers
        raise
    finally:
        services.metrics.command(name, outcome, time.perf_counter() - started)


async def _wait(
    services: Services, name: str, user: str, work: Coroutine[Any, Any, Payload | None], notify: Respond
) -> Payload | None:
    """Return what `work` returns. If that takes long, say so meanwhile."""
    task = asyncio.create_task(_begin(services, work))
    silence = asyncio.create_task(services.clock.sleep(SLOW_AFTER))
    try:
        await asyncio.wait({task, silence}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            await say(notify, waiting_message(known_texts(services, user)), name)
        return await task
    finally:
        silence.cancel()
        task.cancel()


async def _send(respond: Respond, payload: Payload) -> None:
    """Respond, and if Slack refuses charts, without them: the same is in the text below each."""
    try:
        await respond(payload)
    except SlackError as exc:
        plain = without_charts(payload)
        if plain is None or isinstance(exc, SlackUnavailable):
            raise
        await respond(plain)


async def _begin(services: Services, work: Coroutine[Any, Any, T]) -> T:
    with closing(work):  # it may never begin
        async with services.turns.take():
            return await work


async def say(notify: Respond, payload: Payload, name: str) -> None:
    """Say something besides the answer or instead of it. If Slack doesn't accept it, that is only logged."""
    try:
        await notify(payload)
    except SlackError as exc:
        log.warning("%s: Slack rejected an additional message (%s)", name, exc.code)


def known_texts(services: Services, user: str) -> Texts:
    """Return the texts for a person, in the language that they had when they were last looked up, or else in English.

    Slack isn't asked, since it may be what doesn't answer.
    """
    return texts_for(services.slack.people.known(user))


def failure_message(texts: Texts, name: str, exc: Exception, command: str = "") -> Payload:
    """Log what went wrong, and return a message about it.

    Unless people can remedy it themselves, both have a reference by which it can be found in the log.
    """
    reference = secrets.token_hex(4)
    if can_remedy(texts, exc):
        log.info("%s ended in %s", name, type(exc).__name__)
    elif isinstance(exc, BotError):
        log.warning("%s ended in %s (reference %s)", name, type(exc).__name__, reference, exc_info=exc.__cause__)
    elif isinstance(exc, StorageFailed):
        log.error("%s failed (reference %s): %s", name, reference, exc)  # a traceback would say less, and fill the disk
    else:
        log.error("%s failed (reference %s)", name, reference, exc_info=exc)
    return error_message(texts, exc, reference, command=command)
