"""Splits the text of a slash command into tokens.

Slack turns what was typed into markup: `<@U123|rep>`, `<#C123|general>`, `<!subteam^S1|@team>`,
`<http://acme.com|acme.com>`, and `&amp;`, `&lt;`, `&gt;`
(https://docs.slack.dev/messaging/formatting-message-text/#escaping).
Phones and editors add curly quotes, no-break spaces and invisible characters.
"""

import re
import unicodedata
from dataclasses import dataclass, replace

from bot.errors import CommandError

_DOUBLE = '"\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02\u301d\u301e\u301f'
_SINGLE = "'\u2018\u2019\u201a\u201b\u2039\u203a\uff07"
_JOINERS = "\u200c\u200d"
_MARKUP = re.compile(r"<([^<>]*)>")
# Everything up to a space, markup, a double quote, or a single quote after a colon.
_PLAIN = re.compile(rf"(?:[^ <:{_DOUBLE}]|:(?![{_SINGLE}]))+:?|:")
_END_DOUBLE = re.compile(f"[{_DOUBLE}]")
_END_SINGLE = re.compile(f"[{_SINGLE}](?=[ ,;]|$)")
_KEY = re.compile(r"([^\W\d_][\w-]*):(?!//)")


@dataclass(frozen=True, slots=True)
class Quoted:
    text: str


@dataclass(frozen=True, slots=True)
class Markup:
    """A Slack link. `kind` is `@` for a person, `#` for a channel, `!` for a group, and empty for an address."""

    kind: str
    target: str
    text: str
    """As a person reads it."""


Part = str | Quoted | Markup


@dataclass(frozen=True, slots=True)
class Token:
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """As a person reads it, without quotes."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    @property
    def markup(self) -> str:
        """As Slack would send it if it was typed again: `tokens` reads the same token from it."""
        return "".join(map(_typed, self.parts))

    @property
    def shown(self) -> str:
        """As a person would type it."""
        return "".join(f'"{part.text}"' if isinstance(part, Quoted) else _shown(part) for part in self.parts)

    @property
    def sole(self) -> Part | None:
        """Its only part, if it has just one."""
        return self.parts[0] if len(self.parts) == 1 else None

    @property
    def quoted(self) -> bool:
        return isinstance(self.sole, Quoted)

    def split(self) -> "tuple[str, Token] | None":
        """Return the two halves of `key:value`; None if there is no key. An address like `https://…` has none."""
        head = self.parts[0] if self.parts else ""
        match = _KEY.match(head) if isinstance(head, str) else None
        if not match or not isinstance(head, str):
            return None
        rest = head[match.end() :]
        return match[1], Token(((rest,) if rest else ()) + self.parts[1:])

    def trimmed(self) -> "Token":
        """Return the token without the punctuation of a sentence at its end; a full stop may belong to a date."""
        last = self.parts[-1] if self.parts else None
        if not isinstance(last, str):
            return self
        rest = last.rstrip(",;?!")
        if len(self.parts) == 1:
            rest = rest.removeprefix("(")
            rest = rest if "(" in rest else rest.removesuffix(")")
        return replace(self, parts=self.parts[:-1] + ((rest,) if rest else ()))


def _typed(part: Part) -> str:
    if isinstance(part, Quoted):
        return quote(part.text)
    if isinstance(part, Markup):
        label = part.text.removeprefix(part.kind)
        return f"<{part.kind}{escape(part.target)}{'|' if label else ''}{escape(label)}>"
    return escape(part)


def _shown(part: str | Markup) -> str:
    return part if isinstance(part, str) else part.text


def quote(text: str) -> str:
    """Return text in quotation marks, as Slack would send it."""
    marks = '"' if not _END_DOUBLE.search(text) else "'"
    return f"{marks}{escape(text)}{marks}"


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def readable(text: str) -> str:
    """Return what the person typed, as far as Slack's markup shows it."""
    return _text(_clean(text)).strip()


def tokens(text: str) -> list[Token]:
    """Return the tokens of a command's text. Raises CommandError if a quotation mark is never closed.

    Double quotes of all kinds match each other, since phones curl only one of a pair. Single quotes can also be
    apostrophes, so they only open at the start of a token or after a colon, and only close at the end of a word.
    """
    text = _clean(text)
    result: list[Token] = []
    parts: list[Part] = []

    def flush() -> None:
        if parts:
            result.append(Token(tuple(parts)))
            parts.clear()

    def add(plain: str) -> None:
        if parts and isinstance(parts[-1], str):
            parts[-1] += plain
        else:
            parts.append(plain)

    at = 0
    while at < len(text):
        char = text[at]
        after_colon = bool(parts) and isinstance(parts[-1], str) and parts[-1].endswith(":")
        if char == " ":
            flush()
            at += 1
        elif char == "<" and (markup := _MARKUP.match(text, at)):
            kind, target, shown = _markup(markup[1])
            parts.append(Markup(kind, _unescape(target), _unescape(shown)))
            at = markup.end()
        elif char in _DOUBLE or (char in _SINGLE and (after_colon or not parts)):
            if not after_colon:
                flush()
            quoted, at = _quoted(text, at)
            parts.append(quoted)
            flush()
        else:
            plain = _PLAIN.match(text, at)
            end = plain.end() if plain else at + 1
            add(_unescape(text[at:end]))
            at = end
    flush()
    return result


def _quoted(text: str, at: int) -> tuple[Quoted, int]:
    """Return the quoted text that begins at `at`, and where it ends."""
    closing = (_END_DOUBLE if text[at] in _DOUBLE else _END_SINGLE).search(text, at + 1)
    if not closing:
        raise CommandError(readable(text), "quote", {"word": readable(text[at:])})
    return Quoted(" ".join(_text(text[at + 1 : closing.start()]).split())), closing.end()


def _clean(text: str) -> str:
    """Turn all kinds of spaces into plain ones, and drop invisible characters except joiners, which scripts need."""
    return "".join(map(_visible, text)).replace("\uff1a", ":")


def _visible(char: str) -> str:
    if char == "`":  # a command copied from a message
        return ""
    if char.isascii():
        return char if char.isprintable() else " "
    category = unicodedata.category(char)
    if category in ("Zs", "Zl", "Zp", "Cc", "Cs"):
        return " "
    return "" if category == "Cf" and char not in _JOINERS else char


def _text(text: str) -> str:
    return _unescape(_MARKUP.sub(lambda match: _markup(match[1])[2], text))


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _markup(body: str) -> tuple[str, str, str]:
    """Return the kind, the target, and the visible text, which is still escaped."""
    target, _, label = body.partition("|")
    kind = target[:1] if target.startswith(("@", "#", "!")) else ""
    target = target.removeprefix(kind)
    shown = label or target.removeprefix("mailto:")
    return kind, target, shown if kind in ("", "!") else kind + shown.removeprefix(kind)
