"""A message or a view as plain text, for a terminal."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from bot.sandbox.slack import inputs
from bot.sandbox.slack.dates import ENGLISH, link_of, show_date
from bot.sandbox.slack.mrkdwn import unescape

_TOKEN = re.compile(r"<([^<>]+)>")
# Slack's formatting marks at the edge of a word:
# https://docs.slack.dev/messaging/formatting-message-text#basic-formatting
_MARKS = tuple(
    re.compile(rf"(?<![\w{mark}]){mark}(\S(?:[^\n]*?\S)??){mark}(?![\w{mark}])") for mark in (r"\*", "_", "~")
)
_CHART_AND_IMAGE = {"en": ("chart", "image"), "de": ("Diagramm", "Bild")}
_RULE = "─" * 40


class Plain:
    """`names` has the names for ids; dates are in `zone`, and "today" is the day of `now` there, in the `locale`.

    `values` (as in a view's `state.values`) is what was entered, `errors` what is wrong with it by block_id.
    """

    def __init__(  # noqa: PLR0917 who reads, and what was entered
        self,
        names: Mapping[str, str],
        zone: tzinfo,
        now: datetime,
        locale: str,
        values: Mapping[str, Any],
        errors: Mapping[str, str],
    ) -> None:
        self._names = names
        self._zone = zone
        self._now = now
        self._locale = locale
        self._names_of = _CHART_AND_IMAGE["de" if locale.startswith("de") else "en"]
        self._values = values
        self._errors = errors

    # ---- texts -------------------------------------------------------------------------------------------------------

    def mrkdwn(self, text: str) -> str:
        for mark in _MARKS:
            text = mark.sub(r"\1", text)
        return unescape(_TOKEN.sub(lambda match: self._token(match.group(1)), text))

    def _token(self, token: str) -> str:
        """https://docs.slack.dev/messaging/formatting-message-text#advanced"""
        target, _, label = token.partition("|")
        match target[:1]:
            case "@":
                return f"@{self._names.get(target[1:]) or label or target[1:]}"
            case "#":
                return f"#{self._names.get(target[1:]) or label or target[1:]}"
            case "!" if target.startswith("!date^"):
                return self._date(target, label)
            case "!" if target.startswith("!subteam^"):
                return label or f"@{target.removeprefix('!subteam^')}"
            case "!":
                return f"@{target[1:]}"
        if not label:
            return target
        if target == label or target.removeprefix("mailto:") == label:
            return label
        return f"{label} ({target})"

    def _date(self, token: str, fallback: str) -> str:
        text = show_date(token, fallback, self._zone, self._now, self._locale)
        link = link_of(token)
        return f"{text} ({link})" if link and text != fallback else text

    def text(self, node: Any) -> str:
        """Render a text object, or a string."""
        if isinstance(node, str):
            return self.mrkdwn(node)
        if not isinstance(node, Mapping):
            return ""
        body = str(node.get("text", ""))
        return self.mrkdwn(body) if node.get("type") == "mrkdwn" else unescape(body)

    # ---- blocks ------------------------------------------------------------------------------------------------------

    def blocks(self, blocks: Sequence[Mapping[str, Any]]) -> str:
        shown: list[str] = []
        for block in blocks:
            text = "\n".join(line.rstrip() for line in self._block(block))
            # Small print and buttons belong to the block above them.
            if shown and block["type"] in {"context", "actions", "image"}:
                shown[-1] += f"\n{text}"
            else:
                shown.append(text)
        return "\n\n".join(shown)

    def _block(self, block: Mapping[str, Any]) -> Iterator[str]:  # noqa: C901 -- one arm a type of block
        match block["type"]:
            case "header":
                title = self.text(block["text"])
                yield from (title, "=" * len(title))
            case "section":
                yield from self._section(block)
            case "context":
                yield "  ".join(self._element(item, block) for item in block["elements"])
            case "actions":
                yield " ".join(self._element(item, block) for item in block["elements"])
            case "data_visualization":
                yield f"[{self._names_of[0]}] {block['title']}"
            case "divider":
                yield _RULE
            case "image":
                yield f"[{self._names_of[1]}: {block['alt_text']}]"
            case "input":
                required = "" if block.get("optional") else " *"
                yield f"{self.text(block['label'])}{required}: {self._element(block['element'], block)}"
                if hint := self.text(block.get("hint")):
                    yield f"  {hint}"
                if error := self._errors.get(block.get("block_id", "")):
                    yield f"  ! {error}"
            case "markdown":
                yield block["text"]
            case "table":
                yield from self._table(block["rows"])
            case "rich_text":
                for part in block["elements"]:
                    yield from self._rich(part)

    def _section(self, block: Mapping[str, Any]) -> Iterator[str]:
        accessory = self._element(block["accessory"], block) if "accessory" in block else ""
        lines = self.text(block.get("text")).split("\n") if "text" in block else []
        lines += [self.text(field).replace("\n", ": ", 1) for field in block.get("fields") or []]
        if accessory and lines:
            lines[0] += f"  {accessory}"
        yield from lines

    def _element(self, element: Mapping[str, Any], block: Mapping[str, Any]) -> str:
        match element["type"]:
            case "plain_text" | "mrkdwn":
                return self.text(element)
            case "button":
                label = f"[{self.text(element['text'])}]"
                return f"{label} ({element['url']})" if "url" in element else label
            case "image":
                return f"[{self._names_of[1]}: {element['alt_text']}]"
            case "overflow":
                return " ".join(f"[{self.text(option['text'])}]" for option in element["options"])
            case "checkboxes" | "radio_buttons":
                state = inputs.state_of(element, block, self._values)
                picked = {
                    option["value"]
                    for option in (state.get("selected_options") or [state.get("selected_option")])
                    if option
                }
                return " ".join(
                    f"[{'x' if option['value'] in picked else ' '}] {self.text(option['text'])}"
                    for option in element["options"]
                )
            case _:
                shown = ", ".join(self._entered(inputs.state_of(element, block, self._values)))
                return f"[{shown or self.text(element.get('placeholder')) or '…'}]"

    def _entered(self, state: Mapping[str, Any]) -> Iterator[str]:
        """Yield what was entered, as text."""
        for key, value in state.items():
            for item in value if isinstance(value, list) else [value]:
                match key:
                    case "type":
                        pass
                    case _ if item is None:
                        pass
                    case "selected_option" | "selected_options":
                        yield self.text(item["text"])
                    case "selected_user" | "selected_users":
                        yield self._token(f"@{item}")
                    case "selected_channel" | "selected_channels" | "selected_conversation" | "selected_conversations":
                        yield self._token(f"#{item}")
                    case "selected_date_time":
                        yield f"{datetime.fromtimestamp(item, self._zone):%Y-%m-%d %H:%M}"
                    case _:
                        yield str(item)

    def _table(self, rows: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[str]:
        cells = [[self._cell(cell) for cell in row] for row in rows]
        widths = [max(len(row[column]) for row in cells if column < len(row)) for column in range(max(map(len, cells)))]
        for row in cells:
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))

    def _cell(self, cell: Mapping[str, Any]) -> str:
        if cell["type"] == "raw_text":
            return str(cell["text"])
        return " ".join(line for part in cell["elements"] for line in self._rich(part))

    def _rich(self, part: Mapping[str, Any], bullet: str = "") -> Iterator[str]:
        match part["type"]:
            case "rich_text_list":
                indent = "  " * int(part.get("indent", 0))
                for number, item in enumerate(part["elements"], start=1 + int(part.get("offset", 0))):
                    mark = f"{number}. " if part.get("style") == "ordered" else "• "
                    yield from self._rich(item, indent + mark)
            case "rich_text_quote":
                yield from (f"> {line}" for line in self._inline(part["elements"]).split("\n"))
            case _:
                yield from (bullet + self._inline(part["elements"])).rstrip("\n").split("\n")

    def _inline(self, elements: Sequence[Mapping[str, Any]]) -> str:
        text = ""
        for item in elements:
            match item["type"]:
                case "text":
                    text += item["text"]
                case "link":
                    text += self._token(f"{item['url']}|{item.get('text', '')}")
                case "user" | "channel":
                    text += self._token(f"{'@' if item['type'] == 'user' else '#'}{item[item['type'] + '_id']}")
                case "broadcast":
                    text += f"@{item['range']}"
                case "emoji":
                    text += f":{item['name']}:"
                case "date":
                    text += self._date(f"!date^{item['timestamp']}^{item['format']}", str(item.get("fallback", "")))
        return text


def render_text(
    payload: Mapping[str, Any],
    *,
    names: Mapping[str, str] | None = None,
    zone: tzinfo = UTC,
    now: datetime | None = None,
    locale: str = ENGLISH,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> str:
    """Return a message (`text`, `blocks`) or a view as text without markup.

    `names` maps the ids of users and channels to names; dates are shown in `zone` and `locale`. A view has `values`
    that were entered, and `errors` in them.
    """
    plain = Plain(names or {}, zone, now or datetime.now(UTC), locale, values or {}, errors or {})
    blocks = payload.get("blocks") or []
    if payload.get("type") not in {"modal", "home"}:
        return plain.blocks(blocks) if blocks else plain.mrkdwn(str(payload.get("text") or ""))
    shown = [plain.blocks(blocks)]
    if "title" in payload:
        title = plain.text(payload["title"])
        shown.insert(0, f"{title}\n{'=' * len(title)}")
    if buttons := [f"[{plain.text(payload[key])}]" for key in ("submit", "close") if payload.get(key)]:
        shown.append(" ".join(buttons))
    return "\n\n".join(shown)
