"""Files, from the address to the message."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import EmbeddedSlack
from tests.unit.sandbox.samples import error_of

SALES, ROBIN = "C0SALES001", "U0ROBIN001"


async def uploaded(client: AsyncWebClient, data: bytes = b"hello", length: int | None = None) -> tuple[str, int]:
    """Post the bytes of a file, and return its id and the status."""
    answer = await client.files_getUploadURLExternal(filename="a.txt", length=len(data) if length is None else length)
    async with aiohttp.ClientSession() as session, session.post(answer["upload_url"], data=data) as response:
        return answer["file_id"], response.status


async def test_a_file_reaches_a_direct_message(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """With its comment, its bytes and its shares."""
    file, status = await uploaded(client)
    assert status == 200
    assert await error_of(client.files_info(file=file)) == "file_not_found"
    channel = (await client.conversations_open(users=ROBIN))["channel"]["id"]
    await client.files_completeUploadExternal(
        files=[{"id": file, "title": "A"}], channel_id=channel, initial_comment="here"
    )
    [message] = slack.direct_messages("robin.rep")
    assert (message.text, message.files, message.subtype) == ("here", (file,), "file_share")
    assert slack.state.files[file].content == b"hello"
    info = (await client.files_info(file=file))["file"]
    assert (info["title"], info["size"], info["ims"]) == ("A", 5, [channel])
    assert info["shares"]["private"][channel] == [{"ts": message.ts}]


async def test_the_bot_deletes_its_own_files(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """Once, and only its own; the message keeps a tombstone without anything of the file."""
    file, _ = await uploaded(client)
    channel = (await client.conversations_open(users=ROBIN))["channel"]["id"]
    await client.files_completeUploadExternal(files=[{"id": file, "title": "A"}], channel_id=channel)
    await client.files_delete(file=file)
    [message] = (await client.conversations_history(channel=channel))["messages"]
    assert message["files"] == [{"id": file, "mode": "tombstone"}]
    assert slack.state.files[file].content is None
    assert slack.state.files[file].title == slack.state.files[file].name == ""
    assert await error_of(client.files_delete(file=file)) == "file_deleted"
    theirs = await slack.share("robin.rep", SALES, "call.wav", b"RIFF", events=())
    assert await error_of(client.files_delete(file=theirs.files[0])) == "cant_delete_file"
    unseen = await slack.share("lea.lead", "leads-only", "call.wav", b"RIFF", events=())
    assert await error_of(client.files_delete(file=unseen.files[0])) == "file_not_found"


async def test_the_sdks_own_upload_works(slack: EmbeddedSlack, client: AsyncWebClient) -> None:
    """files_upload_v2 goes the same three steps."""
    await client.files_upload_v2(channel=SALES, content="hello", filename="a.txt", initial_comment="here")
    [message] = slack.posts(SALES)
    assert slack.state.files[message.files[0]].content == b"hello"


async def test_a_person_is_no_channel_for_a_file(client: AsyncWebClient) -> None:
    """Slack's error says what is accepted: an id that begins with C, G, D or Z."""
    file, _ = await uploaded(client)
    with pytest.raises(SlackApiError) as caught:
        await client.files_completeUploadExternal(files=[{"id": file}], channel_id=ROBIN)
    assert "input must match regex pattern: ^[CGDZ]" in caught.value.response["errors"][0]


async def test_bytes_must_be_there_in_their_number(client: AsyncWebClient) -> None:
    """Without them there is nothing to complete, and nothing twice."""
    file, status = await uploaded(client, b"hello", length=6)
    assert status == 400
    assert await error_of(client.files_completeUploadExternal(files=[{"id": file}])) == "file_not_found"
    assert await error_of(client.files_getUploadURLExternal(filename="a.txt", length=0)) == "invalid_arguments"
    good, _ = await uploaded(client)
    await client.files_completeUploadExternal(files=[{"id": good}])
    assert await error_of(client.files_completeUploadExternal(files=[{"id": good}])) == "file_already_completed"


async def test_a_file_may_go_to_channels_that_a_message_may_go_to(client: AsyncWebClient) -> None:
    """Not into a channel that the bot is not in, nor an archived one."""
    file, _ = await uploaded(client)
    for channel, error in (
        ("C0NOBOT001", "not_in_channel"),
        ("C0SECRET01", "channel_not_found"),
        ("C0OLD00001", "is_archived"),
    ):
        assert await error_of(client.files_completeUploadExternal(files=[{"id": file}], channel_id=channel)) == error


async def test_an_unknown_upload_address_is_not_found(slack: EmbeddedSlack) -> None:
    """Even if it looks like one."""
    url = f"{slack.base_url}/upload/v1/nonsense"
    async with aiohttp.ClientSession() as session, session.post(url, data=b"x") as response:
        assert response.status == 404
