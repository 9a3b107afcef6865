"""What the sample data needs in each language: sentences from sales calls, with placeholders for names and numbers.

Names: {rep} {rep_first} {contact} {contact_first} {company}. Money in euros: {price} a seat and month, {budget} a year.
Of people: {seats} licences, {team} in a pilot. Time: {hours} a week, {weeks}, {months}, {term} of a contract in months,
{day} a weekday. Percentages: {percent} any, {usage} high, {goal} middling, {discount} low. {recordings} hundreds or
thousands, {regions} a few.
"""

from dataclasses import dataclass

AFTER_PURCHASE = ("Onboarding", "Check-in")
"""The types of conversations with somebody who has bought already."""
OUTCOMES = ("Next step agreed", "Follow-up needed", "Verbal yes", "On hold", "Not a fit")
LIKELIHOODS = {
    "Discovery": (55, 30, 0, 8, 7),
    "Demo": (50, 30, 5, 8, 7),
    "Follow-up": (40, 30, 15, 10, 5),
    "Negotiation": (30, 25, 30, 12, 3),
    "Onboarding": (70, 30, 0, 0, 0),
    "Check-in": (65, 35, 0, 0, 0),
}
"""How often each outcome comes with a type: nobody says yes in a first conversation, or no after the purchase."""


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
    unlikely_in: tuple[str, ...] = ()
    """The types of conversations in which nobody talks about it."""


@dataclass(frozen=True, slots=True)
class Phrases:
    code: str
    labels: dict[str, str]
    """What the types and outcomes are called, if a whole company speaks this language; empty: as they are."""
    openings: dict[str, tuple[str, ...]]
    """The first sentence of a summary, by the type of the conversation."""
    endings: dict[str, tuple[str, ...]]
    """The last sentence, by outcome."""
    later_endings: dict[str, tuple[str, ...]]
    """The same after the purchase."""
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
