"""Customer domains, however people and Slack write them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domains import display, editable, matches, matches_any, named, normalise

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True).filter(lambda label: label != "www")
DOMAINS = st.builds(
    lambda labels, top: ".".join([*labels, top]),
    st.lists(LABELS, min_size=1, max_size=3),
    st.sampled_from(["com", "de", "io", "museum", "xn--p1ai"]),
)
STORED = re.compile(r"\*|(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("acme.com", "acme.com"),
        (" ACME.Com ", "acme.com"),
        ("https://www.ACME.com/", "acme.com"),
        ("http://acme.com:8080/a/b?c=d@e.org#f", "acme.com"),
        ("https://user:word@acme.com/", "acme.com"),
        ("acme.com:443", "acme.com"),
        ("acme.com/about", "acme.com"),
        ("acme.com?x", "acme.com"),
        ("acme.com.", "acme.com"),
        ("www.acme.com", "acme.com"),
        ("www.com", "www.com"),
        ("sophie@acme.com", "acme.com"),
        ("@acme.com", "acme.com"),
        ("Sophie <sophie@acme.com>", "acme.com"),
        ("<http://acme.com|acme.com>", "acme.com"),
        ("<https://www.acme.com/>", "acme.com"),
        ("<mailto:sophie@acme.com|sophie@acme.com>", "acme.com"),
        ("*.acme.com", "*.acme.com"),
        ("*.<http://acme.com|acme.com>", "*.acme.com"),
        ("https://*.acme.com/", "*.acme.com"),
        ("*", "*"),
        ("Bücher.DE", "xn--bcher-kva.de"),
        ("xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("XN--BCHER-KVA.de", "xn--bcher-kva.de"),
        ("sophie@straße.de", "xn--strae-oqa.de"),
        ("*.bücher.de", "*.xn--bcher-kva.de"),
        ("acme。com", "acme.com"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ("r3---sn.example.com", "r3---sn.example.com"),
    ],
)
def test_every_spelling_of_a_domain_is_stored_the_same_way(typed: str, stored: str) -> None:
    """Case, scheme, path, port, address, link markup and international letters don't matter."""
    assert normalise(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        ".",
        "*.",
        "**",
        "*.com",
        "*.*.acme.com",
        "acme",
        "acme..com",
        ".acme.com",
        "-acme.com",
        "acme-.com",
        "ac me.com",
        "acme_corp.com",
        "1.2.3.4",
        "2026.11.01",
        "[::1]",
        "sophie@",
        "https://",
        "a" * 64 + ".com",
        "ab." * 90 + "com",
        "ü" * 300 + ".com",
        "acme.c",
        "<@U123>",
        "<#C123|sales.acme>",
        "<!channel>",
    ],
)
def test_text_that_is_no_domain_is_refused(typed: str) -> None:
    """A word, a date, an IP address or a mention isn't taken for a customer."""
    with pytest.raises(ValueError, match=r"."):
        normalise(typed)


@given(st.text() | st.from_regex(r"(\*\.)?(https?://)?(www\.)?[\w.@:/<>|-]{0,30}"))
def test_any_text_is_normalised_or_refused(text: str) -> None:
    """It only raises ValueError, and normalising the result again changes nothing."""
    try:
        stored = normalise(text)
    except ValueError:
        return
    assert STORED.fullmatch(stored)
    assert normalise(stored) == stored


@given(DOMAINS)
def test_a_domain_is_recognised_in_addresses_and_links(domain: str) -> None:
    for dressed in (
        domain.upper(),
        f"https://www.{domain}/path?q=1",
        f"someone@{domain}",
        f"<http://{domain}|{domain}>",
        f"<mailto:a@{domain}|a@{domain}>",
        f"{domain}.",
        display(domain),
    ):
        assert normalise(dressed) == domain


@given(DOMAINS, LABELS)
def test_a_subdomain_only_matches_a_pattern_with_a_star(domain: str, label: str) -> None:
    """`acme.com` is only acme.com, `*.acme.com` is acme.com and everything below it, and `*` is everything."""
    below = f"{label}.{domain}"
    assert matches(domain, domain)
    assert not matches(domain, below)
    assert not matches(below, domain)
    assert matches(f"*.{domain}", domain)
    assert matches(f"*.{domain}", below)
    assert not matches(f"*.{domain}", f"{label}{domain}")
    assert not matches(f"*.{below}", domain)
    assert matches("*", domain)


def test_any_pattern_may_match_any_domain() -> None:
    """One matching pair is enough, no patterns match nothing, and `*` even matches a conversation without a domain."""
    assert matches_any(("other.org", "*.acme.com"), ("example.com", "eu.acme.com"))
    assert not matches_any(("other.org",), ("acme.com",))
    assert not matches_any((), ("acme.com",))
    assert not matches_any(("acme.com",), ())
    assert matches_any(("*",), ())


@pytest.mark.parametrize(
    ("text", "domains"),
    [
        ("about acme.com, and Example.COM.", ["acme.com", "example.com"]),
        ("<http://www.acme.com/x?y|acme.com> jane.doe@eu.acme.com", ["acme.com", "eu.acme.com"]),
        ("2026-11-20_acme.com_call.wav acme.com.mp3 call.m4a", ["acme.com"]),
        ("bücher.de... *.acme.com", ["xn--bcher-kva.de", "acme.com"]),
        ("bu\u0308cher.de-call.wav", ["xn--bcher-kva.de"]),
        ("acme.com-2026-11-24.wav www.acme.com-call.wav acme.com.2026.wav acme.com.ts", ["acme.com"]),
        ("call-acme.com-2026.wav 24.acme.com.wav", ["call-acme.com", "acme.com", "24.acme.com"]),
        ("acme.com.docx.wav acme.com.mpeg", ["acme.com.docx", "acme.com", "acme.com.mpeg"]),
        ("notacme.com.wav acme.company-call.wav", ["notacme.com", "acme.company"]),
        ("eu.acme.com-call.wav acme.com.au.wav acme.co.uk-call.wav", ["eu.acme.com", "acme.com.au", "acme.co.uk"]),
        ("t-online.de jane-doe@t-online.de acme.com+example.com.wav", ["t-online.de", "acme.com", "example.com"]),
        ("version 1.2, 10.0.0.1, e.g. none. " + "a" * 200_000, []),
    ],
)
def test_the_domains_that_a_text_names_are_found(text: str, domains: list[str]) -> None:
    """In links, addresses and file names, too. Numbers and plain file names aren't domains."""
    assert named(text) == domains


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("acme.com", "acme.com"),
        ("xn--bcher-kva.de", "bücher.de"),
        ("*.xn--bcher-kva.de", "*.bücher.de"),
        ("xn--ls8h.la", "xn--ls8h.la"),
        ("*", "*"),
    ],
)
def test_a_domain_is_shown_as_people_write_it(stored: str, shown: str) -> None:
    """International names are shown in their own letters, or in ASCII if those aren't valid."""
    assert display(stored) == shown


@pytest.mark.parametrize(
    "stored", ["acme.com", "*.acme.com", "*", "xn--bcher-kva.de", "xn--ls8h.la", "xn--strae-oqa.de"]
)
def test_what_is_shown_for_editing_is_read_back(stored: str) -> None:
    """Also a name whose own letters stand for another one, or for none."""
    assert normalise(editable(stored)) == stored
