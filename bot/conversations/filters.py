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
    """Return whether a conversation passes every filter that was typed. Upper and lower case are the same."""
    typed_and_actual = (
        (filters.type, conversation.type.strip()),
        (filters.direction, conversation.direction.strip()),
        (filters.outcome, conversation.outcome.strip()),
    )
    return (
        (not filters.owner_email or is_same(filters.owner_email, conversation.owner.email))
        and all(not typed or typed.casefold() == actual.casefold() for typed, actual in typed_and_actual)
        and _is_in_language(conversation, filters.language)
        and _has_words(conversation, filters.words)
    )


def _is_in_language(conversation: Conversation, typed: str) -> bool:
    """Return whether it is in this language: `de` also matches `de-DE` and `de_AT`."""
    language = conversation.language.casefold().replace("_", "-")
    return not typed or typed.casefold() in (language, language.split("-")[0])


def _has_words(conversation: Conversation, words: tuple[str, ...]) -> bool:
    """Return whether every word or phrase is in the name or the summary."""
    text = f"{conversation.name}\n{conversation.summary}".casefold()
    return all(word.casefold() in text for word in words)
