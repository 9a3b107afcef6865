"""Only this machine's browser, and only from this page.

Any page on the web can send requests to 127.0.0.1, and with a name that points there (DNS rebinding) read the answers.
So a request must name this address as its `Host`, and one that changes something must come from this page: browsers
send `Origin` with each of those (https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Origin).
"""

from aiohttp import web
from aiohttp.typedefs import Handler

NAMES = ("127.0.0.1", "localhost")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    port = request.transport.get_extra_info("sockname")[1] if request.transport else 0
    hosts = {f"{name}:{port}" for name in NAMES}
    if request.host not in hosts:
        return web.Response(status=421, text=f"This page is only served as http://{NAMES[0]}:{port}.")
    if request.method not in {"GET", "HEAD"} and request.headers.get("Origin") not in {
        f"http://{host}" for host in hosts
    }:
        return web.Response(status=403, text="This doesn't come from the sandbox's page.")
    return await handler(request)


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """A signal, so that streams and errors have them too."""
    response.headers.update(HEADERS)
