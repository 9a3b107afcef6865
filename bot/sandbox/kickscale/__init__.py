"""A Kickscale API on the loopback: what is known of the real one, and a switch for everything that is not.

    async with EmbeddedKickscale(clock) as kickscale:
        kickscale.base_url, kickscale.api_key, kickscale.client_id      # for a client
        kickscale.variant.domain_filter = "companies"                   # what is open about the API: `Variant`
        kickscale.faults.add("/calls", status=429, retry_after=2)       # bad days to order: `Faults`
        kickscale.latency = 0.05                                        # seconds before every answer, on the wall clock
        kickscale.add_call({"id": "c1", "date": "2026-11-20T09:00:00Z"})  # any JSON, served as it is
        kickscale.change("c1", {"outcome": "Won"})                      # such as a late edit of the CRM link
        kickscale.uploads[-1].sha256                                    # recordings that came in: `ReceivedUpload`
        kickscale.faults.add("/calls/upload", stage=Stage.STORED, status=500)   # further on in an upload: `Stage`
        kickscale.requests.on("/calls").waves                           # round trips one after another: `RequestLog`

An uploaded recording is a call at once, and has its summary `analysis_after` seconds later on the injected clock. Of
the recording nothing is kept but what `ReceivedUpload` holds. `variant.upload` is the way in: a form, an address to put
it to (credentials that come there are in `leaks`), or one to fetch it from.

It begins with a year of sample conversations up to the clock's now, and new ones come as the clock goes on
(`populated=False`: none at all). Times in the data, `createdAt` and the two days of a recording link follow the
injected clock; latency is the wire's, so it is real time. `stop()` waits for nothing that hangs; `start()` after it
takes the same address again.

Where a comment names a source: articles are Kickscale's own help center (13571612 the API, 10392979 webhooks), the
connector is PostHog's (`products/warehouse_sources/…/sources/kickscale/` in PostHog/posthog), whose author read the
live OpenAPI document. What no source tells follows NestJS, which the API is built with, and is a switch where it
matters. Nothing here is shared with the bot: a mistake of its reading must not be repeated by its judge.
"""

from bot.sandbox.kickscale.faults import Fault, Faults, Stage
from bot.sandbox.kickscale.requestlog import Received, RequestLog
from bot.sandbox.kickscale.server import EmbeddedKickscale
from bot.sandbox.kickscale.uploads import ReceivedUpload
from bot.sandbox.kickscale.variant import ById, DomainForm, Envelope, Oversize, Swagger, UploadForm, Variant

__all__ = [
    "ById",
    "DomainForm",
    "EmbeddedKickscale",
    "Envelope",
    "Fault",
    "Faults",
    "Oversize",
    "Received",
    "ReceivedUpload",
    "RequestLog",
    "Stage",
    "Swagger",
    "UploadForm",
    "Variant",
]
