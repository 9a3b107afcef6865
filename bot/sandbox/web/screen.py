"""The whole page, as HTML."""

from collections.abc import Mapping
from html import escape

from bot.sandbox import cast
from bot.sandbox.page.documents import view_html
from bot.sandbox.page.reader import reader_of
from bot.sandbox.session import Session
from bot.sandbox.slack.state import Channel
from bot.sandbox.web.suggestions import TRIES
from bot.sandbox.web.timeline import thread_html, timeline_html
from bot.sandbox.web.trace import requests_html, summary, trace_html
from bot.sandbox.web.visit import Visit, address
from bot.sandbox.web.wording import LANGUAGES
from bot.texts import formatting

_LOCK = (
    '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><rect x="3" y="7" width="10" height="7" rx="1.5"/>'
    '<path d="M5 7V5a3 3 0 0 1 6 0v2"/></svg>'
)
Unread = Mapping[str, bool]
"""By channel: whether it has messages that this person hasn't seen."""


def screen_html(visit: Visit, unread: Unread) -> str:
    words = visit.words
    parts = f"{_bar(visit)}{_channels(visit, unread)}{_main(visit)}{_panel(visit)}{_modal(visit)}"
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(visit.place)} · {words('title')}</title>"
        '<link rel="icon" href="/-/icon.svg"><link rel="stylesheet" href="/-/slack.css">'
        '<link rel="stylesheet" href="/-/page.css"><script src="/-/page.js" defer></script></head>'
        f'<body data-path="{visit.path}" data-version="{visit.session.slack.state.version}"'
        f' data-stopped="{words("stopped")}" data-failed="{words("failed")}">'
        f'<a class="skip" href="#text">{words("skip")}</a>{parts}</body></html>'
    )


# ---- the bar ---------------------------------------------------------------------------------------------------------


def _bar(visit: Visit) -> str:
    words = visit.words
    return (
        f'<header class="bar" id="bar"><button type="button" class="show-channels" aria-expanded="false" '
        f'aria-controls="channels" aria-label="{words("channels.show")}">☰</button>'
        f'<p class="title"><strong>{words("title")}</strong> <span>{words("safe")}</span></p>'
        f"{_who(visit)}{_languages(visit)}{_clock(visit)}</header>"
    )


def _who(visit: Visit) -> str:
    words, people, own = visit.words, "", ""
    for role, user in visit.session.people.items():
        name = f"{escape(user.real_name)}, {words(f'role.{role}')}"
        here = ' aria-current="true"' if user.id == visit.user.id else ""
        own = name if here else own
        people += f'<a href="{visit.as_somebody_else(user)}" data-soft{here}>{name}</a>'
    return (
        f'<details class="overflow who"><summary><span>{words("who")}</span> {own}</summary>'
        f'<div class="menu">{people}</div></details>'
    )


def _languages(visit: Visit) -> str:
    words = visit.words
    languages = "".join(
        f'<button type="button" data-language="{code}" lang="{code}" aria-label="{name}" '
        f'aria-pressed="{"true" if code == words.language else "false"}">{code.upper()}</button>'
        for code, name in LANGUAGES.items()
    )
    return f'<div class="languages" role="group" aria-label="{words("language")}">{languages}</div>'


def _clock(visit: Visit) -> str:
    words, now = visit.words, visit.session.clock.now().astimezone(visit.zone)
    weekday, _, day = escape(formatting.day(words.language, now, with_year=False)).partition(", ")
    steps = "".join(
        f'<button type="button" data-clock="{step}" title="{words(f"clock.{step}_spoken")}">'
        f"{words(f'clock.{step}')}</button>"
        for step in ("hour", "tomorrow")
    )
    return (
        f'<div class="clock" role="group" aria-label="{words("clock.label")}">'
        f'<time datetime="{now:%Y-%m-%dT%H:%M}">{weekday}, <span>{day}, </span>{now:%H:%M}</time>{steps}</div>'
    )


# ---- channels --------------------------------------------------------------------------------------------------------


def _channels(visit: Visit, unread: Unread) -> str:
    words, state = visit.words, visit.session.slack.state
    own = cast.channels_of(state, visit.user)
    channels = "".join(_channel(visit, channel, unread) for channel in own)
    direct = _channel(visit, state.im(visit.user.id), unread)
    return (
        f'<nav id="channels" aria-label="{words("channels.label")}">'
        f"<h2>{words('channels.channels')}</h2><ul>{channels}</ul>"
        f"<h2>{words('channels.apps')}</h2><ul>{direct}</ul></nav>"
    )


def _channel(visit: Visit, channel: Channel, unread: Unread) -> str:
    words = visit.words
    news = f' <span class="unread"><span>{words("channels.unread")}</span></span>' if unread.get(channel.id) else ""
    if channel.is_im:
        sign, name = '<span class="avatar bot" aria-hidden="true">K</span>', "Kickscale"
    elif channel.is_private:
        sign, name = (
            f'<span class="sign" role="img" aria-label="{words("channels.private")}">{_LOCK}</span>',
            channel.name,
        )
    else:
        sign, name = '<span class="sign" aria-hidden="true">#</span>', channel.name
    here = ' aria-current="page"' if channel.id == visit.channel.id else ""
    link = f'<a href="{address(visit.user, channel)}" data-soft{here}>{sign}{escape(name)}{news}</a>'
    return f'<li id="c-{channel.id}"{" class=news" if news else ""}>{link}</li>'


# ---- messages --------------------------------------------------------------------------------------------------------


def _main(visit: Visit) -> str:
    words, channel = visit.words, visit.channel
    place = escape(visit.place)
    start = words("messages.direct") if channel.is_im else words("messages.start", place=visit.place)
    messages = timeline_html(visit) or f'<p class="empty">{words("messages.empty")}</p>'
    return (
        f'<main id="main"><header><h1>{place}</h1><p>{_about(visit.session, visit, channel)}</p></header>'
        f'<div id="messages" role="log" tabindex="0" aria-label="{words("messages.label", place=visit.place)}">'
        f'<p class="start" id="start">{start}</p>{messages}</div>'
        f'<p id="notice" role="alert" data-own></p>{_composer(visit)}'
        f'<div class="drop" aria-hidden="true"><p>{words("say.drop", place=visit.place)}</p></div></main>'
    )


def _about(session: Session, visit: Visit, channel: Channel) -> str:
    words, state = visit.words, session.slack.state
    if channel.is_im:
        return words("channels.direct")
    facts = [escape(channel.topic)] if channel.topic else []
    facts.append(words("channels.members", count=len(channel.members)))
    if not state.is_in(channel.id):
        facts.append(words("channels.without_bot"))
    return " · ".join(facts)


def _composer(visit: Visit) -> str:
    words = visit.words
    if visit.channel.is_archived:
        return f'<p class="archived">{words("channels.archived")}</p>'
    label = words("say.label", place=visit.place)
    chips = "".join(
        f'<button type="button" data-say="{words(f"line.{name}")}">{words(f"try.{name}")}</button>' for name in TRIES
    )
    chips += f'<button type="button" data-sample>{words("try.sample")}</button>'
    return (
        f'<form id="say" data-thread=""><div class="try" role="group" aria-label="{words("try.label")}">'
        f'<span aria-hidden="true">{words("try.label")}</span>{chips}</div>'
        f'<ul id="options" role="listbox" aria-label="{words("say.suggestions")}" data-own hidden></ul>'
        f'<div class="box"><ul id="staged" data-own data-detach="{words("say.detach", name="{name}")}"></ul>'
        f'<input type="text" id="text" name="text" placeholder="{label}" aria-label="{label}" role="combobox" '
        f'aria-expanded="false" aria-controls="options" aria-autocomplete="list" autocomplete="off" spellcheck="false">'
        f'<div class="row"><label class="attach" title="{words("say.attach")}">'
        f'<input type="file" multiple aria-label="{words("say.attach")}" accept="audio/*,video/*">'
        f'<span aria-hidden="true">+</span></label>'
        f'<button type="submit" class="send" aria-label="{words("say.send")}">➤</button></div></div></form>'
    )


# ---- beside the messages ---------------------------------------------------------------------------------------------


def _panel(visit: Visit) -> str:
    words = visit.words
    deed = next((deed for deed in visit.session.journal.deeds if deed.number == visit.trace), None)
    reply = live = ""
    if visit.thread and (thread := thread_html(visit)):
        title, content, live = words("thread.title"), thread, f' role="log" aria-label="{words("thread.title")}"'
        label = words("thread.reply")
        reply = (
            f'<form id="reply" data-thread="{escape(visit.thread)}"><div class="box"><textarea name="text" rows="1" '
            f'placeholder="{label}" aria-label="{label}"></textarea><div class="row">'
            f'<button type="submit" class="send" aria-label="{words("say.send")}">➤</button></div></div></form>'
        )
    elif deed is not None and deed.user == visit.user.id:
        title, content = words("trace.title"), trace_html(deed, dict(visit.reader.names), words)
    else:
        return ""
    return (
        f'<aside id="panel" aria-label="{title}"><header><h2>{title}</h2>'
        f'<a class="x" href="{visit.path}" data-soft aria-label="{words("close")}">✕</a></header>'
        f'<div class="body" tabindex="0"{live}>{content}</div>{reply}</aside>'
    )


def _modal(visit: Visit) -> str:
    view = visit.session.slack.open_view(visit.user.id)
    if view is None:
        return ""
    words, deed = visit.words, visit.session.journal.views.get(view.hash)
    trace = (
        f'<details class="trace-of-view"><summary>{words("trace.title")}</summary><p>{summary(deed, words)}</p>'
        f"{requests_html(deed, words)}</details>"
        if deed is not None
        else ""
    )
    id_, html = escape(view.id), view_html(view.payload, reader_of(visit.session.slack.state, visit.user, view), trace)
    problem = '<p class="problem" role="alert" data-own></p>'
    return f'<dialog id="view-{id_}" data-view="{id_}" aria-labelledby="view-title">{html}{problem}</dialog>'
