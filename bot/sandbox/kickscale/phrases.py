"""What the sample data needs in each language: sentences from sales calls, with placeholders for names and numbers.

Names: {rep} {rep_first} {contact} {contact_first} {company}. Money in euros: {price} a seat and month, {budget} a year.
Of people: {seats} licences, {team} in a pilot. Time: {hours} a week, {weeks}, {months}, {term} of a contract in months,
{day} a weekday. Percentages: {percent} any, {usage} high, {goal} middling, {discount} low. {recordings} hundreds or
thousands, {regions} a few.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of sales calls."""

    title: str
    summary: tuple[str, ...]
    """Sentences for a summary."""
    tasks: tuple[str, ...]
    questions: tuple[str, ...]
    """Questions that the rep asked."""
    insight: str
    lines: tuple[str, ...]
    """A dialogue in turns; the customer speaks first."""


@dataclass(frozen=True, slots=True)
class Phrases:
    code: str
    labels: dict[str, str]
    """What the types and outcomes are called, if a whole company speaks this language; empty: as they are."""
    openings: dict[str, tuple[str, ...]]
    """The first sentence of a summary, by the type of the conversation."""
    endings: dict[str, tuple[str, ...]]
    """The last sentence, by outcome."""
    topics: tuple[Topic, ...]
    meeting_name: tuple[str, ...]
    call_name: tuple[str, ...]
    deal: str
    """The deal's name in the CRM."""
    greeting: tuple[str, ...]
    """In turns; the rep speaks first."""
    farewell: tuple[str, ...]
    """In turns; the customer speaks first."""
    subject: tuple[str, ...]
    body: str
    """The follow-up email; {points} are the tasks, one per line."""
    internal_names: tuple[str, ...]
    internal_summary: tuple[str, ...]
    internal_tasks: tuple[str, ...]
    internal_lines: tuple[str, ...]
    comments: tuple[str, ...]
    feedback: tuple[str, ...]
    days: tuple[str, ...]
    """The names of the days, Monday first."""
