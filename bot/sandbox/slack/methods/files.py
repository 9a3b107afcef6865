"""files.*, and the address to post a file's bytes to.

https://docs.slack.dev/messaging/working-with-files#uploading_files : get an address, post the bytes there, complete.
"""

import re
import secrets
from dataclasses import replace
from typing import Any

from aiohttp import web

from bot.sandbox.slack import content, shapes
from bot.sandbox.slack.methods.base import Method, Refused, Request
from bot.sandbox.slack.state import File, Message, Share, State

_CHANNEL_ID = re.compile(r"[CGDZ][A-Z0-9]{8,}")
LARGEST = 1_000_000_000
"""https://docs.slack.dev/messaging/working-with-files : a file has at most 1 GB."""


async def get_upload_url(request: Request) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/files.getUploadURLExternal"""
    request.args.required("filename", "length")
    length = request.args.text("length")
    if not length.isdecimal() or not 0 < int(length) <= LARGEST:
        raise Refused.because("invalid_arguments", ["must be a positive integer [json-pointer:/length]"])
    state = request.state
    name = request.args.text("filename")
    created = int(state.clock.now().timestamp())
    file = File(state.new_id("F"), name, name, state.bot_user, int(length), created)
    state.files[file.id] = file
    token = secrets.token_urlsafe(24)
    state.uploads[token] = file.id
    return {"upload_url": f"{request.base_url}/upload/v1/{token}", "file_id": file.id}


async def receive(state: State, request: web.Request) -> web.Response:
    """Receive a file's bytes, raw or as a form's only file. Answers "OK - 123" if there are as many as announced."""
    id_ = state.uploads.get(request.match_info["token"])
    if id_ is None:
        return web.Response(status=404, text="not found")
    if request.content_type == "multipart/form-data":
        fields = [field for field in (await request.post()).values() if isinstance(field, web.FileField)]
        data = fields[0].file.read() if len(fields) == 1 else b""
    else:
        data = await request.read()
    file = state.files[id_]
    if len(data) != file.size:
        return web.Response(status=400, text=f"expected {file.size} bytes, got {len(data)}")
    state.files[id_] = replace(file, content=data)
    state.changed()
    return web.Response(text=f"OK - {len(data)}")


async def complete_upload(request: Request) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/files.completeUploadExternal

    A user's id is not accepted as a channel, with this error (https://github.com/slackapi/bolt-js/issues/2115).
    """
    state = request.state
    request.args.required("files")
    uploads = request.args.document("files", "invalid_arguments")
    if (
        not isinstance(uploads, list)
        or not uploads
        or not all(isinstance(item, dict) and "id" in item for item in uploads)
    ):
        raise Refused("invalid_arguments")
    files = []
    for item in uploads:
        file = state.files.get(item["id"])
        if file is None or file.content is None:
            raise Refused("file_not_found")
        if file.is_complete:
            raise Refused("file_already_completed")
        files.append(replace(file, title=str(item.get("title") or file.name), is_complete=True))
    if request.args.text("channel_id"):
        if not _CHANNEL_ID.fullmatch(request.args.text("channel_id")):
            problem = f"input must match regex pattern: ^{_CHANNEL_ID.pattern}$ [json-pointer:/channel_id]"
            raise Refused.because("invalid_arguments", [problem])
        channel = request.channel(key="channel_id", member=True)
        if channel.is_archived:
            raise Refused("is_archived")
        thread = request.args.text("thread_ts")
        if thread and state.message(channel.id, thread) is None:
            raise Refused("invalid_thread_ts")
        ts = state.new_ts()
        files = [replace(file, shares=(Share(channel.id, ts, thread),)) for file in files]
        comment = request.args.text("initial_comment")
        if len(comment) > content.TEXT_CHARACTERS:
            raise Refused("msg_too_long")
        state.files.update({file.id: file for file in files})
        state.post(
            Message(
                channel.id,
                ts,
                comment,
                state.bot_user,
                state.bot_id,
                thread_ts=thread,
                files=tuple(file.id for file in files),
                subtype="file_share",
            )
        )
    state.files.update({file.id: file for file in files})
    state.changed()
    return {"files": [shapes.file(state, file) for file in files]}


async def info(request: Request) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/files.info#errors"""
    request.args.required("file")
    file = request.state.files.get(request.args.text("file"))
    if file is None or not file.is_complete or not request.state.sees(file):
        raise Refused("file_not_found")
    if file.mode == "tombstone":
        raise Refused("file_deleted")
    return {"file": shapes.file(request.state, file), "comments": []}


async def delete(request: Request) -> dict[str, Any]:
    """Only the bot's own: https://docs.slack.dev/reference/methods/files.delete#errors"""
    request.args.required("file")
    state = request.state
    file = state.files.get(request.args.text("file"))
    if file is None or not file.is_complete or not state.sees(file):
        raise Refused("file_not_found")
    if file.mode == "tombstone":
        raise Refused("file_deleted")
    if file.user != state.bot_user:
        raise Refused("cant_delete_file")
    state.bury(file)
    return {}


METHODS = (
    Method("files.getUploadURLExternal", get_upload_url, ("files:write",), tier=4, takes_json=False),
    Method("files.completeUploadExternal", complete_upload, ("files:write",), tier=4),
    Method("files.delete", delete, ("files:write",), tier=3),
    Method("files.info", info, ("files:read",), tier=4, takes_json=False),
)
