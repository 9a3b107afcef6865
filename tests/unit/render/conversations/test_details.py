"""All that is known of one conversation."""

import json
from typing import Any

import pytest

from bot.access.policy import impersonal
from bot.model.conversation import ActionItem, Conversation, Deal, EmailDraft, Insight, Kind
from bot.render.conversations.details import details_message, details_view
from tests.unit.render.samples import DATE, PERSONAL, TEXTS, conversation
from tests.unit.render.slack_rules import Payload, buttons, check_message, check_view, shown, texts_in


def viewed(of: Conversation, *, personal: bool = False) -> Payload:
    of = of if personal else impersonal(of)
    payload = details_view(TEXTS, of, question_id="q-1", with_transcript=True, link_template="")
    check_view(payload)
    return payload


def messaged(of: Conversation, *, personal: bool = False) -> Payload:
    of = of if personal else impersonal(of)
    payload = details_message(TEXTS, of, question_id="q-1", with_transcript=True, link_template="")
    check_message(payload)
    return payload


def test_the_modal_shows_its_owner_everything() -> None:
    """Each part below its heading, the personal ones included."""
    payload = viewed(conversation(caller="+49 30 1234", callee="Kim Customer"), personal=True)
    assert payload["title"]["text"] == "Call"
    assert shown(payload) == (
        "📞 *Acme: pricing*\nOutcome: *Next step agreed*\n"
        f"{DATE}\u00a0· 42 min\u00a0· Robin Rep\u00a0· ↗\u00a0outbound\u00a0· acme.com\n"
        "[Transcript]\n"
        "[Recording]\n"
        "[Share in channel]\n"
        "*Summary*\nPricing was agreed on. The contract follows.\nNext step: the offer.\n"
        "*Action items*\n☐ Send the offer (Robin Rep)\n✓ Book a room\n"
        "*Participants*\n• Robin Rep · 42% of talk time\n• kim@acme.com · 58% of talk time\n"
        "*Insights*\n• *Competitor*: Globex was named twice.\n"
        "*Questions*\n• Is there a discount?\n"
        "From: +49 30 1234\u00a0· To: Kim Customer\u00a0· Type: Discovery\u00a0· Language: German\u00a0· "
        "Deal: <https://crm.example.com/deals/1?a=1&amp;b=2|Acme 2027>\n"
        "*Rep metrics*\n"
        "• *Rating*: 4 of 5\n• *Words per minute*: 140\n• *Feedback*: Let them talk more\n"
        "*Email draft (check before sending)*\nSubject: The offer\n"
        "Hello Kim,\n\nQ&A: <b> `tick`\n"
        "ID: `c-1042`"
    )


def test_a_quote_says_who_said_it_and_when() -> None:
    """In italics, which it can't end; without a moment, or without anybody, as well."""
    said = (
        Insight("Budget", "50k", "It's _our_ *money*, <you> know", "Kim", at=83.9),
        Insight("Team", quote="We are\ntwelve", at=3_723),
        Insight("", quote="Fine"),
    )
    assert (
        "*Insights*\n"
        "• *Budget*: 50k\n"
        "_“It's \u02cdour\u02cd \u2217money\u2217, &lt;you&gt; know”_ – Kim, 1:23\n"
        "• Team\n"
        "_“We are twelve”_ – 1:02:03\n"
        "_“Fine”_\n"
    ) in shown(viewed(conversation(insights=said)))


@pytest.mark.parametrize("render", [viewed, messaged])
def test_nobody_else_sees_personal_figures(render: Any) -> None:
    """Talk shares, metrics, rating and feedback are for the rep."""
    others, own = json.dumps(render(conversation())), json.dumps(render(conversation(), personal=True))
    assert not [figure for figure in PERSONAL if figure in others]
    assert not [figure for figure in PERSONAL if figure not in own]


def test_feedback_by_criterion_is_a_list() -> None:
    """In one line nobody could tell which score belongs to which."""
    text = shown(viewed(conversation(feedback="Goals asked for: 2\n\nNext step agreed: 5"), personal=True))
    assert "• *Words per minute*: 140\n• Feedback\n◦ Goals asked for: 2\n◦ Next step agreed: 5\n" in text


def test_the_message_can_be_shared() -> None:
    """Its buttons carry the conversation's id, and the question's."""
    shown_buttons = buttons(messaged(conversation(kind=Kind.MEETING, id="M-1")))
    assert {text: (button["action_id"], button["value"]) for text, button in shown_buttons.items()} == {
        "Transcript": ("transcript_meeting", "M-1"),
        "Recording": ("recording_meeting", "M-1"),
        "Share in channel": ("share", "q-1:0"),
    }


def test_empty_fields_are_left_out() -> None:
    """A record with only an id has a name and *Transcript*."""
    payload = viewed(Conversation(id="m-1", kind=Kind.MEETING))
    assert shown(payload) == ("📅 *Untitled meeting*\ndate unknown\n[Transcript]\n[Share in channel]\nID: `m-1`")
    assert payload["title"]["text"] == "Meeting"


@pytest.mark.parametrize("id_", ["", "a b", "a`b", "a\u200bb", "x" * 400])
def test_an_id_that_cannot_be_typed_is_not_shown(id_: str) -> None:
    """A command that finds nothing would be worse than none."""
    assert "ID: " not in shown(messaged(conversation(id=id_)))


@pytest.mark.parametrize(("consent", "why"), [("no", "Not everyone consented"), ("unclear", "It's unclear whether")])
def test_a_recording_without_consent_is_not_offered(consent: str, why: str) -> None:
    """Neither transcript nor recording, and a sentence about why."""
    payload = viewed(conversation(consent=consent))
    assert set(buttons(payload)) == {"Share in channel"}
    assert why in shown(payload)


@pytest.mark.parametrize("consent", ["", "yes"])
def test_a_recording_with_consent_is_offered(consent: str) -> None:
    """Or if nobody was asked for consent."""
    assert set(buttons(viewed(conversation(consent=consent)))) == {"Transcript", "Recording", "Share in channel"}


def test_long_parts_say_that_there_is_more() -> None:
    """They are shortened, and a note says where the rest is."""
    long = conversation(summary="word " * 5_000, action_items=(ActionItem("Do it"),) * 40)
    text = shown(viewed(long))
    assert "… and 15 more" in text
    assert text.index("[Transcript]") < text.index("Long sections are shortened. See the full version in Kickscale.")
    assert "shortened" not in shown(viewed(conversation()))


def test_a_full_message_leads_to_the_modal() -> None:
    """*Details* shows what the message can't hold, and the buttons stay."""
    full = conversation(
        summary="word " * 600,
        questions=("What does it cost? " * 20,) * 20,
        action_items=(ActionItem("Do it " * 60),) * 20,
        email_draft=EmailDraft("draft " * 700),
    )
    payload = messaged(full)
    assert payload["blocks"][-2]["accessory"]["action_id"] == "details_call"
    assert "Share in channel" in buttons(payload)
    assert "draft draft" in shown(viewed(full))


def test_a_deal_without_a_web_address_is_shown_without_a_link() -> None:
    """Only http and https addresses become links."""
    assert "Deal: Acme 2027\n" in shown(viewed(conversation(deal=Deal("Acme 2027", "javascript:alert(1)"))))


def test_the_raw_json_is_never_shown() -> None:
    """It holds more than people may see."""
    for payload in (viewed(conversation()), messaged(conversation())):
        assert not [text for text in texts_in(payload) if "leaks" in text or "{'" in text]
