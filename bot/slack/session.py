"""The HTTP session for requests to Slack."""

import aiohttp


def new_session(timeout: float) -> aiohttp.ClientSession:
    """Return a session that follows no redirect, since that would take what is posted somewhere else.

    `timeout` is for each request, in seconds. The caller closes the session. slack_sdk itself has no such option.
    """
    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_refuse_redirect)
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout), trace_configs=[trace])


async def _refuse_redirect(_session: object, _context: object, params: aiohttp.TraceRequestRedirectParams) -> None:
    params.response.close()
    raise aiohttp.ClientError("redirected")
