"""What Kickscale's analysis says about a conversation, with figures about people apart from the rest."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from bot.kickscale.records.people import person
from bot.kickscale.records.shapes import (
    LIST_KEYS,
    TEXT_KEYS,
    figure,
    first,
    first_named,
    identifier,
    items,
    leaves,
    number,
    prose,
    seconds,
    spaced,
    text,
)
from bot.model.conversation import ActionItem, Insight, Metric

_TITLE_KEYS = ("title", "name", "label", "category", "topic", "key", "eventType", "event_type", "type")
_BODY_KEYS = (
    *("text", "description", "content", "value", "summary", "answer", "body"),
    *("insight", "insightText", "insight_text", "eventDescription", "event_description"),
)
_DONE = {"done", "completed", "complete", "closed", "true", "yes"}
_METRICS = 60


def action_items(value: object) -> Iterator[ActionItem]:
    for item in items(value, (*TEXT_KEYS, "task", "action")):
        task = text(item, ("text", "task", "action", *TEXT_KEYS))
        if not task:
            continue
        if isinstance(item, dict):
            responsible = person(first(item, "owner", "assignee", "assignedTo", "responsible", "user"))
            done = first(item, "done", "isDone", "completed", "isCompleted", "checked", "status")
            is_done = done is True or text(done).lower() in _DONE
            yield ActionItem(task, responsible.name or responsible.email, is_done)
        else:
            yield ActionItem(task)


def insights(value: object) -> tuple[tuple[Insight, ...], tuple[Metric, ...]]:
    """Return the insights, which everybody may see, and apart from them what is or may be a figure about a person."""
    open_to_all, figures = [], []
    for section in _sections(value):
        title, body = section.title, section.text
        if title == body or not (title and body):
            title, body = "", title or body  # just a text, which may be a figure with its name
            if (named := _split_figure(body)) and _PERSONAL.search(spaced(named[0])):
                title, body = named
        if not _may_be_personal(title, body):
            open_to_all.append(replace(section, title=title or body, text=body if title else ""))
        elif title:
            figures.append(Metric(spaced(title), body))
    return tuple(open_to_all), tuple(figures)


def _sections(value: object) -> Iterator[Insight]:
    """Yield titles and bodies, of which one may be empty, and quotes."""
    if isinstance(value, dict) and not any(key in value for key in (*_TITLE_KEYS, *_BODY_KEYS, *LIST_KEYS)):
        for key, section in value.items():
            if body := prose(section):
                yield Insight(spaced(key), body)
        return
    for item in items(value):
        body = text(item, _BODY_KEYS) or (prose(first(item, *_BODY_KEYS, "items")) if isinstance(item, dict) else "")
        title = text(item, _TITLE_KEYS)
        quote, speaker, utterance_id = _quote(item) if isinstance(item, dict) else ("", "", "")
        if title or body or quote:
            yield Insight(title, body, quote, speaker, utterance_id)


def _quote(item: dict[str, Any]) -> tuple[str, str, str]:
    """Return an insight's quote, who said it, and the id of the utterance; nothing without a quote."""
    quote = text(first_named(item, "quote", "verbatim"))
    if not quote:
        return "", "", ""
    who = person(first_named(item, "speaker", "speakername"))
    return quote, who.name or who.email, identifier(first_named(item, "utteranceid"))


def _may_be_personal(title: str, body: str) -> bool:
    """Return whether the title or a line has a personal name, or a line is a bare number of unknown meaning."""
    return bool(_PERSONAL.search(spaced(title))) or any(
        seconds(line) is not None
        or number(line.replace(",", ".")) is not None
        or ((named := _split_figure(line)) and _PERSONAL.search(spaced(named[0])))
        for line in body.splitlines()
    )


def _split_figure(line: str) -> tuple[str, str] | None:
    """Return the name and the figure of e.g. `Talk share: 60 %`; None if a line isn't a name and a figure."""
    if (sign := _SIGN.search(line)) is None:
        return None
    name, figure = line[: sign.start()].strip(), line[sign.end() :].strip()
    is_metric = bool(_FIGURE.match(figure)) and "\n" not in figure
    return (name, figure) if 0 < len(name) <= _LONGEST_NAME and is_metric else None


_SIGN = re.compile("[:=]")
_FIGURE = re.compile(r"\S*\d")
_LONGEST_NAME = 80
_PERSONAL = re.compile(
    r"\b(?:talk|speak|speech|listen)\w* (?:share|time|percent|part|rate|speed)|\bratio|\bpatien|\bmonolog"
    r"|\bwords per minute|\bwpm\b|\bpace\b|\bratings?\b|\bscor(?:e|es|ing)\b|\binteractiv|\bfiller|\binterruption"
    r"|(?:rede|sprech|gesprächs)(?:anteil|zeit|tempo)|\bgeduld|w[öo]e?rter pro minute|\bbewertung|\bpunktzahl"
    r"|\binteraktiv|\bfüllw|\bunterbrechung"
)
"""Names of figures about people, in English and German, as `spaced` writes them."""


def metrics(value: object, figures: Iterable[Metric]) -> tuple[Metric, ...]:
    """Return the first few figures, and after them those that were found elsewhere."""
    return tuple(islice(chain(_metrics(value), figures), _METRICS))


def _metrics(value: object) -> Iterator[Metric]:
    """Yield a figure for each value; ratios are shown in percent."""
    named = [value] if isinstance(value, dict) else value if isinstance(value, list) else []
    for item in named:
        label = text(item, ("name", "title", "label", "key", "type", "metric")) if isinstance(item, dict) else ""
        has_value = isinstance(item, dict) and any(key in item for key in ("value", "score", "result"))
        if label and has_value:
            yield from _figures(leaves(first(item, "value", "score", "result"), spaced(label)), text(item.get("unit")))
        else:
            yield from _figures(leaves(item))


def _figures(values: Iterator[tuple[str, Any]], unit: str = "") -> Iterator[Metric]:
    for name, value in values:
        is_part = isinstance(value, float) and 0 <= value <= 1 and re.search(r"ratio|share|percent", name)
        shown = f"{value:.0%}" if is_part else figure(value) or (text(value) if isinstance(value, str) else "")
        label = name.removesuffix(": value")
        if label and shown:
            yield Metric(label, f"{shown} {unit}".strip() if unit and not is_part else shown)


def feedback(value: object) -> str:
    """Return a text, or one line for each criterion with its score."""
    if isinstance(value, str):
        return text(value)
    lines = []
    for item in items(value, ("criterion", *TEXT_KEYS)):
        score = text(first(item, "score", "rating", "points", "result")) if isinstance(item, dict) else ""
        lines.append(": ".join(filter(None, (text(item, ("criterion", *TEXT_KEYS)), score))))
    return "\n".join(filter(None, lines))
