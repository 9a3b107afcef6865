"""The answer to `search`."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.commands import Filters, SearchCommand
from bot.model.mirror import Freshness
from bot.model.questions import Question
from bot.model.search import Passage, Piece, SearchAnswer, SearchHit
from bot.render.search.results import results_message
from bot.search.passages import find_passages
from tests.unit.render import samples
from tests.unit.render.samples import STARTS, TEXTS, WEEK, conversation
from tests.unit.render.slack_rules import check_message, shown

FRESH = Freshness(STARTS, STARTS, days=400, missing=0)


def answer(*hits: SearchHit, words: tuple[str, ...] = ("price",), **changes: Any) -> SearchAnswer:
    values: dict[str, Any] = {
        "command": SearchCommand(words, WEEK, ("acme.com",)),
        "hits": hits,
        "total": len(hits),
        "page": 0,
        "pages": 1,
        "freshness": FRESH,
        "first_copied": None,
        "transcripts": False,
    }
    return SearchAnswer(**values | changes)


def render(answer: SearchAnswer) -> Any:
    question = Question("q", answer.command, "UTC", "U1", "C1", STARTS)
    payload = results_message(TEXTS, question, answer, link_template="https://app.example.com/{id}")
    check_message(payload)
    return payload


def test_hits_are_bold_in_their_sentences() -> None:
    """In a transcript with who said it and when; a sentence of anything but the summary says of what."""
    hit = SearchHit(
        conversation(),
        (
            Passage("transcript", (Piece("Our "), Piece("price", is_hit=True), Piece(", <!here>")), "Jane", 61.5),
            Passage("question", (Piece("…"), Piece("price", is_hit=True), Piece("?"))),
        ),
    )
    payload = render(answer(hit, total=21, pages=3, page=1, transcripts=True))
    text = shown(payload)
    assert text.startswith("21 conversations with “price”\n")
    assert "\n[Details]\n> Jane, 00:01:01: Our *price*, &lt;!here&gt;\n> Question: …*price*?\n" in text
    assert "External conversations only · with acme.com · Mon, 16 – Sun, 22 Nov 2026 · transcripts included" in text
    assert text.endswith("[Previous]\n[More]\n[Share in channel]")


def test_nothing_found_says_what_to_try() -> None:
    """Only what can help."""
    assert shown(render(answer())).startswith(
        "*No conversations with “price”*\nTry fewer or shorter words. Leave out the dates"
    )
    bare = answer(command=SearchCommand(("a", "b")), freshness=Freshness(None, None, days=400, missing=390))
    text = shown(render(bare))
    assert "Leave out" not in text
    assert "“a” and “b”" in text
    assert "(10 of 400 days so far)" in text
    filtered = answer(command=SearchCommand(("a",), filters=Filters(type="Demo")))
    assert "Try fewer filters." in shown(render(filtered))


@settings(max_examples=15)
@given(samples.conversations, st.lists(samples.texts, min_size=1, max_size=12))
def test_results_keep_slacks_limits(found: Any, words: list[str]) -> None:
    """Whatever was found for whatever words, ten times over."""
    hit = SearchHit(found, find_passages(found, [*words, "a", "e", "the"]))
    render(answer(*[hit] * 10, words=tuple(words), total=1_000_000, page=5, pages=100_000))
