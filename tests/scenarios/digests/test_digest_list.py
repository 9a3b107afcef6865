"""The buttons of `/kickscale digest list`."""

import re
from dataclasses import replace

from bot import ids
from tests.scenarios.digests.steps import all_subscriptions, ask_digest, only_subscription, submit_form
from tests.world import LEA, ROBIN, SALES, World, audit_row


async def test_the_buttons_of_the_list_do_what_they_say(here: World) -> None:
    """The list is updated after each of them."""
    await ask_digest(here, "add acme.com")
    shown = await here.ask("/kickscale digest list")
    await here.click(shown, "Pause")
    (shown,) = here.slack.ephemerals(SALES, ROBIN)[-1:]
    assert "paused" in here.text(shown)
    assert (await only_subscription(here)).paused == "asked"
    await here.click(shown, "Resume")
    (shown,) = here.slack.ephemerals(SALES, ROBIN)[-1:]
    assert "resumed" in here.text(shown)
    assert (await only_subscription(here)).paused == ""
    await here.click(shown, "Remove")
    (shown,) = here.slack.ephemerals(SALES, ROBIN)[-1:]
    assert "No digests in this channel" in here.text(shown)
    assert await all_subscriptions(here) == []


async def test_a_long_list_is_cut_after_a_whole_entry(here: World) -> None:
    """The oldest ones come first, even if many were created at the same moment. Every entry keeps its buttons."""
    await ask_digest(here, "add acme.com")
    first = replace(await only_subscription(here), id="")
    for number in range(29):
        one_more = replace(first, domains=(f"customer{number}.example.com",))
        await here.bot.database.subscriptions.add(one_more, audit_row("digest import"))
    shown = await here.ask("/kickscale digest list")
    *_, entry, buttons, cut = shown.blocks
    assert (entry["type"], buttons["type"]) == ("section", "actions")
    assert "There are more than fit here" in repr(cut)
    ids_ = re.findall(r"^(d\d+) · ", here.text(shown).replace("`", ""), re.MULTILINE)
    assert len(ids_) > 10
    assert ids_ == [f"d{number}" for number in range(1, len(ids_) + 1)]


async def test_a_button_of_a_removed_digest_says_so(here: World) -> None:
    """Somebody else removed it."""
    await ask_digest(here, "add acme.com")
    shown = await here.ask("/kickscale digest list")
    await ask_digest(here, "remove d1", LEA)
    for button in ("Pause", "Remove"):
        await here.click(shown, button)
        assert "There's no digest" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])
    await here.click(shown, "Change")
    assert "There's no digest" in here.text(here.slack.open_view(ROBIN))


async def test_access_is_checked_again_at_every_click(here: World) -> None:
    """A member who has become a guest can't change anything any more."""
    await ask_digest(here, "add acme.com")
    shown = await here.ask("/kickscale digest list")
    await here.click(shown, "Change")
    robin = here.slack.user(ROBIN)
    here.slack.state.users[robin.id] = replace(robin, is_restricted=True)
    await here.clock.advance(301)
    await here.click(shown, "Remove")
    await submit_form(here, {ids.DIGEST_DOMAINS: "example.com"})
    assert "not to guests" in here.text(here.slack.open_view(ROBIN))
    assert (await only_subscription(here)).domains == ("acme.com",)
