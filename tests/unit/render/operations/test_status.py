"""`/kickscale status`."""

import pytest

from bot.errors import KickscaleTimeout, KickscaleUnavailable, StorageFailed
from bot.model.status import Status
from bot.render.operations.status import status_message
from tests.clock import MONDAY_MORNING
from tests.unit.render.samples import TEXTS
from tests.unit.render.slack_rules import check_message, shown


def test_status_has_a_line_for_each_part() -> None:
    """For an admin: Slack, Kickscale, the API, the database, the queues, the key and the time zone."""
    state = Status(
        "0.1.0",
        "socket",
        "UTC",
        "document",
        bound_at=MONDAY_MORNING,
        asked_at=MONDAY_MORNING,
        queues={"share": 2, "transcript": 0},
        key_days_left=30,
    )
    at = f"<!date^{int(MONDAY_MORNING.timestamp())}^{{date_long}}, {{time}}|Mon, 23 Nov 2026, 08:30 UTC>"
    payload = status_message(TEXTS, state, is_admin=True)
    check_message(payload)
    assert shown(payload) == (
        "*Kickscale bot 0.1.0*\n"
        "Slack: connected in Socket Mode\n"
        f"Kickscale: OK (checked {at})\n"
        f"API: configured from Kickscale's API description (read {at})\n"
        "Database: OK\n"
        "share: 2 queued\n"
        "API key: 30 days left\n"
        "Default time zone: UTC"
    )


def test_status_says_what_does_not_work() -> None:
    """With the same remedy as an error would."""
    state = Status(
        "0.1.0",
        "http",
        "UTC",
        "default",
        kickscale_error=KickscaleTimeout(),
        database_failure=StorageFailed("full", "/srv/bot.db"),
        key_days_left=-3,
    )
    text = shown(status_message(TEXTS, state, is_admin=True))
    assert "Kickscale didn't answer in time." in text
    assert "Database: problem. My disk is full" in text
    assert "queued" not in text, "nobody knows"
    assert "API key: more than a year old" in text


@pytest.mark.parametrize(
    ("kickscale", "database", "text"),
    [
        (None, None, "✅ Everything's working."),
        (KickscaleUnavailable(), None, "⚠️ Something isn't working. "),
        (KickscaleUnavailable(), StorageFailed("full", "/srv/bot.db"), "⚠️ Something isn't working. My disk is full"),
    ],
)
def test_only_admins_see_technical_details(kickscale: Exception | None, database: Exception | None, text: str) -> None:
    """Everybody else reads one line, about the database first, since nothing works without it."""
    state = Status("0.1.0", "http", "UTC", "document", kickscale_error=kickscale, database_failure=database)
    payload = status_message(TEXTS, state, is_admin=False)
    check_message(payload)
    assert shown(payload).startswith(text)
    assert "API" not in shown(payload)
