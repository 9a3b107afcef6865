"""Files that people share: which events the app gets, and which it does not."""

from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import EmbeddedSlack
from tests.unit.sandbox.samples import LEA, ROBIN, SALES, error_of
from tests.unit.sandbox.socketapp import SocketApp

pytestmark = pytest.mark.usefixtures("app")


def events(app: SocketApp) -> list[dict[str, Any]]:
    return [envelope["payload"]["event"] for envelope in app.received if envelope.get("type") == "events_api"]


def names(app: SocketApp) -> list[str]:
    return [f"{event['type']}/{event.get('subtype', '')}".rstrip("/") for event in events(app)]


async def test_a_shared_file_causes_two_events(slack: EmbeddedSlack, app: SocketApp) -> None:
    """As a message that has all of it, and as ids with which files.info can be asked."""
    message = await slack.share(ROBIN, SALES, "call.wav", b"RIFF", text="listen")
    share, shared = events(app)
    assert (share["type"], share["subtype"], share["channel_type"]) == ("message", "file_share", "channel")
    assert (share["text"], share["user"], share["ts"]) == ("listen", "U0ROBIN001", message.ts)
    [file] = share["files"]
    assert (file["name"], file["mimetype"], file["filetype"], file["size"]) == ("call.wav", "audio/wav", "wav", 4)
    assert file["url_private_download"].startswith(slack.base_url)
    assert "thread_ts" not in share
    assert (shared["type"], shared["channel_id"], shared["user_id"]) == ("file_shared", "C0SALES001", "U0ROBIN001")
    assert (shared["file_id"], shared["file"]) == (file["id"], {"id": file["id"]})


@pytest.mark.parametrize("name", ["Anruf mit Größe.wav", "../a b?#.wav", "\udc80.wav", "", "call"])
async def test_a_file_has_an_address_whatever_it_is_called(slack: EmbeddedSlack, app: SocketApp, name: str) -> None:
    """And its name comes as it is."""
    await slack.share(ROBIN, SALES, name, b"RIFF")
    [file] = events(app)[0]["files"]
    assert file["name"] == name
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with app.session.get(file["url_private_download"], headers=headers) as response:
        assert await response.read() == b"RIFF"


async def test_a_bots_own_file_says_so(slack: EmbeddedSlack, app: SocketApp) -> None:
    """By its user, so that it differs from a person's."""
    await slack.share("kickscale", SALES, "call.wav", b"x")
    message, shared = events(app)
    assert message["bot_id"] == slack.state.bot_id
    assert message["user"] == shared["user_id"] == slack.state.bot_user


async def test_the_info_of_a_file_has_its_shares(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """With the thread, and without the places that the bot is not in."""
    parent = slack.say(ROBIN, "deals", "the call")
    message = await slack.share(ROBIN, "deals", "call.wav", b"RIFF", thread_ts=parent.ts)
    [id_] = message.files
    again = await slack.share_again(LEA, id_, SALES, text="here, too")
    await slack.share_again(LEA, id_, "leads-only")
    file = (await client.files_info(file=id_))["file"]
    expected = {"ts": message.ts, "thread_ts": parent.ts, "channel_name": "deals"}
    assert file["shares"]["private"] == {"C0PRIVATE1": [expected]}
    assert file["shares"]["public"]["C0SALES001"][0]["ts"] == again.ts
    assert (file["channels"], file["groups"]) == (["C0SALES001"], ["C0PRIVATE1"])


async def test_several_files_are_one_message(slack: EmbeddedSlack, app: SocketApp) -> None:
    """And one event for each."""
    message = await slack.share(ROBIN, SALES, files=[("a.wav", b"a"), ("b.mp3", 1_000_000)])
    assert names(app) == ["message/file_share", "file_shared", "file_shared"]
    assert [file["size"] for file in events(app)[0]["files"]] == [1, 1_000_000]
    assert [event["file_id"] for event in events(app)[1:]] == list(message.files)


async def test_an_event_comes_more_than_once_on_request(slack: EmbeddedSlack, app: SocketApp) -> None:
    """Under its own id as a repetition, and under another one as if it were new."""
    await slack.share(ROBIN, SALES, "call.wav", b"x", events=("file_share",), repeats=2, again=1)
    envelopes = [envelope for envelope in app.received if envelope["type"] == "events_api"]
    ids = [envelope["payload"]["event_id"] for envelope in envelopes]
    assert [envelope["retry_attempt"] for envelope in envelopes] == [0, 1, 0]
    assert ids[0] == ids[1] != ids[2]
    assert len({envelope["payload"]["event"]["ts"] for envelope in envelopes}) == 1


@pytest.mark.parametrize("channel", ["sales-team", "leads-only", "dm"])
async def test_the_app_gets_no_events_of_channels_without_it(
    slack: EmbeddedSlack, app: SocketApp, channel: str
) -> None:
    """Nor about direct messages, to which it didn't subscribe, although it gets the file's event there."""
    await slack.share(LEA, channel, "call.wav", b"x")
    assert names(app) == (["file_shared"] if channel == "dm" else [])


@pytest.mark.parametrize(
    ("missing", "heard"),
    [
        ("channels:history", ["file_shared"]),
        ("files:read", ["message/file_share"]),
        ("groups:history", ["message/file_share", "file_shared"]),
    ],
)
async def test_each_event_needs_its_scope(slack: EmbeddedSlack, app: SocketApp, missing: str, heard: list[str]) -> None:
    """Of a public channel, that is."""
    token = slack.state.tokens[slack.bot_token]
    slack.state.tokens[slack.bot_token] = replace(token, scopes=token.scopes - {missing})
    await slack.share(ROBIN, SALES, "call.wav", b"x")
    assert names(app) == heard


async def test_an_event_without_a_subscription_is_not_sent(slack: EmbeddedSlack, app: SocketApp) -> None:
    """Whatever the scopes are."""
    slack.state.subscriptions = frozenset({"message.groups"})
    await slack.share(ROBIN, SALES, "call.wav", b"x")
    await slack.share(ROBIN, "deals", "call.wav", b"x")
    assert [event["channel"] for event in events(app)] == ["C0PRIVATE1"]


async def test_people_share_only_in_their_own_channels(slack: EmbeddedSlack) -> None:
    """Not elsewhere, not in an archive, and not what they do not see."""
    with pytest.raises(ValueError, match="isn't a member of leads-only"):
        await slack.share(ROBIN, "leads-only", "call.wav", b"x")
    with pytest.raises(ValueError, match="is archived"):
        await slack.share(ROBIN, "old-deals", "call.wav", b"x")
    with pytest.raises(ValueError, match="no message"):
        await slack.share(ROBIN, SALES, "call.wav", b"x", thread_ts="1.2")
    [hidden] = (await slack.share(LEA, "leads-only", "call.wav", b"x")).files
    with pytest.raises(LookupError):
        await slack.share_again(ROBIN, hidden, SALES)


async def test_a_file_that_the_bot_does_not_see_is_not_found(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Whether or not it is there."""
    [hidden] = (await slack.share(LEA, "leads-only", "call.wav", b"x")).files
    assert await error_of(client.files_info(file=hidden)) == "file_not_found"


@pytest.mark.parametrize(("channel", "needs_info"), [("ext-acme", False), (SALES, True)])
async def test_in_slack_connect_a_message_says_too_little(
    slack: EmbeddedSlack, app: SocketApp, client: AsyncWebClient, channel: str, needs_info: bool
) -> None:
    """Only that files.info is to be asked, which has everything."""
    message = await slack.share(ROBIN, channel, "call.wav", b"x", needs_info=needs_info)
    [file] = events(app)[0]["files"]
    assert (file["mode"], file["file_access"]) == ("file_access", "check_file_info")
    assert "url_private_download" not in file
    assert (await client.files_info(file=message.files[0]))["file"]["name"] == "call.wav"


async def test_some_files_have_no_bytes_in_slack(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Those that are elsewhere, and those that a free workspace hides."""
    [external] = (await slack.share(ROBIN, SALES, "call.wav", size=10, mode="external")).files
    file = (await client.files_info(file=external))["file"]
    assert (file["mode"], file["is_external"]) == ("external", True)
    assert file["url_private"].startswith("https://drive.example.com/")
    assert "url_private_download" not in file
    [hidden] = (await slack.share(ROBIN, SALES, "call.wav", size=10, mode="hidden_by_limit")).files
    assert (await client.files_info(file=hidden))["file"] == {"id": hidden, "mode": "hidden_by_limit"}


async def test_a_clip_says_how_long_it_is(slack: EmbeddedSlack, app: SocketApp) -> None:
    """And that it is one."""
    await slack.share(ROBIN, SALES, "clip.m4a", b"x", subtype="slack_audio", duration_ms=61_000)
    [file] = events(app)[0]["files"]
    assert (file["subtype"], file["duration_ms"]) == ("slack_audio", 61_000)


async def test_a_deleted_file_leaves_a_tombstone(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Deleted by its owner or an administrator, and by nobody else."""
    message = await slack.share(ROBIN, SALES, "call.wav", b"x")
    with pytest.raises(ValueError, match=r"doesn't belong to gus\.guest"):
        slack.delete_file("gus.guest", message.files[0])
    slack.delete_file(LEA, message.files[0])
    [deleted_in] = (await client.conversations_history(channel="C0SALES001"))["messages"]
    assert deleted_in["files"] == [{"id": message.files[0], "mode": "tombstone"}]
    assert await error_of(client.files_info(file=message.files[0])) == "file_deleted"
    with pytest.raises(LookupError):
        slack.delete_file(ROBIN, message.files[0])


async def test_a_mention_is_a_message_as_well(slack: EmbeddedSlack, app: SocketApp) -> None:
    """Both have the files; without files it is a plain message."""
    parent = slack.say(ROBIN, SALES, "the call")
    await slack.mention(ROBIN, SALES, "upload this", files=[("call.wav", b"x")], thread_ts=parent.ts)
    message, shared, mention = events(app)
    assert (message["subtype"], shared["type"]) == ("file_share", "file_shared")
    assert mention["type"] == "app_mention"
    assert "subtype" not in mention
    assert mention["text"] == f"<@{slack.state.bot_user}> upload this"
    assert (mention["files"], mention["thread_ts"]) == (message["files"], parent.ts)
    assert mention["parent_user_id"] == "U0ROBIN001"
    app.received.clear()
    await slack.mention(ROBIN, SALES, "uploads")
    assert names(app) == ["message", "app_mention"]
