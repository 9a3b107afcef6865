"""Every action_id, block_id and callback_id. Buttons in old messages carry them for years: never rename one."""

from bot.model.conversation import Kind

# ---- action_ids ----------------------------------------------------------------------------------------------------
# A conversation's button has the kind at the end of its action_id (`details_call`), since its value is only the id.

DETAILS = "details_"
TRANSCRIPT = "transcript_"
RECORDING = "recording_"

NEWER = "newer"
"""Value: `question:page`, with the page that it leads to, from 0."""
OLDER = "older"
SHARE = "share"
"""Value: `question:page`, with the page that is shown."""
SEARCH_PREVIOUS = "search_previous"
"""Value: `question:page`, like that of the next one."""
SEARCH_MORE = "search_more"
CUSTOMERS_PREVIOUS = "customers_previous"
"""Value: the page that it leads to, from 0, like that of the next one."""
CUSTOMERS_MORE = "customers_more"
OPEN_LINK = "open_link"
"""A button that opens an address. Its click only needs an ack."""
UPLOAD = "upload"
"""Value: the offer's id. The same for `DECLINE`."""
DECLINE = "upload_decline"
UPLOAD_CANCEL = "upload_cancel"
"""Value: the upload's id. The same for the next two."""
UPLOAD_THERE = "upload_there"
UPLOAD_AGAIN = "upload_again"
UPLOAD_RETRY = "upload_retry"
"""Opens the form of an upload that failed or was cancelled once more. Value: the upload's id."""
RUN = "run_"
"""A button that runs a command, followed by its place among several. Value: what follows `/kickscale`."""
DIGEST_EDIT = "digest_edit"
"""Value: the subscription's id. The same for the next three."""
DIGEST_PAUSE = "digest_pause"
DIGEST_RESUME = "digest_resume"
DIGEST_REMOVE = "digest_remove"
DIGEST_AGAIN = "digest_again"
"""Value: `subscription:day`, with the local day (ISO) of the digest that failed."""
DIGEST_NARROW = "digest_narrow"
"""Value: `subscription:domain`, with the domain that is removed from it."""


def details(kind: Kind) -> str:
    return DETAILS + kind


def transcript(kind: Kind) -> str:
    return TRANSCRIPT + kind


def recording(kind: Kind) -> str:
    return RECORDING + kind


# ---- block_ids -----------------------------------------------------------------------------------------------------

ERROR = "error"
"""The first block of an answer that is an error, by which scripts recognise one."""
ITEM = "item_"
"""One conversation in a list, followed by its page and its place there."""
PAGING = "paging"
SUGGESTIONS = "suggestions"
"""Buttons that run other commands."""
AGAIN = "again"
"""The button that runs a command that failed again: the new answer takes the place of the error."""
FILES = "files"
LINK = "link"
MORE = "more"
UPLOADS = "uploads"
"""The buttons of an offer or an upload."""
ATTESTATION = "attestation"
"""The check box by which people say that everyone on a recording has agreed to it. An input's action_id is its
block_id."""
SUBSCRIPTION = "subscription_"
"""The buttons of one subscription, followed by its id."""
DIGEST_DOMAINS = "digest_domains"
"""An input of a subscription's form, like the next five."""
DIGEST_AT = "digest_at"
DIGEST_DAYS = "digest_days"
DIGEST_ZONE = "digest_zone"
DIGEST_EMPTY = "digest_empty"
DIGEST_LANGUAGE = "digest_language"

# ---- callback_ids --------------------------------------------------------------------------------------------------

VIEW = "kickscale"
"""Every modal without a submit button."""
UPLOAD_FORM = "upload_form"
"""The form for the recordings of one offer. Its private_metadata is the key of `bot.forms.upload`."""
UPLOAD_AUTO = "upload_auto"
"""The attestation for a whole channel. Its private_metadata is the channel's id."""
UPLOAD_SHORTCUT = "upload_recording"
"""The shortcut in the menu of a message with recordings."""
DIGEST_FORM = "digest_form"
"""The form of one subscription. Its private_metadata is the subscription's id."""
