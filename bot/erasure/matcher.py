"""Recognises a customer, a conversation or a person in what is stored. Pure."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from bot import domains
from bot.email_addresses import fold
from bot.model.erasure import About, Subject
from bot.model.messages import Posted


class SubjectMatcher:
    """Implements `bot.storage.erasable.Matcher`.

    For a person, `private_channels` are their direct messages with the bot, and `addresses` their email addresses.
    """

    def __init__(
        self, subject: Subject, private_channels: Collection[str] = (), addresses: Collection[str] = ()
    ) -> None:
        self.subject = subject
        self.private_channels = private_channels
        names = "|".join(re.escape(fold(name)) for name in (*subject.values, *addresses))
        self._person = re.compile(rf"\b(?:{names})\b")

    def covers(self, domain: str) -> bool:
        return domain != domains.EVERY and domains.matches_any(self.subject.values, [domain.removeprefix("*.")])

    def is_about(self, posted: Posted) -> bool:
        match self.subject.about:
            case About.DOMAIN:
                return any(map(self.covers, posted.domains))
            case About.CONVERSATION:
                return not set(self.subject.values).isdisjoint(posted.conversations)
            case About.USER:
                return posted.by in self.subject.values

    def is_shared(self, posted: Posted) -> bool:
        match self.subject.about:
            case About.DOMAIN:
                return not all(map(self.covers, posted.domains))
            case About.CONVERSATION:
                return not set(self.subject.values).issuperset(posted.conversations)
            case About.USER:
                return False

    def is_person(self, user: str | None) -> bool:
        return self.subject.about is About.USER and user in self.subject.values

    def occurs_in(self, *values: Any) -> bool:
        texts = (text for value in values for text in _texts(value))
        match self.subject.about:
            case About.DOMAIN:
                return any(self.covers(domain) for text in texts if "." in text for domain in domains.named(text))
            case About.CONVERSATION:
                return False
            case About.USER:
                return any(self._person.search(fold(text)) for text in texts)


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value, keys included."""
    match value:
        case str():
            yield value
        case dict():
            for key, item in value.items():
                yield key
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)
