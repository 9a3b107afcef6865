"""What *Share in channel* posts: who shared it, no relative days, and nothing personal."""

from bot import ids
from bot.model.conversation import Conversation
from bot.model.questions import Answer, Question
from bot.render.conversations import cards, lists
from bot.render.kit.blocks import context, header, paragraphs, section
from bot.render.kit.limits import Payload, message, view
from bot.texts import Texts

SUMMARY = 1_500


def shared_list(texts: Texts, question: Question, answer: Answer, *, shared_by: str, link_template: str) -> Payload:
    """Return a page of a list, shared by the Slack user `shared_by`, with *Details* but without other pages."""
    command = lists.require_list(question)
    heading = lists.heading(texts, command, answer.total)
    notes = [texts("share.by", user=shared_by), *lists.conditions(texts, question, answer, shared=True)]
    return message(
        lists.fallback(texts, command, answer),
        [header(heading), *lists.items(texts, command, answer, link_template=link_template)],
        tail=[context(" · ".join(notes))],
        cut=context(texts("list.cut")),
    )


def shared_conversation(texts: Texts, conversation: Conversation, *, shared_by: str, link_template: str) -> Payload:
    """Return one conversation, shared by the Slack user `shared_by`."""
    facts = cards.facts(texts, conversation, with_domains=True)
    summary = paragraphs(conversation.summary, SUMMARY)
    return message(
        texts("details.fallback", name=cards.name(texts, conversation), facts=facts),
        [
            section(
                cards.line(texts, conversation, link_template),
                accessory=cards.details_button(texts, conversation),
                block_id=f"{ids.ITEM}shared",
            ),
            context(facts),
            *([section(summary)] if summary else []),
        ],
        tail=[context(texts("share.by", user=shared_by))],
    )


def already_shared_message(texts: Texts) -> Payload:
    return message(texts("share.already"), [section(texts("share.already"))])


def share_promised_view(texts: Texts, channel: str, *, is_new: bool) -> Payload:
    """Return the modal on top of *Details* that says where it is shared, or that it was shared before."""
    text = texts("share.promised", channel=channel) if is_new else texts("share.already")
    return view(texts("share.title"), [section(text)], close=texts("details.close"), callback_id=ids.VIEW)
