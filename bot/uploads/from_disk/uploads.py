"""`kickscale-bot upload`: uploads recordings from disk, through the same attempts as those shared in Slack."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import click

from bot.access.audit import COMMAND_LINE, Audit
from bot.clock import Clock
from bot.errors import RecordingRefused
from bot.model.audit import AuditKind
from bot.model.job import Job, Note
from bot.model.uploads import Attestation, Upload, UploadState
from bot.render.errors import cause
from bot.storage.stores import JobQueue
from bot.storage.upload_stores import UploadStore
from bot.texts import texts_in
from bot.texts.languages import ENGLISH
from bot.tools.terminal import clean, echo, progress_bar
from bot.uploads.from_disk.bar import Bar
from bot.uploads.from_disk.field_values import NO_DATE, how_to_give
from bot.uploads.from_disk.plan import Plan, Planned
from bot.uploads.from_disk.planner import plain
from bot.uploads.from_disk.report import Report, Result
from bot.uploads.from_disk.sources import DiskSources, hash_file
from bot.uploads.transfer.attempt import Attempt, Tools
from bot.uploads.transfer.job import (
    FOLLOW,
    FROM_DISK,
    AttemptProgress,
    Follow,
    Transfer,
    follow_key,
    transfer_key,
)
from bot.uploads.transfer.record import ProgressDisplay
from bot.uploads.transfer.transfers import record_defect

LOOK = 0.5
"""Seconds between two checks of the uploads' state."""
SHOWN = 5
"""How many recordings without a date are named."""


class DiskUploads:
    """`own` has the IDs of the jobs that `queue` may run; this run adds its own jobs to it."""

    def __init__(  # noqa: PLR0917 the queue, and what its jobs work with
        self,
        queue: JobQueue,
        own: set[int],
        sources: DiskSources,
        uploads: UploadStore,
        audit: Audit,
        clock: Clock,
        tools: Callable[[ProgressDisplay], Tools],
    ) -> None:
        self._queue = queue
        self._own = own
        self._sources = sources
        self._uploads = uploads
        self._audit = audit
        self._clock = clock
        self._tools = tools
        self._bar: Bar | None = None

    def register_jobs(self, queue: JobQueue) -> None:
        queue.register(FROM_DISK, self._transfer, on_failure=self._fail)

    async def run(self, plan: Plan, attested_by: str, *, dry_run: bool) -> Report:
        """Carry out the plan, and return the results. What is wrong, skipped or lacks a date is printed first."""
        if plan.recordings and not plan.problems:
            await self._hash(plan)
        _show(plan)
        if plan.problems:
            echo(f"Nothing sent: fix {len(plan.problems)} problem{'s' * (len(plan.problems) != 1)} first.", err=True)
            return Report(plan, is_dry_run=dry_run)
        if dry_run:
            known = [(planned, await self._find_known(planned)) for planned in plan.recordings]
            results = [Result(planned, upload, was_there=upload is not None) for planned, upload in known]
            return Report(plan, results, is_dry_run=True)
        return await self._upload(plan, attested_by)

    async def _hash(self, plan: Plan) -> None:
        """Hash the planned recordings, and keep only one of those with the same bytes."""
        by_hash: dict[str, Planned] = {}
        with progress_bar(sum(planned.size for planned in plan.recordings), "Reading ") as bar:
            for planned in plan.recordings:
                try:
                    size, sha256 = await asyncio.to_thread(hash_file, planned.path, bar.update)
                except OSError as exc:
                    plan.problems.append(f"{planned.path} can't be read ({exc.strerror})")
                    continue
                if size != planned.size:
                    refused = RecordingRefused("changed_on_disk", planned.path.name)
                    plan.problems.append(f"{planned.path}: {plain(cause(texts_in(ENGLISH), refused))}")
                    continue
                first = by_hash.setdefault(sha256, replace(planned, sha256=sha256))
                if first.path != planned.path:
                    plan.skipped[planned.path] = f"the same recording as {first.path}"
        plan.recordings[:] = by_hash.values()

    async def _find_known(self, planned: Planned) -> Upload | None:
        """Return the upload of these bytes that is in Kickscale, or may be."""
        wanted = self._new_upload(planned, Attestation("", self._clock.now()))
        own = await self._uploads.of_source(wanted.source)
        if own is not None and (own.state.is_in_kickscale or own.state is UploadState.ASKING):
            return own
        others = await self._uploads.earlier_of_size(wanted)
        return next((other for other in others if other.sha256 == wanted.sha256 and other.state.is_in_kickscale), None)

    async def _upload(self, plan: Plan, attested_by: str) -> Report:
        attestation = Attestation(attested_by, self._clock.now())
        uploads = [await self._promise(planned, attestation) for planned in plan.recordings]
        were_there = [upload.state.is_in_kickscale for upload in uploads]
        total = sum(planned.size for planned in plan.recordings)
        began = self._clock.elapsed()
        with progress_bar(total, "Sending ") as bar:
            self._bar = Bar(bar, total)
            await self._queue.start()
            ended = await self._wait([upload.id for upload in uploads])
        took = (self._clock.elapsed() - began).total_seconds()
        results = list(map(Result, plan.recordings, ended, were_there))
        return Report(plan, results, seconds=took)

    async def _promise(self, planned: Planned, attestation: Attestation) -> Upload:
        """Return the upload of these bytes, with a job if it isn't over: a new upload, or one that is known."""
        wanted = self._new_upload(planned, attestation)
        noted = self._audit.row(AuditKind.ATTESTED, "upload", by=COMMAND_LINE, count=1)
        upload, _ = await self._uploads.add(wanted, noted)
        if upload.state is UploadState.ASKING:
            upload = await self._ask(upload)
        if upload.state.is_under_way:
            key = transfer_key(FROM_DISK, upload)
            if _given(upload) != _given(wanted):
                if not await self._uploads.correct(replace(wanted, id=upload.id, round=upload.round), key, noted):
                    echo(f"{planned.path}: {texts_in(ENGLISH)('upload.disk.kept')}", err=True)
                upload = await self._uploads.get(upload.id) or upload
            self._sources.put(upload, planned)
            await self._queue.promise(FROM_DISK, key, Transfer(upload.id, upload.round))
            job = await self._queue.get(FROM_DISK, key)
            if job is not None:
                self._own.add(job.id)
        return upload

    def _new_upload(self, planned: Planned, attestation: Attestation) -> Upload:
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

    async def _ask(self, upload: Upload) -> Upload:
        """Ask the person at the terminal, if there is one, whether an earlier attempt arrived."""
        if not sys.stdin.isatty():
            return upload
        echo(err=True)
        question = f"An earlier upload of {clean(upload.name)} was cut off at the very end. Is it in Kickscale?"
        if click.confirm(question, err=True):
            await self._uploads.change(upload.id, only=(UploadState.ASKING,), state=UploadState.SENT, failure=None)
        else:
            await self._uploads.send_again(upload.id)
        return await self._uploads.get(upload.id) or upload

    async def _wait(self, ids: Iterable[int]) -> list[Upload]:
        """Return the uploads once none of them is under way any more."""
        while True:
            rows = [await self._uploads.get(id_) for id_ in ids]
            uploads = [upload for upload in rows if upload is not None]
            if not any(upload.state.is_under_way for upload in uploads):
                return uploads
            await self._clock.sleep(LOOK)

    async def _transfer(self, job: Job[Transfer, AttemptProgress], note: Note[AttemptProgress]) -> None:
        upload = await self._uploads.get(job.payload.upload)
        if upload is None or upload.round != job.payload.round or self._bar is None:
            return
        if upload.state.is_under_way:
            upload = await Attempt(self._tools(self._bar), job, note, upload).run()
        if upload.state is UploadState.SENT:
            await self._queue.promise(FOLLOW, follow_key(upload), Follow(upload.id))
        self._bar.move(upload, upload.size)

    async def _fail(self, job: Job[Transfer, AttemptProgress], _exc: BaseException) -> None:
        upload = await self._uploads.get(job.payload.upload)
        if upload is not None:
            await record_defect(self._uploads, job, upload)


def _show(plan: Plan) -> None:
    for path, why in plan.skipped.items():
        echo(f"{path}: skipped ({why})", err=True)
    for problem in plan.problems:
        echo(problem, err=True)
    if plan.undated and not plan.problems:
        names = ", ".join(path.name for path in plan.undated[:SHOWN])
        more = f" and {len(plan.undated) - SHOWN} more" * (len(plan.undated) > SHOWN)
        echo(f"Without a date, since {NO_DATE}: {names}{more}. {how_to_give(plan.date_field)}", err=True)


def _given(upload: Upload) -> tuple[str, Mapping[str, str], str]:
    """Return everything about an upload that comes from the command line, besides its bytes."""
    return upload.name, upload.fields, upload.attestation.by
