"""What people can do on the page. Each function does in the embedded Slack what Slack's client would do.

Each raises LookupError for what isn't there, and ValueError or Refused for what Slack's client wouldn't do.
"""

import asyncio
import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from aiohttp.web import FileField
from multidict import MultiMapping

from bot.sandbox.clock import next_morning
from bot.sandbox.page.elements import confirm, field_name
from bot.sandbox.slack import Message, View, blockkit, mrkdwn
from bot.sandbox.slack.outbound import Delivery
from bot.sandbox.web.samples import TEXT, sample
from bot.sandbox.web.visit import Visit
from bot.sandbox.web.wording import LANGUAGES, words

T = TypeVar("T")
Form = MultiMapping[Any]
Query = Mapping[str, str]
_MENTION = re.compile(r"(?<![\w.])@kickscale\b", re.IGNORECASE)


class Refused(Exception):
    """Its text is for the person."""


@dataclass(frozen=True, slots=True)
class Done:
    """What the page is to do next."""

    problem: str = ""
    """A sentence that says why it wasn't done."""
    hint: str = ""
    """A sentence about what the person may have wanted to do instead."""
    asks: str = ""
    """The dialog, as HTML, in which a button asks for confirmation first."""
    opens: str = ""
    """The address to go to."""


NOTHING = Done()


async def say(visit: Visit, query: Query, form: Form) -> Done:
    """Type a command or a message, in the channel or a thread, with or without files."""
    text, files = str(form.get("text", "")).strip(), await _files(visit, form)
    if "sample" in query:
        text, files = TEXT, [sample(visit.session.clock.now().astimezone(visit.zone))]
    thread, texts = query.get("thread", ""), words(visit.words.language)
    slack, who, where = visit.session.slack, visit.user.id, visit.channel.id
    if text.startswith("/") and not files and not thread:
        await _command(visit, text)
        return NOTHING
    line = _MENTION.sub(f"<@{slack.state.bot_user}>", mrkdwn.escape(text))
    if visit.channel.is_im and not files:
        await _perform(visit, slack.write(who, line, thread_ts=thread))
    elif _MENTION.search(text) and not visit.channel.is_im:
        message = await _perform(visit, slack.mention(who, where, line, files=files, thread_ts=thread))
        if files:  # the bot answers in the message's thread
            return Done(opens=visit.beside(thread=thread or message.ts))
    elif files:
        await _perform(visit, slack.share(who, where, files=files, text=line, thread_ts=thread))
        return NOTHING if visit.channel.is_im else Done(hint=texts("say.shared"))
    elif text:
        slack.say(who, where, line, thread)
        return Done(hint=texts("say.unheard"))
    return NOTHING


async def _command(visit: Visit, text: str) -> None:
    try:
        delivery = await _perform(visit, visit.session.slack.command(visit.user.id, visit.channel.id, text), text)
    except ValueError:  # no app has this command, so Slack itself answers
        raise Refused(words(visit.words.language)("say.unknown", command=text.partition(" ")[0])) from None
    _check(delivery)


async def _files(visit: Visit, form: Form) -> list[tuple[str, bytes]]:
    files = []
    for field in form.getall("file", ()):
        if isinstance(field, FileField):
            content = await asyncio.to_thread(field.file.read)
            if not content:
                raise Refused(words(visit.words.language)("say.empty", name=field.filename))
            files.append((field.filename, content))
    return files


async def click(visit: Visit, query: Query, form: Form) -> Done:
    """Press a button, or choose in a menu. One that asks first does nothing until it is `confirmed`."""
    where = _where(visit, query)
    blocks = where.payload["blocks"] if isinstance(where, View) else where.blocks
    action, value = query.get("action", ""), query.get("value")
    matches = [
        (block, element)
        for block in blocks
        for element in blockkit.interactive(block)
        if element.get("action_id") == action and (element["type"] != "button" or element.get("value") == value)
    ]
    index = next((at for at, (block, _) in enumerate(matches) if block.get("block_id") == query.get("block")), None)
    if index is None:
        raise LookupError(action)
    block, element = matches[index]
    if "confirm" in element and "confirmed" not in query:
        return Done(asks=confirm(element["confirm"], visit.reader))
    if field_name(element, block) in form:
        value = _entered(element, form.getall(field_name(element, block)), visit)
    slack = visit.session.slack
    _check(await _perform(visit, slack.click(visit.user.id, where, action, value, index=index)))
    return NOTHING


async def submit(visit: Visit, query: Query, form: Form) -> Done:
    """Submit the open modal."""
    view = _view(visit, query)
    values = {}
    for block in view.payload["blocks"]:
        for element in blockkit.interactive(block):
            if element["type"] not in {"button", "overflow"}:
                name = field_name(element, block)
                values[name] = _entered(element, form.getall(name, ()), visit)
    _check(await _perform(visit, visit.session.slack.submit(visit.user.id, view, values)))
    return NOTHING


async def close(visit: Visit, query: Query, form: Form) -> Done:  # noqa: ARG001 as the others
    """Close the open modal."""
    await _perform(visit, visit.session.slack.close(visit.user.id, _view(visit, query)))
    return NOTHING


async def use_shortcut(visit: Visit, query: Query, form: Form) -> Done:  # noqa: ARG001 as the others
    """Choose something in a message's menu."""
    message = _message(visit, query)
    slack = visit.session.slack
    chosen = slack.message_shortcut(visit.user.id, visit.channel.id, message, query.get("callback", ""))
    _check(await _perform(visit, chosen))
    return NOTHING


async def move_clock(visit: Visit, query: Query, form: Form) -> Done:  # noqa: ARG001 as the others
    """Let time pass."""
    now = visit.session.clock.now()
    moments = {"hour": now + timedelta(hours=1), "tomorrow": next_morning(now, visit.zone)}
    await visit.session.move_clock(moments[query.get("to", "")])
    return NOTHING


async def speak(visit: Visit, query: Query, form: Form) -> Done:  # noqa: ARG001 as the others
    """Choose a language for everybody's Slack."""
    language = query.get("to", "")
    if language not in LANGUAGES:
        raise LookupError(language)
    await visit.session.speak(language)
    return NOTHING


def _where(visit: Visit, query: Query) -> Message | View:
    return _view(visit, query) if "view" in query else _message(visit, query)


def _view(visit: Visit, query: Query) -> View:
    view = visit.session.slack.open_view(visit.user.id)
    if view is None or view.id != query.get("view"):
        raise LookupError(query.get("view"))
    return view


def _message(visit: Visit, query: Query) -> Message:
    state = visit.session.slack.state
    visible = (*state.messages[visit.channel.id], *state.ephemerals[visit.channel.id, visit.user.id])
    message = next((message for message in visible if message.ts == query.get("ts")), None)
    if message is None:
        raise LookupError(query.get("ts"))
    return message


def _entered(element: Mapping[str, Any], values: Any, visit: Visit) -> Any:
    """Return what a form of HTML says as what the element takes."""
    entered = [str(value) for value in values if value != ""]
    if element["type"] == "checkboxes" or element["type"].startswith("multi_"):
        return entered
    if not entered:
        return None
    if element["type"] == "datetimepicker":
        return datetime.fromisoformat(entered[0]).replace(tzinfo=visit.zone)
    return entered[0].replace("\r\n", "\n")


async def _perform(visit: Visit, action: Awaitable[T], typed: str = "") -> T:
    return await visit.session.perform(visit.user, visit.channel, action, typed)


def _check(delivery: Delivery) -> None:
    if delivery.error:
        raise Refused(delivery.shown)
