"""A Kickscale API on the loopback: like the real one as far as it is known, with a switch for what isn't known.

    async with EmbeddedKickscale(clock) as kickscale:
        kickscale.base_url, kickscale.api_key, kickscale.client_id      # for a client
        kickscale.variant.domain_filter = "companies"                   # what isn't known about the API: `Variant`
        kickscale.faults.add("/calls", status=429, retry_after=2)       # failures on demand: `Faults`
        kickscale.latency = 0.05                                        # seconds before every answer, on the wall clock
        kickscale.add_call({"id": "c1", "date": "2026-11-20T09:00:00Z"})  # any JSON, served as it is
        kickscale.change("c1", {"outcome": "Won"})                      # e.g. a late edit of the CRM link
        kickscale.uploads[-1].sha256                                    # uploaded recordings: `ReceivedUpload`
        kickscale.faults.add("/calls/upload", stage=Stage.STORED, status=500)   # later in an upload: `Stage`
        kickscale.requests.on("/calls").waves                           # sequential round trips: `RequestLog`

An uploaded recording becomes a call at once, and has its summary `analysis_after` seconds later on the injected clock.
Only what `ReceivedUpload` has is kept of the recording. `variant.upload` says how it arrives: as a form, through an
address to put it to (credentials that are sent there are in `leaks`), or from an address to fetch it from.

It begins with a year of sample conversations up to the clock's now, and new ones appear as time passes
(`populated=False`: none at all). Times in the data, `createdAt` and the two days of a recording link follow the
injected clock; latency is in real time. `stop()` doesn't wait for hanging requests; a later `start()` uses the same
address again.

Sources in the comments: "article" is Kickscale's help center (13571612 the API, 10392979 webhooks); "the connector" is
PostHog's (`products/warehouse_sources/…/sources/kickscale/` in PostHog/posthog), whose author read the live OpenAPI
document. What no source says follows NestJS, with which the API is built, and has a switch if it matters. Nothing here
is shared with the bot, so that a misunderstanding in the bot isn't repeated here.
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
