"""Slack's JSON of what the workspace holds."""

import hashlib
from typing import Any

from bot.sandbox.slack.state import Channel, File, Message, State, User, View, tz_offset


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
    if found.blocks:
        shape["blocks"] = list(found.blocks)
    if found.attachments:
        shape["attachments"] = list(found.attachments)
    if found.edited:
        shape["edited"] = {"user": found.user, "ts": found.edited}
    if found.files:
        shape["files"] = [file(state, state.files[id_]) for id_ in found.files]
    if with_metadata and found.metadata is not None:
        shape["metadata"] = found.metadata
    replies = [each for each in state.messages[found.channel] if each.is_reply and each.thread_ts == found.ts]
    if found.thread_ts or replies:
        shape["thread_ts"] = found.thread_ts or found.ts
    if replies:
        shape |= {
            "reply_count": len(replies),
            "reply_users": sorted({reply.user for reply in replies}),
            "latest_reply": replies[-1].ts,
        }
    return shape


def file(state: State, found: File) -> dict[str, Any]:
    """https://docs.slack.dev/reference/objects/file-object"""
    shares: dict[str, dict[str, list[dict[str, str]]]] = {}
    by_kind: dict[str, list[str]] = {"channels": [], "groups": [], "ims": []}
    for where, ts in found.shares:
        target = state.channels[where]
        by_kind["ims" if target.is_im else target.kind].append(where)
        visibility = "private" if target.is_private or target.is_im else "public"
        shares.setdefault(visibility, {}).setdefault(where, []).append({"ts": ts})
    return {
        "id": found.id,
        "created": found.created,
        "timestamp": found.created,
        "name": found.name,
        "title": found.title,
        "user": found.user,
        "size": found.size,
        "mode": "hosted",
        "is_external": False,
        "filetype": found.name.rpartition(".")[2].lower(),
        "shares": shares,
        **by_kind,
    }


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
