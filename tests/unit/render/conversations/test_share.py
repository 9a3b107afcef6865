"""What *Share in channel* posts."""

import json
from dataclasses import replace

from bot.model.commands import Filters
from bot.render.conversations.lists import require_list
from bot.render.conversations.share import already_shared_message, shared_conversation, shared_list
from bot.texts import texts_in
from bot.texts.languages import ENGLISH
from tests.unit.render.samples import DATE, PERSONAL, TEXTS, answer, conversation, list_command, question
from tests.unit.render.slack_rules import buttons, check_message, shown


def test_a_shared_list_says_who_shared_it() -> None:
    """The same list with absolute days and *Details*, but without page buttons."""
    page = answer((conversation(),), 30, 1, 3)
    payload = shared_list(texts_in(ENGLISH, "Europe/Berlin"), question(), page, shared_by="U1", link_template="")
    check_message(payload)
    assert shown(payload) == (
        "30 calls with acme.com, Mon, 16 – Sun, 22 Nov 2026\n"
        "📞 Acme: pricing →\u00a0*Next step agreed*\n"
        "[Details]\n"
        "Wed, 18 Nov, 10:30\u00a0· 42 min\u00a0· Robin Rep\u00a0· ↗\u00a0outbound\n"
        "Shared by <@U1> · External conversations only · times in Europe/Berlin · page 2 of 3"
    )


def test_a_shared_list_mentions_no_rep() -> None:
    """A mention in a channel would notify a rep whose name was only used as a filter."""
    command = replace(list_command(), filters=Filters(owner_user="U7"))
    payload = shared_list(TEXTS, question(command), answer(), shared_by="U1", link_template="")
    check_message(payload)
    assert require_list(question(command)).filters.owner_user not in json.dumps(payload)


def test_a_shared_conversation_is_a_card() -> None:
    """With its summary, and *Details* for the rest."""
    payload = shared_conversation(TEXTS, conversation(), shared_by="U1", link_template="")
    check_message(payload)
    assert shown(payload) == (
        "📞 Acme: pricing →\u00a0*Next step agreed*\n"
        "[Details]\n"
        f"{DATE}\u00a0· 42 min\u00a0· Robin Rep\u00a0· ↗\u00a0outbound\u00a0· acme.com\n"
        "Pricing was agreed on. The contract follows.\nNext step: the offer.\n"
        "Shared by <@U1>"
    )
    assert not buttons(payload)


def test_nothing_personal_is_shared() -> None:
    """No talk shares, metrics, rating or feedback, even if the rep shares it."""
    for payload in (
        shared_conversation(TEXTS, conversation(), shared_by="U1", link_template=""),
        shared_list(TEXTS, question(), answer((conversation(),), 1), shared_by="U1", link_template=""),
    ):
        assert not [figure for figure in PERSONAL if figure in json.dumps(payload)]


def test_the_answer_to_a_second_share_is_a_valid_message() -> None:
    """Slack accepts it."""
    check_message(already_shared_message(TEXTS))
