"""What the mirror asks of the index of its words, which each database has in its own way."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from bot.model.access import Sight
    from bot.model.mirror import Wanted

Word = dict[str, Any]
"""A row of the list of words: its `id` and the `word`."""

SHORTEST_BEGINNING = 3
SHORTEST_PART = 4
"""Letters. Shorter words are parts of too many others."""
SHORTEST_WITH_PARTS = 6
"""Letters. A word that is looked for as a part has at least four, and the word around it has more."""
MAX_PARTS = 50
"""How many words that have a word in them are looked for: those that were read first, which are the frequent ones."""
RANKED = 2_000
"""If more conversations are found, the newest come first: to rank 100,000 takes SQLite 0.1 s, and would say little."""


class TextIndex(Protocol):
    """The words of the mirror's conversations, within a transaction. They are folded already (`bot.tools.words`)."""

    def put(self, id: int, columns: Mapping[str, Sequence[str]], *, is_new: bool = False) -> None:  # noqa: A002
        """Index the words in these columns of a conversation, and leave its others as they are.

        With `is_new`, it can't be in the index yet.
        """
        ...

    def remove(self, ids: Sequence[int]) -> None: ...

    def clear(self) -> None:
        """Remove everything, and leave no word of it."""
        ...

    def clear_transcripts(self) -> None:
        """Remove all transcripts. Like those of removed conversations, their words are forgotten afterwards: see
        `bot.storage.sql.mirror_words`.
        """
        ...

    def merge(self, *, is_first: bool) -> bool:
        """Write a part of the index again, without what was removed; return whether more is left.

        With `is_first`, this begins with all of it.
        """
        ...

    def unused(self, words: Sequence[Word]) -> list[Word]:
        """Return those of these rows of `mirror_words` whose words no conversation has."""
        ...

    def remove_words(self, words: Sequence[Word]) -> None:
        """Remove these rows of `mirror_words`."""
        ...

    def merge_words(self) -> None:
        """Write the index of parts of words again, without what was removed."""
        ...

    def find(
        self, words: Sequence[str], wanted: "Wanted", sight: "Sight", *, skip: int, count: int
    ) -> tuple[list[int], int]:
        """Return the ids of a page of the conversations in which all the words and phrases are, and how many there are.

        The best come first or, if there are too many to rank them, the newest. A word is also found as the beginning of
        another and, if it isn't too short, as a part of one.
        """
        ...
