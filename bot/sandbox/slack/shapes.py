"""Slack's JSON of what the workspace holds."""

import hashlib
from typing import Any
from urllib.parse import quote

from bot.sandbox.slack import media
from bot.sandbox.slack.state import Channel, File, Message, State, User, UserGroup, View, tz_offset


def user(state: State, found: User, *, with_email: bool) -> dict[str, Any]:
    """https://docs.slack.dev/reference/objects/user-object ; `email` needs `users:read.email`."""
    profile = {"real_name": found.real_name, "display_name": found.real_name.split()[0], "team": found.team_id}
    if with_email and found.email:
        profile["email"] = found.email
    shape: dict[str, Any] = {
        "id": found.id,
        "team_id": found.team_id,
        "name": found.name,
        "deleted": found.deleted,
        "profile": profile,
        "is_bot": found.is_bot,
        "is_app_user": False,
        "updated": 1_700_000_000,
    }
    if found.deleted:
        return shape  # what a deactivated user still was is not told
    return shape | {
        "real_name": found.real_name,
        "tz": found.tz,
        "tz_label": found.tz,
        "tz_offset": tz_offset(found.tz, state.clock.now()),
        "is_admin": found.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": found.is_restricted or found.is_ultra_restricted,
        "is_ultra_restricted": found.is_ultra_restricted,
        "is_email_confirmed": True,
        **({"is_stranger": True} if found.is_stranger else {}),
    }


def group(state: State, found: UserGroup, *, with_users: bool) -> dict[str, Any]:
    """https://docs.slack.dev/reference/objects/usergroup-object"""
    return {
        "id": found.id,
        "team_id": state.team_id,
        "is_usergroup": True,
        "name": found.name,
        "description": "",
        "handle": found.handle,
        "is_external": False,
        "date_create": 1_700_000_000,
        "date_update": 1_700_000_000,
        "date_delete": 1_700_000_000 if found.is_disabled else 0,
        "prefs": {"channels": [], "groups": []},
        **({"users": list(found.members), "user_count": len(found.members)} if with_users else {}),
    }


def channel(state: State, found: Channel) -> dict[str, Any]:
    """https://docs.slack.dev/reference/objects/conversation-object"""
    shape: dict[str, Any] = {
        "id": found.id,
        "is_channel": found.kind == "channels",
        "is_group": found.kind == "groups",
        "is_im": found.is_im,
        "is_mpim": False,
        "is_private": found.is_private or found.is_im,
        "is_archived": found.is_archived,
        "is_ext_shared": found.is_ext_shared,
        "is_shared": found.is_ext_shared,
        "is_org_shared": False,
        "context_team_id": state.team_id,
        "created": 1_700_000_000,
    }
    if found.is_im:
        return shape | {"user": next(member for member in found.members if member != state.bot_user), "is_open": True}
    return shape | {
        "name": found.name,
        "name_normalized": found.name,
        "is_general": found.name == "general",
        "is_member": state.bot_user in found.members,
        "topic": {"value": found.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "num_members": len(found.members),
    }


def message(state: State, found: Message, *, with_metadata: bool = False) -> dict[str, Any]:
    """https://docs.slack.dev/reference/events/message"""
    shape: dict[str, Any] = {"type": "message", "user": found.user, "ts": found.ts, "text": found.text}
    if found.subtype:
        shape["subtype"] = found.subtype
    if found.bot_id:
        shape |= {"bot_id": found.bot_id, "app_id": state.app_id, "team": state.team_id}
    elif found.user in state.users:
        shape["team"] = state.users[found.user].team_id
    if found.blocks:
        shape["blocks"] = list(found.blocks)
    if found.attachments:
        shape["attachments"] = list(found.attachments)
    if found.edited:
        shape["edited"] = {"user": found.user, "ts": found.edited}
    if found.files:
        is_connected = state.channels[found.channel].is_ext_shared
        shape["files"] = [file_in_message(state, state.files[id_], is_connected) for id_ in found.files]
    if with_metadata and found.metadata is not None:
        shape["metadata"] = found.metadata
    return shape | _thread(state, found)


def _thread(state: State, found: Message) -> dict[str, Any]:
    """What a message says of the thread it is in, or begins."""
    replies = [each for each in state.messages[found.channel] if each.is_reply and each.thread_ts == found.ts]
    shape: dict[str, Any] = {"thread_ts": found.thread_ts or found.ts} if found.thread_ts or replies else {}
    if found.is_reply and (parent := state.message(found.channel, found.thread_ts)) is not None:
        shape["parent_user_id"] = parent.user
    if replies:
        shape |= {
            "reply_count": len(replies),
            "reply_users": sorted({reply.user for reply in replies}),
            "latest_reply": replies[-1].ts,
        }
    return shape


def file(state: State, found: File) -> dict[str, Any]:
    """All of it, as files.info has it: https://docs.slack.dev/reference/objects/file-object"""
    shares: dict[str, dict[str, list[dict[str, str]]]] = {}
    by_kind: dict[str, list[str]] = {"channels": [], "groups": [], "ims": []}
    for share in found.shares:
        target = state.channels[share.channel]
        if target.kind != "channels" and not state.is_in(target.id):
            continue  # nobody is told of private places they are not in
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
    own = _whole_file(state, found)
    return own if found.mode == "hidden_by_limit" else {**own, "shares": shares, **by_kind}


def file_in_message(state: State, found: File, is_connected: bool) -> dict[str, Any]:
    """What a message has of it: nothing of where else it is, and of some files next to nothing.

    A deleted file is a tombstone (https://github.com/wee-slack/wee-slack/pull/641). In Slack Connect channels
    (https://docs.slack.dev/reference/events/message/file_share#slack_connect_files) apps are told to ask files.info, in
    this form: https://zenn.dev/straydog/articles/42c4152bf963e3
    """
    if found.mode == "tombstone":
        return {"id": found.id, "mode": "tombstone"}
    if (found.needs_info or is_connected) and found.mode != "hidden_by_limit":
        return {
            "id": found.id,
            "mode": "file_access",
            "file_access": "check_file_info",
            "created": 0,
            "timestamp": 0,
            "user": "",
        }
    return _whole_file(state, found)


def _whole_file(state: State, found: File) -> dict[str, Any]:
    if found.mode == "hidden_by_limit":
        # Every method gives this much of them: https://docs.slack.dev/changelog/2019-03-wild-west-for-files-no-more
        return {"id": found.id, "mode": "hidden_by_limit"}
    owner = state.users[found.user]
    slug = quote(found.name.lower().replace(" ", "_"), safe="", errors="replace")
    private = f"{state.base_url}/files-pri/{owner.team_id}-{found.id}"
    is_external = found.mode == "external"
    shape: dict[str, Any] = {
        "id": found.id,
        "created": found.created,
        "timestamp": found.created,
        "name": found.name,
        "title": found.title,
        "mimetype": found.mimetype or media.mimetype(found.name),
        "filetype": found.filetype or media.filetype(found.name),
        "pretty_type": (found.filetype or media.filetype(found.name)).upper(),
        "user": found.user,
        "user_team": owner.team_id,
        "editable": False,
        "size": found.size,
        "mode": found.mode,
        "is_external": is_external,
        "external_type": "gdrive" if is_external else "",
        "is_public": any(state.channels[share.channel].kind == "channels" for share in found.shares),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        # "url_private contains the remote file's external_url, which can point to any host. Don't send Slack tokens
        # or cookies to it": https://docs.slack.dev/reference/methods/files.remote.info
        "url_private": found.external_url if is_external else f"{private}/{slug}",
        "permalink": f"{state.base_url}/files/{found.user}/{found.id}/{slug}",
        "has_rich_preview": False,
        "file_access": "visible",
    }
    if not is_external:
        shape["url_private_download"] = f"{private}/download/{slug}"
    kind = shape["mimetype"].partition("/")[0]
    if kind in {"audio", "video"}:
        shape["media_display_type"] = kind
    if found.duration_ms:
        shape["duration_ms"] = found.duration_ms
    if found.subtype:
        # Clips: https://docs.slack.dev/reference/objects/file-object , with what Slack wrote down of them.
        preview = {"content": "", "has_more": False}
        transcription = {"status": "complete", "locale": "en-US", "preview": preview}
        shape |= {"subtype": found.subtype, "transcription": transcription}
    return shape


def view(state: State, found: View) -> dict[str, Any]:
    """https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload"""
    shape = {
        "id": found.id,
        "team_id": state.team_id,
        "type": found.type,
        "blocks": found.payload["blocks"],
        "private_metadata": found.payload.get("private_metadata") or "",
        "callback_id": found.callback_id,
        "state": {"values": found.values},
        "hash": found.hash,
        "clear_on_close": bool(found.payload.get("clear_on_close")),
        "notify_on_close": bool(found.payload.get("notify_on_close")),
        "close": found.payload.get("close"),
        "submit": found.payload.get("submit"),
        "previous_view_id": found.previous_view_id or None,
        "root_view_id": found.root_view_id,
        "app_id": state.app_id,
        "external_id": found.external_id,
        "app_installed_team_id": state.team_id,
        "bot_id": state.bot_id,
    }
    if found.type == "modal":
        shape["title"] = found.payload["title"]
    return shape


def view_hash(state: State, payload: dict[str, Any]) -> str:
    """Another one for each version of a view."""
    digest = hashlib.sha256(repr((payload, state.new_id("h"))).encode()).hexdigest()
    return f"{int(state.clock.now().timestamp())}.{digest[:8]}"
