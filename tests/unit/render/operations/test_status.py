"""`/kickscale status`."""

from bot.errors import KickscaleTimeout, StorageFailed
from bot.model.status import Status
from bot.render.operations.status import status_message
from tests.clock import MONDAY_MORNING
from tests.unit.render.samples import TEXTS
from tests.unit.render.slack_rules import check_message, shown


def test_status_has_a_line_for_each_part() -> None:
    """Slack, Kickscale, the API, the database, the queues, the key and the time zone."""
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
    at = f"<!date^{int(MONDAY_MORNING.timestamp())}^{{date_short_pretty}} at {{time}}|23 Nov 2026, 08:30 UTC>"
    payload = status_message(TEXTS, state)
    check_message(payload)
    assert shown(payload) == (
        "*Kickscale bot 0.1.0*\n"
        "Slack: connected in Socket Mode\n"
        f"Kickscale: answers (asked {at})\n"
        f"API: bound to Kickscale's own OpenAPI document, read {at}\n"
        "Database: works\n"
        "share: 2 waiting\n"
        "API key: 30 days left\n"
        "Time zone where Slack gives none: UTC"
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
    text = shown(status_message(TEXTS, state))
    assert "Kickscale did not answer in time." in text
    assert "Database: My disk is full" in text
    assert "waiting" not in text, "nobody knows"
    assert "API key: over a year old" in text
