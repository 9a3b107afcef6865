"""Where a conversation was posted, or why it wasn't."""

from bot.model.audit import AuditKind, AuditRow
from bot.model.explanation import HELD, Explanation, Verdict
from bot.model.messages import Posted
from bot.render.conversations import cards
from bot.render.kit import times
from bot.render.kit.blocks import code, section
from bot.render.kit.limits import Payload, message
from bot.render.kit.people import person
from bot.texts import Texts

ID = 300
KINDS = ("share", "digest", "card")
BECAUSE = ("guest", "outside", "shared", "visibility", "bound", "internal")
MOST = 40


def why_message(texts: Texts, explanation: Explanation) -> Payload:
    conversation = explanation.conversation
    name = f"*{cards.name(texts, conversation)}*" if conversation else ""
    posted = [post for post in explanation.posted if post.kind in KINDS and post.ts]
    key = f"why.{'posted' if posted else 'not_posted'}{'' if conversation else '_gone'}"
    top = texts(key, name=name, id=code(explanation.id, ID))
    parts = [[top, *(_posted(texts, post) for post in posted[:MOST])]]
    # What was withheld again and again for the same reason is mentioned once.
    remembered = {(row.kind, row.channel, row.what): row for row in explanation.remembered}
    if remembered:
        latest = sorted(remembered.values(), key=lambda row: row.at)[-MOST:]
        parts.append([texts("why.remembered"), *(_remembered(texts, row) for row in latest)])
    verdicts = [verdict for verdict in explanation.verdicts if verdict.reason != "listed"]
    if verdicts:
        parts.append([texts("why.here"), *(_verdict(texts, verdict) for verdict in verdicts[:MOST])])
    elif conversation and not explanation.verdicts and not posted:
        parts.append([texts("why.no_subscription")])
    sections = ["\n• ".join(part) for part in parts]
    return message("\n".join(sections), [section(text) for text in sections])


def _posted(texts: Texts, posted: Posted) -> str:
    at = times.moment(texts, posted.posted_at)
    by = person(posted.by) if posted.kind == "share" else code(posted.by, ID)
    return texts(f"why.by.{posted.kind}", place=_place(texts, posted.channel), at=at, by=by)


def _remembered(texts: Texts, row: AuditRow) -> str:
    at = times.moment(texts, row.at)
    if row.kind is AuditKind.ERASED:
        return texts("why.erased", at=at)
    return texts("why.held", place=_place(texts, row.channel), at=at, because=_because(texts, row.what))


def _place(texts: Texts, channel: str) -> str:
    return texts("why.place.direct" if channel.startswith("D") else "why.place.channel", channel=channel)


def _verdict(texts: Texts, verdict: Verdict) -> str:
    at = times.moment(texts, verdict.at) if verdict.at else ""
    creator = verdict.subscription.created_by
    values = {"maker": person(creator) if creator else texts("why.maker"), "because": _because(texts, verdict.held)}
    text = texts(f"why.reason.{verdict.reason}", id=code(verdict.subscription.id, ID), at=at, **values)
    says_why = verdict.reason in HELD or not verdict.held
    return text if says_why else f"{text} {texts('why.instead', **values)}"


def _because(texts: Texts, held: str) -> str:
    return texts(f"why.because.{held if held in BECAUSE else 'other'}")
