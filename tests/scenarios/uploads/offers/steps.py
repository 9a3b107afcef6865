"""What the tests of offers share, ask and see."""

from datetime import datetime

from bot.sandbox.slack import Message
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import ROBIN, SALES, World

SOUND = wav(2, recorded_at=datetime(2026, 11, 20, 14, 30))  # noqa: DTZ001 as a recorder writes it
PAGE = b"<!DOCTYPE html><html><body>Please sign in</body></html>"
OFFERS = "/kickscale uploads on"


def offers(here: World, of: Message) -> list[Message]:
    """Return the offers below a message."""
    return [message for message in here.thread(of) if "to Kickscale?" in here.text(message)]


def private_answer(here: World, user: str = ROBIN, channel: str = SALES) -> str:
    """Return the last message that only this person sees."""
    return here.text(here.slack.ephemerals(channel, user)[-1])
