"""What of a conversation is copied, and a copy as a conversation again. Pure."""

from dataclasses import asdict
from typing import Any

from bot.email_addresses import fold
from bot.kickscale.records.parsing import conversation as read_record
from bot.kickscale.records.shapes import text
from bot.model.conversation import Conversation
from bot.model.mirror import Content, Hit, Mirrored

COPIED = (
    "id",
    "createdAt",
    "updatedAt",
    "name",
    "date",
    "summary",
    "userQuestions",
    "duration",
    "metrics",
    "type",
    "language",
    "outcome",
    "customerDomains",
    "recordingConsent",
    "direction",
)
"""Fields of Kickscale's JSON. Not the transcript, which is copied on its own, nor drafts, comments, links to
recordings, telephone numbers and ratings: nobody searches or counts those. People, action items and insights, whose
objects may have some of these, are copied without what isn't read of them.
"""


def copy(conversation: Conversation, *, is_internal: bool) -> Mirrored:
    """Return what is copied of a conversation."""
    conversation = conversation.copy()  # this one may be in a list that stays in memory
    owner = fold(conversation.owner.email)
    addresses = {fold(participant.email) for participant in conversation.participants}
    return Mirrored(
        kind=conversation.kind,
        id=conversation.id,
        starts_at=conversation.starts_at,
        is_internal=is_internal,
        domains=conversation.customer_domains,
        owner=owner,
        people=frozenset(filter(None, {owner, *addresses})),
        duration=conversation.duration,
        type=conversation.type,
        language=conversation.language,
        direction=conversation.direction,
        outcome=conversation.outcome,
        open_items=sum(not item.done for item in conversation.action_items),
        questions=len(conversation.questions),
        content=_content(conversation),
        record=_record(conversation),
        version=text(conversation.raw.get("updatedAt")),
        is_consent_missing=conversation.is_consent_missing,
    )


def conversation_of(hit: Hit) -> Conversation:
    """Return a copy as a conversation, without what isn't copied."""
    conversation = read_record(dict(hit.record), hit.kind)
    if conversation is None:
        raise ValueError(f"the copy of {hit.kind} {hit.id} has no id")
    return conversation.replace(is_internal=hit.is_internal, transcript=hit.transcript)


def _record(conversation: Conversation) -> dict[str, Any]:
    record = {name: conversation.raw[name] for name in COPIED if name in conversation.raw}
    read = {
        "user": _filled(asdict(conversation.owner)),
        "participants": [
            _filled({"name": person.name, "email": person.email, "talkShare": person.talk_share})
            for person in conversation.participants
        ],
        "actionItems": [_filled(asdict(item)) for item in conversation.action_items],
        # Without what somebody said word for word: that is part of the transcript.
        "insights": [{"title": insight.title, "text": insight.text} for insight in conversation.insights],
    }
    return record | _filled(read)


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    """Return what isn't empty; 0 says something."""
    return {name: value for name, value in values.items() if value or value == 0}


def _content(conversation: Conversation) -> Content:
    insights = (part for insight in conversation.insights for part in (insight.title, insight.text))
    points = (*(item.text for item in conversation.action_items), *conversation.questions, *insights)
    people = (conversation.owner.name, *(participant.name for participant in conversation.participants))
    return Content(
        name=conversation.name,
        summary=conversation.summary,
        points="\n".join(points),
        people="\n".join(dict.fromkeys(people)),
    )
