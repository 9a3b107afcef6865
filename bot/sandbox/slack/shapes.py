"""The workspace's objects as Slack's JSON."""

import hashlib
from typing import Any
from urllib.parse import quote

from bot.sandbox.slack import media
from bot.sandbox.slack.state import Channel, File, Message, State, User, UserGroup, View, tz_offset


def user(state: State, user: User, *, with_email: bool, with_locale: bool) -> dict[str, Any]:
    """https://docs.slack.dev/reference/objects/user-object ; `email` needs `users:read.email`."""
    profile = {"real_name": user.real_name, "display_name": user.real_name.split()[0], "team": user.team_id}
    if with_email and user.email:
        profile["email"] = user.email
    shape: dict[str, Any] = {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "profile": profile,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 1_700_000_000,
    }
    if user.deleted:
        return shape  # Slack leaves out the rest for a deactivated user
    return shape | {
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": tz_offset(user.tz, state.clock.now()),
        "is_admin": user.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.is_restricted or user.is_ultra_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_email_confirmed": True,
        **({"locale": user.locale} if with_locale else {}),
        **({"is_stranger": True} if user.is_stranger else {}),
    }


def group(state: State, group: UserGroup, *, with_users: bool) -> dict[str, Any]:
    """https://docs.slack.dev/reference/objects/usergroup-object"""
    return {
        "id": group.id,
        "team_id": state.team_id,
        "is_usergroup": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": 1_700_000_000,
        "date_update": 1_700_000_000,
        "date_delete": 1_700_000_000 if group.is_disabled else 0,
        "prefs": {"channels": [], "groups": []},
        **({"users": list(group.members), "user_count": len(group.members)} if with_users else {}),
    }


def channel(state: State, channel: Channel) -> dict[str, Any]:
    """https://docs.slack.dev/reference/objects/conversation-object"""
    shape: dict[str, Any] = {
        "id": channel.id,
        "is_channel": channel.kind == "channels",
        "is_group": channel.kind == "groups",
        "is_im": channel.is_im,
        "is_mpim": False,
        "is_private": channel.is_private or channel.is_im,
        "is_archived": channel.is_archived,
        "is_ext_shared": channel.is_ext_shared,
        "is_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "context_team_id": state.team_id,
        "created": 1_700_000_000,
    }
    if channel.is_im:
        return shape | {
            "user": next(member for member in channel.members if member != state.bot_user),
            "is_open": True,
        }
    return shape | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_general": channel.name == "general",
        "is_member": state.bot_user in channel.members,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "num_members": len(channel.members),
    }


def message(state: State, message: Message, *, with_metadata: bool = False) -> dict[str, Any]:
    """https://docs.slack.dev/reference/events/message"""
    shape: dict[str, Any] = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    if message.subtype:
        shape["subtype"] = message.subtype
    if message.bot_id:
        shape |= {"bot_id": message.bot_id, "app_id": state.app_id, "team": state.team_id}
    elif message.user in state.users:
        shape["team"] = state.users[message.user].team_id
    if message.blocks:
        shape["blocks"] = list(message.blocks)
    if message.attachments:
        shape["attachments"] = list(message.attachments)
    if message.edited:
        shape["edited"] = {"user": message.user, "ts": message.edited}
    if message.files:
        is_connected = state.channels[message.channel].is_ext_shared
        shape["files"] = [file_in_message(state, state.files[id_], is_connected) for id_ in message.files]
    if with_metadata and message.metadata is not None:
        shape["metadata"] = message.metadata
    return shape | _thread(state, message)


def _thread(state: State, message: Message) -> dict[str, Any]:
    """Return the fields about the thread that a message is in or starts."""
    replies = [reply for reply in state.messages[message.channel] if reply.is_reply and reply.thread_ts == message.ts]
    shape: dict[str, Any] = {"thread_ts": message.thread_ts or message.ts} if message.thread_ts or replies else {}
    if message.is_reply and (parent := state.message(message.channel, message.thread_ts)) is not None:
        shape["parent_user_id"] = parent.user
    if replies:
        shape |= {
            "reply_count": len(replies),
            "reply_users": sorted({reply.user for reply in replies}),
            "latest_reply": replies[-1].ts,
        }
    return shape


def file(state: State, file: File) -> dict[str, Any]:
    """Return a file as in files.info: https://docs.slack.dev/reference/objects/file-object"""
    shares: dict[str, dict[str, list[dict[str, str]]]] = {}
    by_kind: dict[str, list[str]] = {"channels": [], "groups": [], "ims": []}
    for share in file.shares:
        target = state.channels[share.channel]
        if target.kind != "channels" and not state.is_in(target.id):
            continue  # the bot isn't told about private channels that it isn't in
        kind = "ims" if target.is_im else target.kind
        if target.id not in by_kind[kind]:
            by_kind[kind].append(target.id)
        entry = {"ts": share.ts}
        if share.thread_ts:
            entry["thread_ts"] = share.thread_ts
        if target.name:
            entry["channel_name"] = target.name
        visibility = "public" if target.kind == "channels" else "private"
        shares.setdefault(visibility, {}).setdefault(target.id, []).append(entry)
    own = _whole_file(state, file)
    return own if file.mode == "hidden_by_limit" else {**own, "shares": shares, **by_kind}


def file_in_message(state: State, file: File, is_connected: bool) -> dict[str, Any]:
    """Return a file as in a message: without its shares, and for some files with hardly anything.

    A deleted file is a tombstone (https://github.com/wee-slack/wee-slack/pull/641). In Slack Connect channels
    (https://docs.slack.dev/reference/events/message/file_share#slack_connect_files) apps have to call files.info, as
    in: https://zenn.dev/straydog/articles/42c4152bf963e3
    """
    if file.mode == "tombstone":
        return {"id": file.id, "mode": "tombstone"}
    if (file.needs_info or is_connected) and file.mode != "hidden_by_limit":
        return {
            "id": file.id,
            "mode": "file_access",
            "file_access": "check_file_info",
            "created": 0,
            "timestamp": 0,
            "user": "",
        }
    return _whole_file(state, file)


def _whole_file(state: State, file: File) -> dict[str, Any]:
    if file.mode == "hidden_by_limit":
        # All methods return only this: https://docs.slack.dev/changelog/2019-03-wild-west-for-files-no-more
        return {"id": file.id, "mode": "hidden_by_limit"}
    owner = state.users[file.user]
    slug = quote(file.name.lower().replace(" ", "_"), safe="", errors="replace")
    private = f"{state.base_url}/files-pri/{owner.team_id}-{file.id}"
    is_external = file.mode == "external"
    shape: dict[str, Any] = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype or media.mimetype(file.name),
        "filetype": file.filetype or media.filetype(file.name),
        "pretty_type": (file.filetype or media.filetype(file.name)).upper(),
        "user": file.user,
        "user_team": owner.team_id,
        "editable": False,
        "size": file.size,
        "mode": file.mode,
        "is_external": is_external,
        "external_type": "gdrive" if is_external else "",
        "is_public": any(state.channels[share.channel].kind == "channels" for share in file.shares),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        # "url_private contains the remote file's external_url, which can point to any host. Don't send Slack tokens
        # or cookies to it": https://docs.slack.dev/reference/methods/files.remote.info
        "url_private": file.external_url if is_external else f"{private}/{slug}",
        "permalink": f"{state.base_url}/files/{file.user}/{file.id}/{slug}",
        "has_rich_preview": False,
        "file_access": "visible",
    }
    if not is_external:
        shape["url_private_download"] = f"{private}/download/{slug}"
    kind = shape["mimetype"].partition("/")[0]
    if kind in {"audio", "video"}:
        shape["media_display_type"] = kind
    if file.duration_ms:
        shape["duration_ms"] = file.duration_ms
    if file.subtype:
        # Clips: https://docs.slack.dev/reference/objects/file-object , with Slack's transcription.
        preview = {"content": "", "has_more": False}
        transcription = {"status": "complete", "locale": "en-US", "preview": preview}
        shape |= {"subtype": file.subtype, "transcription": transcription}
    return shape


def view(state: State, view: View) -> dict[str, Any]:
    """https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload"""
    shape = {
        "id": view.id,
        "team_id": state.team_id,
        "type": view.type,
        "blocks": view.payload["blocks"],
        "private_metadata": view.payload.get("private_metadata") or "",
        "callback_id": view.callback_id,
        "state": {"values": view.values},
        "hash": view.hash,
        "clear_on_close": bool(view.payload.get("clear_on_close")),
        "notify_on_close": bool(view.payload.get("notify_on_close")),
        "close": view.payload.get("close"),
        "submit": view.payload.get("submit"),
        "previous_view_id": view.previous_view_id or None,
        "root_view_id": view.root_view_id,
        "app_id": state.app_id,
        "external_id": view.external_id,
        "app_installed_team_id": state.team_id,
        "bot_id": state.bot_id,
    }
    if view.type == "modal":
        shape["title"] = view.payload["title"]
    return shape


def view_hash(state: State, payload: dict[str, Any]) -> str:
    """Return a different hash for each version of a view."""
    digest = hashlib.sha256(repr((payload, state.new_id("h"))).encode()).hexdigest()
    return f"{int(state.clock.now().timestamp())}.{digest[:8]}"
