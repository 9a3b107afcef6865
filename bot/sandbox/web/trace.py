"""What the bot did for something, as HTML."""

from html import escape

from bot.sandbox.journal import Deed, Request
from bot.sandbox.web.wording import Words
from bot.texts import formatting

_LONGEST_NAME = 200
_WIDTH = 100.0


def trace_html(deed: Deed, names: dict[str, str], words: Words) -> str:
    """Return a table of the requests that the bot made, with what was typed and how long all of it took."""
    typed = (
        f"<p>{words('trace.typed', name=names.get(deed.user, deed.user))}<br><code>{escape(deed.typed)}</code></p>"
        if deed.typed
        else ""
    )
    return f"{typed}<p>{summary(deed, words)}</p>{requests_html(deed, words)}"


def summary(deed: Deed, words: Words) -> str:
    acknowledged = milliseconds(words, deed.acknowledged)
    if deed.seconds is None:
        return words("trace.unfinished", ms=acknowledged)
    return words("trace.acknowledged", ms=acknowledged, total=milliseconds(words, deed.seconds))


def requests_html(deed: Deed, words: Words) -> str:
    if not deed.requests:
        return f"<p>{words('trace.none')}</p>" if deed.seconds is not None else ""
    head = "".join(f'<th scope="col">{words(f"trace.{name}")}</th>' for name in ("to", "request", "took"))
    end = max(deed.seconds or 0.0, *(request.began + request.seconds - deed.began for request in deed.requests))
    rows = "".join(_row(words, request, request.began - deed.began, end) for request in deed.requests)
    return (
        f'<table class="trace"><caption>{words("trace.requests", count=len(deed.requests))}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(words: Words, request: Request, after: float, end: float) -> str:
    """One request, and when it was under way: a bar on the time that all of it took."""
    name, _, query = request.name.partition("?")
    detail = f"<small>{escape(_short(query.replace('&', ' ')))}</small>" if query else ""
    failed = "" if 200 <= request.status < 300 else f" <strong>{request.status}</strong>"
    start, width = after / end * _WIDTH, max(request.seconds / end * _WIDTH, 1.0)
    bar = (
        f'<svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect x="{start:.1f}" width="{width:.1f}" height="4" rx="1"/></svg>'
    )
    return (
        f'<tr class="{request.service.lower()}"><td>{request.service}</td><td>{escape(name)}{failed}{detail}{bar}</td>'
        f"<td>{milliseconds(words, request.seconds)} ms</td></tr>"
    )


def _short(query: str) -> str:
    return query if len(query) <= _LONGEST_NAME else f"{query[:_LONGEST_NAME]}…"


def milliseconds(words: Words, seconds: float) -> str:
    """Return e.g. `1.2`, `340` or `1,500`."""
    duration = seconds * 1000
    return formatting.number(words.language, round(duration, 1) if duration < 10 else round(duration))
