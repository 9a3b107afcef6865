"""The HTTP session for requests to Slack."""

import aiohttp

_REDIRECTS = (301, 302, 303, 307, 308)
"""The statuses that aiohttp follows."""


def new_session(timeout: float) -> aiohttp.ClientSession:
    """Return a session that follows no redirect, since that would take what is posted somewhere else.

    `timeout` is for each request, in seconds. The caller closes the session. slack_sdk itself has no such option.
    """
    # Not aiohttp's tracing, which has a hook for it: it would be called at every step of every request.
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout), middlewares=(_refuse_redirect,))


async def _refuse_redirect(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    response = await send(request)
    if response.status in _REDIRECTS:
        response.close()
        raise aiohttp.ClientError("redirected")
    return response
