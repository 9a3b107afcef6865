"""What a language brings to the sample data: sentences of sales talks, with places for names and numbers.

Places: {rep} {contact} {company} are names, {seats} {months} {percent} {price} {budget} numbers, {day} a coming day.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that sales talks are about."""

    title: str
    told: tuple[str, ...]
    """Sentences of a summary."""
    tasks: tuple[str, ...]
    questions: tuple[str, ...]
    """What the rep asked."""
    insight: str
    lines: tuple[str, ...]
    """A dialogue in turns; the customer begins."""


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
    """In turns; the rep begins."""
    farewell: tuple[str, ...]
    """In turns; the customer begins."""
    subject: tuple[str, ...]
    body: str
    """Of the follow-up e-mail; {points} are the tasks, a line each."""
    internal_names: tuple[str, ...]
    internal_told: tuple[str, ...]
    internal_tasks: tuple[str, ...]
    internal_lines: tuple[str, ...]
    comments: tuple[str, ...]
    feedback: tuple[str, ...]
    days: tuple[str, ...]
    """The names of the days, Monday first."""
