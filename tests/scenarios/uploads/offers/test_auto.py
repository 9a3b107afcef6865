"""`/kickscale uploads on auto`: recordings are uploaded without asking."""

import json
from dataclasses import replace

import pytest

from bot.sandbox.kickscale.openapi import document
from tests.databases import run_sql
from tests.scenarios.uploads.offers.steps import OFFERS, PAGE, SOUND, offers, private_answer
from tests.world import GUESTS, GUS, LEA, ROBIN, World


async def requiring(here: World, field: str) -> None:
    """Restart the bot with an API whose document requires this field, too."""
    said = json.dumps(document(here.kickscale.variant)).replace('["name", "date"', f'["name", "date", "{field}"')
    assert f'"date", "{field}"' in said
    here.kickscale.faults.add("/swagger-json", body=said)
    await here.restart()


async def test_auto_is_off_until_it_is_attested(here: World) -> None:
    """The form says what it means, and asks only for the tick."""
    await here.type("/kickscale uploads on auto")
    view = here.slack.open_view(ROBIN)
    assert view is not None
    assert "without a question" in here.text(view)
    assert "Uploads are" in here.text(await here.ask("/kickscale uploads status"))
    assert not here.thread(await here.share("call.wav", SOUND))
    with pytest.raises(ValueError, match="required"):
        await here.slack.submit(ROBIN, view, {})
    assert "Uploads are" in here.text(await here.ask("/kickscale uploads status"))
    await here.submit_upload_form()
    assert "without asking" in private_answer(here)


async def test_auto_uploads_without_asking(here: World) -> None:
    """On the word of the person who attested for the channel; each upload names them."""
    await here.type("/kickscale uploads on auto", LEA)
    await here.submit_upload_form(LEA)
    shared = await here.share("2026-11-20 14.30 Pricing with Acme.wav", SOUND, repeats=2, again=1)
    await here.pass_time(30)
    (received,) = here.kickscale.uploads
    assert received.fields["name"] == "Pricing with Acme"
    assert received.fields["date"] == "2026-11-20T13:30:00Z"
    assert received.fields["userEmail"] == "robin.rep@example.com"
    (status,) = here.thread(shared)
    assert "Lea Lead confirmed" in here.text(status)


async def test_auto_covers_what_is_shared_while_it_is_on(here: World) -> None:
    """`off` ends it, and `on` asks again."""
    await here.type("/kickscale uploads on auto")
    await here.submit_upload_form()
    await here.ask(OFFERS)
    shared = await here.share("call.wav", SOUND)
    assert len(offers(here, shared)) == 1
    assert not here.kickscale.uploads


async def test_auto_asks_if_the_api_requires_what_nobody_knows(here: World) -> None:
    """An offer, as elsewhere."""
    await here.type("/kickscale uploads on auto")
    await here.submit_upload_form()
    await requiring(here, "caller")
    shared = await here.share("call.wav", SOUND)
    (offer,) = offers(here, shared)
    await here.click(offer, "Upload to Kickscale")
    await here.submit_upload_form(**{"s:caller": "+49 30 23125 111"})
    assert here.kickscale.uploads[0].fields["caller"] == "+49 30 23125 111"


async def test_auto_ignores_other_files(here: World) -> None:
    """A guest's recording is offered to the others."""
    await here.type("/kickscale uploads on auto", channel=GUESTS)
    await here.submit_upload_form()
    assert not here.thread(await here.share("page.wav", PAGE, channel=GUESTS))
    assert not here.thread(await here.share("offer.pdf", b"%PDF-1.7", channel=GUESTS))
    assert len(offers(here, await here.share("call.wav", SOUND, user=GUS, channel=GUESTS))) == 1
    assert not here.kickscale.uploads


async def attest(here: World, user: str = LEA) -> None:
    """Have the channel's recordings uploaded without asking, on this person's word."""
    await here.type("/kickscale uploads on auto", user)
    await here.submit_upload_form(user)


async def test_auto_asks_about_what_was_shared_before(here: World) -> None:
    """Nobody has confirmed anything about those, even if somebody mentions the bot below one."""
    shared = await here.share("old.wav", SOUND)
    await here.clock.advance(86_400)
    await attest(here)
    await here.mention("what about this?", thread_ts=shared.ts)
    assert len(offers(here, shared)) == 1
    assert not here.kickscale.uploads


async def test_auto_asks_about_what_was_shared_before_and_looked_at_later(here: World) -> None:
    """The channel was attested for while Slack was unavailable."""
    await here.ask(OFFERS)
    here.slack.faults.add("files.info", status=429, retry_after=100)
    shared = await here.share("call.wav", SOUND)
    await here.clock.advance(5)
    await attest(here)
    await here.pass_time(120)
    assert len(offers(here, shared)) == 1
    assert not here.kickscale.uploads


async def test_auto_asks_once_the_person_who_attested_may_not_upload(here: World) -> None:
    """Their word counts only as long as they may give it."""
    await attest(here)
    person = here.slack.user(LEA)
    here.slack.state.users[person.id] = replace(person, is_restricted=True)
    await here.clock.advance(301)
    assert len(offers(here, await here.share("call.wav", SOUND))) == 1
    assert not here.kickscale.uploads


def kill(here: World, kind: str) -> None:
    """Make the jobs of this kind look as if a kill had come before they were recorded as done."""
    run_sql(here.settings, "update jobs set state = 'running', finished_at = null where kind = ?", kind)


async def test_what_was_cancelled_is_not_uploaded_again_after_a_kill(here: World) -> None:
    """And nobody is asked about it, since nobody has shared it again."""
    await attest(here)
    here.kickscale.faults.add("/calls/upload", status=429, retry_after=600)
    shared = await here.share("call.wav", SOUND)
    await here.click(here.thread(shared)[0], "Cancel")
    kill(here, "offer")
    await here.pass_time(60)
    (status,) = here.thread(shared)
    assert "Robin Rep cancelled the upload" in here.text(status)
    assert not here.kickscale.uploads


async def test_what_was_cancelled_is_asked_about_if_somebody_asks_for_it(here: World) -> None:
    """The attestation for the whole channel isn't enough for that."""
    await attest(here)
    here.kickscale.faults.add("/calls/upload", status=429, retry_after=600)
    shared = await here.share("call.wav", SOUND)
    await here.click(here.thread(shared)[0], "Cancel")
    await here.mention("please after all", thread_ts=shared.ts)
    assert len(offers(here, shared)) == 1
    assert not here.kickscale.uploads
