"""Every reader of text from outside: twice the text takes about twice the work, whatever the text.

The texts are so long that a linear reader takes milliseconds for one of them, and a quadratic one minutes for all of
its texts together: the test run's own time-out ends it.
"""

import contextlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from bot import domains
from bot.app.http.slack_requests import could_be_genuine, read_body
from bot.commands import registry
from bot.errors import BotError
from bot.forms.upload import seconds_of
from bot.kickscale import failures, webhook
from bot.kickscale.binding.bind import bind
from bot.kickscale.binding.operations import Field
from bot.kickscale.records import consent, parsing
from bot.kickscale.uploading import answers
from bot.kickscale.uploading.fields import meaning
from bot.model.conversation import Kind
from bot.observe.redaction import Redactor
from bot.render.kit.blocks import code, inline, label, paragraphs
from bot.uploads.recordings.names import from_name

LENGTH = 200_000
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

REPEATED = (
    *(" ", "\n ", "a", "1", "aA", "\u0301", "x\u200d"),
    *(":", "1:", "=1", "_", "__a", "**a", "-", "a@", "a.", "/a", "\\", "> ", "{a"),
    *("<", "<script", "<Message>", "<@U1", "&amp;", "("),
    *("max1", "comma-", "token=", '"token" ', "0049 "),
)
SELECTED = {
    "a conversation": (" ", "a", "1", "aA", ":", "=1", "a@", "_"),
    "consent": (" ", "a", "aA", "_"),
    "the API's document": (" ", "a", "1", "max1", "comma-", "0049 "),
    "a field's name": (" ", "a", "aA", "_", "max1"),
    "mrkdwn": (" ", "\n ", "a", ":", "__a", "**a"),
    "domains in a text": ("a", "a@", "a.", "-", "/a"),
    "a log's line": (" ", "a", ":", "\\", "token=", '"token" '),
}
"""What could make the slower ones stumble."""


def record(text: str) -> dict[str, object]:
    """A conversation of which each field is the text, or holds it."""
    names = (
        *("name", "date", "duration", "summary", "user", "customerDomains", "participants", "actionItems", "comments"),
        *("userQuestions", "insights", "transcript", "emailDraft", "crmReference", "type", "language", "outcome"),
        *("direction", "caller", "rating", "feedback", "recordingConsent", "recordingRef"),
    )
    return {"id": "c1", **dict.fromkeys(names, text), "insights": [text, {"title": text, "body": text}, {text: text}]}


def document(text: str) -> Mapping[str, object]:
    """An OpenAPI document that describes everything with the text."""
    schema = {
        "type": "object",
        "required": [text],
        "properties": {name: {"type": "string", "description": text} for name in ("file", "date", text)},
    }
    parameter = {"name": "customerDomain", "in": "query", "description": text, "schema": {"type": "string"}}
    content = {"multipart/form-data": {"schema": schema}}
    return {
        "openapi": "3.0.0",
        "paths": {
            "/calls": {"get": {"description": text, "parameters": [parameter, {**parameter, "name": text}]}},
            "/calls/{" + text + "}": {"get": {}},
            "/calls/upload": {"post": {"description": text, "requestBody": {"content": content}}},
        },
    }


READERS: dict[str, Callable[[str], object]] = {
    "a conversation": lambda text: parsing.conversation(record(text), Kind.CALL),
    "consent": lambda text: consent.consent({text: text}),
    "a list's records": lambda text: parsing.conversation({"id": text, "date": text}, Kind.MEETING),
    "the API's document": lambda text: bind(document(text)),
    "a field's name": lambda text: meaning(Field(text, description=text)),
    "an error's page": lambda text: failures.words(text.encode("utf-8", "replace"), ["secret"]),
    "a storage's error": lambda text: answers.storage_words(text.encode("utf-8", "replace")),
    "a wait": lambda text: failures.retry_after({"retry-after": text, "date": text}, NOW),
    "headers of an upload": lambda text: answers.address(
        {"url": "https://storage.example.com/", "headers": {text: text, "a": text}}, "url", "https://api.example.com"
    ),
    "an address": lambda text: answers.address({"url": f"https://a{text}"}, "url", "https://api.example.com"),
    "mrkdwn": lambda text: (inline(text, 3_000), paragraphs(text, 3_000), label(text, 150), code(text, 100)),
    "a domain": domains.normalise,
    "domains in a text": domains.named,
    "a command": lambda text: registry.parse(text, today=NOW.date()),
    "a length": seconds_of,
    "a file's name": from_name,
    "a log's line": Redactor(["a-secret-of-somebody"]),
    "Slack's headers": lambda text: could_be_genuine(text, text, NOW.timestamp()),
    "Slack's request": lambda text: (read_body(text.encode("utf-8", "replace")), read_body(json.dumps(text).encode())),
    "a webhook": lambda text: (
        webhook.could_be_genuine(text, text, NOW),
        webhook.read_event(json.dumps({"meeting": {"id": text, "name": text, text: text}}).encode()),
    ),
}


@pytest.mark.parametrize("reader", READERS)
def test_the_work_grows_only_as_fast_as_the_text(reader: str) -> None:
    """Nobody can keep everybody else waiting with a crafted text."""
    for repeated in SELECTED.get(reader, REPEATED):
        with contextlib.suppress(ValueError, BotError):
            READERS[reader](f"a\nx:{repeated * (LENGTH // len(repeated))}\ny")


def test_schemas_that_share_names_are_not_read_without_end() -> None:
    """References multiply what a document holds: shared names count every time they are read."""
    shared = {"type": "object", "required": ["a"] * 50_000, "properties": {"file": {"format": "binary"}}}
    reference = {"$ref": "#/components/schemas/Shared"}
    paths = {
        f"/calls/upload{number}": {
            "post": {"requestBody": {"content": {"multipart/form-data": {"schema": {"allOf": [reference] * 100}}}}}
        }
        for number in range(100)
    }
    assert bind({"openapi": "3.0.0", "paths": paths, "components": {"schemas": {"Shared": shared}}}).upload is not None
