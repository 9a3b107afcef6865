"""A transcript as a plain text file, and the modal that promises one."""

import re
import unicodedata

from bot import ids
from bot.model.conversation import Conversation, Utterance
from bot.render.conversations import cards
from bot.render.kit import times
from bot.render.kit.blocks import section
from bot.render.kit.limits import Payload, one_line, view
from bot.texts import Texts

FILE_NAME = 80


def transcript_promised_view(texts: Texts) -> Payload:
    return view(
        texts("transcript.title"),
        [section(texts("transcript.promised"))],
        close=texts("details.close"),
        callback_id=ids.VIEW,
    )


def transcript_text(texts: Texts, conversation: Conversation) -> str:
    """Return the file's content: name, date and participants, then a line for each utterance."""
    names = (one_line(person.name) or one_line(person.email) for person in conversation.participants)
    head = [
        one_line(conversation.name) or texts(f"conversation.unnamed.{conversation.kind}"),
        times.moment_text(texts, conversation.starts_at)
        if conversation.starts_at
        else texts("conversation.when_unknown"),
    ]
    if participants := ", ".join(filter(None, names)):
        head.append(texts("transcript.participants", names=participants))
    lines = [_line(texts, utterance) for utterance in conversation.transcript if one_line(utterance.text)]
    return "\n".join((*head, "", *lines)) + "\n"


def transcript_comment(texts: Texts, conversation: Conversation) -> str:
    """Return the comment beside the file, as mrkdwn."""
    return texts("transcript.comment", name=cards.name(texts, conversation))


def _line(texts: Texts, utterance: Utterance) -> str:
    speaker = one_line(utterance.speaker) or texts("transcript.unknown_speaker")
    at = f"[{times.clock(utterance.at)}] " if utterance.at is not None else ""
    return f"{at}{speaker}: {one_line(utterance.text)}"


def file_title(conversation: Conversation) -> str:
    """Return the file's title in Slack, as plain text."""
    return one_line(conversation.name) or conversation.id


def file_name(texts: Texts, conversation: Conversation) -> str:
    """Return e.g. `transcript-2026-11-18-acme-discovery.txt`: only letters, digits and hyphens."""
    parts = [texts("transcript.file")]
    if conversation.starts_at is not None:
        parts.append(f"{conversation.starts_at:%Y-%m-%d}")
    parts += re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", one_line(conversation.name)).lower())
    return "-".join(parts)[:FILE_NAME].rstrip("-") + ".txt"
