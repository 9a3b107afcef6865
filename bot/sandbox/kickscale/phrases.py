"""What the sample data needs in each language: sentences of sales calls, with placeholders for names and numbers.

Placeholders: {rep} {contact} {company} names, {seats} {months} {percent} {price} {budget} numbers, {day} a coming day.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of sales calls."""

    title: str
    summary: tuple[str, ...]
    """Sentences of a summary."""
    tasks: tuple[str, ...]
    questions: tuple[str, ...]
    """What the rep asked."""
    insight: str
    lines: tuple[str, ...]
    """A dialogue in turns, beginning with the customer."""


@dataclass(frozen=True, slots=True)
class Phrases:
    code: str
    openings: dict[str, tuple[str, ...]]
    """The first sentence of a summary, by the type of the conversation."""
    endings: dict[str, tuple[str, ...]]
    """The last sentence, by outcome."""
    topics: tuple[Topic, ...]
    meeting_name: tuple[str, ...]
    call_name: tuple[str, ...]
    greeting: tuple[str, ...]
    """In turns, beginning with the rep."""
    farewell: tuple[str, ...]
    """In turns, beginning with the customer."""
    subject: tuple[str, ...]
    body: str
    """Of the follow-up e-mail; {points} are the tasks, one per line."""
    internal_names: tuple[str, ...]
    internal_summary: tuple[str, ...]
    internal_tasks: tuple[str, ...]
    internal_lines: tuple[str, ...]
    comments: tuple[str, ...]
    feedback: tuple[str, ...]
    days: tuple[str, ...]
    """The names of the days, Monday first."""
