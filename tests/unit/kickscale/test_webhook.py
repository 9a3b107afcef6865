"""Kickscale's webhook: which requests are genuine, and what is read from them."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.kickscale.webhook import WINDOW, could_be_genuine, read_event, verify
from bot.model.conversation import Kind
from tests.clock import MONDAY_MORNING as NOW
from tests.signatures import webhook_signature

SECRET = "00ff" * 16
BODY = b'{"eventType": "meeting_analyzed", "meeting": {"id": "m1"}}'
SECONDS = str(int(NOW.timestamp()))


def genuine(timestamp: str, body: bytes = BODY, now: datetime = NOW) -> bool:
    return verify(SECRET, timestamp, webhook_signature(SECRET, timestamp, body), body, now)


# ---- what is Kickscale's own ---------------------------------------------------------------------------------------


def test_the_signature_is_of_the_timestamp_and_the_body() -> None:
    """One worked out by other means is known, in letters of either size."""
    expected = "78c3f201a2ad0c5b1c8d35e1080878deddbea11d636a779ca34affcdcaf9b248"
    assert verify(SECRET, SECONDS, expected, BODY, NOW)
    assert verify(SECRET, SECONDS, expected.upper(), BODY, NOW)


@pytest.mark.parametrize(
    "timestamp",
    [
        SECONDS,
        SECONDS + "123",
        "2026-11-23T08:30:00Z",
        "2026-11-23T08:30:00.123Z",
        "2026-11-23T08:30:00.123456789+00:00",
        "2026-11-23 09:30:00+0100",
        "2026-11-23T08:30:00",
        "2026-11-23T08:30",
    ],
)
def test_each_form_of_timestamp_is_understood(timestamp: str) -> None:
    """Seconds, milliseconds, and ISO 8601 with or without a zone."""
    assert genuine(timestamp)


@pytest.mark.parametrize(
    "timestamp",
    [
        *("", "soon", "-1", "1e9", "0", " " + SECONDS, SECONDS + "\n", "9" * 5000, "١٧٦٤", SECONDS + ".5"),
        *("2026-02-30T00:00:00Z", "2026-11-23T25:30:00Z", "0001-01-01T00:00+23:59", "9999-12-31T23:59-23:59"),
        *("2026-11-23", "2026-W48-1T08:30Z", "Mon, 23 Nov 2026 08:30:00 GMT"),
    ],
)
def test_what_is_no_timestamp_of_now_is_refused(timestamp: str) -> None:
    """However well it is signed."""
    assert not genuine(timestamp)


@given(st.integers(-600_000, 600_000), st.sampled_from(["seconds", "milliseconds", "iso", "zone"]))
def test_a_request_is_good_for_five_minutes(milliseconds: int, form: str) -> None:
    """In every form of the timestamp, before and after."""
    at = NOW + timedelta(milliseconds=milliseconds if form != "seconds" else milliseconds // 1000 * 1000)
    stamp = {
        "seconds": str(int(at.timestamp())),
        "milliseconds": str(round(at.timestamp() * 1000)),
        "iso": at.isoformat().replace("+00:00", "Z"),
        "zone": at.astimezone(timezone(timedelta(hours=-5))).isoformat(),
    }[form]
    assert genuine(stamp) == (abs(at - NOW) <= WINDOW)


@pytest.mark.parametrize("secret", ["", "0", "zz", "00fe" * 16])
def test_only_the_secret_signs(secret: str) -> None:
    """No secret is no key: an empty one would let anybody sign."""
    empty = webhook_signature("", SECONDS, BODY)
    assert not verify(secret, SECONDS, webhook_signature(SECRET, SECONDS, BODY), BODY, NOW)
    assert not verify(secret, SECONDS, empty, BODY, NOW)


hostile_stamps = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"[0-9]{1,20}", fullmatch=True),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{4})?", fullmatch=True),
)
close_stamps = st.integers(-300, 300).map(lambda offset: str(int(NOW.timestamp()) + offset))
hostile_signatures = st.one_of(st.text(max_size=80), st.from_regex(r"[0-9a-fA-F]{64}", fullmatch=True))
bodies = st.one_of(st.binary(max_size=200), st.just(BODY))
stale_stamps = st.one_of(
    st.integers(0, 10**13).filter(lambda number: abs(number - NOW.timestamp()) > 300).map(str),
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
    .filter(lambda at: abs(at - NOW) > WINDOW)
    .map(datetime.isoformat),
).filter(lambda stamp: not stamp.isdigit() or abs(int(stamp) / 1000 - NOW.timestamp()) > 300)


def forged(count: int) -> settings:
    """Decorate: as many examples of each kind."""
    return settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck), database=None)


def check_forged(timestamp: str, signature: str, body: bytes) -> None:
    assert not verify(SECRET, timestamp, signature, body, NOW)


def check_stale(timestamp: str, body: bytes) -> None:
    assert not could_be_genuine(timestamp, webhook_signature(SECRET, timestamp, body), NOW)
    assert not genuine(timestamp, body)


def check_tampered(timestamp: str, body: bytes, place: int, flip: int) -> None:
    """One bit of the body, or the body and the timestamp of two requests."""
    other = bytearray(body or b"x")
    other[place % len(other)] ^= 1 << flip
    assert not verify(SECRET, timestamp, webhook_signature(SECRET, timestamp, body), bytes(other), NOW)
    assert not verify(SECRET, str(int(timestamp) + 1), webhook_signature(SECRET, timestamp, body), body, NOW)


def check_malformed(body: bytes) -> None:
    assert read_event(body) is None


malformed = st.one_of(
    st.binary(max_size=200),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=10) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["eventType", "meeting", "x"]), inner)
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
    st.integers(0, len(BODY) - 1).map(lambda end: BODY[:end]),
    st.none().map(lambda _: b'{"a":' * 100_000),
    st.integers(5_000, 20_000).map(lambda digits: b'{"eventType": ' + b"9" * digits + b"}"),
    st.sampled_from(["call_analyzed", "", "MEETING_ANALYZED"]).map(
        lambda kind: json.dumps({"eventType": kind, "meeting": {"id": "m1"}}).encode()
    ),
    st.sampled_from([None, [], "m1", {}, {"id": None}, {"id": ""}, {"id": {}}, {"id": [1]}, {"id": True}]).map(
        lambda meeting: json.dumps({"eventType": "meeting_analyzed", "meeting": meeting}).encode()
    ),
)


@forged(120)
@given(hostile_stamps | close_stamps, hostile_signatures, bodies)
def test_no_guess_is_genuine(timestamp: str, signature: str, body: bytes) -> None:
    """Nothing in the headers raises anything, nor passes."""
    check_forged(timestamp, signature, body)


@forged(120)
@given(stale_stamps, bodies)
def test_what_is_stale_is_refused(timestamp: str, body: bytes) -> None:
    """A recorded request is useless later, which its headers already show."""
    check_stale(timestamp, body)


@forged(120)
@given(close_stamps, bodies, st.integers(0, 10_000), st.integers(0, 7))
def test_what_was_changed_is_refused(timestamp: str, body: bytes, place: int, flip: int) -> None:
    """A signature holds for its own timestamp and body, to the bit."""
    check_tampered(timestamp, body, place, flip)


@forged(120)
@given(malformed)
def test_what_is_malformed_is_not_understood(body: bytes) -> None:
    """Signed or not, it yields no meeting and raises nothing."""
    check_malformed(body)


@pytest.mark.soak
def test_ten_thousand_are_refused() -> None:
    """The same in full: at least ten thousand requests, none of which passes or raises."""
    forged(4_000)(given(hostile_stamps | close_stamps, hostile_signatures, bodies)(check_forged))()
    forged(3_000)(given(stale_stamps, bodies)(check_stale))()
    forged(3_000)(given(close_stamps, bodies, st.integers(0, 10_000), st.integers(0, 7))(check_tampered))()
    forged(3_000)(given(malformed)(check_malformed))()


# ---- its content ---------------------------------------------------------------------------------------------------


def test_a_meeting_is_read() -> None:
    """As one from the list of meetings."""
    meeting = {"id": "m1", "name": "Renewal", "customerDomains": ["ACME.com"], "summary": "Agreed."}
    read = read_event(json.dumps({"eventType": "meeting_analyzed", "meeting": meeting, "more": 1}).encode())
    assert read is not None
    assert (read.id, read.kind, read.name, read.customer_domains) == ("m1", Kind.MEETING, "Renewal", ("acme.com",))
