"""What a single person is told by a direct message, when there is no better place left."""

from collections.abc import Iterable

from bot.clock import Clock
from bot.model.messages import Posted
from bot.render.kit.limits import Payload
from bot.slack.client import Slack
from bot.storage.sqlite.ledger import Ledger

NOTICE = "notice"


async def notify(  # noqa: PLR0917 through what, to whom and what about
    slack: Slack,
    ledger: Ledger,
    clock: Clock,
    user: str,
    payload: Payload,
    conversations: Iterable[str] = (),
    domains: Iterable[str] = (),
) -> None:
    """Tell `user`, and write down that they were told, and what it is about. Raises SlackError."""
    channel = await slack.open_dm(user)
    ts = await slack.post(channel, payload)
    key = f"{NOTICE}:{channel}:{ts}"
    about = tuple(domains)
    await ledger.add(Posted(channel, ts, NOTICE, key, tuple(conversations), clock.now(), by=user, domains=about))
