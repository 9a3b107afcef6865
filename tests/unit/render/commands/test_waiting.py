"""The messages while an answer takes long."""

from bot.render.commands.waiting import waiting_message
from bot.render.conversations.transcript import transcript_promised_view
from bot.render.kit.views import loading_view
from tests.unit.render.samples import TEXTS
from tests.unit.render.slack_rules import check_message, check_view, shown


def test_waiting_messages_are_valid() -> None:
    """In a message, and in a modal that isn't filled yet."""
    check_message(waiting_message(TEXTS))
    check_view(loading_view(TEXTS))
    check_view(transcript_promised_view(TEXTS))
    assert shown(loading_view(TEXTS)) == "Loading…"
