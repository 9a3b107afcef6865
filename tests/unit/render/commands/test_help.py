"""`/kickscale help`."""

import pytest

from bot.commands.registry import COMMANDS, topics
from bot.model.commands import Command, HelpCommand, ListCommand, StatusCommand
from bot.render.commands.help import help_message, not_yet_message
from tests.unit.render.samples import TEXTS
from tests.unit.render.slack_rules import check_message, shown

EVERYTHING: set[type[Command]] = {made for syntax in COMMANDS for made in syntax.makes}


def test_help_lists_what_works() -> None:
    """Every topic, but no command that doesn't work yet."""
    payload = help_message(TEXTS, "", {ListCommand, HelpCommand})
    check_message(payload)
    text = shown(payload)
    assert "• `calls`: calls with a customer" in text
    assert "• `help dates`: " in text
    assert "`digest`" not in text
    assert "`status`" not in text


@pytest.mark.parametrize("topic", topics())
def test_every_topic_has_its_help(topic: str) -> None:
    """A command that doesn't work yet says so."""
    payload = help_message(TEXTS, topic, EVERYTHING)
    check_message(payload)
    assert "isn't available yet" not in shown(payload)
    without = shown(help_message(TEXTS, topic, set[type[Command]]()))
    assert ("isn't available yet" in without) is (topic in {syntax.name for syntax in COMMANDS})


def test_a_command_that_does_not_work_yet_says_so() -> None:
    """It was understood."""
    assert shown(not_yet_message(TEXTS, "digest")) == (
        "`/kickscale digest` isn't available yet. `/kickscale help` lists what is."
    )
    assert "digest" in help_message(TEXTS, "digest", {StatusCommand})["text"]
