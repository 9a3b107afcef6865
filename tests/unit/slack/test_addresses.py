"""Which addresses get the bot's token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.slack.addresses import headers_to, is_open, is_slacks_own, redirected

API = "https://slack.com/api/"


@pytest.mark.parametrize(
    "url",
    [
        "https://files.slack.com/files-pri/T1-F1/call.wav",
        "https://FILES.Slack.com:443/files-pri/T1-F1/call.wav",
        "https://slack.com/x",
        "https://files.slack-gov.com/files-pri/T1-F1/call.wav",
    ],
)
def test_slacks_own_hosts_get_the_token(url: str) -> None:
    """slack.com, GovSlack's domain, and their subdomains."""
    assert is_slacks_own(url, API)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "call.wav",
        "http://files.slack.com/f",
        "ftp://files.slack.com/f",
        "https://files.slack.com:8443/f",
        "https://slack.com.example.com/f",
        "https://evilslack.com/f",
        "https://example.com/files.slack.com",
        "https://files.slack.com@example.com/f",
        "https://example.com@files.slack.com/f",
        "https://example.com\\@files.slack.com/f",
        "https://files.slack.com\\@example.com/f",
        "https://example.com#.slack.com/f",
        "https://example.com%2f.slack.com/f",
        "https://[::1]/f",
        "https://[slack.com/f",
        "https://ѕlack.com/f",
        "https:///slack.com/f",
        "https://drive.example.com/f",
    ],
)
def test_no_other_host_gets_the_token(url: str) -> None:
    """Nor Slack's own without TLS, at another port, or combined with another host."""
    assert not is_slacks_own(url, API)


def test_the_configured_server_gets_the_token() -> None:
    """But no other server on the same machine."""
    assert is_slacks_own("http://127.0.0.1:8080/f", "http://127.0.0.1:8080/api/")
    assert not is_slacks_own("http://127.0.0.1:8081/f", "http://127.0.0.1:8080/api/")
    assert not is_slacks_own("https://127.0.0.1:8080/f", "http://127.0.0.1:8080/api/")


@pytest.mark.parametrize(
    ("url", "is_given"),
    [
        ("https://files-origin.slack.com/files-pri/T1-F1/call.wav", True),
        ("https://files.slack-gov.com/f", True),
        ("https://slack.corp.example.com/f", True),
        ("https://slack-files.com/T1-F1-abc", False),
        ("https://a.slack-edge.com/f", False),
        ("https://example.com/f", False),
    ],
)
def test_only_slacks_own_hosts_get_the_token_after_a_redirect(url: str, is_given: bool) -> None:
    """Addresses on the open hosts work without it."""
    expected = {"Authorization": "Bearer xoxb-secret"} if is_given else {}
    assert headers_to(url, "https://slack.corp.example.com/api/", "xoxb-secret") == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://slack-files.com/T1-F1-abc", True),
        ("https://a.slack-edge.com/f?signature=a%2Bb", True),
        ("http://slack-files.com/f", False),
        ("https://evilslack-files.com/f", False),
        ("https://slack-files.com.example.com/f", False),
        ("https://slack-edge.com@example.com/f", False),
        ("https://slack-edge.com:8443/f", False),
        ("https://[slack-edge.com/f", False),
        ("", False),
    ],
)
def test_open_hosts(url: str, expected: bool) -> None:
    """Two domains and their subdomains, over https."""
    assert is_open(url) is expected


@given(st.text(alphabet="htps:/\\@.#?[]%\t slackevi-com1", max_size=40))
def test_no_redirect_is_read_in_two_ways(location: str) -> None:
    """The host that is checked is the one that gets the request, whatever a `Location` contains."""
    target = redirected("https://files.slack.com/f", location)
    if is_slacks_own(target, API):
        assert (URL(target).host or "").endswith("slack.com")
        assert URL(target).scheme == "https"
