"""The one translator of what went wrong into a sentence with a remedy.

An exception that is not one of ours is never quoted: its text may hold anything. It gets a reference, which finds it
in the log.
"""

import re
from typing import Any

from bot import errors, ids
from bot.commands.registry import SLASH_COMMAND
from bot.render.kit import files
from bot.render.kit.blocks import code, context, inline, section
from bot.render.kit.limits import Payload, message
from bot.texts import Texts

TYPED = 300
WORD = 80
API_WORDS = 300


def error_message(texts: Texts, error: BaseException, reference: str) -> Payload:
    """The sentence for `error`; `reference` is shown where somebody has to look into it."""
    sentence = explain(texts, error)
    blocks = [section(sentence, block_id=ids.ERROR)]
    if not (isinstance(error, _THEIRS) or _key(texts, error)[0].startswith("code.")):
        blocks.append(context(texts("errors.reference", reference=code(reference, WORD))))
    return message(sentence, blocks)


_THEIRS = (
    errors.CommandError,
    errors.AccessDenied,
    errors.AccessUndecided,
    errors.GoneError,
    errors.RangeTooWide,
    errors.RecordingRefused,
    errors.NotInChannel,
)
"""What the person can do something about without anybody's help, as they can about what has a text by Slack's code."""


def explain(texts: Texts, error: BaseException) -> str:
    """mrkdwn: what went wrong, and what to do."""
    key, values = _key(texts, error)
    return " ".join(filter(None, (cause(texts, error), known_text(texts, f"errors.advice.{key}", **values))))


def cause(texts: Texts, error: BaseException) -> str:
    """mrkdwn: what went wrong, without advice to whoever asked where that stands apart: for where nobody did."""
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
            key, its = _key(texts, error)
            return texts(f"errors.{key}", **its)


def _key(texts: Texts, error: BaseException) -> tuple[str, dict[str, Any]]:
    """Where the cause, and the advice that stands apart, are in the catalogue, and the values for both; nowhere for an
    error that has neither.
    """
    match error:
        case errors.RangeTooWide(total=total, limit=limit):
            return "too_wide" if total is None else "too_wide_total", {"total": total, "limit": limit}
        case errors.KickscaleRateLimited(retry_after=seconds) if seconds is not None:
            return "rate_limited_until", {"minutes": max(1, round(seconds / 60))}
        case errors.KickscaleUnavailable(status=status) if status is not None:
            return "unavailable_status", {"status": status}
        case errors.CredentialsRefused(message=said) if said:
            return "forbidden", {"said": code(said, API_WORDS)}
        case errors.KickscaleRejected(status=status, message=said):
            return "rejected", {"status": status, "said": code(said, API_WORDS) or texts("errors.no_code")}
        case errors.KickscaleError():
            return _name(error, _KICKSCALE), {}
        case errors.SlackError(code=slack_code) if known_text(texts, f"errors.code.{slack_code}"):
            return f"code.{slack_code}", {}
        case errors.SlackError(code=slack_code):
            return _name(error, _SLACK), {"code": code(slack_code, WORD) or texts("errors.no_code")}
        case errors.BotError():
            return "", {}
        case _:
            return "unexpected", {}


def _command(texts: Texts, error: errors.CommandError) -> str:
    values = {name: inline(value, API_WORDS) for name, value in error.values.items()}
    lines = [
        code(f"{SLASH_COMMAND} {error.typed}", TYPED),
        known_text(texts, f"command.error.{error.reason}", **values) or texts("errors.command"),
    ]
    if error.suggestion:
        lines.append(texts("errors.suggestion", suggestion=code(error.suggestion, WORD)))
    if error.example:
        lines.append(texts("errors.example", example=code(error.example, TYPED)))
    return "\n".join(filter(None, lines))


def _recording(texts: Texts, error: errors.RecordingRefused) -> str:
    name = files.name(texts, error.name) if error.name else texts("upload.of_message")
    values = {key: _value(texts, value) for key, value in error.values.items()} | {"name": name}
    key = f"recording.refused.{error.reason}"
    said = known_text(texts, key, **values) or texts("recording.refused.other", name=name)
    return said[:1].upper() + said[1:]


def _value(texts: Texts, value: str) -> str:
    """A number is a size in bytes; all else is text."""
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
    """The text of a key that comes with the error; nothing where the catalogue lacks it or one of its values."""
    try:
        return texts(key, **values)
    except (KeyError, TypeError):
        return ""
