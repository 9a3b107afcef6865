"""The sandbox's initial workspace, with made-up people."""

from bot.clock import Clock, SystemClock
from bot.sandbox.slack.state import Channel, State, Token, User, UserGroup

BOT_SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "usergroups:read",
        "users:read",
        "users:read.email",
    }
)
BOT_TOKEN = "xoxb-sandbox-0000000001-sandbox"  # noqa: S105 -- opens this loopback Slack and nothing else
APP_TOKEN = "xapp-1-A0SANDBOX1-0000000001-sandbox"  # noqa: S105 -- likewise

TEAM = "T0SANDBOX1"
PARTNER_TEAM = "T0PARTNER1"

_PEOPLE = (
    User("U0ROBIN001", "robin.rep", "Robin Rep", "robin.rep@example.com", "Europe/Berlin", TEAM),
    User("U0LEA00001", "lea.lead", "Lea Lead", "lea.lead@example.com", "America/New_York", TEAM, is_admin=True),
    User("U0GUS00001", "gus.guest", "Gus Guest", "gus.guest@example.org", "Europe/London", TEAM, is_restricted=True),
    User("U0DANA0001", "dana.deactivated", "Dana Deactivated", "dana@example.com", "Europe/Berlin", TEAM, deleted=True),
    User("U0PAT00001", "pat.partner", "Pat Partner", "pat@example.net", "Asia/Tokyo", PARTNER_TEAM, is_stranger=True),
    User("U0JANA0001", "jana.vogt", "Jana Vogt", "jana.vogt@example.com", "Europe/Berlin", TEAM, locale="de-DE"),
    User("U0KICKBOT1", "kickscale", "Kickscale", "", "America/Los_Angeles", TEAM, is_bot=True),
)
_ROBIN, _LEA, _GUS, _DANA, _PAT, _JANA, _BOT = (user.id for user in _PEOPLE)

_CHANNELS = (
    Channel("C0SALES001", "sales-acme", (_ROBIN, _LEA, _DANA, _JANA, _BOT), topic="Everything about acme.com"),
    Channel("C0GUESTS01", "acme-project", (_ROBIN, _LEA, _GUS, _BOT), topic="With a guest"),
    Channel("C0GENERAL1", "general", (_ROBIN, _LEA, _JANA, _BOT)),
    Channel("C0NOBOT001", "sales-team", (_ROBIN, _LEA)),
    Channel("C0PRIVATE1", "deals", (_ROBIN, _LEA, _BOT), is_private=True),
    Channel("C0SECRET01", "leads-only", (_LEA,), is_private=True),
    Channel("C0SHARED01", "ext-acme", (_ROBIN, _LEA, _PAT, _BOT), is_ext_shared=True),
    Channel("C0OLD00001", "old-deals", (_ROBIN, _BOT), is_archived=True),
)

_GROUPS = (UserGroup("S0SALES001", "sales", "Sales", (_ROBIN, _LEA)),)


def default_world(clock: Clock | None = None, *, scopes: frozenset[str] = BOT_SCOPES) -> State:
    """Return a workspace with two reps, a lead, a guest, a deactivated user, somebody from outside, and the bot.

    One of the reps has Slack in German. The other one and the lead are in the user group @sales.

    `scopes` are those of the bot's token.
    """
    state = State(clock or SystemClock(), team_id=TEAM, team_name="Sandbox", team_domain="sandbox", app_id="A0SANDBOX1")
    state.users = {user.id: user for user in _PEOPLE}
    state.groups = {group.id: group for group in _GROUPS}
    state.channels = {channel.id: channel for channel in _CHANNELS}
    state.bot_user = _BOT
    state.tokens = {
        BOT_TOKEN: Token("bot", scopes),
        APP_TOKEN: Token("app", frozenset({"connections:write"})),
    }
    return state
