"""What the audit log has about changes and attestations, and its heads in the log."""

from pathlib import Path

import pytest

from bot import ids
from bot.model.audit import AuditKind, LoggedHead
from tests.unit.uploads.recordings.synthesis import wav
from tests.world import LEA, ROBIN, SALES, World, world


async def read_audit(here: World, kind: AuditKind) -> list[tuple[str, str]]:
    """Return what every row is about, and who did it. All of them are in #sales-acme."""
    rows = await here.read_audit(kind)
    assert {row["channel"] for row in rows} <= {here.slack.state.channel(SALES).id}
    names = {here.slack.user(name).id: name for name in (ROBIN, LEA)}
    return [(row["what"], names.get(row["by"], row["by"])) for row in rows]


async def test_every_attestation_is_audited_once(here: World) -> None:
    """With the person and the upload. Automatic uploads name the person who attested for the channel."""
    await here.type("/kickscale uploads on")
    (offer,) = here.thread(await here.share("call.wav", wav(2)))
    for user in (LEA, ROBIN):
        await here.click(offer, "Upload to Kickscale", user)
    for user in (LEA, ROBIN):  # the second person reads that it is already being uploaded
        await here.submit_upload_form(user)
    await here.type("/kickscale uploads on auto", LEA)
    await here.submit_upload_form(LEA)
    await here.share("2026-11-20 14-30 other.wav", wav(3))
    await here.type("/kickscale uploads off")
    assert await read_audit(here, AuditKind.ATTESTED) == [
        ("upload 1", LEA),
        ("uploads auto", LEA),
        ("upload unasked 2", LEA),
    ]
    assert await read_audit(here, AuditKind.CHANGED) == [
        ("uploads on", ROBIN),
        ("uploads auto", LEA),
        ("uploads off", ROBIN),
    ]


async def test_every_change_of_a_subscription_is_audited(here: World) -> None:
    """Who did what to which subscription by command, button or form. An action that changes nothing isn't noted."""
    await here.type("/kickscale digest add acme.com")
    await here.type("/kickscale digest add acme.com")
    await here.type("/kickscale digest add example.com live", LEA)
    await here.click(await here.ask("/kickscale digest list", LEA), "Pause", LEA)
    await here.type("/kickscale digest pause acme.com")
    await here.type("/kickscale digest resume acme.com")
    await here.click(await here.ask("/kickscale digest list"), "Change")
    form = here.slack.open_view(ROBIN)
    assert form is not None
    await here.slack.submit(ROBIN, form, {ids.DIGEST_DOMAINS: "acme.com, example.com"})
    await here.type("/kickscale digest remove d1", LEA)
    await here.type("/kickscale digest remove d2", LEA)
    await here.type("/kickscale digest preview acme.com")
    assert await read_audit(here, AuditKind.CHANGED) == [
        ("digest add d1", ROBIN),
        ("digest add d2", LEA),
        ("digest pause d1", LEA),
        ("digest resume d1", ROBIN),
        ("digest edit d1", ROBIN),
        ("digest remove d1", LEA),
        ("digest remove d2", LEA),
    ]


async def test_every_kind_of_row_has_its_own_retention(tmp_path: Path) -> None:
    """The rest of the chain is intact, even compared with an older head."""
    async with world(tmp_path, audit_kept_days="1 attested=3") as here:
        await here.type("/kickscale uploads on auto")
        await here.submit_upload_form()
        heads = await here.bot.database.audit.heads()
        logged = [LoggedHead(head.kind, head.number, head.hash) for head in heads if head.number]
        for changed, attested in ((1, 1), (0, 1), (0, 0)):
            await here.bot.prune()
            assert len(await read_audit(here, AuditKind.CHANGED)) == changed
            assert len(await read_audit(here, AuditKind.ATTESTED)) == attested
            report = await here.bot.database.audit.check(logged)
            assert report.flaws == ()
            await here.clock.advance(2 * 86_400)


async def test_the_log_has_the_heads_of_the_audit(here: World, caplog: pytest.LogCaptureFixture) -> None:
    """When the bot starts and stops, and in between only if something was added."""
    caplog.set_level("INFO", "bot.access.audit")

    def read_log() -> list[str]:
        lines = [record.getMessage() for record in caplog.records if record.name == "bot.access.audit"]
        caplog.clear()
        return lines

    await here.bot.services.audit.log_heads()
    assert read_log() == []
    await here.type("/kickscale uploads on")
    (head,) = [head for head in await here.bot.database.audit.heads() if head.kind is AuditKind.CHANGED]
    line = f"changed:1:{head.hash}:{here.clock.now().date()}"
    await here.bot.services.audit.log_heads()
    await here.bot.services.audit.log_heads()
    assert [line in message for message in read_log()] == [True]
    await here.restart()
    assert [line in message for message in read_log()] == [True]
    await here.type("/kickscale uploads off")
    await here.restart()
    assert ["changed:2:" in message for message in read_log()] == [True, True]
