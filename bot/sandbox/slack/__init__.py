"""An embedded Slack on 127.0.0.1, as strict as the real one.

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
(archived), and `dm`, a user's direct messages with the bot. People and channels are given by id or by name.

- `command`, `click`, `submit`, `close`, `event`, `say`: what people do. They return a `Delivery`: `error` (empty if
  there is none), `shown` (what the person sees of it), `seconds` until the acknowledgement, `payload`, `answer`.
- `share` (a file, several, or a number of bytes), `share_again`, `mention`, `delete_file`: files. The app gets
  events about them by `state.subscriptions`, its scopes and its channels. `message_shortcut`, and `fill` before
  `submit`, whose errors are then the view's `errors`.
- `join`, `connect`: somebody joins a channel, another workspace shares it.
- `posts`, `ephemerals`, `direct_messages`, `open_view`, `home`, `text`: what people see. A `Message` has `blocks`,
  `text`, `metadata`, `thread_ts`, `files` and `mentions` (everything in it that would ping somebody).
- `calls`: every request from the app. `deliveries`: everything that was sent to it. `downloads.served`: which bytes of
  a file were sent (`downloads.takes_ranges = False`: always all of them). `wait_for`: instead of sleeping.
- `faults.add("chat.postMessage", status=429, retry_after=2)`: failures (`error`, `hang`, `broken`, `late`, `times`; for
  a "download" also `html`, `short`, `pause`, and `after` a number of bytes).
- `sockets.disconnect("refresh_requested")`; `limits=NO_LIMITS`; `state` for everything else: users, channels, tokens
  and files are frozen dataclasses in its dictionaries, to be replaced as a test needs.

Everything that Slack would refuse is refused with Slack's own error. Each rule has its source next to it. Nothing here
shares code with the bot's own rendering, parsing or limits, so that each checks the other.
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
