import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domains import display, matches, matches_any, normalise


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("acme.com", "acme.com"),
        ("ACME.Com", "acme.com"),
        ("https://www.ACME.com/", "acme.com"),
        ("http://acme.com:8080/path?x=1#y", "acme.com"),
        ("www.acme.com", "acme.com"),
        ("www.com", "www.com"),
        ("sophie@acme.com", "acme.com"),
        ("mailto:sophie@acme.com", "acme.com"),
        ("<http://acme.com|acme.com>", "acme.com"),
        ("<http://acme.com>", "acme.com"),
        ("<mailto:sophie@acme.com|sophie@acme.com>", "acme.com"),
        ("acme.com.", "acme.com"),
        ("müller.de", "xn--mller-kva.de"),
        ("MÜLLER.de", "xn--mller-kva.de"),
        ("straße.de", "xn--strae-oqa.de"),
        ("xn--mller-kva.de", "xn--mller-kva.de"),
        ("*.acme.com", "*.acme.com"),
        ("*", "*"),
        ("eu.acme.com", "eu.acme.com"),
    ],
)
def test_whatever_people_make_of_a_domain_is_read(text: str, domain: str) -> None:
    """Addresses, links and international names all name their domain."""
    assert normalise(text) == domain


@pytest.mark.parametrize(
    "text",
    ["", "acme", "last-week", "a..b", "-a.com", "a b.com", "1.2.3.4", "*.", "*acme.com", "ä" * 300 + ".de", "<>", "@"],
)
def test_what_is_no_domain_is_refused(text: str) -> None:
    """A word that is no domain raises ValueError."""
    with pytest.raises(ValueError, match="domain"):
        normalise(text)


@given(st.text())
def test_any_text_is_a_domain_or_a_value_error(text: str) -> None:
    """Nothing but ValueError is ever raised, and what is read once stays as it is."""
    try:
        domain = normalise(text)
    except ValueError:
        return
    assert normalise(domain) == domain
    assert domain.isascii()


def test_a_parent_takes_its_subdomains_only_when_asked() -> None:
    """acme.com is not eu.acme.com; *.acme.com is both; neither is notacme.com."""
    assert matches("acme.com", "acme.com")
    assert not matches("acme.com", "eu.acme.com")
    assert matches("*.acme.com", "acme.com")
    assert matches("*.acme.com", "eu.acme.com")
    assert not matches("*.acme.com", "notacme.com")
    assert not matches("acme.com", "acme.com.evil.example")
    assert matches_any(["x.com", "*.acme.com"], ["a.acme.com"])
    assert not matches_any(["x.com"], [])


def test_an_international_name_is_shown_as_people_write_it() -> None:
    """Punycode is for machines."""
    assert display("xn--mller-kva.de") == "müller.de"
    assert display("acme.com") == "acme.com"
