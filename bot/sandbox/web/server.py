"""Serves the page on 127.0.0.1."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from importlib.resources import files

from aiohttp import web

from bot.sandbox import cast
from bot.sandbox.kickscale.customers import COMPANIES
from bot.sandbox.session import Session
from bot.sandbox.web import actions
from bot.sandbox.web.guard import NAMES, add_headers, guard
from bot.sandbox.web.screen import screen_html
from bot.sandbox.web.suggestions import suggest
from bot.sandbox.web.visit import Visit, address
from bot.sandbox.web.wording import words

PORTS = 100
"""How many ports are tried if the first ones are in use."""
LARGEST = 200_000_000
"""Bytes of a request. What is shared stays in memory."""
TICK = 20.0
"""Seconds after which the page looks at the clock again."""
_ASSETS = {
    "page.js": ("text/javascript", "bot.sandbox.web", "static"),
    "page.css": ("text/css", "bot.sandbox.web", "static"),
    "icon.svg": ("image/svg+xml", "bot.sandbox.web", "static"),
    "slack.css": ("text/css", "bot.sandbox.page", "."),
}
Action = Callable[[Visit, actions.Query, actions.Form], Awaitable[actions.Done]]
_ACTIONS: dict[str, Action] = {
    "say": actions.say,
    "click": actions.click,
    "submit": actions.submit,
    "close": actions.close,
    "shortcut": actions.use_shortcut,
    "clock": actions.move_clock,
    "language": actions.speak,
}


class Page:
    """`session` is what it shows, `seen` the latest message that each person has seen in each channel."""

    def __init__(self, shown: Session) -> None:
        self._session = shown
        self._seen: dict[tuple[str, str], str] = {}
        self._stopping = asyncio.Event()
        application = web.Application(middlewares=[guard], client_max_size=LARGEST)
        application.on_response_prepare.append(add_headers)
        application.router.add_get("/", self._begin)
        application.router.add_get("/-/{asset}", self._asset)
        application.router.add_get("/{person}/{place}", self._show)
        application.router.add_get("/{person}/{place}/changes", self._changes)
        application.router.add_get("/{person}/{place}/suggestions", self._suggest)
        application.router.add_get("/{person}/{place}/file/{ts}/{file}", self._download)
        application.router.add_post("/{person}/{place}/{action}", self._do)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        self.url = ""

    async def start(self, port: int) -> None:
        """Listen on the port, or on the next free one. Raises OSError if there is none."""
        await self._runner.setup()
        for candidate in range(port, port + PORTS) if port else [0]:
            try:
                await web.TCPSite(self._runner, NAMES[0], candidate).start()
            except OSError:
                if candidate in {0, port + PORTS - 1}:
                    raise
            else:
                self.url = f"http://{NAMES[0]}:{self._runner.addresses[0][1]}"
                return

    async def stop(self) -> None:
        self._stopping.set()
        await self._runner.cleanup()

    # ---- what is shown -----------------------------------------------------------------------------------------------

    async def _begin(self, _: web.Request) -> web.Response:
        rep = self._session.people["rep"]
        raise web.HTTPFound(address(rep, self._session.slack.state.channel(cast.HERE)))

    async def _asset(self, request: web.Request) -> web.Response:
        try:
            media_type, package, folder = _ASSETS[request.match_info["asset"]]
        except KeyError:
            raise web.HTTPNotFound from None
        content = files(package).joinpath(folder, request.match_info["asset"]).read_bytes()
        return web.Response(body=content, content_type=media_type, charset="utf-8")

    async def _show(self, request: web.Request) -> web.Response:
        visit = self._visit(request)
        return web.Response(text=screen_html(visit, self._look(visit)), content_type="text/html")

    def _visit(self, request: web.Request) -> Visit:
        place, query = request.match_info, request.query
        try:
            return Visit.read(
                self._session, place["person"], place["place"], query.get("thread", ""), query.get("trace", "")
            )
        except LookupError as exc:
            raise web.HTTPNotFound(text=str(exc.args[0])) from None

    def _look(self, visit: Visit) -> dict[str, bool]:
        """Note that somebody has seen a channel, and return which others have something new for them."""
        unread, user = {}, visit.user.id
        state = self._session.slack.state
        for channel in [*cast.channels_of(state, visit.user), state.im(user)]:
            messages = [*state.messages[channel.id], *state.ephemerals[channel.id, user]]
            latest = max((message.ts for message in messages if message.user != user), default="")
            if channel.id == visit.channel.id:
                self._seen[user, channel.id] = latest
            unread[channel.id] = latest > self._seen.get((user, channel.id), "")
        return unread

    async def _changes(self, request: web.Request) -> web.StreamResponse:
        """Tell when there is something new, as server-sent events: https://html.spec.whatwg.org/#server-sent-events"""
        self._visit(request)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        state, sent = self._session.slack.state, -1
        with suppress(ConnectionError):
            while not self._stopping.is_set():
                # The clock runs on even if nothing else happens.
                sent, news = state.version, "time" if state.version == sent else state.version
                await response.write(f"data: {news}\n\n".encode())
                await self._change(sent)
        return response

    async def _change(self, known: int) -> None:
        """Return when something has changed since the version, when the page is to look again, and at the end."""
        state = self._session.slack.state
        changed = asyncio.create_task(state.wait_for(lambda: state.version != known, TICK))
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({changed, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for waiting in (changed, stopping):
            waiting.cancel()
        await asyncio.gather(changed, stopping, return_exceptions=True)

    async def _suggest(self, request: web.Request) -> web.Response:
        visit = self._visit(request)
        company = COMPANIES[self._session.company]
        is_inside = visit.user.team_id == self._session.slack.state.team_id and not visit.user.is_restricted
        customers = [
            (customer.domain, customer.company) for customer in (company.main, company.sister, *company.others)
        ]
        found = suggest(request.query.get("text", ""), visit.words.language, customers if is_inside else ())
        return web.json_response([{"line": item.line, "label": item.label, "note": item.note} for item in found])

    async def _download(self, request: web.Request) -> web.Response:
        visit, state = self._visit(request), self._session.slack.state
        visible = [*state.messages[visit.channel.id], *state.ephemerals[visit.channel.id, visit.user.id]]
        file = state.files.get(request.match_info["file"])
        if file is None or file.content is None or not any(file.id in message.files for message in visible):
            raise web.HTTPNotFound
        return web.Response(body=file.content, headers={"Content-Disposition": "attachment"})

    # ---- what is done ------------------------------------------------------------------------------------------------

    async def _do(self, request: web.Request) -> web.Response:
        action = _ACTIONS.get(request.match_info["action"])
        if action is None:
            raise web.HTTPNotFound
        visit = self._visit(request)
        texts = words(visit.words.language)
        try:
            done = await action(visit, request.query, await request.post())
        except web.HTTPRequestEntityTooLarge:
            done = actions.Done(problem=texts("say.large", size=LARGEST // 1_000_000))
        except LookupError:
            done = actions.Done(problem=texts("say.gone"))
        except (ValueError, actions.Refused) as exc:
            done = actions.Done(problem=str(exc.args[0]))
        return web.json_response(asdict(done))
