"""The messages of a channel, and those of a thread, as HTML."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html import escape

from bot import ids
from bot.render.kit.files import size
from bot.sandbox.journal import Deed
from bot.sandbox.page.documents import message_html
from bot.sandbox.slack import media
from bot.sandbox.slack.dates import show_date
from bot.sandbox.slack.state import File, Message
from bot.sandbox.web.trace import milliseconds
from bot.sandbox.web.visit import Visit
from bot.texts import texts_in

SHORTCUT = "Upload to Kickscale"
"""As in the manifest, which has no translations."""
_ICONS = {"audio": "♪", "video": "▶"}


def timeline_html(visit: Visit) -> str:
    """Return a channel's messages, day by day, with the commands that this person typed."""
    state, user, channel = visit.session.slack.state, visit.user, visit.channel
    messages = [message for message in state.messages[channel.id] if not message.is_reply or message.reply_broadcast]
    messages += [message for message in state.ephemerals[channel.id, user.id] if not message.thread_ts]
    deeds = [
        deed
        for deed in visit.session.journal.deeds
        if deed.typed and (deed.user, deed.channel) == (user.id, channel.id)
    ]
    return "".join(_by_day(visit, sorted([*messages, *deeds], key=_when)))


def thread_html(visit: Visit) -> str:
    """Return the message with which the open thread begins, and the replies to it; empty if there is none."""
    state = visit.session.slack.state
    parent = state.message(visit.channel.id, visit.thread)
    if parent is None:
        return ""
    replies = [reply for reply in state.messages[visit.channel.id] if reply.is_reply and reply.thread_ts == parent.ts]
    replies += [reply for reply in state.ephemerals[visit.channel.id, visit.user.id] if reply.thread_ts == parent.ts]
    count = f'<div class="replies">{visit.words("messages.replies", count=len(replies))}</div>' if replies else ""
    return (
        _message(visit, parent, in_thread=True)
        + count
        + "".join(_message(visit, reply, in_thread=True) for reply in sorted(replies, key=_when))
    )


def _when(what: Message | Deed) -> tuple[int, int]:
    seconds, _, micros = what.ts.partition(".")
    return int(seconds), int(micros)


def _by_day(visit: Visit, items: Iterable[Message | Deed]) -> Iterator[str]:
    last = None
    for item in items:
        day = datetime.fromtimestamp(float(item.ts), UTC).astimezone(visit.zone).date()
        if day != last:
            label = show_date(
                f"!date^{int(float(item.ts))}^{{date_long_pretty}}",
                "",
                visit.zone,
                visit.session.clock.now(),
                visit.user.locale,
            )
            yield f'<div class="day" id="day-{day}"><span>{escape(label[:1].upper() + label[1:])}</span></div>'
        last = day
        yield _message(visit, item) if isinstance(item, Message) else _typed(visit, item)


def _typed(visit: Visit, deed: Deed) -> str:
    words = visit.words
    if deed.seconds is None:
        status = f'<span class="works">{words("messages.works")}</span>'
    else:
        took = f"{milliseconds(words, deed.seconds)} ms"
        status = f'<a href="{visit.beside(trace=deed.number)}" data-soft>{words("trace.title")} · {took}</a>'
    return f'<div class="typed" id="deed-{deed.number}"><code>{escape(deed.typed)}</code>{status}</div>'


def _message(visit: Visit, message: Message, *, in_thread: bool = False) -> str:
    below = "".join(_file(visit, message, visit.session.slack.state.files[id_]) for id_ in message.files)
    if not in_thread:
        below += _replies(visit, message)
    html = message_html(message, visit.reader, below, _tools(visit, message, in_thread=in_thread))
    return html.replace(' id="m-', ' id="t-', 1) if in_thread else html


def _replies(visit: Visit, message: Message) -> str:
    messages = visit.session.slack.state.messages[visit.channel.id]
    count = sum(reply.is_reply and reply.thread_ts == message.ts for reply in messages)
    if not count or message.is_reply:
        return ""
    label = visit.words("messages.replies", count=count)
    return f'<a class="open-thread" href="{visit.beside(thread=message.ts)}" data-soft>{label}</a>'


def _tools(visit: Visit, message: Message, *, in_thread: bool) -> str:
    """Return what can be done with a message, shown while one points at it."""
    words, tools = visit.words, []
    if (deed := visit.session.journal.answers.get((message.channel, message.ts))) is not None:
        tools.append(f'<a href="{visit.beside(trace=deed.number)}" data-soft>{words("trace.title")}</a>')
    if message.files and not message.bot_id:
        tools.append(f'<button type="button" data-shortcut="{ids.UPLOAD_SHORTCUT}">{SHORTCUT}</button>')
    if not (in_thread or message.ephemeral_for or message.is_reply):
        tools.append(f'<a href="{visit.beside(thread=message.ts)}" data-soft>{words("thread.reply")}</a>')
    return f'<div class="tools">{"".join(tools)}</div>' if tools else ""


def _file(visit: Visit, message: Message, file: File) -> str:
    if not file.has_bytes:
        return f'<p class="file gone">{visit.words("messages.deleted")}</p>'
    kind = media.mimetype(file.name).partition("/")[0]
    about = f"{media.filetype(file.name).upper()} · {size(texts_in(visit.words.language), file.size)}"
    return (
        f'<a class="file" href="{visit.path}/file/{message.ts}/{escape(file.id)}" download>'
        f'<span class="kind" aria-hidden="true">{_ICONS.get(kind, "≡")}</span>'
        f"<span><strong>{escape(file.name)}</strong><small>{escape(about)}</small></span></a>"
    )
