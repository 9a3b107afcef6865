"""auth.test, bots.info, apps.connections.open, users.* and usergroups.*"""

import secrets
from typing import Any

from bot.sandbox.slack import shapes
from bot.sandbox.slack.methods.base import Method, Refused, Request, page
from bot.sandbox.slack.state import User


async def auth_test(request: Request) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/auth.test"""
    state = request.state
    if request.token.kind == "app":
        return {"app_name": "Kickscale", "app_id": state.app_id}
    bot = state.users[state.bot_user]
    return {
        "url": f"{request.base_url}/",
        "team": state.team_name,
        "user": bot.name,
        "team_id": state.team_id,
        "user_id": bot.id,
        "bot_id": state.bot_id,
        "is_enterprise_install": False,
    }


async def bots_info(request: Request) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/bots.info : of this app's bot only, the one that there is."""
    state = request.state
    request.args.required("bot")
    if request.args.text("bot") != state.bot_id:
        raise Refused("bot_not_found")
    bot = state.users[state.bot_user]
    return {
        "bot": {
            "id": state.bot_id,
            "deleted": False,
            "name": bot.name,
            "updated": int(state.clock.now().timestamp()),
            "app_id": state.app_id,
            "user_id": bot.id,
        }
    }


async def connections_open(request: Request) -> dict[str, Any]:
    """Return an address for one Socket Mode connection: https://docs.slack.dev/reference/methods/apps.connections.open"""
    ticket = secrets.token_urlsafe(24)
    request.state.tickets.add(ticket)
    base = request.base_url.replace("http", "ws", 1)
    return {"url": f"{base}/link/?ticket={ticket}&app_id={request.state.app_id}"}


async def users_info(request: Request) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/users.info"""
    request.args.required("user")
    user = request.state.users.get(request.args.text("user"))
    if user is None:
        raise Refused("user_not_found")
    return {"user": _user(request, user)}


async def users_list(request: Request) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/users.list : with deactivated users and bots, without strangers.

    Without a limit, all of them are returned.
    """
    users = [user for user in request.state.users.values() if not user.is_stranger]
    some, metadata = page(request.args, users, max(len(users), 1), 1000)
    return {
        "members": [_user(request, user) for user in some],
        "cache_ts": int(request.state.clock.now().timestamp()),
        "response_metadata": metadata,
    }


def _user(request: Request, user: User) -> dict[str, Any]:
    return shapes.user(
        request.state,
        user,
        with_email="users:read.email" in request.token.scopes,
        with_locale=request.args.flag("include_locale"),
    )


async def usergroups_list(request: Request) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/usergroups.list : disabled groups and members only on request."""
    groups = [group for group in request.state.groups.values() if not group.is_disabled or _with_disabled(request)]
    with_users = request.args.flag("include_users")
    return {"usergroups": [shapes.group(request.state, group, with_users=with_users) for group in groups]}


async def usergroups_users_list(request: Request) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/usergroups.users.list"""
    request.args.required("usergroup")
    group = request.state.groups.get(request.args.text("usergroup"))
    if group is None or (group.is_disabled and not _with_disabled(request)):
        raise Refused("no_such_subteam")
    return {"users": list(group.members)}


def _with_disabled(request: Request) -> bool:
    return request.args.flag("include_disabled")


async def users_lookup_by_email(request: Request) -> dict[str, Any]:
    """https://docs.slack.dev/reference/methods/users.lookupByEmail : without deactivated users and other teams'."""
    request.args.required("email")
    email = request.args.text("email").casefold()
    for user in request.state.users.values():
        if user.email.casefold() == email and not user.deleted and not user.is_stranger:
            return {"user": _user(request, user)}
    raise Refused("users_not_found")


METHODS = (
    Method("auth.test", auth_test, tier=0),
    Method("bots.info", bots_info, ("users:read",), tier=3, takes_json=False),
    Method("apps.connections.open", connections_open, ("connections:write",), tier=0, token="app"),  # noqa: S106
    Method("users.info", users_info, ("users:read",), tier=4, takes_json=False),
    Method("users.list", users_list, ("users:read",), tier=2, takes_json=False),
    Method("usergroups.list", usergroups_list, ("usergroups:read",), tier=2, takes_json=False),
    Method("usergroups.users.list", usergroups_users_list, ("usergroups:read",), tier=2, takes_json=False),
    Method("users.lookupByEmail", users_lookup_by_email, ("users:read.email",), tier=3, takes_json=False),
)
