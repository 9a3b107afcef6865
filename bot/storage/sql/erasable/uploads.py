"""What uploads, offers and the settings of channels keep of a subject."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from bot.model.erasure import About, Links, Plan, Removal
from bot.model.uploads import PENDING, UploadMode
from bot.storage.columns import json_text, moment_text, read_json
from bot.storage.erasable import Matcher
from bot.storage.sql.audit_chain import append
from bot.storage.sql.erasable.rows import ErasableRows, delete
from bot.storage.transaction import Row

BARE = {"name": "", "fields": "{}", "words": "", "call": "", "message_ts": "", "address": "", "address_until": None}
"""What stays of an upload is what recognises the same recording again."""
OLD = """
    update uploads set name = '', fields = '{}', words = '' where created_at < ?
    and state not in (select value from json_each(?)) and (name != '' or fields != '{}' or words != '')
"""


class Uploads(ErasableRows):
    name = "uploads"
    tables = ("uploads",)

    @cached_property
    def _uploads(self) -> dict[int, Row]:
        return {row["id"]: row for row in self._tx.fetch("select * from uploads")}

    def find(self, matcher: Matcher, known: Links) -> Links:
        return self._links(self._find(matcher, known))

    def find_busy(self, known: Links) -> Links:
        return self._links(
            {id_ for id_, row in self._uploads.items() if row["state"] in PENDING or id_ in known.uploads}
        )

    def _find(self, matcher: Matcher, known: Links) -> set[int]:
        return {
            id_
            for id_, row in self._uploads.items()
            if id_ in known.uploads
            or row["same_as"] in known.uploads  # its messages name the first upload
            or (matcher.subject.about is About.CONVERSATION and row["call"] in matcher.subject.values)
            or matcher.occurs_in(row["name"], row["words"], row["attested_by"], row["cancelled_by"])
            or matcher.occurs_in(read_json(row["fields"]))
        }

    def _links(self, ids: Collection[int]) -> Links:
        rows = [self._uploads[id_] for id_ in ids]
        return Links(
            uploads=frozenset(ids),
            recordings=frozenset((row["channel"], row["thread_ts"], row["source"]) for row in rows),
            files=frozenset(row["source"] for row in rows),
        )

    def plan(self, matcher: Matcher, known: Links, busy: Links) -> Plan:
        ids = sorted(self._find(matcher, known))
        return Plan(
            tuple(id_ for id_ in ids if id_ not in busy.uploads and _has_details(self._uploads[id_], matcher)),
            tuple(f"upload {id_} ({self._uploads[id_]['state']})" for id_ in ids if id_ in busy.uploads),
        )

    def forget(self, rows: Collection[int], removal: Removal) -> None:
        for place in removal.places:
            self._tx.execute("update uploads set message_ts = '' where channel = ? and message_ts = ?", place)
        for id_ in rows:
            (row,) = self._tx.fetch("select * from uploads where id = ?", [id_])
            if row["state"] not in PENDING:  # it may have been promised again since the plan was made
                names = {name: "" for name in ("attested_by", "cancelled_by") if row[name] in removal.people}
                self._tx.update("uploads", {**BARE, **names}, id=id_)

    def forget_before(self, moment: datetime) -> int:
        return self._tx.execute(OLD, [moment_text(moment), json_text(PENDING)])


def _has_details(row: Row, matcher: Matcher) -> bool:
    details = row["name"] or row["fields"] != "{}" or row["words"] or row["call"]
    return bool(details or matcher.is_person(row["attested_by"]) or matcher.is_person(row["cancelled_by"]))


class Offers(ErasableRows):
    name = "offers"
    tables = ("offers",)

    @cached_property
    def _offers(self) -> list[Row]:
        return self._tx.fetch("select * from offers")

    def find(self, matcher: Matcher, known: Links) -> Links:
        offers = [row for row in self._offers if _is_of(row, matcher, known)]
        return _links(offers) | Links(files=frozenset(file for row in offers for file in _files(row)))

    def find_busy(self, known: Links) -> Links:
        return _links([row for row in self._offers if row["id"] in known.offers or _is_accepted(row, known)])

    def plan(self, matcher: Matcher, known: Links, busy: Links) -> Plan:
        ids = sorted(row["id"] for row in self._offers if _is_of(row, matcher, known))
        return Plan(
            tuple(id_ for id_ in ids if id_ not in busy.offers),
            tuple(f"offer {id_}" for id_ in ids if id_ in busy.offers),
        )

    def forget(self, rows: Collection[str], removal: Removal) -> None:
        for place in removal.places:
            self._tx.execute("update offers set posted_ts = '' where channel = ? and posted_ts = ?", place)
        delete(self._tx, "offers", "id", rows)

    def forget_before(self, moment: datetime) -> int:
        return self._tx.execute("delete from offers where created_at < ?", [moment_text(moment)])


def _is_of(offer: Row, matcher: Matcher, known: Links) -> bool:
    return (
        (offer["channel"], offer["posted_ts"]) in known.places
        or matcher.occurs_in(offer["text"], offer["shared_by"], read_json(offer["files"]))
        or _is_accepted(offer, known)
    )


def _is_accepted(offer: Row, known: Links) -> bool:
    """Return whether one of the uploads came from it."""
    return any((offer["channel"], offer["thread_ts"], file) in known.recordings for file in _files(offer))


def _links(offers: Collection[Row]) -> Links:
    return Links(
        offers=frozenset(row["id"] for row in offers),
        places=frozenset((row["channel"], row["posted_ts"]) for row in offers if row["posted_ts"]),
    )


def _files(offer: Row) -> list[str]:
    return [file for file, *_ in read_json(offer["files"])]


class Channels(ErasableRows):
    name = "channels"
    tables = ("upload_channels",)

    def plan(self, matcher: Matcher, _known: Links, _busy: Links) -> Plan:
        rows = self._tx.fetch("select * from upload_channels")
        return Plan(tuple(row["channel"] for row in rows if matcher.is_person(row["attested_by"])))

    def forget(self, rows: Collection[str], removal: Removal) -> None:
        for channel in rows:
            # Nobody vouches for all of its recordings any more: from now on the bot asks about each.
            nobody = {"mode": UploadMode.ON, "attested_by": None, "attested_at": None}
            self._tx.put("upload_channels", {"channel": channel, **nobody}, key=["channel"])
            append(self._tx, replace(removal.changed, channel=channel), "uploads")
