"""chat.*: https://docs.slack.dev/reference/methods?family=chat"""

from dataclasses import replace
from typing import Any

from bot.sandbox.slack import content, shapes
from bot.sandbox.slack.methods.base import Method, Refused, Request
from bot.sandbox.slack.state import Channel, Message


def _content(request: Request) -> content.Content:
    values = {
        "text": request.args.text("text"),
        "blocks": request.args.document("blocks", "invalid_blocks_format"),
        "attachments": request.args.document("attachments", "invalid_attachments"),
    }
    try:
        checked = content.read(values, request.state.new_id)
    except content.ContentError as exc:
        raise _refused(exc) from exc
    if content.is_too_long(checked):
        raise Refused("msg_blocks_too_long")
    return checked


def _refused(exc: content.ContentError) -> Refused:
    return Refused.because(exc.error, exc.problems) if exc.problems else Refused(exc.error)


def _metadata(request: Request) -> dict[str, Any] | None:
    try:
        return content.metadata(request.args.document("metadata", "invalid_metadata_format"))
    except content.ContentError as exc:
        raise _refused(exc) from exc


def _where(request: Request) -> Channel:
    """Return where to post: a channel that the bot is in, or a person, who gets a direct message.

    https://docs.slack.dev/reference/methods/chat.postMessage#channels
    """
    request.args.required("channel")
    user = request.state.users.get(request.args.text("channel"))
    if user is not None:
        if user.deleted or user.is_stranger:
            raise Refused("channel_not_found")
        return request.state.im(user.id)
    channel = request.channel(member="chat:write.public" not in request.token.scopes)
    if channel.is_archived:
        raise Refused("is_archived")
    return channel


def _thread(request: Request, channel: Channel) -> str:
    """Return the thread to reply in. Stricter than Slack, which starts a thread under a missing message."""
    ts = request.args.text("thread_ts")
    if ts and request.state.message(channel.id, ts) is None:
        raise Refused("invalid_thread_ts")
    return ts


async def post_message(request: Request) -> dict[str, Any]:
    channel = _where(request)
    checked = _content(request)
    message = Message(
        channel.id,
        "",
        checked.text,
        request.state.bot_user,
        request.state.bot_id,
        checked.blocks,
        checked.attachments,
        _metadata(request),
        _thread(request, channel),
        reply_broadcast=request.args.flag("reply_broadcast"),
    )
    request.take_place(channel.id)
    message = request.state.post(replace(message, ts=request.state.new_ts()))
    return {
        "channel": channel.id,
        "ts": message.ts,
        "message": shapes.message(request.state, message, with_metadata=True),
    }


async def post_ephemeral(request: Request) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.postEphemeral : the user must be in the channel, or it fails."""
    request.args.required("channel", "user")
    channel = request.channel(member=True)
    if channel.is_archived:
        raise Refused("is_archived")
    user = request.args.text("user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    checked = _content(request)
    message = request.state.post(
        Message(
            channel.id,
            request.state.new_ts(),
            checked.text,
            request.state.bot_user,
            request.state.bot_id,
            checked.blocks,
            checked.attachments,
            thread_ts=_thread(request, channel),
            ephemeral_for=user,
        )
    )
    return {"message_ts": message.ts}


def _own(request: Request, error: str) -> Message:
    request.args.required("channel", "ts")
    # "Ensure that this value is a DM ID (starts with D) instead of a User ID".
    channel = request.channel()
    # Ephemeral messages are not found: https://docs.slack.dev/messaging/modifying-messages
    message = request.state.message(channel.id, request.args.text("ts"))
    if message is None:
        raise Refused("message_not_found")
    if message.user != request.state.bot_user:
        raise Refused(error)
    return message


async def update(request: Request) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/chat.update

    With blocks, there is no `edited` flag. Without them, the old ones stay only if there is no `text` either.
    """
    message = _own(request, "cant_update_message")
    metadata = _metadata(request)
    if "metadata" in request.args and not any(key in request.args for key in ("text", "blocks", "attachments")):
        changed = replace(message, metadata=metadata)
    else:
        checked = _content(request)
        changed = replace(
            message,
            text=checked.text if "text" in request.args else message.text,
            blocks=checked.blocks if "blocks" in request.args or "text" in request.args else message.blocks,
            attachments=checked.attachments if "attachments" in request.args else message.attachments,
            metadata=metadata if "metadata" in request.args else message.metadata,
            edited="" if checked.blocks else request.state.new_ts(),
        )
    request.state.replace(message, changed)
    return {
        "channel": changed.channel,
        "ts": changed.ts,
        "text": changed.text,
        "message": shapes.message(request.state, changed, with_metadata=True),
    }


async def delete(request: Request) -> dict[str, Any]:
    message = _own(request, "cant_delete_message")
    request.state.replace(message, None)
    return {"channel": message.channel, "ts": message.ts}


async def get_permalink(request: Request) -> dict[str, Any]:
    request.args.required("channel", "message_ts")
    channel = request.channel()
    message = request.state.message(channel.id, request.args.text("message_ts"))
    if message is None:
        raise Refused("message_not_found")
    link = f"{request.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


METHODS = (
    # chat.postMessage has the limit for each channel instead of a tier.
    Method("chat.postMessage", post_message, ("chat:write",), tier=0),
    Method("chat.postEphemeral", post_ephemeral, ("chat:write",), tier=4),
    Method("chat.update", update, ("chat:write",), tier=3),
    Method("chat.delete", delete, ("chat:write",), tier=3),
    Method("chat.getPermalink", get_permalink, tier=0, takes_json=False),
)
