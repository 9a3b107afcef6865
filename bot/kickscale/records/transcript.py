"""Transcripts, whose times may be in seconds or milliseconds."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from bot.kickscale.records.people import person
from bot.kickscale.records.shapes import TEXT_KEYS, first, identifier, items, seconds, text
from bot.model.conversation import Insight, Utterance


def utterances(value: object, duration: float | None) -> tuple[Utterance, ...]:
    """Return what was said. `duration` is how long the conversation took, in seconds."""
    said = tuple(_utterances(value))
    latest = max((utterance.at for utterance in said if utterance.at is not None), default=0.0)
    # If it seems ten times as long as the conversation itself, the times are in milliseconds.
    if duration and latest > 10 * duration:
        return tuple(
            utterance if utterance.at is None else replace(utterance, at=utterance.at / 1000) for utterance in said
        )
    return said


def with_moments(insights: Iterable[Insight], said: Iterable[Utterance]) -> tuple[Insight, ...]:
    """Return the insights with the moments and speakers of their quotes, as far as the transcript has them."""
    by_id = {utterance.id: utterance for utterance in said if utterance.id}
    return tuple(
        replace(insight, at=utterance.at, speaker=insight.speaker or utterance.speaker)
        if insight.utterance_id and (utterance := by_id.get(insight.utterance_id)) is not None
        else insight
        for insight in insights
    )


def _utterances(value: object, depth: int = 4) -> Iterator[Utterance]:
    if isinstance(value, dict) and depth:
        inner = first(
            value, "utterances", "segments", "sentences", "entries", "paragraphs", "items", "data", "transcript"
        )
        if inner is not None:
            yield from _utterances(inner, depth - 1)
            return
        value = [value]
    for item in items(value):
        if not isinstance(item, dict):
            if line := text(item):
                yield Utterance(line)
            continue
        words = first(item, "text", "content", "words", "sentence", "transcript", "value")
        said = [text(word, ("word", *TEXT_KEYS)) for word in words] if isinstance(words, list) else [text(words)]
        speaker = first(item, "speaker", "speakerName", "speaker_name", "participant", "name", "user", "author")
        who = person(speaker)
        if sentence := " ".join(" ".join(said).split()):
            yield Utterance(sentence, who.name or who.email or who.id, _at(item), _id(item))


def _id(utterance: dict[str, Any]) -> str:
    return identifier(first(utterance, "id", "utteranceId", "utterance_id", "_id"))


def _at(utterance: dict[str, Any]) -> float | None:
    milliseconds = seconds(first(utterance, "startMs", "start_ms", "startTimeMs", "offsetMs"))
    if milliseconds is not None:
        return milliseconds / 1000
    return seconds(first(utterance, "start", "startTime", "start_time", "at", "offset", "time", "timestamp", "from"))
