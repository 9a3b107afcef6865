"""Everything about one conversation: the modal behind *Details*, and the answer to `call` and `meeting`."""

from collections.abc import Iterable, Iterator

from bot import ids
from bot.model.conversation import Conversation, Insight, Participant
from bot.render.conversations import cards
from bot.render.conversations.consent import explain_withheld
from bot.render.kit import times
from bot.render.kit.blocks import (
    actions,
    button,
    code,
    context,
    inline,
    kickscale_address,
    link,
    paragraphs,
    preformatted,
    section,
    web_address,
)
from bot.render.kit.limits import Block, Payload, clean, clip, entities, message, view, width
from bot.texts import Texts, formatting

PART = 2_800
LINE = 400
LINES = 25
FIELD = 300
ID = 300
DRAFT_IN_VIEW = 9_000
DRAFT_IN_MESSAGE = 2_800


def details_view(
    texts: Texts, conversation: Conversation, *, question_id: str, with_transcript: bool, link_template: str
) -> Payload:
    """Return the modal with what the reader may see, and a button to share it if it was asked for in a channel.

    `with_transcript` says whether the reader may have the transcript.
    """
    return view(
        texts(f"details.title.{conversation.kind}"),
        [
            *_top(texts, conversation, link_template, question_id, with_transcript=with_transcript),
            *_body(texts, conversation, DRAFT_IN_VIEW),
        ],
        close=texts("details.close"),
        callback_id=ids.VIEW,
        tail=_id(texts, conversation),
        cut=context(texts("details.cut_view")),
    )


def details_message(
    texts: Texts, conversation: Conversation, *, question_id: str, with_transcript: bool, link_template: str
) -> Payload:
    """Return the same as a message that only the asker sees."""
    return message(
        texts(
            "details.fallback",
            name=cards.name(texts, conversation),
            facts=cards.facts(texts, conversation, with_domains=True),
        ),
        [
            *_top(texts, conversation, link_template, question_id, with_transcript=with_transcript),
            *_body(texts, conversation, DRAFT_IN_MESSAGE),
        ],
        tail=_id(texts, conversation),
        cut=section(
            texts("details.cut_message"), accessory=cards.details_button(texts, conversation), block_id=ids.MORE
        ),
    )


def _top(
    texts: Texts, conversation: Conversation, link_template: str, question_id: str, *, with_transcript: bool
) -> list[Block]:
    """Return what it is, and the buttons, or why some of them are missing."""
    why = explain_withheld(texts, conversation)
    return [
        section(
            "\n".join(filter(None, (cards.title(texts, conversation, link_template), _outcome(texts, conversation))))
        ),
        context(cards.facts(texts, conversation, with_domains=True)),
        actions(
            [
                *_file_buttons(texts, conversation, with_transcript=with_transcript),
                *([button(texts("list.share"), ids.SHARE, value=f"{question_id}:0")] if question_id else []),
                *_kickscale_button(texts, conversation, link_template),
            ],
            ids.FILES,
        ),
        *([context(why)] if why else []),
    ]


def _outcome(texts: Texts, conversation: Conversation) -> str:
    outcome = inline(conversation.outcome, FIELD)
    return f"{texts('details.outcome')}: *{outcome}*" if outcome else ""


def _file_buttons(texts: Texts, conversation: Conversation, *, with_transcript: bool) -> Iterator[Block]:
    """Yield *Transcript* and *Recording*, unless consent is missing."""
    if conversation.is_consent_missing or not conversation.id:
        return
    if with_transcript:
        yield button(texts("details.transcript"), ids.transcript(conversation.kind), value=conversation.id)
    if web_address(conversation.recording_url):
        yield button(texts("details.recording"), ids.recording(conversation.kind), value=conversation.id)


def _kickscale_button(texts: Texts, conversation: Conversation, link_template: str) -> Iterator[Block]:
    if address := kickscale_address(link_template, conversation):
        yield button(texts("details.open"), ids.OPEN_LINK, url=address)


def _body(texts: Texts, conversation: Conversation, draft: int) -> list[Block]:
    """Return what was said and what follows, then the people, then the rest."""
    parts = _Parts(texts)
    parts.text("summary", conversation.summary)
    parts.lines("action_items", (cards.action_item(texts, item) for item in conversation.action_items))
    parts.lines("participants", (_participant(texts, participant) for participant in conversation.participants))
    parts.lines("insights", (_insight(texts, insight) for insight in conversation.insights))
    parts.lines("questions", (_bullet(question) for question in conversation.questions))
    parts.blocks.append(context(cards.SEPARATOR.join(_facts(texts, conversation))))
    parts.lines("personal", _personal(texts, conversation))
    if conversation.email_draft is not None:
        parts.draft(conversation.email_draft.subject, conversation.email_draft.text, draft)
    if parts.is_clipped:
        parts.blocks.append(context(texts("details.clipped")))
    return parts.blocks


def _id(texts: Texts, conversation: Conversation) -> list[Block]:
    """Return the id, if it can be typed after a command."""
    shown = code(conversation.id, ID)
    if not conversation.id or " " in conversation.id or shown != f"`{entities(conversation.id)}`":
        return []
    return [context(texts("details.id", id=shown))]


class _Parts:
    """Collects the body's blocks. A part without content adds none."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self.blocks: list[Block] = []
        self.is_clipped = False

    def text(self, heading: str, text: str) -> None:
        shown = paragraphs(text, width(text) * 6)
        if shown:
            self.is_clipped |= width(shown) > PART
            self.blocks.append(section(f"*{self._texts(f'details.{heading}')}*\n{clip(shown, PART)}"))

    def lines(self, heading: str, lines: Iterable[str]) -> None:
        filled = [line for line in lines if line]
        shown: list[str] = []
        room = PART
        for line in filled[:LINES]:
            room -= width(line) + 1
            if room < 0:
                break
            shown.append(line)
        if len(shown) < len(filled):
            shown.append(self._texts("details.more", count=len(filled) - len(shown)))
            self.is_clipped = True
        if shown:
            self.blocks.append(section("\n".join((f"*{self._texts(f'details.{heading}')}*", *shown))))

    def draft(self, subject: str, text: str, limit: int) -> None:
        text = clean(text)
        if not text:
            return
        heading = f"*{self._texts('details.email_draft')}*"
        if subject := inline(subject, FIELD):
            heading += "\n" + self._texts("details.subject", subject=subject)
        self.is_clipped |= width(text) > limit
        self.blocks += [section(heading), *preformatted(clip(text, limit))]


def _facts(texts: Texts, conversation: Conversation) -> list[str]:
    deal = conversation.deal
    facts = {
        "caller": inline(conversation.caller, FIELD),
        "callee": inline(conversation.callee, FIELD),
        "type": inline(conversation.type, FIELD),
        "language": inline(formatting.language_name(texts.language, conversation.language), FIELD),
        "deal": link(deal.url, inline(deal.name, FIELD) or texts("details.deal")) if deal else "",
    }
    return [f"{texts(f'details.{name}')}: {value}" for name, value in facts.items() if value]


def _bullet(text: str) -> str:
    shown = inline(text, LINE)
    return f"• {shown}" if shown else ""


def _titled(title: str, text: str) -> str:
    title, text = inline(title[:1].upper() + title[1:], LINE), inline(text, LINE)
    return f"• *{title}*: {text}" if title and text else f"• {title or text}" if title or text else ""


def _insight(texts: Texts, insight: Insight) -> str:
    """Return an insight, and below it in italics what somebody said, who, and when in the conversation."""
    lines = [_titled(insight.title, insight.text)]
    if quote := inline(insight.quote, LINE):
        at = "" if insight.at is None else times.position(insight.at)
        source = ", ".join(filter(None, (inline(insight.speaker, cards.OWNER), at)))
        lines.append(texts("details.quote_by" if source else "details.quote", quote=quote, source=source))
    return "\n".join(filter(None, lines))


def _participant(texts: Texts, participant: Participant) -> str:
    name = inline(participant.name, cards.OWNER) or inline(participant.email, cards.OWNER)
    if not name:
        return ""
    share = participant.talk_share
    if share is not None and 0 <= share <= 1:
        return "• " + texts("details.talk_share", name=name, percent=formatting.percent(texts.language, share))
    return f"• {name}"


def _personal(texts: Texts, conversation: Conversation) -> list[str]:
    """Return figures about the owner. They are only in the conversation if the reader may see them."""
    metrics = ((metric.name, metric.value) for metric in conversation.metrics)
    figures = [(texts("details.rating"), conversation.rating), *metrics]
    lines = [_titled(name, value) for name, value in figures if inline(value, LINE)]
    feedback = [line for line in conversation.feedback.split("\n") if inline(line, LINE)]
    if len(feedback) == 1:
        lines.append(_titled(texts("details.feedback"), feedback[0]))
    elif feedback:  # a line for each criterion
        lines += [_titled(texts("details.feedback"), ""), *(f"◦ {inline(line, LINE)}" for line in feedback)]
    return lines
