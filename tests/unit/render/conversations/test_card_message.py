"""The card of one conversation in a channel."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.model.conversation import ActionItem, Conversation, Deal
from bot.render.conversations.card_message import card_message
from bot.render.digests.live_card import fingerprint
from tests.unit.render import samples
from tests.unit.render.samples import DATE, PERSONAL, TEXTS, conversation, hostile
from tests.unit.render.screens import subscription
from tests.unit.render.slack_rules import check_message, shown


def test_a_card_says_what_matters() -> None:
    """The facts, the summary, the first action items, and the outcome and the deal if they are known."""
    items = tuple(ActionItem(f"Step {number}", "Robin Rep", done=number == 0) for number in range(8))
    one = conversation(action_items=items, outcome="Won", deal=Deal("Renewal", "https://crm.example.com/1"))
    live = subscription(live=True, domains=("example.net", "acme.com"))
    payload = card_message(TEXTS, one, link_template="", followed_by=live)
    check_message(payload)
    assert shown(payload) == (
        "📞 *Acme: pricing* →\u00a0*Won*\n"
        "[Details]\n"
        f"{DATE}\u00a0· 42 min\u00a0· Robin Rep\u00a0· ↗\u00a0outbound\u00a0· acme.com\n"
        "Pricing was agreed on. The contract follows.\nNext step: the offer.\n"
        "*Action items*\n"
        "✓ Step 0 (Robin Rep)\n"
        "☐ Step 1 (Robin Rep)\n"
        "☐ Step 2 (Robin Rep)\n"
        "☐ Step 3 (Robin Rep)\n"
        "☐ Step 4 (Robin Rep)\n"
        "… and 3 more\n"
        "Deal: <https://crm.example.com/1|Renewal>\n"
        "Posted because this channel follows acme.com (`d1`)."
    )


def test_nothing_personal_is_on_a_card() -> None:
    """No talk shares, metrics, rating or feedback, so a change of these changes no card."""
    payload = card_message(TEXTS, conversation(), link_template="")
    assert not [figure for figure in PERSONAL if figure in json.dumps(payload)]
    rated = replace(conversation(), rating="1", feedback="Slower", metrics=(), participants=())
    assert card_message(TEXTS, rated, link_template="") == payload
    assert fingerprint(rated) == fingerprint(conversation())


def test_a_card_says_that_consent_was_refused() -> None:
    """For people who look for the transcript."""
    payload = card_message(TEXTS, conversation(consent="no"), link_template="")
    assert "Not everyone consented" in shown(payload)


@hostile
@given(samples.conversations, samples.templates)
def test_cards_keep_slacks_limits(one: Conversation, template: str) -> None:
    """Whatever the API sends."""
    check_message(card_message(TEXTS, one, link_template=template))


FIELDS = sorted(set(Conversation.__dataclass_fields__) - {"id", "kind"})


@hostile
@given(samples.conversations, samples.conversations, st.lists(st.sampled_from(FIELDS), min_size=4, unique=True))
def test_different_cards_have_different_fingerprints(one: Conversation, other: Conversation, names: list[str]) -> None:
    """If the card changes, so does its fingerprint; any text has one."""
    assert fingerprint(one) == fingerprint(replace(one))
    card = card_message(TEXTS, one, link_template="")
    for name in names:
        changed = replace(one, **{name: getattr(other, name)})
        if card_message(TEXTS, changed, link_template="") != card:
            assert fingerprint(changed) != fingerprint(one), name
