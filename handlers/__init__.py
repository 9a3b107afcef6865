"""Bolt listeners, and nothing else: ack → parse → service → render → respond. This is their table of contents."""

from slack_bolt.async_app import AsyncApp

from bot.app.services import Services
from handlers import commands, conversations, digests, fallback, rate_limit, uploads


def register_handlers(app: AsyncApp, services: Services) -> None:
    rate_limit.register(app, services)
    commands.register(app, services)
    conversations.register(app, services)
    uploads.register(app, services)
    digests.register(app, services)
    fallback.register(app, services)
