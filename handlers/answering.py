"""The one boundary of what is done after an ack: its answer, `still looking`, or a sentence for what went wrong."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.app.services import Services
from bot.errors import AccessUndecided, BotError, SlackError, SlackUnavailable
from bot.render.commands.waiting import waiting_message
from bot.render.errors import error_message
from bot.render.kit.limits import Payload

log = logging.getLogger(__name__)

SLOW_AFTER = 2.0
"""Seconds of silence before `still looking` is said: with the way to Slack, it is there within three."""

T = TypeVar("T")
Respond = Callable[[Payload], Awaitable[None]]


async def answer(
    services: Services, name: str, work: Awaitable[Payload | None], respond: Respond, notify: Respond
) -> None:
    """Do `work` and `respond` with what it returns; None is no answer.

    A slow one is announced through `notify`, a failed one told through it. `name` is for logs and metrics. Where
    Slack does not take that, the work goes on, and the log tells.
    """
    started = time.perf_counter()
    task = asyncio.ensure_future(work)
    silence = asyncio.create_task(services.clock.sleep(SLOW_AFTER))
    outcome = "ok"
    try:
        await asyncio.wait({task, silence}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            await say(notify, waiting_message(services.texts), name)
        payload = await task
        if payload is not None:
            await respond(payload)
    except BotError as exc:
        outcome = type(exc).__name__
        await say(notify, told(services, name, exc), name)
    except Exception as exc:  # noqa: BLE001 the boundary: the person gets a reference, the log the exception
        outcome = "unexpected"
        await say(notify, told(services, name, exc), name)
    finally:
        silence.cancel()
        task.cancel()
        services.metrics.command(name, outcome, time.perf_counter() - started)


class TooSlow(Exception):
    """What a form's acknowledgement waits for did not come in time: nothing was done."""


async def before_ack(services: Services, asking: Awaitable[T]) -> T:
    """What has to be asked before a form is acknowledged, for which Slack gives it three seconds.

    Raises TooSlow where it takes too long, or Slack has no answer now. It may be broken off anywhere.
    """
    task = asyncio.ensure_future(asking)
    silence = asyncio.create_task(services.clock.sleep(SLOW_AFTER))
    try:
        await asyncio.wait({task, silence}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise TooSlow
        return task.result()
    except (SlackUnavailable, AccessUndecided) as exc:
        raise TooSlow from exc
    finally:
        silence.cancel()
        task.cancel()


def too_slow(services: Services, block_id: str) -> Payload:
    """The acknowledgement that leaves a form as it is, to be sent once more."""
    return {"response_action": "errors", "errors": {block_id: services.texts("waiting.form")}}


async def say(notify: Respond, payload: Payload, name: str) -> None:
    """What is said beside an answer, or in its place; where Slack does not take it, only the log tells."""
    try:
        await notify(payload)
    except SlackError as exc:
        log.warning("%s: Slack did not take what was to be said beside the answer (%s)", name, exc.code)


def told(services: Services, name: str, exc: Exception) -> Payload:
    """The sentence for what went wrong, with a reference that finds it in the log."""
    reference = secrets.token_hex(4)
    if isinstance(exc, BotError):
        log.warning("%s ended in %s (reference %s)", name, type(exc).__name__, reference, exc_info=exc.__cause__)
    else:
        log.error("%s failed (reference %s)", name, reference, exc_info=exc)
    return error_message(services.texts, exc, reference)
