"""What the API answers to an upload, and which addresses in it are trusted."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import KickscaleUnreadable
from bot.kickscale.addresses import check_address, is_public
from bot.kickscale.uploading.answers import Address, address, call_id, storage_words

BASE = "https://api.kickscale.com"
URL = "https://storage.example.com/calls/1?X-Amz-Signature=0a1b"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.just(URL),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "data", "call", "uploadUrl", "headers", "method"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("answer", "call"),
    [
        ({"id": "c1"}, "c1"),
        ({"id": 17}, "17"),
        ({"_id": "c1"}, "c1"),
        ({"data": {"id": "c1"}}, "c1"),
        ({"data": [{"id": "c1"}]}, "c1"),
        ([{"id": "c1"}], "c1"),
        ({"data": {"call": {"id": "c1"}, "id": "upload-1"}}, "c1"),
        ({"id": "upload-1", "callId": "c1"}, "c1"),
        ({"id": "upload-1", "call": {"id": "c1"}}, "c1"),
        ([{"id": "c1"}, {"id": "c2"}], ""),
        ({"message": "ok"}, ""),
        ({"id": ""}, ""),
        ({"id": True}, ""),
        ({"id": {"a": 1}}, ""),
        ({"id": "x" * 300}, ""),
        ({"externalCallId": "slack-F1"}, ""),
        ("c1", ""),
        (None, ""),
    ],
)
def test_the_id_of_the_call_is_found_wherever_an_answer_has_it(answer: Any, call: str) -> None:
    """The call's own rather than that of the upload."""
    assert call_id(answer) == call


@pytest.mark.parametrize(
    ("answer", "field", "expected_address"),
    [
        ({"uploadUrl": URL}, "uploadUrl", Address(URL, "PUT", {}, "")),
        ({"data": {"uploadUrl": URL, "callId": "c1"}}, "data.uploadUrl", Address(URL, "PUT", {}, "c1")),
        ({"data": {"uploadUrl": URL}, "id": 5}, "uploadUrl", Address(URL, "PUT", {}, "5")),
        ({"uploadUrl": URL}, "data.uploadUrl", Address(URL, "PUT", {}, "")),
        ({"upload": {"url": URL, "method": "post"}}, "upload.url", Address(URL, "POST", {}, "")),
        (
            {"url": URL, "headers": {"x-ms-blob-type": "BlockBlob", "x-n": 1, "x-list": ["a", "b"]}},
            "url",
            Address(URL, "PUT", {"x-ms-blob-type": "BlockBlob", "x-n": "1", "x-list": "a,b"}, ""),
        ),
        (
            {
                "data": {"url": URL},
                "headers": {
                    "Host": "a",
                    "Content-Length": "1",
                    "Cookie": "a",
                    "api-key": "a",
                    "Client-Id": "a",
                    "bad name": "a",
                    "bad": "a\r\nb",
                    "Content-Type": "audio/wav",
                },
            },
            "data.url",
            Address(URL, "PUT", {"Content-Type": "audio/wav"}, ""),
        ),
    ],
)
def test_an_answer_says_where_the_bytes_go(answer: Any, field: str, expected_address: Address) -> None:
    """And how, except for what HTTP sets itself and what would hand the credentials on."""
    assert address(answer, field, BASE) == expected_address


@pytest.mark.parametrize(
    "answer",
    [None, [], {}, {"uploadUrl": ""}, {"uploadUrl": {"a": 1}}, {"uploadUrl": URL, "method": "DELETE"}, "text"],
)
def test_an_answer_without_a_usable_address_is_unreadable(answer: Any) -> None:
    """Whatever it is instead."""
    with pytest.raises(KickscaleUnreadable):
        address(answer, "uploadUrl", BASE)


@given(JSON)
def test_no_answer_is_too_odd(answer: Any) -> None:
    """It is read, or it is unreadable."""
    assert isinstance(call_id(answer), str)
    try:
        read_address = address(answer, "data.uploadUrl", BASE)
    except KickscaleUnreadable:
        return
    assert read_address.url == URL


@pytest.mark.parametrize(
    "url",
    [
        "http://storage.example.com/1",
        "ftp://storage.example.com/1",
        "https://user@storage.example.com/1",
        "https://api.kickscale.com@evil.example.com/",
        "https://127.0.0.1/1",
        "https://10.1.2.3/1",
        "https://169.254.169.254/latest",
        "https://[::1]/1",
        "https://[::ffff:10.0.0.1]/1",
        "https://[fe80::1%25eth0]/1",
        "https://0.0.0.0/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://127.0.0.0x1/",
        "https://127%2e0.0.1/",
        "https://127%2e0.0.example.com/",
        "https://storage.example.com\\@evil.example.com/",
        "https://storage.example.com/a b",
        "https://storage.example.com/\r\nHost: a",
        "https://storage.example.com:99999/",
        "https://bücher.example.com/",
        "https:///1",
        "storage.example.com/1",
        "http://api.kickscale.com/1",
        "https://storage.example.com/" + "a" * 9000,
        "https://" + "a" * 254 + ".example.com/",
        "https://storage.example.com:22/",
        "https://storage.example.com:0/",
        "https://storage.example.com:/",
        "https://storage.example.com;.example.org/",
        "https://storage.example.com[8.8.8.8]/",
        "https://storage.example.com[::ffff:8.8.8.8]/",
        "https://[2606:4700::1111]x/",
        "https://[2606:4700::1111%251]/",
        "https://[v1.a]/",
        "https://localhost/",
        "https://localhost./",
        "https://printer/",
        "https://metadata.google.internal/",
        "https://nas.fritz.lan/",
        "https://[::7f00:1]/",
        "https://[::ffff:0:127.0.0.1]/",
        "https://[fec0::1]/",
        "https://[64:ff9b:1::a00:1]/",
    ],
)
def test_an_address_that_is_not_of_the_world_outside_is_refused(url: str) -> None:
    """Nor one that is not what it looks like, or is not encrypted."""
    with pytest.raises(ValueError, match=r"not|[Pp]ort"):
        check_address(url, BASE)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        (URL, BASE),
        ("https://8.8.8.8:8443/1?a=%20&b=[1]", BASE),
        ("HTTPS://Storage.Example.com/1", BASE),
        ("https://1.2.example.com./1", BASE),
        ("https://my_bucket.s3.eu-central-1.amazonaws.com/1", BASE),
        ("http://127.0.0.1:8080/put/1", "http://127.0.0.1:9000"),
        ("https://10.1.2.3/put", "https://10.1.2.3/api"),
        ("https://localhost:8443/put", "https://localhost"),
        ("https://storage.example.com:443?a", BASE),
    ],
)
def test_an_address_outside_or_on_the_apis_own_host_is_taken(url: str, base: str) -> None:
    """The latter as the API itself is talked to."""
    check_address(url, base)


def test_of_hosts_that_are_named_no_other_is_taken() -> None:
    """Each by itself, with `*.` all below it; the API's own is always one."""
    hosts = ("storage.example.com", "*.s3.example.org")
    for url in ("https://storage.example.com./1", "https://a.b.s3.example.org/1", f"{BASE}/put"):
        check_address(url, BASE, hosts)
    for host in (
        "s3.example.org",
        "as3.example.org",
        "a.storage.example.com",
        "storage.example.com.evil.org",
        "8.8.8.8",
    ):
        with pytest.raises(ValueError, match="not an allowed host"):
            check_address(f"https://{host}/1", BASE, hosts)


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("64:ff9b::808:808", True),
        ("64:ff9b::a00:1", False),
        ("2002:7f00:1::", False),
        ("::ffff:192.168.0.1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("::7f00:1", False),
        ("fec0::1", False),
        ("64:ff9b:1::808:808", False),
        ("4000::1", False),
    ],
)
def test_an_ip_address_is_judged_by_what_is_wrapped_in_it(ip: str, public: bool) -> None:
    """NAT64, 6to4 and IPv4-mapped ones are what they lead to."""
    assert is_public(ip) is public


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            b"<Error><Code>AccessDenied</Code><Message>Expired</Message><AWSAccessKeyId>AKIA</AWSAccessKeyId></Error>",
            "Expired",
        ),
        (b"<Error><Code>X</Code><StringToSign>secret</StringToSign></Error>", ""),
        (b'{"message": "Too large"}', "Too large"),
        (b"No", "No"),
        (b"", ""),
    ],
)
def test_only_the_message_of_a_storage_error_is_used(body: bytes, said: str) -> None:
    """Its XML repeats keys and signatures."""
    assert storage_words(body) == said
