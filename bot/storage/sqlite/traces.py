"""What the bot keeps about a customer, a conversation or a person, or for too long: found, and removed.

What belongs together is found together: an upload, the messages that tell of it, and the offer that it came from.
Whatever a job is in the middle of is left to it, since only the job knows whether it has posted something.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot import domains
from bot.email_addresses import fold
from bot.model.audit import AuditRow
from bot.model.erasure import About, Subject, Traces
from bot.model.messages import Posted
from bot.model.uploads import PENDING, UploadMode
from bot.storage.sqlite.audit import append
from bot.storage.sqlite.columns import json_text, moment_text, read_json, read_moment
from bot.storage.sqlite.connection import Connection

if TYPE_CHECKING:
    from sqlite_utils import Database

GONE = "gone"
"""The kind of a message that is not in Slack any more: its row is the next to go."""
UPLOAD_MESSAGES = re.compile(r"(upload_[a-z]+):(\d+):")
"""The keys of the messages about an upload: the kind of the job that posts them, and the upload's id."""

SAME = "id = ? and key = ?"
"""The id of a message that is forgotten may be another's later."""
NAMING = ("offer", "upload")
"""The kinds of messages that name recordings."""

Row = Mapping[str, Any]


class TraceRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of(self, subject: Subject, private: Collection[str] = (), addresses: Collection[str] = ()) -> Traces:
        """Everything that is kept of a subject.

        Of a person, `private` are the channels in which nobody else is, and `addresses` their e-mail addresses.
        """
        return await self._connection.read_at_once(lambda db: _Finder(db, subject, private, addresses).traces())

    async def before(self, moment: datetime) -> Traces:
        """The messages with something of conversations or recordings in them that were posted before that.

        By Slack's clock where a message has a ts: ours may have been wrong when it was posted.
        """
        return await self._connection.read_at_once(lambda db: _before(db, moment))

    async def gone(self, message: int, posted: Posted) -> bool:
        """Write down that a message is not in Slack any more; False where another run has forgotten it meanwhile."""
        sql = f"update messages set kind = ? where {SAME}"  # noqa: S608 ours
        return bool(await self._connection.write(lambda db: db.execute(sql, [GONE, message, posted.key]).rowcount))

    async def mark(self, message: int, posted: Posted, subject: Subject) -> None:
        """Let a message that could not be removed be found again once all else is forgotten that leads to it."""

        def mark(db: "Database") -> None:
            if db.table("messages").count_where(SAME, [message, posted.key]):
                _mark(db, message, subject)

        await self._connection.write(mark)

    async def remove(
        self, traces: Traces, people: Collection[str], noted: Iterable[AuditRow], changed: AuditRow
    ) -> None:
        """Forget these, but for the messages that are not gone, and that it was `people` who did what is left.

        `noted` is remembered with it; and `changed` of each subscription and channel that goes on otherwise.
        """

        def remove(db: "Database") -> None:
            for row in noted:
                append(db, row)
            _remove(db, traces, people, changed)

        await self._connection.write(remove)


# ---- finding -------------------------------------------------------------------------------------------------------


class _Finder:
    """One look at the whole database. It is small, and erasing is rare."""

    def __init__(self, db: "Database", subject: Subject, private: Collection[str], addresses: Collection[str]) -> None:
        self._db = db
        self._private = private
        self._judge = _Judge(subject, addresses)
        self._subject = subject
        self._posted = _ledger(db)
        self._uploads = {row["id"]: row for row in db.table("uploads").rows}
        self._of_source = {row["source"]: row for row in self._uploads.values()}
        self._offers = list(db.table("offers").rows)
        self._subscriptions = list(db.table("subscriptions").rows)
        self._jobs = [_Job.of(row) for row in db.table("jobs").rows]
        self._going = _Going.of(self._jobs, self._of_source, self._offers)

    def traces(self) -> Traces:
        messages = self._messages()
        uploads = self._upload_ids(messages)
        told = {(self._posted[id_].channel, self._posted[id_].ts) for id_ in messages}
        offers = {row["id"] for row in self._offers if self._is_offer(row, told, uploads)}
        places = self._places(offers)
        for id_, posted in self._posted.items():
            if _upload_of(posted.key) in uploads or (posted.channel, posted.ts) in places:
                messages.add(id_)
        conversations = self._conversations(messages)
        keys = {self._posted[id_].key for id_ in messages}
        jobs = [job for job in self._jobs if self._is_job(job, keys, conversations, uploads, offers)]
        # Slack announces a shared file twice: a job that still waits would make an offer of what was erased.
        files = {file for job in jobs if job.kind == "offer" for file in job.files}
        files |= {file for row in self._offers if row["id"] in offers for file in _files(row)}
        files |= {self._uploads[id_]["source"] for id_ in uploads}
        known = {job.id for job in jobs}
        jobs += [job for job in self._jobs if job.id not in known and not job.files.isdisjoint(files)]
        left, narrowed, orphaned = self._changed_subscriptions()

        going = self._going
        under_way = [f"{job.kind} (job-{job.id})" for job in jobs if job.is_going]
        under_way += [f"upload {id_} ({self._uploads[id_]['state']})" for id_ in sorted(uploads & going.uploads)]
        under_way += [f"offer {id_}" for id_ in sorted(offers & going.offers)]
        under_way += [f"subscription {id_}" for id_ in sorted({*left, *narrowed} & going.subscriptions)]
        busy = self._places(going.offers)
        found = {
            id_: posted
            for id_, posted in self._posted.items()
            if id_ in messages and not going.tells(posted.key) and (posted.channel, posted.ts) not in busy
        }
        return Traces(
            messages=found,
            shared=sum(self._judge.is_shared(posted) for posted in found.values()),
            conversations=_inside(found.values()),
            questions=tuple(
                row["id"] for row in self._db.table("questions").rows if self._is_question(row, conversations)
            ),
            jobs=tuple(job.id for job in jobs if not job.is_going and job.payload.get("upload") not in going.uploads),
            offers=tuple(sorted(offers - going.offers)),
            uploads=tuple(id_ for id_ in sorted(uploads - going.uploads) if self._has_details(id_)),
            cards=_cards(self._db, found.values(), conversations),
            channels=tuple(self._channels()),
            subscriptions=tuple(id_ for id_ in left if id_ not in going.subscriptions),
            narrowed={id_: kept for id_, kept in narrowed.items() if id_ not in going.subscriptions},
            orphaned=tuple(orphaned),
            under_way=tuple(under_way),
        )

    def _places(self, offers: Collection[str]) -> set[tuple[str, str]]:
        """Where the messages of these offers are."""
        rows = (row for row in self._offers if row["id"] in offers)
        return {(row["channel"], row["posted_ts"]) for row in rows if row["posted_ts"]}

    def _messages(self) -> set[int]:
        found = {id_ for id_, posted in self._posted.items() if self._judge.message(posted)}
        if self._subject.about is About.USER:
            direct = {id_: posted for id_, posted in self._posted.items() if posted.channel.startswith("D")}
            alone = {posted.channel for id_, posted in direct.items() if id_ in found} | set(self._private)
            # A held digest is in its subscription's name. Not the whole channel: another may be its maker by now.
            made = {row["id"] for row in self._subscriptions if self._is_user(row["created_by"])}
            found |= {id_ for id_, posted in direct.items() if posted.channel in alone or posted.by in made}
        return found

    def _upload_ids(self, messages: Iterable[int]) -> set[int]:
        told = {_upload_of(self._posted[id_].key, "upload_message") for id_ in messages}
        found = {id_ for id_, row in self._uploads.items() if id_ in told or self._judge.upload(row)}
        while more := {id_ for id_, row in self._uploads.items() if row["same_as"] in found} - found:
            found |= more  # their messages name the first one
        return found

    def _is_offer(self, row: Row, told: Collection[tuple[str, str]], uploads: Collection[int]) -> bool:
        """`told` are the places of messages of the subject."""
        return (
            (row["channel"], row["posted_ts"]) in told
            or self._judge.text(row["text"], row["shared_by"])
            or self._judge.json(read_json(row["files"]))
            or not _of_offer(row, self._of_source).isdisjoint(uploads)
        )

    def _conversations(self, messages: Iterable[int]) -> set[str]:
        """The ids of the conversations that are surely of the subject."""
        if self._subject.about is About.CONVERSATION:
            return set(self._subject.values)
        if self._subject.about is About.USER:
            return set()
        found = [self._posted[id_] for id_ in messages]
        return {
            id_
            for posted in found
            if len(posted.conversations) == 1 or not self._judge.is_shared(posted)
            for id_ in posted.conversations
        }

    def _is_question(self, row: Row, conversations: Collection[str]) -> bool:
        command = read_json(row["command"])
        shown = command.get("show", {}).get("id")
        return shown in conversations or self._judge.text(row["user"]) or self._judge.json(command)

    def _is_job(
        self,
        job: "_Job",
        keys: Collection[str],
        conversations: Collection[str],
        uploads: Collection[int],
        offers: Collection[str],
    ) -> bool:
        return (
            self._judge.json(job.payload)
            or self._judge.json(job.progress)
            or job.key in keys
            or not job.conversations.isdisjoint(conversations)
            or job.payload.get("upload") in uploads
            or job.payload.get("offer") in offers
        )

    def _changed_subscriptions(self) -> tuple[list[str], dict[str, tuple[str, ...]], list[str]]:
        """Those that go, those with fewer domains, and those whose maker is to be forgotten."""
        left, narrowed = [], {}
        if self._subject.about is About.DOMAIN:
            known = {_posts(row, read_json(row["domains"])) for row in self._subscriptions}
            for row in self._subscriptions:
                had = tuple(read_json(row["domains"]))
                kept = tuple(each for each in had if not self._judge.covers(each))
                since_of = read_json(row["since_of"])
                if kept == had and not any(map(self._judge.covers, since_of)):
                    continue
                if kept == had:
                    narrowed[row["id"]] = kept
                elif kept and _posts(row, kept) not in known:
                    narrowed[row["id"]] = kept
                    known.add(_posts(row, kept))
                else:  # nothing is left of it, or what another one posts anyway
                    left.append(row["id"])
        orphaned = [row["id"] for row in self._subscriptions if self._is_user(row["created_by"])]
        return left, narrowed, orphaned

    def _channels(self) -> list[str]:
        return [row["channel"] for row in self._db.table("upload_channels").rows if self._is_user(row["attested_by"])]

    def _is_user(self, id_: str | None) -> bool:
        return self._subject.about is About.USER and id_ in self._subject.values

    def _has_details(self, upload: int) -> bool:
        """Whether there is something left to forget."""
        row = self._uploads[upload]
        details = row["name"] or row["fields"] != "{}" or row["words"] or row["call"]
        return bool(details or self._is_user(row["attested_by"]) or self._is_user(row["cancelled_by"]))


class _Judge:
    """What is of a subject."""

    def __init__(self, subject: Subject, addresses: Collection[str]) -> None:
        self._about = subject.about
        self._values = subject.values
        names = "|".join(re.escape(fold(name)) for name in (*subject.values, *addresses))
        self._user = re.compile(rf"\b(?:{names})\b")

    def covers(self, domain: str) -> bool:
        """Whether a domain, or a pattern by what it names, is the subject's."""
        return domain != domains.EVERY and domains.matches_any(self._values, [domain.removeprefix("*.")])

    def message(self, posted: Posted) -> bool:
        match self._about:
            case About.DOMAIN:
                return any(map(self.covers, posted.domains))
            case About.CONVERSATION:
                return not set(self._values).isdisjoint(posted.conversations)
            case About.USER:
                return posted.by in self._values

    def is_shared(self, posted: Posted) -> bool:
        """Whether one of its messages is about others too."""
        match self._about:
            case About.DOMAIN:
                return not all(map(self.covers, posted.domains))
            case About.CONVERSATION:
                return not set(self._values).issuperset(posted.conversations)
            case About.USER:
                return False

    def upload(self, row: Row) -> bool:
        if self._about is About.CONVERSATION:
            return row["call"] in self._values
        people = (row["attested_by"], row["cancelled_by"])
        return self.text(row["name"], row["words"], *people) or self.json(read_json(row["fields"]))

    def text(self, *texts: str) -> bool:
        """Whether one of the texts names it. A conversation's id is looked for where ids are alone."""
        match self._about:
            case About.DOMAIN:
                return any(self.covers(domain) for text in texts if "." in text for domain in domains.named(text))
            case About.CONVERSATION:
                return False
            case About.USER:
                return any(self._user.search(fold(text)) for text in texts)

    def json(self, value: Any) -> bool:
        """Whether any text in it does."""
        return self.text(*_texts(value))


@dataclass(frozen=True, slots=True)
class _Job:
    id: int
    kind: str
    key: str
    payload: Row
    progress: Row
    is_going: bool
    """An attempt has noted what it is about to do, and none has come to its end."""
    conversations: frozenset[str] = field(default=frozenset())
    files: frozenset[str] = field(default=frozenset())
    """The ids of the Slack files that it is about."""

    @classmethod
    def of(cls, row: Row) -> "_Job":
        payload, progress = read_json(row["payload"]), read_json(row["progress"])
        ids = [payload.get("id"), *payload.get("conversations", ()), *progress.get("conversations", ())]
        return cls(
            id=row["id"],
            kind=row["kind"],
            key=row["key"],
            payload=payload,
            progress=progress,
            is_going=bool(progress) and row["finished_at"] is None,
            conversations=frozenset(str(each) for each in ids if each),
            files=_job_files(payload),
        )


@dataclass(frozen=True, slots=True)
class _Going:
    """What is being done at the moment."""

    uploads: frozenset[int]
    """Those that are not over, too."""
    offers: frozenset[str]
    subscriptions: frozenset[str]
    keys: tuple[str, ...]

    @classmethod
    def of(cls, jobs: Iterable[_Job], uploads: Mapping[str, Row], offers: Iterable[Row]) -> "_Going":
        """`uploads` by their sources."""
        going = [job for job in jobs if job.is_going]

        def named(name: str) -> set[Any]:
            return {job.payload[name] for job in going if name in job.payload}

        busy = {row["id"] for row in uploads.values() if row["state"] in PENDING} | named("upload")
        asked = {row["id"] for row in offers if not _of_offer(row, uploads).isdisjoint(busy)} | named("offer")
        return cls(frozenset(busy), frozenset(asked), frozenset(named("subscription")), tuple(job.key for job in going))

    def tells(self, key: str) -> bool:
        """Whether the message with this key is one of what is being done."""
        return _upload_of(key, "upload_message") in self.uploads or any(
            key == each or key.startswith(f"{each}:") for each in self.keys
        )


def _ledger(db: "Database", where: str = "1", values: Sequence[str] = ()) -> dict[int, Posted]:
    """What of it is so, by the rows' ids."""
    those = f"message in (select id from messages where {where})"  # noqa: S608 ours
    inside: defaultdict[int, list[str]] = defaultdict(list)
    for row in db.table("message_conversations").rows_where(those, values, order_by="message, position"):
        inside[row["message"]].append(row["conversation"])
    about: defaultdict[int, list[str]] = defaultdict(list)
    for row in db.table("message_domains").rows_where(those, values):
        about[row["message"]].append(row["domain"])
    return {
        row["id"]: Posted(
            channel=row["channel"],
            ts=row["ts"],
            kind=row["kind"],
            key=row["key"],
            conversations=tuple(inside[row["id"]]),
            posted_at=read_moment(row["posted_at"]),
            by=row["by"],
            file=row["file"],
            domains=tuple(about[row["id"]]),
        )
        for row in db.table("messages").rows_where(where, values)
    }


def _before(db: "Database", moment: datetime) -> Traces:
    where = "case ts when '' then posted_at < ? else cast(ts as real) < cast(? as real) end"
    found = {
        id_: posted
        for id_, posted in _ledger(db, where, [moment_text(moment), str(moment.timestamp())]).items()
        if posted.conversations or posted.domains or posted.kind in (*NAMING, GONE)
    }
    return Traces(messages=found, conversations=_inside(found.values()), cards=_cards(db, found.values(), ()))


def _inside(messages: Iterable[Posted]) -> tuple[str, ...]:
    """The ids of what is in these messages."""
    return tuple(sorted({id_ for posted in messages for id_ in posted.conversations}))


def _cards(db: "Database", messages: Iterable[Posted], conversations: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Those that are these messages, or hold something of these conversations."""
    places = {(posted.channel, posted.ts) for posted in messages if posted.ts}
    rows = db.table("cards").rows_where("ts != '' or shown != '' or seen != ''")
    return tuple(
        (row["channel"], row["conversation"])
        for row in rows
        if row["conversation"] in conversations or (row["channel"], row["ts"]) in places
    )


def _posts(subscription: Row, posted: Iterable[str]) -> tuple[Any, ...]:
    """What it would post where and when, were these its domains: the same of no two."""
    when = () if subscription["live"] else tuple(subscription[each] for each in ("at", "days", "timezone"))
    return subscription["channel"], frozenset(posted), subscription["live"], *when


def _of_offer(offer: Row, uploads: Mapping[str, Row]) -> set[int]:
    """The uploads, of these by their sources, that came from an offer."""
    found = [uploads[file] for file in _files(offer) if file in uploads]
    return {each["id"] for each in found if all(each[key] == offer[key] for key in ("channel", "thread_ts"))}


def _files(offer: Row) -> list[str]:
    return [file for file, *_ in read_json(offer["files"])]


def _job_files(payload: Row) -> frozenset[str]:
    files = [file if isinstance(file, str) else file[0] for file in payload.get("files", ())]
    return frozenset((*files, *([payload["file"]] if "file" in payload else ())))


def _upload_of(key: str, kind: str = "") -> int | None:
    """The upload that a message with this key tells of."""
    found = UPLOAD_MESSAGES.match(key)
    return int(found[2]) if found and kind in ("", found[1]) else None


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys too."""
    match value:
        case str():
            yield value
        case dict():
            for key, each in value.items():
                yield key
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)


# ---- removing ------------------------------------------------------------------------------------------------------


def _mark(db: "Database", message: int, subject: Subject) -> None:
    match subject.about:
        case About.DOMAIN:
            rows = [{"message": message, "domain": each} for each in subject.values]
            db.table("message_domains").insert_all(rows, ignore=True)
        case About.CONVERSATION:
            inside = db.table("message_conversations")
            known = {row["conversation"] for row in inside.rows_where("message = ?", [message])}
            if known.isdisjoint(subject.values):
                inside.insert({"message": message, "position": len(known), "conversation": subject.values[0]})
        case About.USER:
            db.table("messages").update(message, {"by": subject.values[0]})


def _remove(db: "Database", traces: Traces, people: Collection[str], changed: AuditRow) -> None:
    _remove_messages(db, traces)
    _delete(db, "questions", "id", traces.questions)
    _delete(db, "jobs", "id", traces.jobs, unless="finished_at is null and progress != '{}'")
    _delete(db, "offers", "id", traces.offers)
    for key in traces.cards:
        db.execute("update cards set ts = '', shown = '', seen = '' where channel = ? and conversation = ?", key)
    for id_ in traces.uploads:
        _strip(db, id_, people)
    _change_subscriptions(db, traces, changed)
    for channel in traces.channels:
        # Nobody stands for it any more: from now on each is asked about.
        nobody = {"mode": UploadMode.ON, "attested_by": None, "attested_at": None}
        db.table("upload_channels").update(channel, nobody)
        append(db, replace(changed, channel=channel), "uploads")


def _remove_messages(db: "Database", traces: Traces) -> None:
    gone = {row["id"] for row in db.table("messages").rows_where("kind = ?", [GONE])} & traces.messages.keys()
    for id_ in gone:
        posted = traces.messages[id_]
        place = [posted.channel, posted.ts]
        if posted.ts:
            db.execute("update uploads set message_ts = '' where channel = ? and message_ts = ?", place)
            db.execute("update offers set posted_ts = '' where channel = ? and posted_ts = ?", place)
        db.table("message_conversations").delete_where("message = ?", [id_])
        db.table("message_domains").delete_where("message = ?", [id_])
        db.table("messages").delete(id_)


def _change_subscriptions(db: "Database", traces: Traces, changed: AuditRow) -> None:
    for id_ in (*traces.subscriptions, *traces.narrowed, *traces.orphaned):
        for row in db.table("subscriptions").rows_where("id = ?", [id_]):
            append(db, replace(changed, channel=row["channel"]), id_)
    for id_, kept in traces.narrowed.items():
        for row in db.table("subscriptions").rows_where("id = ?", [id_]):
            since_of = {each: since for each, since in read_json(row["since_of"]).items() if each in kept}
            db.table("subscriptions").update(id_, {"domains": json_text(list(kept)), "since_of": json_text(since_of)})
    for id_ in traces.orphaned:
        db.execute("update subscriptions set created_by = '' where id = ?", [id_])
    _delete(db, "subscriptions", "id", traces.subscriptions)
    # What it listed was listed for it alone. Its digests stay, so that no other one ever gets its id.
    _delete(db, "digest_conversations", "subscription", traces.subscriptions)


def _strip(db: "Database", upload: int, people: Collection[str]) -> None:
    row = db.table("uploads").get(upload)
    if row["state"] in PENDING:  # by now
        return
    nobody = {name: "" for name in ("attested_by", "cancelled_by") if row[name] in people}
    bare = {"name": "", "fields": "{}", "words": "", "call": "", "message_ts": "", "address": "", "address_until": None}
    db.table("uploads").update(upload, {**bare, **nobody})


def _delete(db: "Database", table: str, column: str, values: Sequence[int | str], unless: str = "0") -> None:
    where = f"{column} in (select value from json_each(?)) and not ({unless})"  # noqa: S608 ours
    db.table(table).delete_where(where, [json_text(list(values))])
