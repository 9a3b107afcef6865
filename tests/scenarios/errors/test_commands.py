"""What can be wrong with a command, with Kickscale and with a channel, as the person who asks reads it in Slack."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.world import World

pytestmark = pytest.mark.usefixtures("no_backoff")

TYPED: Mapping[str, str] = {
    "calls @acme": "I didn't understand “@acme”. Use a customer (e.g. acme.com), dates (e.g. last-week) or a filter.",
    "calls notadomain..com": "I didn't understand “notadomain..com”. Use a customer",
    "calls acme.com 2026-13-01": "“2026-13-01” isn't a real date.",
    "calls acme.com 2026-11-20..2026-11-01": "“2026-11-20..2026-11-01” ends before it starts.",
    "calls acme.com 99999d": "“99999d” is too far back. I can't look further back than 1970.",
    "calls next-week": "“next-week” is in the future. Kickscale only has past conversations.",
    "calls acme.com owner:@nobody": "I don't know who “@nobody” is. Type @ and pick a person from the list",
    "calls acme.com sort:up": "sort: can't be “up”. Use one of: oldest, newest.",
    "call nosuch": "I can't find call nosuch in Kickscale. /kickscale calls lists the latest ones.",
    "digest add": "Which customer is it for? Add a domain, e.g. acme.com, or * for every customer.",
    "digest add acme.com at 25:00": "I don't recognise “25:00” as a time. Try 8:30 or 14:00.",
    "digest add acme.com tz CEST": "I don't know the time zone “CEST”. Try something like Europe/Berlin.",
    "digest add acme.com tz EST": "“EST” doesn't observe daylight saving time. Use a city's time zone instead.",
    "digest add acme.com on funday": "I don't recognise “funday” as a day. Try monday, mon,wed, weekdays or daily.",
    "digest remove d99": "There's no digest d99 in this channel. /kickscale digest list shows the ones there are.",
    "uploads maybe": "uploads can't do “maybe”. Use one of: on, auto, off, status.",
    "search": "What should I search for? Put words in quotes if they look like dates or domains.",
    "why": "why needs an ID. You'll find it at the bottom of Details.",
    "help nosuch": "I don't have help on “nosuch”. Topics: calls, meetings",
}


@pytest.mark.parametrize(("typed", "sentence"), TYPED.items(), ids=TYPED)
async def test_a_wrong_command_is_answered_with_the_remedy(here: World, typed: str, sentence: str) -> None:
    """Quoting the word at fault."""
    assert sentence in plain(here, await here.ask(f"/kickscale {typed}"))


KICKSCALE: Mapping[str, tuple[dict[str, Any], str]] = {
    "401": ({"status": 401}, "API key"),
    "403": ({"status": 403}, "API key"),
    "404": ({"status": 404}, "Kickscale"),
    "500": ({"status": 500}, "Kickscale"),
    "429": ({"status": 429, "retry_after": 900}, "15 min"),
    "no answer": ({"broken": True}, "Kickscale"),
    "half an answer": ({"truncated": True}, "Kickscale"),
    "a page": ({"body": "<html>Sign in</html>", "content_type": "text/html"}, "understand"),
    "a redirect": ({"redirect": "https://login.example.com/"}, "redirect"),
}


@pytest.mark.parametrize(("fault", "word"), KICKSCALE.values(), ids=KICKSCALE)
async def test_a_failure_of_kickscale_is_said(here: World, fault: dict[str, Any], word: str) -> None:
    """As an error, never as an empty list."""
    here.add_calls(1)
    here.kickscale.faults.add("/calls", times=99, **fault)
    said = plain(here, await here.ask("/kickscale calls acme.com"))
    assert said.startswith("⚠️")
    assert word in said
    assert "No calls" not in said


CHANNEL: Mapping[str, str] = {
    "is_archived": "This channel is archived, so I can't post here.",
    "not_in_channel": "I'm not in this channel, so I can't read or post here. Invite me by typing /invite",
    "channel_not_found": "I'm not in this channel, so I can't read or post here. Invite me by typing /invite",
    "is_inactive": "This channel was archived or deleted, so I can't post here.",
    "restricted_action_read_only_channel": "This channel is read-only, so I can't post here. A workspace admin",
    "restricted_action": "I'm not allowed to post in this channel. A workspace admin can change that.",
    "missing_scope": "Slack rejected my token or one of its scopes (missing_scope). Ask your Kickscale bot admin to",
    "token_revoked": "Slack rejected my token or one of its scopes (token_revoked). Ask your Kickscale bot admin to",
}


@pytest.mark.parametrize(("code", "sentence"), CHANNEL.items(), ids=CHANNEL)
async def test_a_channel_that_cannot_be_posted_in_is_explained(here: World, code: str, sentence: str) -> None:
    """To the person who shares an answer, privately."""
    here.add_calls(1)
    answer = await here.ask("/kickscale calls acme.com")
    here.slack.faults.add("chat.postMessage", error=code, times=9)
    await here.click(answer, "Share in channel")
    assert sentence in plain(here, here.slack.ephemerals("sales-acme", "robin.rep")[-1])


def plain(here: World, message: Any) -> str:
    """Return a message's text without the marks of code."""
    return here.text(message).replace("`", "")
