"""The API's records as conversations, read leniently: a field that is missing, null or of another type is empty.

The names of the fields are those of PostHog's Kickscale connector (PostHog/posthog, pull request 84291). The structure
of `actionItems`, `participants`, `insights`, `metrics`, `user`, `transcript` and others is not documented.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, Generic, TypeVar

from bot.domains import normalise
from bot.kickscale.protocol import Records
from bot.kickscale.records import analysis, people, transcript
from bot.kickscale.records.consent import consent
from bot.kickscale.records.shapes import (
    TEXT_KEYS,
    address,
    first,
    identifier,
    items,
    moment,
    prose,
    seconds,
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

T = TypeVar("T")

_DOMAIN_KEYS = ("domain", "name", "value", "host", "email", "url")
_LONGEST_CACHED = 300
"""Characters. No domain is longer, and a long text must not stay in memory."""


def read(records: Records, kind: Kind) -> Page:
    """Return the page's conversations. A record that is no object or has no valid id is counted as unreadable."""
    readable = [parsed for record in records.items if (parsed := conversation(record, kind)) is not None]
    received = len(records.items)
    return Page(tuple(readable), received, received - len(readable), records.total)


def conversation(record: object, kind: Kind) -> Conversation | None:
    """Return one record; None if it is no object or has no valid id. Never raises, nor does any attribute of it."""
    if not isinstance(record, Mapping) or not (id_ := identifier(record.get("id"))):
        return None
    read_later = object.__new__(_Record)
    fields = read_later.__dict__  # the constructor would set all thirty of them
    fields["id"] = id_
    fields["kind"] = kind
    fields["raw"] = record
    fields["starts_at"] = moment(record.get("date"))
    fields["customer_domains"] = _domains(record.get("customerDomains"))
    return read_later


class _on_first_look(Generic[T]):  # noqa: N801 like a function, as it decorates one
    """Read an attribute when it is looked at first, and keep it.

    `functools.cached_property` takes a lock for it in Python 3.11, and with that longer than most attributes.
    """

    def __init__(self, read: Callable[["_Record"], T]) -> None:
        self._read = read
        self._name = read.__name__

    def __get__(self, record: "_Record", _: object) -> T:
        value = record.__dict__[self._name] = self._read(record)
        return value


class _Record(Conversation):
    """A conversation that reads its JSON when somebody looks, and then keeps what it read.

    A list may have ten thousand, and shows ten. What it needs of each of them is read at once.
    """

    def replace(self, **changes: Any) -> "_Record":
        if unknown := changes.keys() - self.__dataclass_fields__.keys():
            raise TypeError(f"a conversation has no {', '.join(unknown)}")
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, **changes)
        return copy

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Conversation):
            return NotImplemented
        names = _COMPARED
        if isinstance(other, _Record) and other.raw is self.raw:  # what neither has read yet, both would read the same
            names = names & (self.__dict__.keys() | other.__dict__.keys())
        return all(getattr(self, name) == getattr(other, name) for name in names)

    __hash__ = Conversation.__hash__

    @_on_first_look
    def name(self) -> str:
        return text(self.raw.get("name"))

    @_on_first_look
    def duration(self) -> int | None:
        duration = seconds(self.raw.get("duration"))
        return None if duration is None else round(duration)

    @_on_first_look
    def created_at(self) -> datetime | None:
        return moment(self.raw.get("createdAt"))

    @_on_first_look
    def updated_at(self) -> datetime | None:
        return moment(self.raw.get("updatedAt"))

    @_on_first_look
    def summary(self) -> str:
        return prose(self.raw.get("summary"))

    @_on_first_look
    def owner(self) -> Owner:
        return people.owner(self.raw.get("user"))

    @_on_first_look
    def participants(self) -> tuple[Participant, ...]:
        return people.participants(self.raw.get("participants"), self.raw.get("participantEmails"))

    @_on_first_look
    def action_items(self) -> tuple[ActionItem, ...]:
        return tuple(analysis.action_items(self.raw.get("actionItems")))

    @_on_first_look
    def questions(self) -> tuple[str, ...]:
        return _texts(self.raw.get("userQuestions"))

    @_on_first_look
    def _insights_and_figures(self) -> tuple[tuple[Insight, ...], tuple[Metric, ...]]:
        return analysis.insights(self.raw.get("insights"))

    @_on_first_look
    def insights(self) -> tuple[Insight, ...]:
        return transcript.with_moments(self._insights_and_figures[0], self.transcript)

    @_on_first_look
    def metrics(self) -> tuple[Metric, ...]:
        return analysis.metrics(self.raw.get("metrics"), self._insights_and_figures[1])

    @_on_first_look
    def transcript(self) -> tuple[Utterance, ...]:
        return transcript.utterances(self.raw.get("transcript"), seconds(self.raw.get("duration")))

    @_on_first_look
    def comments(self) -> tuple[str, ...]:
        return _texts(self.raw.get("comments"))

    @_on_first_look
    def email_draft(self) -> EmailDraft | None:
        return _email_draft(self.raw.get("emailDraft"))

    @_on_first_look
    def deal(self) -> Deal | None:
        return _deal(self.raw.get("crmReference"))

    @_on_first_look
    def type(self) -> str:
        return text(self.raw.get("type"))

    @_on_first_look
    def language(self) -> str:
        return text(self.raw.get("language"), ("code", *TEXT_KEYS))

    @_on_first_look
    def outcome(self) -> str:
        return text(self.raw.get("outcome"))

    @_on_first_look
    def direction(self) -> str:
        return _direction(self.raw.get("direction"))

    @_on_first_look
    def caller(self) -> str:
        return people.party(self.raw.get("caller"))

    @_on_first_look
    def callee(self) -> str:
        return people.party(self.raw.get("callee"))

    @_on_first_look
    def rating(self) -> str:
        return text(self.raw.get("rating"), ("value", "score", "rating", "stars", *TEXT_KEYS))

    @_on_first_look
    def feedback(self) -> str:
        return analysis.feedback(self.raw.get("feedback"))

    @_on_first_look
    def consent(self) -> str:
        return consent(self.raw.get("recordingConsent"))

    @_on_first_look
    def recording_url(self) -> str:
        return address(self.raw.get("recordingRef"))


_COMPARED = {field.name for field in dataclasses.fields(Conversation) if field.compare}


def _domains(value: object) -> tuple[str, ...]:
    """Return each domain once, normalised. Drops what isn't one, and patterns, which would match other domains."""
    entries = value if isinstance(value, list) else _domain_entries(value)
    if len(entries) == 1 and isinstance(entries[0], str):
        return _domains_in(entries[0])
    texts = [entry if isinstance(entry, str) else text(entry, _DOMAIN_KEYS) for entry in entries]
    return tuple(dict.fromkeys(chain.from_iterable(map(_domains_in, texts))))


def _domain_entries(value: object) -> list[Any]:
    if isinstance(value, dict):
        named = text(value, _DOMAIN_KEYS)
        return [named] if named else list(value)
    return [value] if isinstance(value, str) else []


def _domains_in(written: str) -> tuple[str, ...]:
    return _cached_domains(written) if len(written) <= _LONGEST_CACHED else _split_domains(written)


def _split_domains(written: str) -> tuple[str, ...]:
    domains: dict[str, None] = {}
    for word in re.split(r"[,;\s]+", text(written)):
        try:
            domain = normalise(word)
        except ValueError:
            continue
        if not domain.startswith("*"):
            domains[domain] = None
    return tuple(domains)


_cached_domains = lru_cache(maxsize=10_000)(_split_domains)
"""A few domains are in most records."""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(filter(None, map(text, items(value))))


def _email_draft(value: object) -> EmailDraft | None:
    if isinstance(value, list):
        return next(filter(None, (_email_draft(item) for item in value if not isinstance(item, list))), None)
    subject = text(value.get("subject")) if isinstance(value, dict) else ""
    body = text(value, ("body", "text", "content", "html", "message", "draft", "value"))
    return EmailDraft(body, subject) if body or subject else None


def _deal(value: object) -> Deal | None:
    """Return the deal of `{deal, company, contact}`, or of a reference that is itself a deal."""
    if isinstance(value, list):
        return next(filter(None, (_deal(item) for item in value if not isinstance(item, list))), None)
    deal: object = value
    if isinstance(value, dict):
        deal = first(value, "deal", "opportunity")
        if deal is None and not any(key in value for key in ("deal", "opportunity", "company", "contact")):
            deal = value
        if isinstance(deal, list):
            deal = deal[0]
    url = address(deal)
    name = text(deal, ("name", "title", "dealName", "label", "text", "id")) if url != deal else ""
    return Deal(name or url, url) if name or url else None


def _direction(value: object) -> str:
    direction = text(value).lower()
    return "inbound" if direction.startswith("in") else "outbound" if direction.startswith("out") else ""
