"""Whether a recording was agreed to, in whatever words the API says so."""

from typing import Any

import pytest

from bot.kickscale.records.consent import consent


@pytest.mark.parametrize(
    "said",
    [
        *(True, 1, 1.0, "true", "1", "yes", "Y", "ja", "OK", "given", "GIVEN", "granted", "consented", "agreed"),
        *("optedIn", "OPTED_IN", "opt-in", "opted in", "erteilt", "Einwilligung erteilt", "consentGiven"),
        *("All participants consented", "ALL_PARTICIPANTS_CONSENTED", "Consent: given", "Recording consent granted."),
        *("not required", "not_required", "no objection", "alle Teilnehmer haben zugestimmt"),
        {"status": "given"},
        {"granted": True},
        {"isGiven": True, "givenAt": "2026-11-23T08:30:00Z", "givenBy": {"name": "Kim", "email": "kim@acme.com"}},
        {"required": True, "consent": {"value": "yes"}},
        {"participants": [{"name": "Kim", "consent": "given"}, {"name": "Lou", "consent": True}]},
        ["given", "yes"],
    ],
)
def test_a_yes_is_understood(said: Any) -> None:
    """A word, a sentence, a truth value, an object or a list, where every word of it is one of consent."""
    assert consent(said) == "yes"


@pytest.mark.parametrize(
    "said",
    [
        *(False, 0, "false", "0", "no", "N", "nein", "refused", "Consent: DECLINED", "not_given", "abgelehnt"),
        *("notGiven", "optedOut", "opt-out", "OPTED_OUT", "optout", "noConsent", "consentDenied", "not consented"),
        *("NOT_CONSENTED", "disagreed", "deny", "denial", "refusal", "withheld", "withdrawn", "revoked", "rejected"),
        *("nicht erteilt", "keine Einwilligung", "verweigert", "widerrufen", "without consent", "given, then revoked"),
        ["refused"],
        ["given", "refused"],
        {"isGiven": False},
        {"consented": False},
        {"refused": True},
        {"optedOut": True},
        {"given": True, "revokedAt": "2026-11-23T08:30:00Z"},
        {"name": "refused", "id": 3},
        {"participants": [{"consent": "refused"}]},
        {"participants": [{"consent": "given"}, {"consent": False}]},
    ],
)
def test_a_no_anywhere_is_a_no(said: Any) -> None:
    """Whatever structure it is in, and whatever else is there."""
    assert consent(said) == "no"


@pytest.mark.parametrize(
    "said",
    [
        *("pending", "unknown", "?", "to be given", "partially given", "given until 2025", 2, -1, "verbal"),
        *("isn't given", "expired", "requested"),
        {"pending": True},
        {"requested": True},
        {"id": 5},
        {"givenAt": "2026-11-23T08:30:00Z"},
        {"participants": [{"consent": "given"}, {"consent": "pending"}]},
        [[[[[[["given"]]]]]]],
        {"consent " * 40: "given"},
        {"consent " * 40 + "refused": "given"},
    ],
)
def test_what_is_not_understood_is_no_yes(said: Any) -> None:
    """Something is said, and it may be a no."""
    assert consent(said) == "unclear"


@pytest.mark.parametrize("said", [None, "", " ", [], {}, [None], {"status": None}, {"status": "", "by": {}}])
def test_nothing_said_is_not_a_refusal(said: Any) -> None:
    """What was never asked is not refused."""
    assert consent(said) == ""
