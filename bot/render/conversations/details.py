"""Everything about one conversation: the modal behind *Details*, and the answer to `call` and `meeting`."""

from collections.abc import Iterable

from bot import ids
from bot.commands.registry import SLASH_COMMAND
from bot.model.conversation import Conversation, Participant
from bot.render.conversations import cards
from bot.render.conversations.consent import explain_withheld
from bot.render.kit.blocks import (
    actions,
    button,
    code,
    context,
    fields,
    inline,
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


def details_view(texts: Texts, conversation: Conversation, *, with_transcript: bool, link_template: str) -> Payload:
    """Return the modal with what the reader may see; `with_transcript` says whether they may have the transcript."""
    buttons = file_buttons(texts, conversation, with_transcript=with_transcript)
    return view(
        texts(f"details.title.{conversation.kind}"),
        _body(texts, conversation, link_template=link_template, draft=DRAFT_IN_VIEW),
        close=texts("details.close"),
        callback_id=ids.VIEW,
        tail=[*_id(texts, conversation), actions(buttons, ids.FILES)],
        cut=context(texts("details.cut_view")),
    )


def details_message(
    texts: Texts, conversation: Conversation, *, question_id: str, with_transcript: bool, link_template: str
) -> Payload:
    """Return the same as a message that only the asker sees, with *Share in channel*."""
    share = button(texts("list.share"), ids.SHARE, value=f"{question_id}:0")
    buttons = [*file_buttons(texts, conversation, with_transcript=with_transcript), share]
    return message(
        texts(
            "details.fallback",
            name=cards.name(texts, conversation),
            facts=cards.facts(texts, conversation, with_domains=True),
        ),
        _body(texts, conversation, link_template=link_template, draft=DRAFT_IN_MESSAGE),
        tail=[*_id(texts, conversation), actions(buttons, ids.FILES)],
        cut=section(
            texts("details.cut_message"), accessory=cards.details_button(texts, conversation), block_id=ids.MORE
        ),
    )


def file_buttons(texts: Texts, conversation: Conversation, *, with_transcript: bool) -> list[Block]:
    """Return *Transcript* and *Recording link*, unless consent is missing."""
    if conversation.is_consent_missing or not conversation.id:
        return []
    buttons = []
    if with_transcript:
        buttons.append(button(texts("details.transcript"), ids.transcript(conversation.kind), value=conversation.id))
    if web_address(conversation.recording_url):
        buttons.append(button(texts("details.recording"), ids.recording(conversation.kind), value=conversation.id))
    return buttons


def _body(texts: Texts, conversation: Conversation, *, link_template: str, draft: int) -> list[Block]:
    parts = _Parts(texts)
    parts.blocks.append(section(_top(texts, conversation, link_template)))
    parts.blocks.append(fields(_facts(texts, conversation)))
    parts.text("summary", conversation.summary)
    parts.lines("action_items", (cards.action_item(texts, item) for item in conversation.action_items))
    parts.lines("questions", (_bullet(question) for question in conversation.questions))
    parts.lines("participants", (_participant(texts, participant) for participant in conversation.participants))
    parts.lines("insights", (_titled(insight.title, insight.text) for insight in conversation.insights))
    parts.lines("personal", _personal(texts, conversation))
    if conversation.email_draft is not None:
        parts.draft(conversation.email_draft.subject, conversation.email_draft.text, draft)
    if why := explain_withheld(texts, conversation):
        parts.blocks.append(context(why))
    if parts.is_clipped:
        parts.blocks.append(context(texts("details.clipped")))
    return parts.blocks


def _id(texts: Texts, conversation: Conversation) -> list[Block]:
    """Return the command that shows this again, if the id can be typed."""
    command = f"{SLASH_COMMAND} {conversation.kind} {conversation.id}"
    shown = code(command, ID)
    if not conversation.id or " " in conversation.id or shown != f"`{entities(command)}`":
        return []
    return [context(texts("details.id", command=shown))]


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


def _top(texts: Texts, conversation: Conversation, link_template: str) -> str:
    lines = [
        cards.title(texts, conversation, link_template),
        cards.facts(texts, conversation, with_domains=False),
    ]
    return "\n".join(lines)


def _facts(texts: Texts, conversation: Conversation) -> list[str]:
    deal = conversation.deal
    facts = {
        "customer_domains": cards.domain_names(texts, conversation.customer_domains),
        "caller": inline(conversation.caller, FIELD),
        "callee": inline(conversation.callee, FIELD),
        "type": inline(conversation.type, FIELD),
        "language": inline(conversation.language, FIELD),
        "outcome": inline(conversation.outcome, FIELD),
        "deal": link(deal.url, inline(deal.name, FIELD) or texts("details.deal")) if deal else "",
    }
    return [f"*{texts(f'details.{name}')}*\n{value}" for name, value in facts.items() if value]


def _bullet(text: str) -> str:
    shown = inline(text, LINE)
    return f"• {shown}" if shown else ""


def _titled(title: str, text: str) -> str:
    title, text = inline(title, LINE), inline(text, LINE)
    return f"• *{title}*: {text}" if title and text else f"• {title or text}" if title or text else ""


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
