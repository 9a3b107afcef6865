"""The API's records as conversations, read leniently: a field that is missing, null or of another type is empty.

The names of the fields are those of PostHog's Kickscale connector (PostHog/posthog, pull request 84291). The structure
of `actionItems`, `participants`, `insights`, `metrics`, `user`, `transcript` and others is not documented.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
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
    """Return the page's conversations. A record that is no object or has no valid id is counted as unreadable."""
    parsed = (conversation(record, kind) for record in records.items)
    readable = tuple(filter(None, parsed))
    received = len(records.items)
    return Page(readable, received, received - len(readable), records.total)


def conversation(record: object, kind: Kind) -> Conversation | None:
    """Return one record; None if it is no object or has no valid id. Never raises."""
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
        questions=tuple(filter(None, (text(item) for item in items(get("userQuestions"))))),
        insights=insights,
        metrics=tuple(islice((*_metrics(get("metrics")), *figures), _METRICS)),
        transcript=_transcript(get("transcript"), duration),
        comments=tuple(filter(None, (text(item) for item in items(get("comments"))))),
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
    """Return each domain once, normalised. Drops what isn't one, and patterns, which would match other domains."""
    domains: dict[str, None] = {}
    for entry in _domain_texts(value):
        for word in re.split(r"[,;\s]+", entry):
            try:
                domain = normalise(word)
            except ValueError:
                continue
            if not domain.startswith("*"):
                domains[domain] = None
    return tuple(domains)


def _domain_texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield text(item, ("domain", "name", "value", "host", "email", "url"))
    elif isinstance(value, Mapping):
        one = text(value, ("domain", "name", "value", "host", "email", "url"))
        yield from (one,) if one else map(str, value)


# ---- people --------------------------------------------------------------------------------------------------------


def _person(value: object, depth: int = 3) -> Owner:
    """Return a person who is given as an object, a name, or `Name <address>`."""
    if isinstance(value, Mapping):
        inner = first(value, "profile", "user", "person")
        within = _person(inner, depth - 1) if isinstance(inner, Mapping) and depth else Owner()
        names = " ".join(filter(None, (text(first(value, *keys)) for keys in (_FIRST_NAMES, _LAST_NAMES))))
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
    match = _EMAIL.search(text(value)[:_LONGEST_PERSON])
    return match[0] if match else ""


_EMAIL = re.compile(r"[^\s<>(),;:|\"]{1,64}@[^\s<>(),;:|\"]{1,253}")
_LONGEST_PERSON = 1_000
"""Characters in which an address is looked for: every one of them may be read 64 times."""


def _owner(value: object) -> Owner:
    """Return the owner, who may be just an id without `expand`."""
    if isinstance(value, Mapping):
        return _person(value)
    return _person(value) if _email(value) else Owner(id=_id(value))


def _party(value: object) -> str:
    """Return one end of a call: a name, a number, or an object with either."""
    who = _person(value)
    return who.name or who.email or text(value, ("number", "phone", "phoneNumber", "phone_number", *TEXT_KEYS))


def _participants(value: object, emails: object) -> tuple[Participant, ...]:
    people = _people(value) or _people(emails)
    shares = [_share(person) for person in people]
    # If one share is above 1, all are in percent: 0.4 beside 60 is 0.4 %.
    whole = 100 if any(share is not None and share > 1 for share in shares) else 1
    participants = []
    for person, share in zip(people, shares, strict=True):
        owner = _person(person)
        if owner.name or owner.email:
            fraction = None if share is None or not 0 <= share <= whole else share / whole
            participants.append(Participant(owner.name, owner.email, fraction))
    return tuple(participants)


def _people(value: object) -> list[Any]:
    if isinstance(value, str):
        return re.split(r"[,;\n]", value)
    return items(value, (*_NAME_KEYS, *_EMAIL_KEYS, *_FIRST_NAMES, *_LAST_NAMES))


def _share(person: object) -> float | None:
    """Return the share of talking as it is given: from 0 to 1, or from 0 to 100."""
    if not isinstance(person, Mapping):
        return None
    metrics = person.get("metrics")
    share = first(person, *_SHARE_KEYS)
    if share is None and isinstance(metrics, Mapping):
        share = first(metrics, *_SHARE_KEYS)
    return number(share)


# ---- what was said -------------------------------------------------------------------------------------------------


def _action_items(value: object) -> Iterator[ActionItem]:
    for item in items(value, (*TEXT_KEYS, "task", "action")):
        task = text(item, ("text", "task", "action", *TEXT_KEYS))
        if not task:
            continue
        if isinstance(item, Mapping):
            person = _person(first(item, "owner", "assignee", "assignedTo", "responsible", "user"))
            done = first(item, "done", "isDone", "completed", "isCompleted", "checked", "status")
            is_done = done is True or text(done).lower() in _DONE
            yield ActionItem(task, person.name or person.email, is_done)
        else:
            yield ActionItem(task)


def _insights(value: object) -> tuple[tuple[Insight, ...], tuple[Metric, ...]]:
    """Return the insights, which everybody may see, and apart from them what is or may be a figure about a person."""
    insights, figures = [], []
    for title, body in _sections(value):
        if title == body or not (title and body):
            title, body = "", title or body  # noqa: PLW2901 just a text, which may be a figure with its name
            if (named := _split_figure(body)) and _PERSONAL.search(spaced(named[0])):
                title, body = named  # noqa: PLW2901
        if not _may_be_personal(title, body):
            insights.append(Insight(title or body, body if title else ""))
        elif title:
            figures.append(Metric(spaced(title), body))
    return tuple(insights), tuple(figures)


def _sections(value: object) -> Iterator[tuple[str, str]]:
    """Yield titles and bodies; one of the two may be empty."""
    if isinstance(value, Mapping) and not any(key in value for key in (*_TITLE_KEYS, *_BODY_KEYS, *LIST_KEYS)):
        for key, section in value.items():
            if body := prose(section):
                yield spaced(key), body
        return
    for item in items(value):
        body = text(item, _BODY_KEYS) or (prose(first(item, *_BODY_KEYS, "items")) if isinstance(item, Mapping) else "")
        title = text(item, _TITLE_KEYS)
        if title or body:
            yield title, body


def _may_be_personal(title: str, body: str) -> bool:
    """Return whether the title or a line has a personal name, or a line is a bare number of unknown meaning."""
    return bool(_PERSONAL.search(spaced(title))) or any(
        seconds(line) is not None
        or number(line.replace(",", ".")) is not None
        or ((named := _split_figure(line)) and _PERSONAL.search(spaced(named[0])))
        for line in body.splitlines()
    )


def _split_figure(line: str) -> tuple[str, str] | None:
    """Return the name and the figure of e.g. `Talk share: 60 %`; None if a line isn't a name and a figure."""
    if (sign := _SIGN.search(line)) is None:
        return None
    name, figure = line[: sign.start()].strip(), line[sign.end() :].strip()
    is_metric = bool(_FIGURE.match(figure)) and "\n" not in figure
    return (name, figure) if 0 < len(name) <= _LONGEST_NAME and is_metric else None


_SIGN = re.compile("[:=]")
_FIGURE = re.compile(r"\S*\d")
_LONGEST_NAME = 80
_PERSONAL = re.compile(
    r"\b(?:talk|speak|speech|listen)\w* (?:share|time|percent|part|rate|speed)|\bratio|\bpatien|\bmonolog"
    r"|\bwords per minute|\bwpm\b|\bpace\b|\bratings?\b|\bscor(?:e|es|ing)\b|\binteractiv|\bfiller|\binterruption"
    r"|(?:rede|sprech|gesprächs)(?:anteil|zeit|tempo)|\bgeduld|w[öo]e?rter pro minute|\bbewertung|\bpunktzahl"
    r"|\binteraktiv|\bfüllw|\bunterbrechung"
)
"""Names of figures about people, in English and German, as `spaced` writes them."""


def _metrics(value: object) -> Iterator[Metric]:
    """Yield a figure for each value; ratios are shown in percent."""
    named = [value] if isinstance(value, Mapping) else value if isinstance(value, list) else []
    for item in named:
        label = text(item, ("name", "title", "label", "key", "type", "metric")) if isinstance(item, Mapping) else ""
        has_value = isinstance(item, Mapping) and any(key in item for key in ("value", "score", "result"))
        if label and has_value:
            yield from _figures(leaves(first(item, "value", "score", "result"), spaced(label)), text(item.get("unit")))
        else:
            yield from _figures(leaves(item))


def _figures(values: Iterator[tuple[str, Any]], unit: str = "") -> Iterator[Metric]:
    for name, value in values:
        is_part = isinstance(value, float) and 0 <= value <= 1 and re.search(r"ratio|share|percent", name)
        shown = f"{value:.0%}" if is_part else figure(value) or (text(value) if isinstance(value, str) else "")
        label = name.removesuffix(": value")
        if label and shown:
            yield Metric(label, f"{shown} {unit}".strip() if unit and not is_part else shown)


def _transcript(value: object, duration: float | None) -> tuple[Utterance, ...]:
    utterances = tuple(_utterances(value))
    latest = max((utterance.at for utterance in utterances if utterance.at is not None), default=0.0)
    # If it seems ten times as long as the conversation itself, the times are in milliseconds.
    if duration and latest > 10 * duration:
        return tuple(
            utterance if utterance.at is None else replace(utterance, at=utterance.at / 1000)
            for utterance in utterances
        )
    return utterances


def _utterances(value: object, depth: int = 4) -> Iterator[Utterance]:
    if isinstance(value, Mapping) and depth:
        inner = first(
            value, "utterances", "segments", "sentences", "entries", "paragraphs", "items", "data", "transcript"
        )
        if inner is not None:
            yield from _utterances(inner, depth - 1)
            return
        value = [value]
    for item in items(value):
        if not isinstance(item, Mapping):
            if line := text(item):
                yield Utterance(line)
            continue
        words = first(item, "text", "content", "words", "sentence", "transcript", "value")
        said = [text(word, ("word", *TEXT_KEYS)) for word in words] if isinstance(words, list) else [text(words)]
        speaker = first(item, "speaker", "speakerName", "speaker_name", "participant", "name", "user", "author")
        person = _person(speaker)
        if sentence := " ".join(" ".join(said).split()):
            yield Utterance(sentence, person.name or person.email or person.id, _at(item))


def _at(utterance: Mapping[str, Any]) -> float | None:
    milliseconds = seconds(first(utterance, "startMs", "start_ms", "startTimeMs", "offsetMs"))
    if milliseconds is not None:
        return milliseconds / 1000
    return seconds(first(utterance, "start", "startTime", "start_time", "at", "offset", "time", "timestamp", "from"))


# ---- the rest ------------------------------------------------------------------------------------------------------


def _email_draft(value: object) -> EmailDraft | None:
    if isinstance(value, list):
        return next(filter(None, (_email_draft(item) for item in value if not isinstance(item, list))), None)
    subject = text(value.get("subject")) if isinstance(value, Mapping) else ""
    body = text(value, ("body", "text", "content", "html", "message", "draft", "value"))
    return EmailDraft(body, subject) if body or subject else None


def _deal(value: object) -> Deal | None:
    """Return the deal of `{deal, company, contact}`, or of a reference that is itself a deal."""
    if isinstance(value, list):
        return next(filter(None, (_deal(item) for item in value if not isinstance(item, list))), None)
    deal: object = value
    if isinstance(value, Mapping):
        deal = first(value, "deal", "opportunity")
        if deal is None and not any(key in value for key in ("deal", "opportunity", "company", "contact")):
            deal = value
        if isinstance(deal, list):
            deal = deal[0]
    url = address(deal)
    name = text(deal, ("name", "title", "dealName", "label", "text", "id")) if url != deal else ""
    return Deal(name or url, url) if name or url else None


def _feedback(value: object) -> str:
    """Return a text, or one line for each criterion with its score."""
    if isinstance(value, str):
        return text(value)
    lines = []
    for item in items(value, ("criterion", *TEXT_KEYS)):
        score = text(first(item, "score", "rating", "points", "result")) if isinstance(item, Mapping) else ""
        lines.append(": ".join(filter(None, (text(item, ("criterion", *TEXT_KEYS)), score))))
    return "\n".join(filter(None, lines))


def _direction(value: object) -> str:
    direction = text(value).lower()
    return "inbound" if direction.startswith("in") else "outbound" if direction.startswith("out") else ""
