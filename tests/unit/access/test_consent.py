"""Transcripts and recordings need a clear yes from everybody on them, if the record mentions consent."""

import pytest

from bot.access.consent import require_consent
from bot.errors import GoneError
from tests.unit.render.samples import conversation


@pytest.mark.parametrize(("consent", "what"), [("no", "withheld"), ("unclear", "unclear"), ("perhaps", "unclear")])
def test_without_a_clear_yes_nothing_is_handed_out(consent: str, what: str) -> None:
    """The error says whether the answer was no or unclear."""
    with pytest.raises(GoneError) as raised:
        require_consent(conversation(consent=consent))
    assert raised.value.what == what


@pytest.mark.parametrize("consent", ["yes", ""])
def test_a_yes_or_no_mention_of_consent_is_enough(consent: str) -> None:
    """Records from before Kickscale asked for consent don't mention it."""
    require_consent(conversation(consent=consent))
