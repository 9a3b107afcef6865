"""What somebody did in the sandbox, and which requests the bot made for it."""

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.sandbox.slack.state import Message, State

Service = Literal["Slack", "Kickscale"]
Place = tuple[str, str]
"""A message's channel and ts."""
_SOCKET = "/link/"


@dataclass(frozen=True, slots=True)
class Request:
    """A request from the bot. Times are real seconds."""

    service: Service
    name: str
    """The method of Slack's Web API, or the HTTP method and the path with its query."""
    status: int
    began: float
    seconds: float


@dataclass(slots=True)
class Deed:
    """Something that a person did, and its consequences."""

    number: int
    user: str
    channel: str
    ts: str
    typed: str
    """The slash command; empty for anything else."""
    began: float = field(default_factory=time.monotonic)
    acknowledged: float = 0.0
    """Real seconds until the bot acknowledged it."""
    seconds: float | None = None
    """Real seconds until everything was done; None while it isn't."""
    requests: tuple[Request, ...] = ()


class Journal:
    """`deeds` has everything that people did, oldest first. `answers` says for which one a message was last changed."""

    def __init__(self) -> None:
        self.deeds: list[Deed] = []
        self.answers: dict[Place, Deed] = {}
        self.views: dict[str, Deed] = {}
        """The same for views, by their hash."""
        self._requests: list[Request] = []
        self._numbers = itertools.count(1)

    def watch(self, service: Service) -> Middleware:
        """Return a middleware that writes down the requests that a service gets."""

        @web.middleware
        async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
            began, status = time.monotonic(), 0
            try:
                response = await handler(request)
                status = response.status
            finally:
                if not request.path.startswith(_SOCKET):
                    seconds = time.monotonic() - began
                    self._requests.append(Request(service, _name(service, request), status, began, seconds))
            return response

        return note

    def begin(self, user: str, channel: str, ts: str, typed: str = "") -> Deed:
        deed = Deed(next(self._numbers), user, channel, ts, typed)
        self.deeds.append(deed)
        return deed

    def end(self, deed: Deed, before: Mapping[Place, Message], state: State) -> None:
        """Write down what happened since the deed began. `before` is what `places` returned then."""
        deed.seconds = time.monotonic() - deed.began
        deed.requests = tuple(request for request in self._requests if request.began >= deed.began)
        for place, message in places(state).items():
            if message.bot_id and before.get(place) is not message:
                self.answers[place] = deed
        for view in state.views.values():
            self.views.setdefault(view.hash, deed)


def places(state: State) -> dict[Place, Message]:
    """Return all messages."""
    lists = [*state.messages.values(), *state.ephemerals.values()]
    return {(message.channel, message.ts): message for messages in lists for message in messages}


def _name(service: Service, request: web.Request) -> str:
    if service == "Kickscale":
        return f"{request.method} {request.rel_url.human_repr()}"
    first, _, rest = request.path.strip("/").partition("/")
    if first == "api":
        return rest
    return {"upload": "upload", "files-pri": "download"}.get(first, "response_url")
