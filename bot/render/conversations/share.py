"""What *Share in channel* posts: who shared it, no relative days, and nothing personal."""

from bot import ids
from bot.model.conversation import Conversation
from bot.model.questions import Answer, Question
from bot.render.conversations import cards, lists
from bot.render.kit.blocks import context, header, paragraphs, section
from bot.render.kit.limits import Payload, message
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
    lines = (cards.title(texts, conversation, link_template), facts, paragraphs(conversation.summary, SUMMARY))
    return message(
        texts("details.fallback", name=cards.name(texts, conversation), facts=facts),
        [
            section(
                "\n".join(filter(None, lines)),
                accessory=cards.details_button(texts, conversation),
                block_id=f"{ids.ITEM}shared",
            )
        ],
        tail=[context(texts("share.by", user=shared_by))],
    )


def already_shared_message(texts: Texts) -> Payload:
    return message(texts("share.already"), [section(texts("share.already"))])
