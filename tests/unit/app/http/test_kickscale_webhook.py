"""Which of Kickscale's webhooks are accepted."""

import io
from collections.abc import AsyncIterator, Mapping

import pytest

from bot.app.http.kickscale_webhook import LARGEST_WEBHOOK
from bot.app.http.slack_requests import WINDOW
from bot.model.conversation import Conversation
from tests.unit.app.http.doors import WEBHOOK_SECRET, now, serving, signed_webhook

MEETING = b'{"eventType": "meeting_analyzed", "meeting": {"id": "m1", "name": "Renewal"}}'


async def post_webhook(
    body: bytes | AsyncIterator[bytes],
    headers: Mapping[str, str] | None = None,
    *,
    secret: str = WEBHOOK_SECRET,
    news: list[str] | None = None,
) -> int:
    """Return the status of the answer; without `headers` it is signed now."""

    async def record(meeting: Conversation) -> None:
        if news is not None:
            news.append(meeting.id)

    if headers is None:
        headers = signed_webhook(body if isinstance(body, bytes) else b"", str(int(now())))
    data = io.BytesIO(body) if isinstance(body, bytes) else body
    async with (
        serving(webhook_secret=secret, heard=record) as (_, client),
        client.post("/kickscale/webhook", data=data, headers=headers) as response,
    ):
        return response.status


async def test_a_signed_webhook_is_accepted() -> None:
    """The meeting is passed on before the answer is sent."""
    news: list[str] = []
    assert await post_webhook(MEETING, news=news) == 200
    assert news == ["m1"]


async def test_a_webhook_with_a_long_transcript_is_accepted() -> None:
    """It is larger than anything that Slack sends."""
    news: list[str] = []
    body = MEETING.replace(b"Renewal", b"x" * (LARGEST_WEBHOOK - len(MEETING)))
    assert await post_webhook(body, news=news) == 200
    assert news == ["m1"]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (MEETING, {}, 401),
        (MEETING + b" ", signed_webhook(MEETING, str(int(now()))), 401),
        (MEETING, signed_webhook(MEETING, str(int(now()) - WINDOW - 1)), 401),
        (b"x" * (LARGEST_WEBHOOK + 1), {}, 401),
        (b"x" * (LARGEST_WEBHOOK + 1), signed_webhook(b"", str(int(now()))), 413),
        (b"{", None, 400),
        (b'{"eventType": "call_analyzed"}', None, 400),
    ],
    ids=["unsigned", "forged", "stale", "large and unsigned", "too large", "nonsense", "another event"],
)
async def test_any_other_webhook_is_refused(body: bytes, headers: Mapping[str, str] | None, status: int) -> None:
    """Each with its own status, and the meeting is not passed on."""
    news: list[str] = []
    assert await post_webhook(body, headers, news=news) == status
    assert news == []


async def test_an_endless_webhook_is_refused() -> None:
    """Also one that does not declare its length."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * (LARGEST_WEBHOOK // 10)

    assert await post_webhook(chunks()) == 413


async def test_without_its_secret_no_webhook_is_accepted() -> None:
    """The sender would be unknown; the status lets Kickscale try again later."""
    assert await post_webhook(MEETING, secret="") == 503
