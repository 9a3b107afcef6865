"""Turns every error into a sentence with a remedy.

An exception that isn't one of the bot's own is never quoted, since its text may hold anything. A reference finds it in
the log.
"""

import re
from collections.abc import Iterator
from typing import Any

from bot import errors, ids
from bot.commands.naming import SLASH_COMMAND
from bot.commands.wording import choices_in, command_in, filter_in
from bot.render.kit import files
from bot.render.kit.blocks import code, context, inline, section
from bot.render.kit.commands import typed_command
from bot.render.kit.icons import WARNING
from bot.render.kit.limits import Payload, message
from bot.render.kit.people import person
from bot.render.kit.suggestions import again_buttons, suggestion_buttons
from bot.texts import Texts

TYPED = 300
WORD = 80
API_WORDS = 300


def error_message(texts: Texts, error: BaseException, reference: str, *, command: str = "") -> Payload:
    """Return the message about an error. `reference` is shown if somebody has to look into it.

    If trying again may help, and a `command` failed (what follows `/kickscale`), it has a button for that.
    """
    sentence = explain(texts, error)
    blocks = [section(f"{WARNING} {sentence}", block_id=ids.ERROR)]
    if isinstance(error, errors.CommandError):
        if error.suggestions:
            blocks.append(suggestion_buttons(texts, error.suggestions))
        blocks.append(context(*_typed(texts, error)))
    if not can_remedy(texts, error):
        blocks.append(context(texts("errors.reference", reference=code(reference, WORD))))
    if command and may_pass(error):
        blocks += again_buttons(texts, command)
    return message(sentence, blocks)


_LASTING = (
    errors.CredentialsRefused,
    errors.KickscaleRejected,
    errors.KickscaleRedirected,
    errors.UploadOutcomeUnknown,
    errors.NotInChannel,
    errors.SlackDenied,
)
"""Errors of Kickscale and Slack that trying again doesn't help against."""


def may_pass(error: BaseException) -> bool:
    """Return whether the same command may work if it is tried again."""
    match error:
        case errors.AccessDenied(reason=reason):
            return reason == "unknown"  # Slack couldn't say who somebody is
        case errors.StorageFailed(cause=cause):
            return cause in {"busy", "unreachable", "slow"}
        case errors.CommandError(may_be_new_name=may_be_new_name):
            return may_be_new_name
        case errors.KickscaleError() | errors.SlackError():
            return not isinstance(error, _LASTING)
        case errors.BotError():
            return isinstance(error, errors.AccessUndecided)
        case _:
            return True


_REMEDIED_BY_USER = (
    errors.CommandError,
    errors.AccessDenied,
    errors.GoneError,
    errors.RangeTooWide,
    errors.RecordingRefused,
    errors.NotInChannel,
)
"""Errors that people can remedy themselves, as they can those for which there is a text by Slack's error code."""


def can_remedy(texts: Texts, error: BaseException) -> bool:
    """Return whether people can remedy the error themselves: then nobody has to find it in the log."""
    if isinstance(error, errors.AccessDenied) and error.reason == "unknown":
        return False  # Slack knows nobody with that id
    return isinstance(error, _REMEDIED_BY_USER) or _key(texts, error)[0].startswith("code.")


def explain(texts: Texts, error: BaseException) -> str:
    """Return, as mrkdwn, what went wrong and what to do."""
    key, values = _key(texts, error)
    return " ".join(filter(None, (cause(texts, error), known_text(texts, f"errors.advice.{key}", **values))))


def cause(texts: Texts, error: BaseException) -> str:
    """Return, as mrkdwn, what went wrong, without the advice that only makes sense to somebody who asked."""
    match error:
        case errors.CommandError():
            return _command(texts, error)
        case errors.AccessDenied(reason=reason, values=values):
            shown = {name: inline(value, API_WORDS) for name, value in values.items()}
            return known_text(texts, f"access.{reason}", **shown) or texts("access.unknown")
        case errors.AccessUndecided():
            return texts("access.unknown")
        case errors.GoneError(what=what, id=id_):
            return known_text(texts, f"gone.{what}", id=code(id_, WORD)) or texts("gone.other")
        case errors.ConfigError(variable=variable, remedy=remedy):
            return texts("errors.setting", variable=code(variable, WORD), remedy=inline(remedy, API_WORDS))
        case errors.RecordingRefused():
            return _recording(texts, error)
        case _:
            key, values = _key(texts, error)
            return texts(f"errors.{key}", **values)


def _key(texts: Texts, error: BaseException) -> tuple[str, dict[str, Any]]:  # noqa: C901 a flat table
    """Return the key of the cause (`errors.<key>`) and of the advice (`errors.advice.<key>`), and the values for both.

    The key is empty for errors that have other texts.
    """
    match error:
        case errors.RangeTooWide(total=total, limit=limit):
            return "too_wide" if total is None else "too_wide_total", {"total": total, "limit": limit}
        case errors.StorageFailed(cause=why):
            return f"storage.{why}", {}
        case errors.KickscaleRateLimited(retry_after=seconds) if seconds is not None:
            return "rate_limited_until", {"minutes": max(1, round(seconds / 60))}
        case errors.KickscaleUnavailable(status=status) if status is not None:
            return "unavailable_status", {"status": status}
        case errors.CredentialsRefused(message=api_words) if api_words:
            return "forbidden", {"said": code(api_words, API_WORDS)}
        case errors.KickscaleRejected(status=status, message=api_words):
            return "rejected", {"status": status, "said": code(api_words, API_WORDS) or texts("errors.no_code")}
        case errors.KickscaleError():
            return _name(error, _KICKSCALE), {}
        case errors.SlackError(code=slack_code) if known_text(texts, f"errors.code.{slack_code}"):
            return f"code.{slack_code}", {}
        case errors.NotInChannel(bot=bot) if bot:
            return "not_in_channel_named", {"bot": person(bot)}
        case errors.SlackError(code=slack_code):
            return _name(error, _SLACK), {"code": code(slack_code, WORD) or texts("errors.no_code")}
        case errors.BotError():
            return "", {}
        case _:
            return "unexpected", {}


def _command(texts: Texts, error: errors.CommandError) -> str:
    values = {name: inline(_worded(texts, error, name, value), API_WORDS) for name, value in error.values.items()}
    sentence = known_text(texts, f"command.error.{error.reason}", **values) or texts("errors.command")
    if error.may_be_new_name:
        sentence = f"{sentence} {texts('errors.learning')}"
    # What leads up to the buttons already doesn't need another question above them.
    return f"{sentence}\n{texts('errors.suggestion')}" if error.suggestions and sentence[-1] not in "?:" else sentence


def _worded(texts: Texts, error: errors.CommandError, name: str, value: str) -> str:
    """Return a value of a command error, with the bot's own words in the reader's language."""
    language = texts.language
    match name:
        case "command":
            return command_in(language, value)
        case "filter":
            return filter_in(language, value)
        case "actions" | "known":
            of = error.values.get("filter", error.values.get("command", ""))
            return ", ".join(choices_in(language, value.split(", "), of=of))
        case _:
            return value


def _typed(texts: Texts, error: errors.CommandError) -> Iterator[str]:
    """Yield what was typed, and how it could be typed if nothing is suggested."""
    yield texts("errors.typed", typed=code(f"{SLASH_COMMAND} {error.typed}", TYPED))
    if error.example and not error.suggestions:
        example = typed_command(texts, error.example.removeprefix(SLASH_COMMAND).strip())
        yield texts("errors.example", example=example)


def _recording(texts: Texts, error: errors.RecordingRefused) -> str:
    name = files.name(texts, error.name)
    values = {key: _value(texts, value) for key, value in error.values.items()} | {"name": name}
    key = f"recording.refused.{error.reason}"
    return known_text(texts, key, **values) or texts("recording.refused.other", name=name)


def _value(texts: Texts, value: str) -> str:
    """Return a value for a text. A number is a size in bytes."""
    return files.size(texts, int(value)) if re.fullmatch("[0-9]{1,18}", value) else inline(value, API_WORDS)


_KICKSCALE: dict[type[BaseException], str] = {
    errors.CredentialsRefused: "credentials",
    errors.KickscaleRateLimited: "rate_limited",
    errors.KickscaleTimeout: "timeout",
    errors.KickscaleUnavailable: "unavailable",
    errors.KickscaleRedirected: "redirected",
    errors.KickscaleUnreadable: "unreadable",
    errors.UploadOutcomeUnknown: "outcome_unknown",
    errors.KickscaleError: "kickscale",
}
_SLACK: dict[type[BaseException], str] = {
    errors.NotInChannel: "not_in_channel",
    errors.SlackDenied: "slack_denied",
    errors.SlackUnavailable: "slack_unavailable",
    errors.SlackError: "slack",
}


def _name(error: BaseException, names: dict[type[BaseException], str]) -> str:
    return next(name for kind, name in names.items() if isinstance(error, kind))


def known_text(texts: Texts, key: str, **values: object) -> str:
    """Return the text of a key that comes with an error; empty if there is none, or a value is missing."""
    try:
        return texts(key, **values)
    except (KeyError, TypeError):
        return ""
