"""Transcripts and recordings need a clear yes from everyone on them, as far as the record says anything."""

import pytest

from bot.access.consent import require_consent
from bot.errors import GoneError
from tests.unit.render.samples import conversation


@pytest.mark.parametrize(("consent", "what"), [("no", "withheld"), ("unclear", "unclear"), ("perhaps", "unclear")])
def test_anything_but_a_yes_withholds_them(consent: str, what: str) -> None:
    """The error says which of the two it was."""
    with pytest.raises(GoneError) as raised:
        require_consent(conversation(consent=consent))
    assert raised.value.what == what


@pytest.mark.parametrize("consent", ["yes", ""])
def test_a_yes_and_silence_give_them_out(consent: str) -> None:
    """Records from before Kickscale asked for consent say nothing of it."""
    require_consent(conversation(consent=consent))
