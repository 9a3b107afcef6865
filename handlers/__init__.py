"""Bolt listeners, and nothing else: ack → parse → service → render → respond. This is their table of contents."""

from slack_bolt.async_app import AsyncApp

from bot.services import Services
from handlers import actions, commands, digests, others, pace, uploads


def register_handlers(app: AsyncApp, services: Services) -> None:
    pace.register(app, services)
    commands.register(app, services)
    actions.register(app, services)
    uploads.register(app, services)
    digests.register(app, services)
    others.register(app, services)
