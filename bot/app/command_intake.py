"""What takes commands before anything is there that answers them."""

import os
import secrets
import socket
from dataclasses import dataclass
from typing import Self

from bot.app.basics import Basics
from bot.conversations.typed_commands import TypedCommands
from bot.storage.database import Database
from bot.storage.queue import Jobs


@dataclass(frozen=True)
class CommandIntake:
    database: Database
    name: str
    """Identifies this bot among those that share the database."""
    answer_queue: Jobs
    """Only for answers: people wait for them, and mustn't wait for a morning's digests first."""
    typed_commands: TypedCommands

    @classmethod
    def build(cls, basics: Basics) -> Self:
        """Must run in an event loop."""
        database = basics.build_database()
        name = instance_name()
        queue = database.make_queue(basics.clock, name)
        return cls(database, name, queue, TypedCommands(queue, basics.clock))


def instance_name() -> str:
    """Return a name that no other process has, on this machine or another one."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
