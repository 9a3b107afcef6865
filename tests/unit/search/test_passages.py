"""The sentences in which words were found."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.conversation import ActionItem, Conversation, Insight, Kind, Utterance
from bot.model.search import Passage
from bot.search.passages import LONGEST, find_passages


def conversation(**fields: object) -> Conversation:
    return Conversation("c1", Kind.CALL).replace(**fields)


def marked(passage: Passage) -> str:
    return "".join(f"[{piece.text}]" if piece.is_hit else piece.text for piece in passage.pieces)


@pytest.mark.parametrize(
    ("summary", "words", "shown"),
    [
        ("They met. The price was agreed on. Bye.", ["PRICE"], "The [price] was agreed on."),
        ("They want single sign-on soon.", ["single sign on"], "They want [single sign-on] soon."),
        ("Send it by e-mail!", ["mail"], "Send it by [e-mail]!"),
        ("Sie brauchen Gastzug\u00e4nge.", ["zugaenge"], "Sie brauchen [Gastzug\u00e4nge]."),
        ("Die Stra\u00dfe (S\u00fcd).", ["strasse"], "Die [Stra\u00dfe] (S\u00fcd)."),
        ("Cafe\u0301 Mu\u0308ller", ["caf\u00e9", "muller"], "[Caf\u00e9] [M\u00fcller]"),
        ("Items of it.", ["it"], "Items of [it]."),
        ("The USA uses it.", ["usa"], "The [USA] uses it."),
        ("- First point\n- Second price", ["price"], "- Second [price]"),
    ],
)
def test_a_hit_is_marked_in_its_sentence(summary: str, words: list[str], shown: str) -> None:
    """The whole word, whatever its case, accents and umlauts; a phrase as one."""
    (passage,) = find_passages(conversation(summary=summary), words)
    assert marked(passage) == shown


def test_two_sentences_show_as_many_of_the_words_as_possible() -> None:
    """What is said together comes before what is said apart; a transcript's says who said it and when."""
    found = find_passages(
        conversation(
            summary="The price came up.",
            action_items=(ActionItem("Send the price and the offer"),),
            insights=(Insight("Budget", "It is small."),),
            transcript=(Utterance("Hello. We have no budget, and no time!", "Jane", 61.5),),
        ),
        ["price", "offer", "time"],
    )
    assert [(passage.source, marked(passage)) for passage in found] == [
        ("action_item", "Send the [price] and the [offer]"),
        ("transcript", "We have no budget, and no [time]!"),
    ]
    assert (found[1].speaker, found[1].at) == ("Jane", 61.5)


def test_words_of_a_name_need_no_sentence() -> None:
    """The name is shown anyway."""
    assert find_passages(conversation(name="Price", summary="They met."), ["price"]) == ()


def test_a_long_sentence_is_cut_around_its_hit() -> None:
    """At words, with an ellipsis on either side."""
    (passage,) = find_passages(conversation(summary="before " * 100 + "price " + "after " * 100), ["price"])
    assert "[price]" in marked(passage)
    assert marked(passage).startswith("…before")
    assert marked(passage).endswith("after…")
    assert len(marked(passage)) < LONGEST + 20


@given(st.text(max_size=400), st.lists(st.text(max_size=20), max_size=4))
def test_a_passage_is_a_part_of_the_text(summary: str, words: list[str]) -> None:
    """Whatever is in it, nothing is doubled or invented."""
    for passage in find_passages(conversation(summary=summary), words):
        plain = "".join(piece.text for piece in passage.pieces).strip("…")
        assert plain in unicodedata.normalize("NFC", summary)
        assert any(piece.is_hit for piece in passage.pieces)
