"""What a search found."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.model.commands import SearchCommand
from bot.model.conversation import Conversation
from bot.model.mirror import Freshness

Source = Literal["summary", "action_item", "question", "insight", "transcript"]


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    is_hit: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence in which words were found."""

    source: Source
    pieces: tuple[Piece, ...]
    """In their order; together they are the sentence, cut if it is long."""
    speaker: str = ""
    """In a transcript: who said it, if known."""
    at: float | None = None
    """In a transcript: when, in seconds from the start."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    conversation: Conversation
    passages: tuple[Passage, ...]
    """Empty if the words are only in the name or in people's names."""


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """One page of what a search found."""

    command: SearchCommand
    hits: tuple[SearchHit, ...]
    """The best first."""
    total: int
    page: int
    """From 0."""
    pages: int
    freshness: Freshness
    first_copied: date | None
    """The first day that is copied at all, if it is after the first that was asked for."""
    transcripts: bool
    """Whether transcripts were searched too, as far as this person may read them."""
