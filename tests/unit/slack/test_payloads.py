"""Slack's JSON of messages and files, read into the model."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.model.uploads import SlackFile
from bot.slack.payloads import read_file, read_message


def test_a_file_is_read() -> None:
    """With everything that the bot uses, and the thread of its newest share in each channel."""
    assert read_file(
        {
            "id": "F1",
            "name": "call.m4a",
            "title": "Call with Acme",
            "size": 1234,
            "mimetype": "audio/mp4",
            "mode": "hosted",
            "url_private": "https://files.slack.com/files-pri/T1-F1/call.m4a",
            "url_private_download": "https://files.slack.com/files-pri/T1-F1/download/call.m4a",
            "user": "U1",
            "created": 1_795_000_000,
            "duration_ms": 61_500,
            "transcription": {"status": "complete", "locale": "de-DE"},
            "shares": {
                "public": {"C1": [{"ts": "1795000001.000100"}, {"ts": "1795000009.000100"}]},
                "private": {"G1": [{"ts": "1795000002.000100", "thread_ts": "1794000000.000100"}]},
            },
        }
    ) == SlackFile(
        id="F1",
        name="call.m4a",
        size=1234,
        mimetype="audio/mp4",
        mode="hosted",
        url="https://files.slack.com/files-pri/T1-F1/download/call.m4a",
        user="U1",
        created_at=datetime.fromtimestamp(1_795_000_000, UTC),
        duration=61.5,
        language="de-DE",
        messages={"C1": "1795000009.000100", "G1": "1795000002.000100"},
        threads={"C1": "1795000009.000100", "G1": "1794000000.000100"},
    )


def test_a_file_of_another_organisation_has_only_an_id() -> None:
    """Slack Connect leaves out the rest in events."""
    json = {"id": "F1", "created": 0, "timestamp": 0, "user": "", "mode": "file_access"}
    assert read_file(json) == SlackFile(id="F1", name="", size=0, mode="file_access")


def test_a_file_that_is_stored_elsewhere_is_external() -> None:
    """By `is_external`, whatever its mode is."""
    assert read_file({"id": "F1", "is_external": True, "mode": "hosted"}).mode == "external"


def test_a_message_includes_forwarded_files() -> None:
    """After its own files, and each only once."""
    forwards = [{"files": [{"id": "F1"}, {"id": "F2"}]}, {"text": "a link"}, {"files": [{"id": "F3"}]}]
    message = read_message({"ts": "1.2", "files": [{"id": "F1", "name": "a.wav"}], "attachments": forwards}, "C1")
    assert [file.id for file in message.files] == ["F1", "F2", "F3"]


def test_lone_surrogates_are_left_out() -> None:
    """Slack lets them through, but neither the database nor an answer accepts them."""
    assert read_file({"id": "F1", "name": "a\ud83db\ud83d\ude00.wav"}).name == "ab.wav"
    assert read_file({"id": "F1", "name": "\U0001f600.wav"}).name == "\U0001f600.wav"


KEYS = (
    "files",
    "attachments",
    "id",
    "name",
    "size",
    "mode",
    "url_private",
    "created",
    "duration_ms",
    "shares",
    "is_external",
    "public",
    "ts",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=12,
)


@given(JSON)
def test_any_json_can_be_read(json: object) -> None:
    """What has the wrong type counts as missing."""
    file = read_file(json)
    assert file.size >= 0
    assert file.duration is None or file.duration > 0
    assert all(isinstance(value, str) for value in (file.id, file.name, file.mode, file.url))
    assert all(isinstance(file.id, str) for file in read_message(json, "C1").files)
