"""`kickscale-bot upload`: recordings from the disk, through the same jobs as those that are shared in Slack."""

import asyncio
import hashlib
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from bot.access.audit import COMMAND_LINE, Audit
from bot.app.clients import kickscale_client, kickscale_sender
from bot.clock import Clock
from bot.config.settings import Settings
from bot.errors import RecordingRefused
from bot.kickscale.binding import operations
from bot.kickscale.current_binding import CurrentBinding
from bot.model.audit import AuditKind
from bot.model.job import Job, Note
from bot.model.uploads import Attestation, Upload, UploadState
from bot.render.errors import cause
from bot.render.uploads.progress import Progress, failure, upload_message
from bot.storage.sqlite import Database
from bot.storage.sqlite.queue import Jobs
from bot.texts import Texts, texts_in
from bot.tools.terminal import clean, echo
from bot.uploads.attempt import OPEN, Attempt, Tools
from bot.uploads.disk_plan import Plan, Planned, Planner, plain
from bot.uploads.queue import follow_job
from bot.uploads.sources import PathSource, Source

FROM_DISK = "transfer_from_disk"
"""Jobs of whoever was given the paths: each run does its own alone, also those that an earlier one left."""
THERE = (UploadState.SENT, UploadState.ANALYSED, UploadState.DUPLICATE)
"""The states of what is in Kickscale."""
CHUNK = 1 << 20
LOOK = 0.5
"""Seconds between two looks at what became of the uploads."""


class PromisedSource(PathSource):
    """A file that was read before: its last bytes are given only where all of them are what was read then."""

    def __init__(self, path: Path, size: int, sha256: str) -> None:
        super().__init__(path, size)
        self._sha256 = sha256

    def require_size(self) -> None:
        """Raises RecordingRefused where it is gone, or surely another one."""
        try:
            size = self._path.stat().st_size
        except OSError as exc:
            raise RecordingRefused("gone_from_disk", self.name) from exc
        if size != self.size:
            raise RecordingRefused("changed_on_disk", self.name)

    async def chunks(self) -> AsyncIterator[bytes]:
        digest = hashlib.sha256()
        position = 0
        while position < self.size:
            chunk = await asyncio.to_thread(self._read, position, min(CHUNK, self.size - position))
            await asyncio.to_thread(digest.update, chunk)
            position += len(chunk)
            if not chunk or (position == self.size and digest.hexdigest() != self._sha256):
                raise RecordingRefused("changed_on_disk", self.name)
            yield chunk


class Disk:
    """A `bot.uploads.attempt.Sources` of what this run was given: an earlier one may have named the same
    bytes elsewhere.
    """

    def __init__(self) -> None:
        self._sources: dict[int, PromisedSource] = {}

    def put(self, upload: Upload, planned: Planned) -> None:
        self._sources[upload.id] = PromisedSource(planned.path, planned.size, planned.sha256)

    async def of(self, upload: Upload) -> Source:
        source = self._sources.get(upload.id)
        if source is None:
            raise RecordingRefused("gone_from_disk", upload.name)
        await asyncio.to_thread(source.require_size)
        return source


class Bar:
    """A `bot.uploads.attempt.Teller`: one bar for the bytes of all recordings, and a line where one comes
    to another step.
    """

    def __init__(self, bar: Any, total: int, texts: Texts) -> None:
        self._bar = bar
        self._total = total
        self._texts = texts
        self._sent: dict[int, int] = {}
        self._said: dict[int, str] = {}
        """What was told last of each upload."""

    def tick(self, upload: Upload, progress: Callable[[], Progress]) -> None:
        now = progress()
        if now.step == "sending":
            self.at(upload, now.sent)
        said = plain(upload_message(self._texts, upload, now)["text"])
        if now.again_at:
            said = f"{said} {self._texts('upload.again')}"
        if self._said.get(upload.id) != said:
            self._said[upload.id] = said
            if sys.stdout.isatty():
                echo()  # the bar stays on its line
            echo(said, err=True)

    def at(self, upload: Upload, sent: int) -> None:
        self._sent[upload.id] = sent
        self._bar.update(min(sum(self._sent.values()), self._total) - self._bar.pos)


class History:
    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._settings = settings
        self._rows = database.uploads
        self._clock = clock
        self._audit = Audit(database.audit, clock)
        self._texts = texts_in()
        self._client = kickscale_client(settings)
        self._sender = kickscale_sender(settings)
        self._bindings = CurrentBinding(self._client, database.facts, clock, settings.binding_override)
        name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._disk = Disk()
        self._own: set[int] = set()
        """The jobs of this run."""
        self._jobs = Jobs(database, clock, name, concurrency=settings.upload_concurrency, only=self._own)
        self._jobs.register(FROM_DISK, self._transfer, on_failure=self._broken)
        self._bar: Bar | None = None

    async def run(self, paths: Sequence[Path], common: Mapping[str, str], attested_by: str, *, dry_run: bool) -> bool:
        """Upload them; whether every one is in Kickscale. Prints what is done, and what is wrong before it is begun."""
        try:
            plan = await self._planned(paths, common)
            if plan.recordings and not plan.problems:
                await self._read(plan)
            _show(plan)
            if plan.problems:
                echo(f"Nothing was sent: {len(plan.problems)} to put right.", err=True)
                return False
            if not plan.recordings:
                echo("There is nothing to upload.")
                return False
            if dry_run:
                await self._tell(plan.recordings)
                return True
            return await self._upload(plan.recordings, attested_by)
        finally:
            await self._jobs.stop()
            await self._bindings.stop()
            await self._client.aclose()
            await self._sender.aclose()

    async def _planned(self, paths: Sequence[Path], common: Mapping[str, str]) -> Plan:
        await self._bindings.start()
        await self._bindings.refresh()
        if self._bindings.failure:
            echo("Kickscale's OpenAPI document can't be read; what was known of it is used.", err=True)
        zone = ZoneInfo(self._settings.default_timezone)
        planner = Planner(self._client.binding.upload, self._texts, zone, self._clock.now(), common)
        return await planner.plan(paths)

    async def _read(self, plan: Plan) -> None:
        """Hash what is planned; one of those with the same bytes is left."""
        found: dict[str, Planned] = {}
        with click.progressbar(length=sum(each.size for each in plan.recordings), label="Reading ") as bar:
            for each in plan.recordings:
                try:
                    size, sha256 = await asyncio.to_thread(_hashed, each.path, bar.update)
                except OSError as exc:
                    plan.problems.append(f"{each.path} can't be read ({exc.strerror})")
                    continue
                if size != each.size:
                    refused = RecordingRefused("changed_on_disk", each.path.name)
                    plan.problems.append(f"{each.path}: {plain(cause(self._texts, refused))}")
                    continue
                first = found.setdefault(sha256, replace(each, sha256=sha256))
                if first.path != each.path:
                    plan.skipped[each.path] = f"the same recording as {first.path}"
        plan.recordings[:] = found.values()

    async def _tell(self, planned: Sequence[Planned]) -> None:
        """What a run would do."""
        count = 0
        for each in planned:
            known = await self._known(each)
            details = ", ".join(f"{name}={value}" for name, value in each.fields.items())
            said = self._told(known) if known else f"({each.size} bytes): {details or 'no details'}"
            echo(f"{each.path}{': ' if known else ' '}{said}")
            count += known is None
        echo(f"{count} to upload." if count else "There is nothing to upload.")

    async def _known(self, planned: Planned) -> Upload | None:
        """The upload of these bytes that is there, or may be."""
        wanted = self._wanted(planned, Attestation("", self._clock.now()))
        own = await self._rows.of_source(wanted.source)
        if own is not None and own.state in (*THERE, UploadState.ASKING):
            return own
        others = await self._rows.earlier_of_size(wanted)
        return next((each for each in others if each.sha256 == wanted.sha256 and each.state in THERE), None)

    async def _upload(self, planned: Sequence[Planned], attested_by: str) -> bool:
        attestation = Attestation(attested_by, self._clock.now())
        uploads = [await self._promise(each, attestation) for each in planned]
        total = sum(each.size for each in planned)
        with click.progressbar(length=total, label="Sending ") as bar:
            self._bar = Bar(bar, total, self._texts)
            await self._jobs.start()
            ends = await self._ends([upload.id for upload in uploads])
        for upload, each in zip(ends, planned, strict=True):
            echo(f"{each.path}: {self._told(upload)}")
        return all(each.state in THERE for each in ends)

    async def _promise(self, planned: Planned, attestation: Attestation) -> Upload:
        """The upload of these bytes, with its job; one that is known is gone on with, or is there already."""
        wanted = self._wanted(planned, attestation)
        noted = self._audit.row(AuditKind.ATTESTED, "upload", by=COMMAND_LINE, count=1)
        upload, _ = await self._rows.add(wanted, noted)
        if upload.state is UploadState.ASKING:
            upload = await self._decided(upload)
        if upload.state in OPEN:
            key = f"{FROM_DISK}:{upload.id}:{upload.round}"
            if _given(upload) != _given(wanted):
                if not await self._rows.correct(replace(wanted, id=upload.id, round=upload.round), key, noted):
                    echo(f"{planned.path}: {self._texts('upload.disk.kept')}", err=True)
                upload = await self._rows.get(upload.id) or upload
            self._disk.put(upload, planned)
            job, _ = await self._jobs.add(FROM_DISK, key, {"upload": upload.id, "round": upload.round})
            self._own.add(job.id)
        return upload

    def _wanted(self, planned: Planned, attestation: Attestation) -> Upload:
        return Upload(
            id=0,
            source=f"sha256:{planned.sha256}",
            name=planned.path.name,
            size=planned.size,
            fields=planned.fields,
            external_id=f"sha256-{planned.sha256}",
            attestation=attestation,
            created_at=self._clock.now(),
            sha256=planned.sha256,
        )

    async def _decided(self, upload: Upload) -> Upload:
        """Ask the person at the terminal, if there is one, whether an earlier try arrived."""
        if not sys.stdin.isatty():
            return upload
        echo()
        if click.confirm(f"An earlier try of {clean(upload.name)} broke off at its end. Is it in Kickscale?"):
            await self._rows.change(upload.id, only=(UploadState.ASKING,), state=UploadState.SENT, reason="")
        else:
            await self._rows.send_again(upload.id)
        return await self._rows.get(upload.id) or upload

    async def _ends(self, ids: Iterable[int]) -> list[Upload]:
        """The uploads once none of them is under way any more."""
        while True:
            found = [await self._rows.get(each) for each in ids]
            uploads = [each for each in found if each is not None]
            if not any(each.state in OPEN for each in uploads):
                return uploads
            await self._clock.sleep(LOOK)

    async def _transfer(self, job: Job, note: Note) -> None:
        upload = await self._rows.get(job.payload["upload"])
        if upload is None or upload.round != job.payload["round"] or self._bar is None:
            return
        tools = Tools(
            uploads=self._rows,
            sources=self._disk,
            sender=self._sender,
            client=self._client,
            messages=self._bar,
            clock=self._clock,
            operation=self._operation,
            public_url="",
        )
        if upload.state in OPEN:
            upload = await Attempt(tools, job, note, upload).run()
        if upload.state is UploadState.SENT:
            await self._jobs.add(*follow_job(upload))
        self._bar.at(upload, upload.size)

    async def _broken(self, job: Job, _exc: BaseException) -> None:
        upload = await self._rows.get(job.payload["upload"])
        if upload is not None:
            state = UploadState.ASKING if upload.state is UploadState.SENDING else UploadState.FAILED
            how = {"state": state, "reason": "unexpected", "words": job.reference}
            await self._rows.change(upload.id, only=OPEN, of_round=job.payload["round"], **how)

    async def _operation(self) -> operations.Upload:
        return self._client.binding.upload

    def _told(self, upload: Upload) -> str:
        match upload.state:
            case UploadState.SENT | UploadState.ANALYSED:
                return f"in Kickscale{f' as call {upload.call}' if upload.call else ''}"
            case UploadState.DUPLICATE:
                return "already in Kickscale: the very same recording was uploaded before"
            case UploadState.ASKING:
                return (
                    "it is not known whether it arrived. Look for it in Kickscale, then run this again at a terminal: "
                    "it asks you"
                )
            case UploadState.CANCELLED:
                return "cancelled"
            case _:
                return f"failed. {plain(failure(self._texts, upload))}"


def _show(plan: Plan) -> None:
    for path, why in plan.skipped.items():
        echo(f"{path}: left out, {why}", err=True)
    for problem in plan.problems:
        echo(problem, err=True)


def _given(upload: Upload) -> tuple[str, Mapping[str, str], str]:
    """What the command line tells of it, beside its bytes."""
    return upload.name, upload.fields, upload.attestation.by


def _hashed(path: Path, read: Callable[[int], None]) -> tuple[int, str]:
    """How many bytes there are, and their hash."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            read(len(chunk))
    return size, digest.hexdigest()
