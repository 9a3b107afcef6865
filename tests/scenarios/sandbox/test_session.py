"""What the sandbox does apart from Slack: the language, and what it writes down about the bot."""

import pytest

from bot.sandbox.journal import Deed
from bot.sandbox.session import Session
from bot.sandbox.slack import Message
from bot.texts.languages import GERMAN
from tests.world import ROBIN, SALES


async def begin(sandbox: Session, line: str) -> Deed:
    """Type a command, without waiting for its answer."""
    state = sandbox.slack.state
    await sandbox.perform(state.user(ROBIN), state.channel(SALES), sandbox.slack.command(ROBIN, SALES, line), line)
    return sandbox.journal.deeds[-1]


async def finish(sandbox: Session, deed: Deed) -> Message:
    """Wait for what the bot does, and return its answer."""
    await sandbox.slack.wait_for(lambda: deed.seconds is not None)
    return sandbox.slack.ephemerals(SALES, ROBIN)[-1]


async def test_what_the_bot_did_is_written_down(sandbox: Session) -> None:
    """For the answer, with every request in between and how long it took; only what was really done."""
    deed = await begin(sandbox, "/kickscale calls acme.com last-week")
    answer = await finish(sandbox, deed)
    assert sandbox.journal.answers[answer.channel, answer.ts] is deed
    assert {request.service for request in deed.requests} == {"Slack", "Kickscale"}
    assert deed.requests[-1].name == "response_url"
    assert deed.seconds is not None
    assert 0 < deed.acknowledged < deed.seconds
    assert all(0 <= request.seconds <= deed.seconds for request in deed.requests)
    again = await begin(sandbox, "/kickscale help")
    await finish(sandbox, again)
    assert not [request for request in again.requests if request.service == "Kickscale"]
    with pytest.raises(ValueError, match="nosuch"):
        await begin(sandbox, "/nosuch")
    assert sandbox.journal.deeds == [deed, again]


async def test_another_language_loses_nothing(sandbox: Session) -> None:
    """Neither an answer under way nor the first reading."""
    sandbox.begin_reading()
    deed = await begin(sandbox, "/kickscale calls acme.com last-week")
    await sandbox.speak(GERMAN)
    assert "calls with acme.com" in sandbox.slack.text(await finish(sandbox, deed), ROBIN)
    deed = await begin(sandbox, "/kickscale anrufe acme.com letzte woche")
    assert "Anrufe mit acme.com" in sandbox.slack.text(await finish(sandbox, deed), ROBIN)
    await sandbox.begin_reading()
    deed = await begin(sandbox, "/kickscale suche preis")
    assert "Gespräche mit" in sandbox.slack.text(await finish(sandbox, deed), ROBIN)
