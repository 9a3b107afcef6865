"""What the bot remembers: SQLite through sqlite-utils, with every query.

Importing this costs nothing: sqlite-utils, a quarter of a second, is imported on the database's own thread, and the
stores with the types of everything that they keep once they are asked for.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.storage.sqlite.database import Database

__all__ = ["Database"]


def __getattr__(name: str) -> object:
    """Import `Database` when somebody asks for it: https://docs.python.org/3/reference/datamodel.html#module.__getattr__"""
    if name not in __all__:
        raise AttributeError(name)
    from bot.storage.sqlite.database import Database  # noqa: PLC0415 see above

    return Database
