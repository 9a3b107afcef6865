"""`/kickscale help`."""

import pytest

from bot.commands.registry import COMMANDS, lookup, topics
from bot.render.commands.help import help_message
from tests.unit.render.samples import TEXTS
from tests.unit.render.slack_rules import check_message, shown


def test_help_lists_every_command() -> None:
    """As it is typed, and the topics that commands share."""
    payload = help_message(TEXTS, "")
    check_message(payload)
    text = shown(payload)
    assert all(f"• `{syntax.name}`: " in text for syntax in COMMANDS)
    assert "• `help dates`: " in text


@pytest.mark.parametrize("topic", topics())
def test_every_topic_has_its_help(topic: str) -> None:
    """A command's says how it is typed."""
    payload = help_message(TEXTS, topic)
    check_message(payload)
    syntax = lookup(topic)
    assert syntax is None or f"`/kickscale {syntax.usage}`" in shown(payload)
