"""conversations.*: https://docs.slack.dev/reference/methods?family=conversations"""

from typing import Any

from bot.sandbox.slack import shapes
from bot.sandbox.slack.methods.base import Method, Refused, Request, page
from bot.sandbox.slack.state import Message

_READ = ("channels:read", "groups:read", "im:read")
_HISTORY = ("channels:history", "groups:history", "im:history")
_TYPES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


async def info(request: Request) -> dict[str, Any]:
    channel = request.channel(scope="read")
    shape = shapes.channel(request.state, channel)
    if not request.args.flag("include_num_members"):
        shape.pop("num_members", None)
    return {"channel": shape}


async def members(request: Request) -> dict[str, Any]:
    channel = request.channel(scope="read")
    items, metadata = page(request.args, channel.members, 100, 999)
    return {"members": items, "response_metadata": metadata}


async def list_(request: Request) -> dict[str, Any]:
    """Each type needs its own scope; private channels are only listed if the bot is in them."""
    kinds = []
    for name in (request.args.text("types") or "public_channel").split(","):
        if name.strip() not in _TYPES:
            raise Refused("invalid_types")
        kinds.append(_TYPES[name.strip()])
        request.need(f"{kinds[-1]}:read")
    state = request.state
    channels = [
        channel
        for channel in state.channels.values()
        if channel.kind in kinds
        and (channel.kind == "channels" or state.bot_user in channel.members)
        and not (channel.is_archived and request.args.flag("exclude_archived"))
    ]
    items, metadata = page(request.args, channels, 100, 999)
    return {"channels": [shapes.channel(state, channel) for channel in items], "response_metadata": metadata}


async def open_(request: Request) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/conversations.open#errors"""
    state = request.state
    if request.args.text("channel"):
        return {"channel": {"id": request.channel().id}, "no_op": True, "already_open": True}
    users = [user for user in request.args.text("users").split(",") if user]
    if not users:
        raise Refused("users_list_not_supplied")
    if len(users) > 1:
        raise Refused.for_scope("mpim:write", request.token)
    user = state.users.get(users[0])
    if user is None:
        raise Refused("user_not_found")
    if user.deleted:
        raise Refused("user_disabled")
    if user.is_bot:
        raise Refused("cannot_dm_bot")
    known = {channel.id for channel in state.channels.values()}
    channel = state.im(user.id)
    more = {"no_op": True, "already_open": True} if channel.id in known else {}
    if request.args.flag("return_im"):
        return {"channel": shapes.channel(state, channel), **more}
    return {"channel": {"id": channel.id}, **more}


async def history(request: Request) -> dict[str, Any]:
    """Newest first. Replies are in conversations.replies, except those that were also sent to the channel."""
    channel = request.channel(scope="history", member=True)
    messages = [
        message
        for message in reversed(request.state.messages[channel.id])
        if (not message.is_reply or message.reply_broadcast) and _is_between(request, message)
    ]
    return _messages(request, messages)


async def replies(request: Request) -> dict[str, Any]:
    """The parent first, then its replies in order."""
    request.args.required("channel", "ts")
    channel = request.channel(scope="history", member=True)
    ts = request.args.text("ts")
    start = request.state.message(channel.id, ts)
    if start is None:
        raise Refused("thread_not_found")
    parent = start.thread_ts if start.is_reply else ts
    messages = [
        message
        for message in request.state.messages[channel.id]
        if message.ts == parent or (message.thread_ts == parent and _is_between(request, message))
    ]
    return _messages(request, messages)


def _is_between(request: Request, message: Message) -> bool:
    """`oldest` and `latest` themselves are only included with `inclusive`."""
    ts = float(message.ts)
    try:
        oldest, latest = (
            float(request.args.text(key) or default) for key, default in (("oldest", 0), ("latest", 9e15))
        )
    except ValueError as exc:
        raise Refused("invalid_ts_oldest") from exc
    return oldest < ts < latest or (request.args.flag("inclusive") and ts in {oldest, latest})


def _messages(request: Request, messages: list[Message]) -> dict[str, Any]:
    items, metadata = page(request.args, messages, 100, 999)
    with_metadata = request.args.flag("include_all_metadata")
    answer: dict[str, Any] = {
        "messages": [shapes.message(request.state, message, with_metadata=with_metadata) for message in items],
        "has_more": bool(metadata["next_cursor"]),
    }
    return answer | ({"response_metadata": metadata} if metadata["next_cursor"] else {})


METHODS = (
    Method("conversations.info", info, _READ, tier=3, takes_json=False),
    Method("conversations.members", members, _READ, tier=4, takes_json=False),
    Method("conversations.list", list_, _READ, tier=2, takes_json=False),
    Method("conversations.open", open_, ("im:write", "mpim:write"), tier=3),
    Method("conversations.history", history, _HISTORY, tier=3, takes_json=False),
    Method("conversations.replies", replies, _HISTORY, tier=3, takes_json=False),
)
