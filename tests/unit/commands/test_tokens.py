import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.tokens import Markup, Token, readable, tokens
from bot.errors import CommandError


def texts(text: str) -> list[str]:
    return [token.text for token in tokens(text)]


@pytest.mark.parametrize(
    "quoted",
    [
        '"two words"',
        "\u201ctwo words\u201d",
        "\u201etwo words\u201c",
        "\u201dtwo words\u201d",
        "\u00abtwo words\u00bb",
        "\u00bbtwo words\u00ab",
        "\uff02two words\uff02",
        '\u201ctwo words"',
        "'two words'",
        "\u2018two words\u2019",
        "\u201atwo words\u2018",
        "\u2039two words\u203a",
    ],
)
def test_quotes_of_all_kinds_hold_words_together(quoted: str) -> None:
    """Straight or curly, German or French, or one of each as phones leave them."""
    result = tokens(f"a {quoted} type:{quoted}, b")
    assert [token.text for token in result] == ["a", "two words", "type:two words", ",", "b"]
    assert [token.quoted for token in result] == [False, True, False, False, False]


@pytest.mark.parametrize("text", ['"a', 'a"', 'a "b" "', "'tis the season", "type:\u201cDiscovery", "\u00bb", 'a"b c'])
def test_a_quote_that_is_never_closed_is_refused(text: str) -> None:
    """Nobody knows where it should end."""
    with pytest.raises(CommandError) as raised:
        tokens(text)
    assert raised.value.reason == "quote"


def test_an_apostrophe_is_no_quote() -> None:
    """Within a word, and within single quotes."""
    assert texts("Rock'n'Roll M\u00fcller\u2019s") == ["Rock'n'Roll", "M\u00fcller\u2019s"]
    assert texts("\u2018M\u00fcller\u2019s deal\u2019 x") == ["M\u00fcller\u2019s deal", "x"]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("<@U123|rep>", Markup("@", "U123", "@rep")),
        ("<@U123>", Markup("@", "U123", "@U123")),
        ("<@U123|>", Markup("@", "U123", "@U123")),
        ("<#C123|general>", Markup("#", "C123", "#general")),
        ("<!subteam^S1|@team>", Markup("!", "subteam^S1", "@team")),
        ("<!here>", Markup("!", "here", "here")),
        ("<http://acme.com|acme.com>", Markup("", "http://acme.com", "acme.com")),
        ("<https://acme.com/?a=1&amp;b=2>", Markup("", "https://acme.com/?a=1&b=2", "https://acme.com/?a=1&b=2")),
        ("<mailto:a@acme.com|a@acme.com>", Markup("", "mailto:a@acme.com", "a@acme.com")),
        ("<mailto:a@acme.com>", Markup("", "mailto:a@acme.com", "a@acme.com")),
    ],
)
def test_what_slack_links_is_known_for_what_it_is(typed: str, read: Markup) -> None:
    """People, channels, groups and addresses, with and without a label."""
    assert tokens(f"a {typed}") == [Token(("a",)), Token((read,))]


def test_markup_is_read_before_escapes_are_undone() -> None:
    """Typing `<@U1>` mentions nobody: Slack escapes it."""
    assert tokens("&lt;@U1&gt; R&amp;D &amp;lt;") == [Token(("<@U1>",)), Token(("R&D",)), Token(("&lt;",))]
    assert texts('"R&amp;D with <@U1|rep>"') == ["R&D with @rep"]


def test_markup_may_be_a_part_of_a_word() -> None:
    """Slack links the domain in `*.acme.com`, and the person in `owner:@rep`."""
    assert texts("*.<http://acme.com|acme.com>, x<3 <") == ["*.acme.com,", "x<3", "<"]
    split = tokens("owner:<@U1|rep>")[0].split()
    assert split == ("owner", Token((Markup("@", "U1", "@rep"),)))


@pytest.mark.parametrize(
    "text", ["a\u00a0b", "a\u2003\u3000b", "a\t\nb", "\u200ba\ufeff b\u00ad", "a\x00b", "a\u2028b"]
)
def test_any_space_separates_words_and_invisible_characters_are_removed(text: str) -> None:
    """Pasted text has no-break spaces, control characters, zero-width spaces and byte-order marks."""
    assert texts(text) == ["a", "b"]


@pytest.mark.parametrize("text", ["https://acme.com", "acme.com:8080", ":x", "8:30", "-:x"])
def test_a_colon_is_not_enough_for_a_filter(text: str) -> None:
    """A filter's key is a word."""
    assert tokens(text)[0].split() is None


def test_what_was_typed_is_shown_as_people_read_it() -> None:
    """Without Slack's markup and escapes."""
    assert readable(" calls <http://acme.com|acme.com>\u00a0<@U1|rep> R&amp;D ") == "calls acme.com @rep R&D"


@given(st.text(alphabet="ab <>|@#!:\"'\u201c\u2019&;,", max_size=60) | st.text(st.characters()))
def test_no_text_breaks_the_cutting(text: str) -> None:
    """Only an open quote is an error, and nothing that could be seen is lost but quotes and spaces."""
    try:
        result = tokens(text)
    except CommandError:
        return
    assert all(token.parts for token in result)
    assert all(" " not in part for token in result for part in token.parts if isinstance(part, str))
