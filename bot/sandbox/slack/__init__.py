"""A Slack of one's own on 127.0.0.1, as strict as the real one.

    from bot.sandbox.slack import EmbeddedSlack

    async with EmbeddedSlack() as slack:
        # SLACK_API_URL=slack.api_url SLACK_BOT_TOKEN=slack.bot_token, and
        # SLACK_APP_TOKEN=slack.app_token for Socket Mode, or
        # SLACK_SIGNING_SECRET=slack.signing_secret for HTTP with
        slack.request_url = "http://127.0.0.1:3000/slack/events"

        delivery = await slack.command("robin.rep", "sales-acme", "/kickscale calls acme.com last-week")
        assert not delivery.error, delivery.shown
        answer = (await slack.wait_for(lambda: slack.ephemerals("sales-acme", "robin.rep")))[-1]
        print(slack.text(answer, "robin.rep"))
        await slack.click("robin.rep", answer, "Details")
        view = await slack.wait_for(lambda: slack.open_view("robin.rep"))

People: robin.rep (the rep), lea.lead, gus.guest (a guest), dana.deactivated, pat.partner (of another workspace). The
first two are the user group @sales.
Channels: sales-acme and general (the bot is in both), acme-project (with gus in it too), sales-team (the bot is not),
deals (private, the bot is in it), leads-only (private, it is not), ext-acme (shared with pat's workspace), old-deals
(archived), and `dm`, which is a user's direct messages with the bot. Both are named by id or by name.

- `command`, `click`, `submit`, `close`, `event`, `say`: what people do. They return a `Delivery`: `error` (empty when
  all is well), `shown` (what the person sees of it), `seconds` until the acknowledgement, `payload`, `answer`.
- `share` (a file, several, or so many bytes), `share_again`, `mention`, `delete_file`: files, of which the app is told
  as far as `state.subscriptions`, its scopes and its channels go. `message_shortcut`, and `fill` before `submit`, whose
  errors are then the view's `errors`.
- `join`, `connect`: somebody comes into a channel, another workspace shares it.
- `posts`, `ephemerals`, `direct_messages`, `open_view`, `home`, `text`: what is to be seen. A `Message` has `blocks`,
  `text`, `metadata`, `thread_ts`, `files` and `mentions` (whatever in it would ping somebody).
- `calls`: every request of the app's. `deliveries`: everything that was sent to it. `downloads.served`: which bytes of
  which file went out (`downloads.takes_ranges = False`: always all of them). `wait_for`: no sleeping.
- `faults.add("chat.postMessage", status=429, retry_after=2)`: bad days (`error`, `hang`, `broken`, `late`, `times`;
  of a "download" also `html`, `short`, `pause`, and `after` so many bytes).
- `sockets.disconnect("refresh_requested")`; `limits=NO_LIMITS`; `state` for everything else: users, channels, tokens
  and files are frozen dataclasses in its dictionaries, to be replaced as a test needs.

Whatever Slack would refuse is refused with Slack's own error. Each rule names its source where it stands. Nothing here
shares code with the bot's own rendering, parsing or limits, so that the one judges the other.
"""

from bot.sandbox.slack.downloads import Download
from bot.sandbox.slack.embedded import EmbeddedSlack
from bot.sandbox.slack.limits import NO_LIMITS, Limits
from bot.sandbox.slack.outbound import Delivery
from bot.sandbox.slack.plain import render_text
from bot.sandbox.slack.state import Call, Channel, File, Message, State, Token, User, UserGroup, View
from bot.sandbox.slack.world import APP_TOKEN, BOT_SCOPES, BOT_TOKEN, default_world

__all__ = [
    "APP_TOKEN",
    "BOT_SCOPES",
    "BOT_TOKEN",
    "NO_LIMITS",
    "Call",
    "Channel",
    "Delivery",
    "Download",
    "EmbeddedSlack",
    "File",
    "Limits",
    "Message",
    "State",
    "Token",
    "User",
    "UserGroup",
    "View",
    "default_world",
    "render_text",
]
