"""Which customers the bot knows, and who may know of which."""

import asyncio
import weakref
from datetime import timedelta
from pathlib import Path

import pytest

from bot.customers.customers import FIRST_FILL, LEASE, NAMES_TTL
from bot.model.people import Viewer
from tests.clock import MONDAY_MORNING as NOW
from tests.world import LEA, ROBIN, SALES, World, call, world

LEAS = {"user": {"id": "u2", "name": "Lea Lead", "email": "lea.lead@example.com"}}


async def known(here: World, who: str = ROBIN, channel: str = "C1") -> list[str]:
    """The domains that somebody may know of in a channel."""
    services = here.bot.services
    viewer = Viewer(await services.slack.people.get(here.slack.user(who).id), channel)
    return sorted(customer.domain for customer in await services.customers.known_customers(viewer))


async def test_the_last_90_days_are_read_once(tmp_path: Path) -> None:
    """Without the mirror too; after a failure it continues from there, and afterwards it learns from what is read."""
    async with world(tmp_path, mirror_days=0) as here:
        here.kickscale.add_call(call(1, NOW, customerDomains=["new.example"]))
        here.kickscale.add_meeting(call(2, NOW - FIRST_FILL, customerDomains=["old.example"]))
        here.kickscale.add_call(call(3, NOW, customerDomains=["secret.example"]), internal=True)
        here.kickscale.faults.add("/meetings", status=403)
        await here.catch_up()
        assert await known(here) == ["new.example"]
        await here.restart()
        await here.clock.advance(LEASE.total_seconds())
        await here.catch_up()
        assert await known(here) == ["new.example", "old.example"]
        asked = len(here.kickscale.requests)
        await here.catch_up()
        assert len(here.kickscale.requests) == asked
        here.kickscale.add_call(call(4, NOW, customerDomains=["later.example"]))
        await here.ask("/kickscale calls today")
        assert await known(here) == ["later.example", "new.example", "old.example"]
        size = await here.bot.database.mirror.size()
        assert size.conversations == 0


async def test_at_first_the_bot_says_that_it_is_still_learning_names(here: World) -> None:
    """And offers to try again; once it has read them, an unknown name is just unknown."""
    here.kickscale.add_call(call(1, NOW, crmReference={"company": {"name": "Acme GmbH"}}))
    learning = "I'm still learning your customers' names."
    for line in ("calls acme", "follow acme", "acme"):
        answer = await here.ask(f"/kickscale {line}")
        assert learning in here.text(answer), line
    assert learning not in here.text(await here.ask("/kickscale calls acme.com scope:some"))
    await here.learn_customers()
    await here.click(answer, "Try again")
    assert "acme.com" in here.text(here.slack.ephemerals(SALES, ROBIN)[-1])
    unknown = here.text(await here.ask("/kickscale calls initech"))
    assert learning not in unknown
    assert "Try again" not in unknown


async def test_those_who_see_the_same_share_the_names(tmp_path: Path) -> None:
    """Even if they ask at the same moment, since all customers are collected for them; nobody has those of others.

    The names that were valid before take no memory, nor do those that nobody asks for.
    """
    async with world(tmp_path, mirror_days=0, channel_domains="C0BOUND=acme.com") as here:
        here.kickscale.add_call(call(1, NOW))
        here.kickscale.add_call(call(2, NOW, customerDomains=["new.example"]))
        await here.catch_up()
        services = here.bot.services
        viewers = [
            Viewer(await services.slack.people.get(here.slack.user(who).id), channel)
            for who, channel in ((ROBIN, "C1"), (LEA, "C2"), (ROBIN, "C0BOUND"))
        ]
        robins, leas, bound = await asyncio.gather(*map(services.customers.names, viewers))
        assert robins is leas
        assert "new.example" in robins
        assert "new.example" not in bound
        assert await services.customers.names(viewers[1]) is robins
        former = weakref.ref(robins)
        del robins, leas
        here.kickscale.add_call(call(3, NOW, customerDomains=["later.example"]))
        await here.ask("/kickscale calls today")
        now = await services.customers.names(viewers[1])
        assert "later.example" in now
        assert former() is None
        former = weakref.ref(now)
        del now
        await here.clock.advance(NAMES_TTL.total_seconds())
        await services.forget_expired()
        assert former() is None


@pytest.mark.parametrize("visibility", ["workspace", "kickscale"])
async def test_people_know_the_customers_that_they_may_see(tmp_path: Path, visibility: str) -> None:
    """A channel that is bound to a customer knows no other; `VISIBILITY=kickscale` leaves those of one's own."""
    async with world(tmp_path, mirror_days=0, visibility=visibility, channel_domains="C0BOUND=acme.com") as here:
        here.kickscale.add_call(call(1, NOW))
        here.kickscale.add_call(call(2, NOW - timedelta(days=1), customerDomains=["leas.example"], **LEAS))
        await here.catch_up()
        is_all = visibility == "workspace"
        assert await known(here) == (["acme.com", "leas.example"] if is_all else ["acme.com"])
        assert await known(here, LEA) == (["acme.com", "leas.example"] if is_all else ["leas.example"])
        assert await known(here, ROBIN, "C0BOUND") == ["acme.com"]
        assert await known(here, LEA, "C0BOUND") == (["acme.com"] if is_all else [])
