"""The message of an upload in its thread, from the queue to the summary; and the list of a channel's uploads."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot import ids
from bot.model.conversation import Conversation, Kind
from bot.model.uploads import (
    ApiWords,
    ChannelUploads,
    Failure,
    Formats,
    Host,
    KnownRecording,
    Progress,
    Reference,
    SizeLimit,
    SlackCode,
    Upload,
    UploadState,
)
from bot.render.conversations import cards
from bot.render.errors import known_text
from bot.render.kit import files, times
from bot.render.kit.blocks import actions, button, code, context, inline, paragraphs, section
from bot.render.kit.icons import WARNING
from bot.render.kit.limits import Block, Payload, message
from bot.render.kit.people import person
from bot.render.uploads.offers import channel_text
from bot.texts import Texts, formatting

BAR = 10
API_WORDS = 300
SUMMARY = 1_500
LONGEST = 360_000
"""Seconds; a longer estimate means nothing."""


def upload_message(
    texts: Texts,
    upload: Upload,
    progress: Progress | None = None,
    conversation: Conversation | None = None,
    first: Upload | None = None,
    *,
    address: str = "",
    link_template: str = "",
) -> Payload:
    """The one message of an upload, whatever its state.

    `conversation` is the call in Kickscale, if it is known; `first` is the upload that brought a duplicate's recording
    there before, and `address` where that one is in Slack.
    """
    name = files.name(texts, upload.name)
    text = texts(f"upload.state.{upload.state}", name=name)
    match upload.state:
        case UploadState.QUEUED | UploadState.SENDING:
            text, *more = _under_way(texts, upload, progress or Progress(size=upload.size), name)
            blocks = [_lines(text, *more), *([] if upload.cancelled_by else [_buttons(texts, upload, "cancel")])]
        case UploadState.ANALYSED if conversation is not None:
            blocks = [section(text), *_card(texts, conversation, link_template)]
        case UploadState.SENT | UploadState.ANALYSED:
            if upload.is_unanalysed:
                text = texts("upload.unanalysed", name=name)
            blocks = [section(text, accessory=_details(texts, upload.call))]
        case UploadState.DUPLICATE:
            text = _first(texts, "upload.duplicate_of", first, address, name=name) if first else text
            blocks = [section(text, accessory=_details(texts, upload.call or (first.call if first else "")))]
        case UploadState.ASKING:
            blocks = [_lines(text, texts("upload.asking")), _buttons(texts, upload, "there", "again")]
        case UploadState.CANCELLED:
            if upload.cancelled_by:
                text = texts("upload.cancelled_by", name=name, by=person(upload.cancelled_by))
            blocks = [_lines(text), _buttons(texts, upload, "retry")]
        case UploadState.FAILED:
            why = failure_text(texts, upload)
            blocks = [_lines(f"{WARNING} {text}", why), _buttons(texts, upload, "retry")]
            text = f"{text} {why}"
    return message(text, blocks, tail=[context(attested(texts, upload))])


def known_message(texts: Texts, first: Upload, *, address: str = "", is_elsewhere: bool = False) -> Payload:
    """The answer about a recording that is on its way already, or there, by the upload `first` at `address`.

    If it `is_elsewhere`, its name, its place and who uploaded it aren't mentioned.
    """
    where = "upload.elsewhere" if is_elsewhere else "upload.known"
    match first.state:
        case UploadState.QUEUED | UploadState.SENDING if first.cancelled_by:
            blocks = [section(text := _first(texts, f"{where}.cancelling", first, address))]
        case UploadState.QUEUED | UploadState.SENDING:
            blocks = [section(text := _first(texts, f"{where}.under_way", first, address))]
        case UploadState.ASKING:
            blocks = [section(text := _first(texts, f"{where}.asking", first, address))]
        case UploadState.CANCELLED | UploadState.FAILED:
            text = _first(texts, f"{where}.over", first, address)
            blocks = [_lines(text, texts("upload.retry"))]
        case UploadState.SENT | UploadState.ANALYSED | UploadState.DUPLICATE:
            text = _first(texts, f"{where}.there", first, address)
            blocks = [section(text, accessory=_details(texts, first.call))]
    return message(text, blocks)


def known_messages(texts: Texts, recordings: Sequence[KnownRecording]) -> Payload:
    """The answer about several recordings as one message; whatever is the same is shown once."""
    messages = [
        known_message(texts, known.first, address=known.address, is_elsewhere=known.is_elsewhere)
        for known in recordings
    ]
    different = [payload for index, payload in enumerate(messages) if payload not in messages[:index]]
    blocks = [block for payload in different for block in payload["blocks"]]
    return message("\n".join(payload["text"] for payload in different), blocks)


def without_api_words(upload: Upload) -> Upload:
    """Return the upload for readers who may not have the API's words."""
    is_secret = upload.failure is not None and upload.failure.is_by_api
    return replace(upload, failure=Failure("rejected_privately")) if is_secret else upload


def private_upload_message(texts: Texts, upload: Upload, link_template: str) -> Payload:
    """How an upload ended, for one person, because nothing can be posted in its thread."""
    payload = upload_message(texts, upload, link_template=link_template)
    why = context(texts("upload.sent_privately", channel=upload.channel))
    return {**payload, "blocks": [why, *payload["blocks"]]}


def words_message(texts: Texts, upload: Upload) -> Payload:
    """Why the API refused it, for one person, because the thread may not show that."""
    text = f"{texts('upload.state.failed', name=files.name(texts, upload.name))} {failure_text(texts, upload)}"
    return message(text, [section(text)])


def pressed_message(texts: Texts, upload: Upload, button_id: str) -> Payload | None:
    """The answer to a person who pressed a button of an upload; None if the upload's message says everything."""
    if button_id == ids.UPLOAD_CANCEL and upload.state not in (UploadState.CANCELLED, UploadState.SENDING):
        state = texts(f"upload.state.{upload.state}", name=files.name(texts, upload.name))
        text = f"{texts('upload.too_late')} {state}"
        return message(text, [section(text)])
    return None


def uploads_status_message(
    texts: Texts, setting: ChannelUploads, uploads: Sequence[Upload], positions: Mapping[int, int]
) -> Payload:
    """What is set for a channel and what became of its latest recordings; `positions` in the queue by upload id."""
    text = channel_text(texts, setting, changed=False)
    lines = [
        texts(
            "upload.status.line",
            name=files.name(texts, upload.name),
            size=files.size(texts, upload.size),
            at=times.moment(texts, upload.created_at),
            state=_short(texts, upload, positions.get(upload.id, 0)),
        )
        for upload in uploads
    ]
    return message(
        text,
        [
            section(text),
            section(texts("upload.status.latest") if lines else texts("upload.status.none")),
            *(section(line) for line in lines),
        ],
        cut=context(texts("upload.status.cut")),
    )


def attested(texts: Texts, upload: Upload) -> str:
    """mrkdwn: on whose word it was uploaded, and when that was given."""
    attestation = upload.attestation
    at = times.moment(texts, attestation.at)
    return texts("upload.attested", by=_by(texts, upload), at=at)


def _lines(*lines: str) -> Block:
    return section("\n".join(lines))


def _under_way(texts: Texts, upload: Upload, progress: Progress, name: str) -> list[str]:
    """Return lines: the first says which state it is in, the others how far it is."""
    if upload.cancelled_by:
        return [texts("upload.cancelling", name=name, by=person(upload.cancelled_by))]
    match progress.step:
        case "retrying":
            why = known_text(texts, f"upload.why.{progress.why}", name=name) or texts("upload.why.other", name=name)
            return [why, _again(texts, progress)]
        case "asking":
            return [texts("upload.step.asking", name=name), _again(texts, progress)]
        case "checking" if progress.again_at:
            return [texts("upload.step.earlier", name=name), _again(texts, progress)]
        case "checking":
            return [texts("upload.step.checking", name=name), *([bar(texts, progress)] if progress.sent else [])]
        case "sending":
            return [texts("upload.state.sending", name=name), bar(texts, progress)]
        case _ if upload.state is UploadState.SENDING:
            return [texts("upload.state.sending", name=name), bar(texts, progress)]
        case _:
            return [texts("upload.state.queued", name=name), _place(texts, progress.place)]


def _again(texts: Texts, progress: Progress) -> str:
    at = progress.again_at
    return texts("upload.again_at", at=times.moment(texts, at, relative=True)) if at else texts("upload.again")


def bar(texts: Texts, progress: Progress) -> str:
    """Return `▓▓▓░░░░░░░ 27 % · 123 of 456 MB · 12 MB/s · 1 min left`, without what isn't known."""
    done = min(max(progress.sent, 0), progress.size)
    share = done / progress.size if progress.size > 0 else 0.0
    parts = [
        formatting.percent(texts.language, math.floor(100 * share) / 100),
        files.part(texts, done, max(progress.size, 0)),
    ]
    if progress.rate is not None and math.isfinite(progress.rate) and progress.rate > 0:
        parts.append(texts("upload.rate", size=files.size(texts, progress.rate)))
        if progress.left is not None and 0 <= progress.left < LONGEST:
            parts.append(texts("upload.left", length=times.length(texts, math.ceil(progress.left))))
    filled = math.floor(BAR * share)
    return "▓" * filled + "░" * (BAR - filled) + " " + " · ".join(parts)


def failure_text(texts: Texts, upload: Upload) -> str:
    """mrkdwn: why it failed, with the API's own words or whatever else the reason needs."""
    failure = upload.failure or Failure("")
    values = {"name": files.name(texts, upload.name), "by": _by(texts, upload)}
    values |= dict.fromkeys(("words", "limit", "host"), texts("errors.no_code"))
    match failure.detail:
        case ApiWords(text) | Reference(text) | SlackCode(text) if text:
            values["words"] = code(text, API_WORDS)
        case SizeLimit(count):
            values["limit"] = files.size(texts, count)
        case Formats(names):
            values["limit"] = inline(names, API_WORDS)
        case Host(name):
            values["host"] = inline(name, API_WORDS)
    return (
        known_text(texts, f"upload.failed.{failure.reason}", **values)
        or known_text(texts, f"recording.refused.{failure.reason}", **values)
        or texts("upload.failed.unexpected", **values)
    )


def _first(texts: Texts, key: str, first: Upload, address: str, **values: str) -> str:
    at = times.moment(texts, first.created_at)
    by = _by(texts, first)
    return texts(key, first=files.name(texts, first.name, address), by=by, at=at, **values)


def _by(texts: Texts, upload: Upload) -> str:
    """mrkdwn: on whose word it was uploaded; that may have been forgotten."""
    return person(upload.attestation.by) if upload.attestation.by else texts("upload.someone")


def _card(texts: Texts, conversation: Conversation, link_template: str) -> list[Block]:
    summary = paragraphs(conversation.summary, SUMMARY)
    return [
        section(
            cards.title_with_outcome(texts, conversation, link_template),
            accessory=cards.details_button(texts, conversation),
            block_id=f"{ids.ITEM}uploaded",
        ),
        context(cards.facts(texts, conversation, with_domains=True)),
        *([section(summary)] if summary else []),
    ]


def _details(texts: Texts, call: str) -> Block | None:
    return cards.details_button(texts, Conversation(call, Kind.CALL))


def _buttons(texts: Texts, upload: Upload, *which: str) -> Block:
    return actions(
        [button(texts(f"upload.button.{name}"), _ACTIONS[name], value=str(upload.id)) for name in which], ids.UPLOADS
    )


_ACTIONS = {
    "cancel": ids.UPLOAD_CANCEL,
    "there": ids.UPLOAD_THERE,
    "again": ids.UPLOAD_AGAIN,
    "retry": ids.UPLOAD_RETRY,
}


def _place(texts: Texts, place: int) -> str:
    return texts("upload.place", count=place) if place > 0 else texts("upload.next")


def _short(texts: Texts, upload: Upload, place: int) -> str:
    """Return the state in a few words; and why, if it failed."""
    match upload.state:
        case UploadState.QUEUED:
            return _place(texts, place)
        case UploadState.FAILED:
            return texts("upload.short.failed", why=failure_text(texts, upload))
        case state:
            return texts(f"upload.short.{state}")
