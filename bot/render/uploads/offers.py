"""The messages about recordings before any of them is uploaded: offers, refusals, and a channel's setting."""

from collections.abc import Sequence

from bot import ids
from bot.errors import RecordingRefused
from bot.model.uploads import ChannelUploads, Offer, OfferedFile, UploadMode
from bot.render.errors import explain, known_text
from bot.render.kit import files, times
from bot.render.kit.blocks import actions, button, context, section
from bot.render.kit.limits import Payload, message
from bot.render.kit.people import person
from bot.texts import Texts

FILES = 10
"""Slack allows no more in one message."""


def offer_message(texts: Texts, offer: Offer) -> Payload:
    """The question under recordings that were shared, with its two buttons."""
    text = texts("upload.offer", count=len(offer.files))
    return message(
        text,
        [
            section("\n".join((text, *_files(texts, offer.files)))),
            actions(
                [
                    button(texts("upload.button.upload"), ids.UPLOAD, value=offer.id, style="primary"),
                    button(texts("upload.button.decline"), ids.DECLINE, value=offer.id),
                ],
                ids.UPLOADS,
            ),
            context(texts("upload.offer_note", count=len(offer.files))),
        ],
    )


def accepted_message(
    texts: Texts, accepted: Sequence[OfferedFile], refused: Sequence[RecordingRefused] = (), *, by: str
) -> Payload:
    """What replaces the offer once the Slack user `by` sent the form; `refused` are why others weren't in it."""
    text = texts("upload.accepted", count=len(accepted), by=person(by))
    return message(
        text,
        [
            section("\n".join((text, *_files(texts, accepted)))),
            *(section(why) for why in dict.fromkeys(explain(texts, refusal) for refusal in refused)),
        ],
    )


def moved_message(texts: Texts, offer: Offer) -> Payload:
    """What replaces an offer that is posted again further down."""
    text = texts("upload.asked_below")
    return message(text, [section("\n".join((text, *_files(texts, offer.files))))])


def declined_message(texts: Texts, offer: Offer, *, by: str) -> Payload:
    """What replaces the offer once the Slack user `by` dismissed it."""
    text = texts("upload.declined", count=len(offer.files), by=person(by))
    return message(
        text, [section("\n".join((text, *_files(texts, offer.files)))), context(texts("upload.another_way"))]
    )


def refused_message(texts: Texts, *refusals: RecordingRefused) -> Payload:
    """Why files that look like recordings can't be uploaded; the first block's id marks it as an error."""
    text = "\n".join(dict.fromkeys(explain(texts, refusal) for refusal in refusals))
    return message(text, [section(text, block_id=ids.ERROR)])


def refusal_message(texts: Texts, refusal: RecordingRefused) -> Payload:
    """Why a recording that was just shared can't be uploaded, for the person who shared it."""
    text = f"{explain(texts, refusal)} {known_text(texts, f'upload.refusal_advice.{refusal.reason}')}".rstrip()
    return message(text, [section(text, block_id=ids.ERROR), context(texts("upload.refusal_note"))])


def nothing_message(texts: Texts) -> Payload:
    """The answer to the shortcut on a message without a recording."""
    return message(texts("upload.nothing"), [section(texts("upload.nothing"), block_id=ids.ERROR)])


def channel_message(texts: Texts, setting: ChannelUploads, *, changed: bool) -> Payload:
    """What happens to recordings in the channel, after that was changed or when somebody asks."""
    text = channel_text(texts, setting, changed=changed)
    return message(text, [section(text)])


def channel_text(texts: Texts, setting: ChannelUploads, *, changed: bool) -> str:
    """mrkdwn: the mode of a channel and, for `auto`, on whose word."""
    lines = [texts(f"upload.channel.{'now' if changed else 'still'}.{setting.mode}")]
    if setting.mode is UploadMode.AUTO and setting.attestation is not None:
        attested = setting.attestation
        lines.append(texts("upload.channel.attested", by=person(attested.by), at=times.moment(texts, attested.at)))
    return "\n".join(lines)


def announced_text(texts: Texts, setting: ChannelUploads, *, by: str) -> str:
    """mrkdwn for everybody in the channel: who changed what happens to recordings, and to what."""
    return texts(f"upload.announced.{setting.mode}", by=person(by))


def _files(texts: Texts, shared: Sequence[OfferedFile]) -> list[str]:
    shown = [files.line(texts, file) for file in shared[:FILES]]
    return shown if len(shown) == 1 else [f"• {line}" for line in shown]
