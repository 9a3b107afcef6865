"""Where everything that Slack sends arrives: commands, clicks, forms and events. Bolt's listeners, and nothing else.

    commands       `/kickscale …`, handed to the module of its capability
    conversations  buttons of lists and details: Newer, Older, Share in channel, Details, Transcript, Recording
    messages       mentions of the bot and messages to it, read as commands
    uploads        recordings that are shared, and the buttons and forms of uploads
    digests        buttons and forms of `digest list`
    search         the pages of `search`
    stats          the pages of `customers`
    operations     `/kickscale status`
    fallback       people who join a channel, and everything that nobody listens for

Each `register` lists the action_ids (`bot.ids`) that arrive in its module. What arrives is written down, then
acknowledged, for clicks by `taking_clicks`. A function asks a service and renders what it returns; `answering` and
`modals` bring that to the person, or a sentence about what went wrong. `rate_limit` comes before all of them.
"""

from typing import TYPE_CHECKING

from slack_bolt.async_app import AsyncApp

if TYPE_CHECKING:
    from bot.app.services import Services


def register_handlers(app: AsyncApp, services: "Services") -> None:
    """Import and register all listeners: in a thread, while the bot is connected already."""
    from handlers import (  # noqa: PLC0415 see above
        commands,
        conversations,
        digests,
        fallback,
        messages,
        rate_limit,
        search,
        stats,
        taking_clicks,
        uploads,
    )

    rate_limit.register(app, services)
    taking_clicks.register(services)
    commands.register(app, services)
    conversations.register(app, services)
    uploads.register(app, services)
    digests.register(app, services)
    messages.register(app, services)
    search.register(app, services)
    stats.register(app, services)
    fallback.register(app, services)
