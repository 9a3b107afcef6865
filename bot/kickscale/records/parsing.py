"""The API's records as conversations, read leniently: a field that is missing, null or of another shape is empty.

The names of the fields are those of PostHog's Kickscale connector (PostHog/posthog, pull request 84291); the shapes
within `actionItems`, `participants`, `insights`, `metrics`, `user`, `transcript` and the rest are not documented.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from bot.domains import normalise
from bot.kickscale.protocol import Records
from bot.kickscale.records.consent import consent
from bot.kickscale.records.shapes import (
    LIST_KEYS,
    TEXT_KEYS,
    address,
    figure,
    first,
    items,
    leaves,
    moment,
    number,
    prose,
    seconds,
    spaced,
    text,
)
from bot.model.conversation import (
    ActionItem,
    Conversation,
    Deal,
    EmailDraft,
    Insight,
    Kind,
    Metric,
    Owner,
    Page,
    Participant,
    Utterance,
)

_NAME_KEYS = ("name", "fullName", "full_name", "displayName", "display_name")
_EMAIL_KEYS = ("email", "emailAddress", "email_address", "mail")
_SHARE_KEYS = (
    *("talkShare", "talk_share", "talkRatio", "talk_ratio", "speakRatio", "speak_ratio", "speakShare", "speakingShare"),
    *("speakingRatio", "talkPercentage", "speakPercentage", "speakingPercentage", "percentage", "share"),
)
_TITLE_KEYS = ("title", "name", "label", "category", "topic", "key", "type")
_BODY_KEYS = ("text", "description", "content", "value", "summary", "answer", "body")
_DONE = {"done", "completed", "complete", "closed", "true", "yes"}
_METRICS = 60


def read(records: Records, kind: Kind) -> Page:
    """The page's conversations; a record that is no object or has no usable id is counted as unreadable."""
    found = [conversation(each, kind) for each in records.items]
    readable = tuple(each for each in found if each is not None)
    return Page(readable, len(found), len(found) - len(readable), records.total)


def conversation(record: object, kind: Kind) -> Conversation | None:
    """One record; None where it is no object or has no usable id. Never raises."""
    if not isinstance(record, Mapping):
        return None
    id_ = _id(record.get("id"))
    if not id_:
        return None
    get = record.get
    duration = seconds(get("duration"))
    insights, figures = _insights(get("insights"))
    return Conversation(
        id=id_,
        kind=kind,
        name=text(get("name")),
        starts_at=moment(get("date")),
        duration=None if duration is None else round(duration),
        created_at=moment(get("createdAt")),
        updated_at=moment(get("updatedAt")),
        summary=prose(get("summary")),
        owner=_owner(get("user")),
        customer_domains=_domains(get("customerDomains")),
        participants=_participants(get("participants"), get("participantEmails")),
        action_items=tuple(_action_items(get("actionItems"))),
        questions=tuple(filter(None, (text(each) for each in items(get("userQuestions"))))),
        insights=insights,
        metrics=tuple(islice((*_metrics(get("metrics")), *figures), _METRICS)),
        transcript=_transcript(get("transcript"), duration),
        comments=tuple(filter(None, (text(each) for each in items(get("comments"))))),
        email_draft=_email_draft(get("emailDraft")),
        deal=_deal(get("crmReference")),
        type=text(get("type")),
        language=text(get("language"), ("code", *TEXT_KEYS)),
        outcome=text(get("outcome")),
        direction=_direction(get("direction")),
        caller=_party(get("caller")),
        callee=_party(get("callee")),
        rating=text(get("rating"), ("value", "score", "rating", "stars", *TEXT_KEYS)),
        feedback=_feedback(get("feedback")),
        consent=consent(get("recordingConsent")),
        recording_url=address(get("recordingRef")),
        raw=record,
    )


def _id(value: object) -> str:
    if isinstance(value, str):
        return value if value.strip() and text(value) == value.strip() else ""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1e30 else ""


def _domains(value: object) -> tuple[str, ...]:
    """Normalised, each once. What is no domain is dropped, and so is a pattern, which would match more than itself."""
    found: dict[str, None] = {}
    for each in _domain_texts(value):
        for word in re.split(r"[,;\s]+", each):
            try:
                domain = normalise(word)
            except ValueError:
                continue
            if not domain.startswith("*"):
                found[domain] = None
    return tuple(found)


def _domain_texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield text(each, ("domain", "name", "value", "host", "email", "url"))
    elif isinstance(value, Mapping):
        one = text(value, ("domain", "name", "value", "host", "email", "url"))
        yield from (one,) if one else map(str, value)


# ---- people --------------------------------------------------------------------------------------------------------


def _person(value: object, depth: int = 3) -> Owner:
    """The id, name and e-mail address of a person given as an object, a name, or `Name <address>`."""
    if isinstance(value, Mapping):
        inner = first(value, "profile", "user", "person")
        within = _person(inner, depth - 1) if isinstance(inner, Mapping) and depth else Owner()
        names = " ".join(filter(None, (text(first(value, *each)) for each in (_FIRST_NAMES, _LAST_NAMES))))
        return Owner(
            id=_id(first(value, "id", "userId", "_id")) or within.id,
            name=text(first(value, *_NAME_KEYS)) or names or within.name,
            email=_email(first(value, *_EMAIL_KEYS)) or within.email,
        )
    written = text(value)
    email = _email(written)
    return Owner(name=written.replace(email, " ").strip(" <>()\"',") if email else written, email=email)


_FIRST_NAMES = ("firstName", "first_name", "givenName")
_LAST_NAMES = ("lastName", "last_name", "familyName", "surname")


def _email(value: object) -> str:
    found = re.search(r"[^\s<>(),;:|\"]{1,64}@[^\s<>(),;:|\"]{1,253}", text(value))
    return found[0] if found else ""


def _owner(value: object) -> Owner:
    """Without `expand` the owner may be an id alone."""
    if isinstance(value, Mapping):
        return _person(value)
    return _person(value) if _email(value) else Owner(id=_id(value))


def _party(value: object) -> str:
    """One end of a call: a name, a number, or an object with either."""
    who = _person(value)
    return who.name or who.email or text(value, ("number", "phone", "phoneNumber", "phone_number", *TEXT_KEYS))


def _participants(value: object, emails: object) -> tuple[Participant, ...]:
    people = _people(value) or _people(emails)
    shares = [_share(each) for each in people]
    # 0.4 beside 60 is four tenths of a per cent: one of a list above 1 means that all of it is in per cent.
    whole = 100 if any(share is not None and share > 1 for share in shares) else 1
    found = []
    for each, share in zip(people, shares, strict=True):
        who = _person(each)
        if who.name or who.email:
            fraction = None if share is None or not 0 <= share <= whole else share / whole
            found.append(Participant(who.name, who.email, fraction))
    return tuple(found)


def _people(value: object) -> list[Any]:
    if isinstance(value, str):
        return re.split(r"[,;\n]", value)
    return items(value, (*_NAME_KEYS, *_EMAIL_KEYS, *_FIRST_NAMES, *_LAST_NAMES))


def _share(person: object) -> float | None:
    """As it is given, where it is not marked as per cent: from 0 to 1, or to 100."""
    if not isinstance(person, Mapping):
        return None
    metrics = person.get("metrics")
    given = first(person, *_SHARE_KEYS)
    if given is None and isinstance(metrics, Mapping):
        given = first(metrics, *_SHARE_KEYS)
    return number(given)


# ---- what was said -------------------------------------------------------------------------------------------------


def _action_items(value: object) -> Iterator[ActionItem]:
    for each in items(value, (*TEXT_KEYS, "task", "action")):
        said = text(each, ("text", "task", "action", *TEXT_KEYS))
        if not said:
            continue
        if isinstance(each, Mapping):
            who = _person(first(each, "owner", "assignee", "assignedTo", "responsible", "user"))
            done = first(each, "done", "isDone", "completed", "isCompleted", "checked", "status")
            is_done = done is True or text(done).lower() in _DONE
            yield ActionItem(said, who.name or who.email, is_done)
        else:
            yield ActionItem(said)


def _insights(value: object) -> tuple[tuple[Insight, ...], tuple[Metric, ...]]:
    """The insights, which everybody may see, and what among them is, or may be, a figure about a person."""
    insights, figures = [], []
    for title, body in _sections(value):
        if title == body or not (title and body):
            title, body = "", title or body  # noqa: PLW2901 a text alone, which may be a figure with its name
            if (named := _NAMED.fullmatch(body)) and _PERSONAL.search(spaced(named[1])):
                title, body = named[1], named[2]  # noqa: PLW2901
        if not _may_be_personal(title, body):
            insights.append(Insight(title or body, body if title else ""))
        elif title:
            figures.append(Metric(spaced(title), body))
    return tuple(insights), tuple(figures)


def _sections(value: object) -> Iterator[tuple[str, str]]:
    """Title and body, one of which may be empty."""
    if isinstance(value, Mapping) and not any(key in value for key in (*_TITLE_KEYS, *_BODY_KEYS, *LIST_KEYS)):
        for key, each in value.items():
            if said := prose(each):
                yield spaced(key), said
        return
    for each in items(value):
        body = text(each, _BODY_KEYS) or (prose(first(each, *_BODY_KEYS, "items")) if isinstance(each, Mapping) else "")
        title = text(each, _TITLE_KEYS)
        if title or body:
            yield title, body


def _may_be_personal(title: str, body: str) -> bool:
    """By its name, or that of a line within, or since it is a bare number, of what nobody knows."""
    return bool(_PERSONAL.search(spaced(title))) or any(
        seconds(line) is not None
        or number(line.replace(",", ".")) is not None
        or ((named := _NAMED.fullmatch(line)) and _PERSONAL.search(spaced(named[1])))
        for line in body.splitlines()
    )


_NAMED = re.compile(r"\s*([^:=]{1,80}?)\s*[:=]\s*(\S*\d.*)")
_PERSONAL = re.compile(
    r"\b(?:talk|speak|speech|listen)\w* (?:share|time|percent|part|rate|speed)|\bratio|\bpatien|\bmonolog"
    r"|\bwords per minute|\bwpm\b|\bpace\b|\bratings?\b|\bscor(?:e|es|ing)\b|\binteractiv|\bfiller|\binterruption"
    r"|(?:rede|sprech|gesprächs)(?:anteil|zeit|tempo)|\bgeduld|w[öo]e?rter pro minute|\bbewertung|\bpunktzahl"
    r"|\binteraktiv|\bfüllw|\bunterbrechung"
)
"""What a figure about a person is called, in English and German, as `spaced` has it."""


def _metrics(value: object) -> Iterator[Metric]:
    """A figure for each value within, `speak ratio` and its like as per cent."""
    named = [value] if isinstance(value, Mapping) else value if isinstance(value, list) else []
    for each in named:
        label = text(each, ("name", "title", "label", "key", "type", "metric")) if isinstance(each, Mapping) else ""
        has_value = isinstance(each, Mapping) and any(key in each for key in ("value", "score", "result"))
        if label and has_value:
            yield from _figures(leaves(first(each, "value", "score", "result"), spaced(label)), text(each.get("unit")))
        else:
            yield from _figures(leaves(each))


def _figures(found: Iterator[tuple[str, Any]], unit: str = "") -> Iterator[Metric]:
    for name, value in found:
        is_part = isinstance(value, float) and 0 <= value <= 1 and re.search(r"ratio|share|percent", name)
        shown = f"{value:.0%}" if is_part else figure(value) or (text(value) if isinstance(value, str) else "")
        label = name.removesuffix(": value")
        if label and shown:
            yield Metric(label, f"{shown} {unit}".strip() if unit and not is_part else shown)


def _transcript(value: object, duration: float | None) -> tuple[Utterance, ...]:
    said = tuple(_utterances(value))
    latest = max((each.at for each in said if each.at is not None), default=0.0)
    # Ten times as long as the conversation itself: these are milliseconds.
    if duration and latest > 10 * duration:
        return tuple(Utterance(each.text, each.speaker, None if each.at is None else each.at / 1000) for each in said)
    return said


def _utterances(value: object, depth: int = 4) -> Iterator[Utterance]:
    if isinstance(value, Mapping) and depth:
        inner = first(
            value, "utterances", "segments", "sentences", "entries", "paragraphs", "items", "data", "transcript"
        )
        if inner is not None:
            yield from _utterances(inner, depth - 1)
            return
        value = [value]
    for each in items(value):
        if not isinstance(each, Mapping):
            if said := text(each):
                yield Utterance(said)
            continue
        words = first(each, "text", "content", "words", "sentence", "transcript", "value")
        said = " ".join(text(word, ("word", *TEXT_KEYS)) for word in words) if isinstance(words, list) else text(words)
        speaker = first(each, "speaker", "speakerName", "speaker_name", "participant", "name", "user", "author")
        who = _person(speaker)
        if said := " ".join(said.split()):
            yield Utterance(said, who.name or who.email or who.id, _at(each))


def _at(utterance: Mapping[str, Any]) -> float | None:
    thousandths = seconds(first(utterance, "startMs", "start_ms", "startTimeMs", "offsetMs"))
    if thousandths is not None:
        return thousandths / 1000
    return seconds(first(utterance, "start", "startTime", "start_time", "at", "offset", "time", "timestamp", "from"))


# ---- the rest ------------------------------------------------------------------------------------------------------


def _email_draft(value: object) -> EmailDraft | None:
    if isinstance(value, list):
        return next(filter(None, (_email_draft(each) for each in value if not isinstance(each, list))), None)
    subject = text(value.get("subject")) if isinstance(value, Mapping) else ""
    said = text(value, ("body", "text", "content", "html", "message", "draft", "value"))
    return EmailDraft(said, subject) if said or subject else None


def _deal(value: object) -> Deal | None:
    """The deal of `{deal, company, contact}`, or what else the reference itself names as one."""
    if isinstance(value, list):
        return next(filter(None, (_deal(each) for each in value if not isinstance(each, list))), None)
    found: object = value
    if isinstance(value, Mapping):
        found = first(value, "deal", "opportunity")
        if found is None and not any(key in value for key in ("deal", "opportunity", "company", "contact")):
            found = value
        if isinstance(found, list):
            found = found[0]
    url = address(found)
    name = text(found, ("name", "title", "dealName", "label", "text", "id")) if url != found else ""
    return Deal(name or url, url) if name or url else None


def _feedback(value: object) -> str:
    """A text, or a line for each criterion with its score."""
    if isinstance(value, str):
        return text(value)
    lines = []
    for each in items(value, ("criterion", *TEXT_KEYS)):
        score = text(first(each, "score", "rating", "points", "result")) if isinstance(each, Mapping) else ""
        lines.append(": ".join(filter(None, (text(each, ("criterion", *TEXT_KEYS)), score))))
    return "\n".join(filter(None, lines))


def _direction(value: object) -> str:
    said = text(value).lower()
    return "inbound" if said.startswith("in") else "outbound" if said.startswith("out") else ""
