"""Where a list is filtered, by everything that Kickscale's API can't filter by itself.

The API filters by days, domains and scope (`bot.kickscale.client`). What a person may not see is left out by
`bot.access`.
"""

from bot.email_addresses import is_same
from bot.model.commands import Filters
from bot.model.conversation import Conversation


def are_left_to_the_api(filters: Filters) -> bool:
    """Return whether the API itself applies everything that was typed."""
    return filters == Filters(scope=filters.scope, oldest_first=filters.oldest_first)


def matches(conversation: Conversation, filters: Filters) -> bool:
    """Return whether a conversation passes every filter that was typed. Upper and lower case are the same.

    It doesn't look at what no filter is about, since a record's fields are read when they are looked at.
    """
    return (
        (not filters.owner_email or is_same(filters.owner_email, conversation.owner.email))
        and (not filters.type or _says(filters.type, conversation.type))
        and (not filters.direction or _says(filters.direction, conversation.direction))
        and (not filters.outcome or _says(filters.outcome, conversation.outcome))
        and (not filters.language or _is_in_language(conversation, filters.language))
        and (not filters.words or _has_words(conversation, filters.words))
    )


def _says(typed: str, actual: str) -> bool:
    return typed.casefold() == actual.strip().casefold()


def _is_in_language(conversation: Conversation, typed: str) -> bool:
    """Return whether it is in this language: `de` also matches `de-DE` and `de_AT`."""
    language = conversation.language.casefold().replace("_", "-")
    return typed.casefold() in (language, language.split("-")[0])


def _has_words(conversation: Conversation, words: tuple[str, ...]) -> bool:
    """Return whether every word or phrase is in the name or the summary."""
    text = f"{conversation.name}\n{conversation.summary}".casefold()
    return all(word.casefold() in text for word in words)
