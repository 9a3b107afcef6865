"""Recordings: the settings of channels, the offers, and the state of each upload."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Unpack

from bot.model.audit import AuditRow
from bot.model.uploads import (
    HAVE_CALL,
    PENDING,
    UNANALYSED,
    UNDER_WAY,
    Attestation,
    ChannelUploads,
    Failure,
    Offer,
    OfferedFile,
    Upload,
    UploadChanges,
    UploadMode,
    UploadState,
)
from bot.storage.columns import json_text, moment_text, read_json, read_moment
from bot.storage.sql.audit_chain import append
from bot.storage.transaction import Connection, Transaction, Values

NO_ADDRESS: UploadChanges = {"address": "", "address_until": None}
WAITING = "select id from uploads where id = ? and round = ? and state in (?, ?)"
OFFER_AT = "select * from offers where channel = ? and message_ts = ?"
OF_SOURCE = "select * from uploads where source = ?"
BEFORE = "(created_at, id) < (?, ?)"


class Uploads:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ---- channels ----------------------------------------------------------------------------------------------------

    async def channel(self, channel: str) -> ChannelUploads:
        """Return what was set; off if nothing was."""
        sql = "select * from upload_channels where channel = ?"
        row = await self._connection.read(lambda tx: tx.first(sql, [channel]))
        if row is None:
            return ChannelUploads(channel)
        attestation = Attestation(row["attested_by"], read_moment(row["attested_at"])) if row["attested_at"] else None
        return ChannelUploads(channel, UploadMode(row["mode"]), attestation)

    async def set_channel(self, setting: ChannelUploads, noted: Iterable[AuditRow]) -> None:
        """Set it, together with audit rows."""
        attested = setting.attestation
        row = {
            "channel": setting.channel,
            "mode": setting.mode,
            "attested_by": attested.by if attested else None,
            "attested_at": moment_text(attested.at) if attested else None,
        }

        def write(tx: Transaction) -> None:
            tx.put("upload_channels", row, key=["channel"])
            for audit_row in noted:
                append(tx, audit_row)

        await self._connection.write(write)

    # ---- offers ------------------------------------------------------------------------------------------------------

    async def add_offer(self, offer: Offer) -> tuple[Offer, bool]:
        """Return the offer of this message, and whether it is new: Slack reports a message more than once.

        The first one is kept, and gets those files that it doesn't have yet.
        """
        row = {
            "id": offer.id,
            "channel": offer.channel,
            "message_ts": offer.message_ts,
            "thread_ts": offer.thread_ts,
            "shared_by": offer.shared_by,
            "text": offer.text,
            "files": _files(offer.files),
            "created_at": moment_text(offer.created_at),
            "is_declined": int(offer.is_declined),
            "posted_ts": offer.posted_ts,
            "language": offer.language,
        }

        def add(tx: Transaction) -> tuple[Offer, bool]:
            known = tx.first(OFFER_AT, [offer.channel, offer.message_ts])
            if known is not None:
                kept = _offer(known)
                has = {file.id for file in kept.files}
                files = (*kept.files, *(file for file in offer.files if file.id not in has))
                tx.update("offers", {"files": _files(files)}, id=kept.id)
                return replace(kept, files=files), False
            tx.insert("offers", row)
            return offer, True

        return await self._connection.write(add)

    async def offer(self, id: str) -> Offer | None:  # noqa: A002
        row = await self._connection.read(lambda tx: tx.first("select * from offers where id = ?", [id]))
        return _offer(row) if row else None

    async def offer_at(self, channel: str, message_ts: str) -> Offer | None:
        row = await self._connection.read(lambda tx: tx.first(OFFER_AT, [channel, message_ts]))
        return _offer(row) if row else None

    async def offer_of(self, channel: str, thread_ts: str, file: str) -> Offer | None:
        """Return the offer in this thread that has this file."""
        sql = "select * from offers where channel = ? and thread_ts = ?"
        rows = await self._connection.read(lambda tx: tx.fetch(sql, [channel, thread_ts]))
        return next((offer for offer in map(_offer, rows) if any(of.id == file for of in offer.files)), None)

    async def decline_offer(self, id: str) -> None:  # noqa: A002
        """Record that a person said no."""
        await self._connection.write(lambda tx: tx.update("offers", {"is_declined": 1}, id=id))

    async def record_offer_message(self, id: str, ts: str) -> None:  # noqa: A002
        """Record which message of the bot asks about it. It is open again, if it was declined before."""
        columns = {"posted_ts": ts, "is_declined": 0}
        await self._connection.write(lambda tx: tx.update("offers", columns, id=id))

    # ---- uploads -----------------------------------------------------------------------------------------------------

    async def add(self, upload: Upload, noted: AuditRow) -> tuple[Upload, bool]:
        """Return the upload of this source, and whether this call started it.

        One that failed or was cancelled is started again, with the new fields and place and the same external id. Then
        `noted`, its attestation, is recorded with it, and the upload's id appended to its word.
        """
        row = _row(upload)

        def add(tx: Transaction) -> tuple[Upload, bool]:
            known = tx.first(OF_SOURCE, [upload.source])
            if known is None:
                tx.insert("uploads", row)
            elif UploadState(known["state"]).can_be_repeated:
                again = {"external_id": known["external_id"], "round": known["round"] + 1}
                tx.update("uploads", {**row, **again}, id=known["id"])
            else:
                return _upload(known), False
            (written,) = tx.fetch(OF_SOURCE, [upload.source])
            promised = _upload(written)
            append(tx, noted, promised.id)
            return promised, True

        return await self._connection.write(add)

    async def correct(self, upload: Upload, job: str, noted: AuditRow) -> bool:
        """Give an upload this name, these fields and this attestation, which is `noted`.

        False, and nothing is written, if it was started again, or an attempt at the job of this key has begun.
        """
        row = {name: _row(upload)[name] for name in ("name", "fields", "attested_by", "attested_at")}

        def correct(tx: Transaction) -> bool:
            values = [upload.id, upload.round, UploadState.QUEUED, UploadState.SENDING]
            if tx.first(WAITING, values) is None or _has_begun(tx, job):
                return False
            tx.update("uploads", row, id=upload.id)
            append(tx, noted, upload.id)
            return True

        return await self._connection.write(correct)

    async def get(self, id: int) -> Upload | None:  # noqa: A002
        return await self._one("id = ?", id)

    async def of_source(self, source: str) -> Upload | None:
        return await self._one("source = ?", source)

    async def at_address(self, address: str, now: datetime) -> Upload | None:
        """Return the upload whose recording is served at this address now."""
        return await self._one("address = ? and address_until > ?", address, moment_text(now)) if address else None

    async def change(
        self,
        id: int,  # noqa: A002
        *,
        only: tuple[UploadState, ...] = (),
        of_round: int | None = None,
        **changes: Unpack[UploadChanges],
    ) -> bool:
        """Write these fields; False, and nothing is written, if the upload is in none of the states `only`, or was
        started again since `of_round`.
        """
        is_over = "state" in changes and changes["state"].is_over
        if is_over or changes.get("is_unanalysed"):
            is_over = True
            changes = {**changes, **NO_ADDRESS}
        columns = _columns(changes)

        def change(tx: Transaction) -> bool:
            row = tx.first("select state, round from uploads where id = ?", [id])
            if row is None or (only and row["state"] not in only) or of_round not in (None, row["round"]):
                return False
            tx.update("uploads", columns, id=id)
            if is_over:
                forget_addresses(tx, "payload like ?", f'%"upload":{id}%', upload=id)
            return True

        return await self._connection.write(change)

    async def expire_addresses(self, now: datetime) -> None:
        """Forget the addresses at which recordings aren't served any more."""
        sql = "update uploads set address = '', address_until = null where address != '' and address_until <= ?"
        await self._connection.write(lambda tx: tx.execute(sql, [moment_text(now)]))

    async def send_again(self, id: int) -> bool:  # noqa: A002
        """Start it again because a person said so; False if nobody is being asked any more."""
        sql = "update uploads set state = ?, round = round + 1, cancelled_by = '' where id = ? and state = ?"
        values = [UploadState.QUEUED, id, UploadState.ASKING]
        return bool(await self._connection.write(lambda tx: tx.execute(sql, values)))

    async def earlier_of_size(self, upload: Upload) -> list[Upload]:
        """Return other uploads of the same size that are in Kickscale, or come before this one in the queue.

        One that failed and was started again comes after all that began before that.
        """
        sql = f"size = ? and id != ? and (state in ({_in(HAVE_CALL)}) or (state in ({_in(PENDING)}) and {BEFORE}))"
        return await self._all(sql, [upload.size, upload.id, *_place(upload)], "order by created_at, id")

    async def of_channel(self, channel: str, count: int) -> list[Upload]:
        """Return a channel's latest uploads, newest first."""
        return await self._all("channel = ?", [channel], f"order by created_at desc, id desc limit {int(count)}")

    async def in_state(self, *states: UploadState) -> list[Upload]:
        """Return all uploads in these states, oldest first."""
        return await self._all(f"state in ({_in(states)})", [], "order by created_at, id")

    async def place(self, upload: Upload) -> int:
        """Return how many from Slack come before it in the queue: those from the disk have one of their own."""
        sql = f"state in ({_in(UNDER_WAY)}) and channel != '' and {BEFORE}"
        query = f"select count(*) as count from uploads where {sql}"  # noqa: S608 no text from outside
        (row,) = await self._connection.read(lambda tx: tx.fetch(query, _place(upload)))
        return int(row["count"])

    async def _one(self, where: str, *values: Any) -> Upload | None:
        rows = await self._all(where, list(values))
        return rows[0] if rows else None

    async def _all(self, where: str, values: Values, order: str = "order by id") -> list[Upload]:
        sql = f"select * from uploads where {where} {order}"  # noqa: S608 no text from outside
        rows = await self._connection.read(lambda tx: tx.fetch(sql, values))
        return [_upload(row) for row in rows]


def forget_addresses(tx: Transaction, where: str, value: int | str, *, upload: int | None = None) -> None:
    """Remove from these jobs, or those of an upload among them, the addresses for recordings.

    Anybody who has one can write there.
    """
    # JSON is compared here: PostgreSQL can't read all that is JSON in Python, e.g. half of a surrogate pair.
    sql = f"select id, payload, progress from jobs where progress like '%\"address\"%' and {where}"  # noqa: S608 ours
    for row in tx.fetch(sql, [value]):
        progress = read_json(row["progress"])
        if upload in (None, read_json(row["payload"]).get("upload")) and progress.pop("address", None) is not None:
            tx.update("jobs", {"progress": json_text(progress)}, id=row["id"])


def _has_begun(tx: Transaction, job: str) -> bool:
    """Return whether an attempt at the job of this key may have begun: bot.uploads.transfer.job.AttemptProgress."""
    row = tx.first("select state, progress from jobs where key = ?", [job])
    progress = read_json(row["progress"]) if row else {}
    return bool(row and (row["state"] == "running" or progress.get("sending") or progress.get("address")))


def _in(states: tuple[UploadState, ...]) -> str:
    return ", ".join(f"'{state}'" for state in states)


def _place(upload: Upload) -> list[Any]:
    """The values of BEFORE."""
    return [moment_text(upload.created_at), upload.id]


def _row(upload: Upload) -> dict[str, Any]:
    return {
        "source": upload.source,
        "name": upload.name,
        "size": upload.size,
        "fields": json_text(dict(upload.fields)),
        "external_id": upload.external_id,
        "attested_by": upload.attestation.by,
        "attested_at": moment_text(upload.attestation.at),
        "created_at": moment_text(upload.created_at),
        "state": upload.state,
        "channel": upload.channel,
        "thread_ts": upload.thread_ts,
        "sha256": upload.sha256,
        "call": upload.call,
        "same_as": upload.same_as,
        "reason": upload.reason,
        "words": upload.failure.words if upload.failure else "",
        "round": upload.round,
        "message_ts": upload.message_ts,
        "cancelled_by": upload.cancelled_by,
        "address": upload.address,
        "address_until": moment_text(upload.address_until) if upload.address_until else None,
        "language": upload.language,
    }


def _columns(changes: UploadChanges) -> dict[str, Any]:
    """Return what is to be written. One text column says why a failed upload failed, or that one wasn't analysed."""
    columns: dict[str, Any] = dict(changes)
    if "failure" in columns:
        failure: Failure | None = columns.pop("failure")
        columns |= {"reason": failure.reason, "words": failure.words} if failure else {"reason": "", "words": ""}
    if columns.pop("is_unanalysed", False):
        columns["reason"] = UNANALYSED
    if columns.get("address_until"):
        columns["address_until"] = moment_text(columns["address_until"])
    return columns


def _upload(row: Mapping[str, Any]) -> Upload:
    return Upload(
        id=row["id"],
        source=row["source"],
        name=row["name"],
        size=row["size"],
        fields=read_json(row["fields"]),
        external_id=row["external_id"],
        attestation=Attestation(row["attested_by"], read_moment(row["attested_at"])),
        created_at=read_moment(row["created_at"]),
        state=UploadState(row["state"]),
        channel=row["channel"],
        thread_ts=row["thread_ts"],
        sha256=row["sha256"],
        call=row["call"],
        same_as=row["same_as"],
        failure=Failure.of(row["reason"], row["words"]) if row["reason"] not in ("", UNANALYSED) else None,
        is_unanalysed=row["reason"] == UNANALYSED,
        round=row["round"],
        message_ts=row["message_ts"],
        cancelled_by=row["cancelled_by"],
        address=row["address"],
        address_until=read_moment(row["address_until"]) if row["address_until"] else None,
        language=row["language"],
    )


def _files(files: Iterable[OfferedFile]) -> str:
    return json_text([[file.id, file.name, file.size] for file in files])


def _offer(row: Mapping[str, Any]) -> Offer:
    return Offer(
        id=row["id"],
        channel=row["channel"],
        message_ts=row["message_ts"],
        thread_ts=row["thread_ts"],
        shared_by=row["shared_by"],
        text=row["text"],
        files=tuple(OfferedFile(*file) for file in read_json(row["files"])),
        created_at=read_moment(row["created_at"]),
        is_declined=bool(row["is_declined"]),
        posted_ts=row["posted_ts"],
        language=row["language"],
    )
