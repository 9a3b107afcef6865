"""The database's schema, step by step. A released step is never changed: a new one follows it.

Steps only add: during an upgrade, the version before works on the same database.
"""

from sqlite_utils import Database, Migrations

from bot.clock import SystemClock
from bot.model.audit import AuditKind, AuditRow
from bot.storage.sql.audit_chain import append
from bot.storage.sql.chain import traced
from bot.storage.sqlite.session import SqliteTransaction

MIGRATIONS = Migrations("kickscale-bot")


def questions(db: Database) -> None:
    columns = {"id": str, "command": str, "timezone": str, "user": str, "channel": str, "asked_at": str}
    table = db.table("questions").create(columns, pk="id", not_null=columns, strict=True)
    table.create_index(["asked_at"])


def ledger(db: Database) -> None:
    columns = {
        "id": int,
        "key": str,
        "channel": str,
        "ts": str,
        "kind": str,
        "posted_at": str,
        "by": str,
        "file": str,
    }
    messages = db.table("messages").create(columns, pk="id", not_null=columns.keys() - {"id"}, strict=True)
    messages.create_index(["key"], unique=True)
    conversations = db.table("message_conversations").create(
        {"message": int, "position": int, "conversation": str},
        pk=("message", "position"),
        not_null={"message", "position", "conversation"},
        foreign_keys=[("message", "messages", "id")],
        strict=True,
    )
    conversations.create_index(["conversation"])


def leases(db: Database) -> None:
    columns = {"name": str, "holder": str, "until": str}
    db.table("leases").create(columns, pk="name", not_null=columns, strict=True)


def facts(db: Database) -> None:
    columns = {"name": str, "value": str, "written_at": str}
    db.table("facts").create(columns, pk="name", not_null=columns, strict=True)


def jobs(db: Database) -> None:
    columns = {
        "id": int,
        "kind": str,
        "key": str,
        "payload": str,
        "progress": str,
        "state": str,
        "attempts": int,
        "due_at": str,
        "holder": str,
        "error": str,
        "created_at": str,
        "finished_at": str,
    }
    optional = {"id", "finished_at"}
    table = db.table("jobs").create(columns, pk="id", not_null=columns.keys() - optional, strict=True)
    table.create_index(["key"], unique=True)
    table.create_index(["state", "due_at"])


def uploads(db: Database) -> None:
    columns: dict[str, type] = {"channel": str, "mode": str, "attested_by": str, "attested_at": str}
    db.table("upload_channels").create(columns, pk="channel", not_null={"channel", "mode"}, strict=True)
    columns = {
        "id": str,
        "channel": str,
        "message_ts": str,
        "thread_ts": str,
        "shared_by": str,
        "text": str,
        "files": str,
        "created_at": str,
        "is_declined": int,
        "posted_ts": str,
    }
    offers = db.table("offers").create(columns, pk="id", not_null=columns, strict=True)
    offers.create_index(["channel", "message_ts"], unique=True)
    columns = {
        "id": int,
        "source": str,
        "name": str,
        "size": int,
        "fields": str,
        "external_id": str,
        "attested_by": str,
        "attested_at": str,
        "created_at": str,
        "state": str,
        "channel": str,
        "thread_ts": str,
        "sha256": str,
        "call": str,
        "same_as": int,
        "reason": str,
        "words": str,
        "round": int,
        "message_ts": str,
        "cancelled_by": str,
        "address": str,
        "address_until": str,
    }
    optional = {"id", "same_as", "address_until"}
    table = db.table("uploads").create(columns, pk="id", not_null=columns.keys() - optional, strict=True)
    table.create_index(["source"], unique=True)
    table.create_index(["external_id"], unique=True)
    table.create_index(["size"])
    table.create_index(["sha256"])
    table.create_index(["channel", "id"])


def deaths(db: Database) -> None:
    db.table("jobs").add_column("deaths", int, not_null_default=0)


def subscriptions(db: Database) -> None:
    columns: dict[str, type] = {
        "id": str,
        "channel": str,
        "domains": str,
        "timezone": str,
        "created_by": str,
        "created_at": str,
        "since": str,
        "due_after": str,
        "live": int,
        "at": str,
        "days": str,
        "empty": int,
        "paused": str,
    }
    db.table("subscriptions").create(columns, pk="id", not_null=columns, strict=True).create_index(["channel"])
    columns = {"subscription": str, "day": str, "due_at": str, "state": str, "ts": str, "posted_at": str}
    db.table("digests").create(
        columns, pk=("subscription", "day"), not_null=columns.keys() - {"posted_at"}, strict=True
    )
    # Each conversation is in at most one digest of a subscription, whatever the digests' windows are.
    columns = {"subscription": str, "conversation": str, "day": str, "position": int}
    items = db.table("digest_conversations").create(
        columns, pk=("subscription", "conversation"), not_null=columns, strict=True
    )
    items.create_index(["conversation"])
    items.create_index(["subscription", "day"])


def cards(db: Database) -> None:
    columns = {
        "channel": str,
        "conversation": str,
        "ts": str,
        "subscription": str,
        "posted_at": str,
        "shown": str,
        "seen": str,
        "version": int,
    }
    table = db.table("cards").create(columns, pk=("channel", "conversation"), not_null=columns, strict=True)
    table.create_index(["conversation"])


def audit(db: Database) -> None:
    columns = {
        "kind": str,
        "number": int,
        "at": str,
        "by": str,
        "channel": str,
        "what": str,
        "conversations": str,
        "count": int,
        "hash": str,
    }
    db.table("audit").create(columns, pk=("kind", "number"), not_null=columns, strict=True)
    columns = {"kind": str, "number": int, "hash": str, "cut_number": int, "cut_hash": str}
    db.table("audit_heads").create(columns, pk="kind", not_null=columns, strict=True)
    # One for each kind from the beginning: a missing head was removed. The step of a later kind adds its own.
    nothing = {"number": 0, "hash": "", "cut_number": 0, "cut_hash": ""}
    kinds = ("asked", "used", "attested", "refused", "changed", "held", "erased")
    db.table("audit_heads").insert_all({"kind": kind, **nothing} for kind in kinds)
    # No bug of the bot can change what was recorded. An attacker can drop these triggers: the hashes are for that.
    db.execute(
        "create trigger audit_is_written_once before update on audit "
        "begin select raise(abort, 'the audit is append-only'); end"
    )
    db.execute(
        "create trigger audit_is_cut_at_its_beginning before delete on audit "
        "when old.number > coalesce((select cut_number from audit_heads where kind = old.kind), 0) "
        "begin select raise(abort, 'the audit is append-only'); end"
    )


def message_domains(db: Database) -> None:
    table = db.table("message_domains").create(
        {"message": int, "domain": str},
        pk=("message", "domain"),
        not_null={"message", "domain"},
        foreign_keys=[("message", "messages", "id")],
        strict=True,
    )
    table.create_index(["domain"])
    db.table("messages").create_index(["channel", "ts"])


def audit_cuts(db: Database) -> None:
    # Record the cuts that were made before cuts were recorded.
    for kind, number in db.execute("select kind, cut_number from audit_heads where cut_number > 0").fetchall():
        append(
            SqliteTransaction(db.conn),
            AuditRow(AuditKind.ERASED, 0, SystemClock().now(), "", "", traced(kind, number), (), 0),
        )


def patterns_that_came_in(db: Database) -> None:
    db.table("subscriptions").add_column("since_of", str, not_null_default="{}")


def addresses_of_ended_uploads(db: Database) -> None:
    # They used to stay after the upload, and anybody who has one can write to the bucket, or fetch the recording.
    db.execute(
        "update jobs set progress = json_remove(progress, '$.address') "
        "where finished_at is not null and json_extract(progress, '$.address') is not null"
    )
    db.execute(
        "update uploads set address = '', address_until = null where address != '' "
        "and (state in ('failed', 'cancelled', 'duplicate', 'analysed') or reason = 'unanalysed')"
    )


def uploads_by_address(db: Database) -> None:
    # Anybody may ask for an address, and a guess must not make the bot read every upload.
    db.table("uploads").create_index(["address"], if_not_exists=True)


def message_uploads(db: Database) -> None:
    # A table, not a column of `messages`: the version before makes a message of all the columns that it finds there.
    db.execute(
        "create table message_uploads (message integer primary key references messages(id) on delete cascade, "
        "upload integer not null, is_own integer not null) strict"
    )
    db.table("message_uploads").create_index(["upload"])
    # Until now, only the key of a message led to its upload: `upload_words:12:0` is about upload 12.
    number = "substr(key, instr(key, ':') + 1)"
    link = (
        "insert into message_uploads (message, upload, is_own) "  # noqa: S608 no text from outside
        f"select id, cast({number} as integer), key glob 'upload_message:*' from messages "
        f"where key glob 'upload_[a-z]*' and {number} glob '[0-9]*:*'"
    )
    db.execute(link)
    # During an upgrade, the version before posts messages beside this one, and writes nothing but the key. A later step
    # may drop the trigger.
    db.execute(
        "create trigger message_links_upload after insert on messages when new.key glob 'upload_[a-z]*' "
        f"begin {link} and id = new.id; end"
    )


def languages(db: Database) -> None:
    for table in ("subscriptions", "offers", "uploads"):
        db.table(table).add_column("language", str, not_null_default="en")


def mirror(db: Database) -> None:
    columns: dict[str, type] = {
        "id": int,
        "kind": str,
        "conversation": str,
        "day": str,
        "starts_at": str,
        "is_internal": int,
        "owner": str,
        "duration": int,
        "type": str,
        "language": str,
        "direction": str,
        "outcome": str,
        "open_items": int,
        "questions": int,
        "version": str,
        "read_at": str,
        "transcript_of": str,
    }
    optional = {"id", "starts_at", "duration", "transcript_of"}
    table = db.table("mirror").create(columns, pk="id", not_null=columns.keys() - optional, strict=True)
    table.create_index(["conversation", "kind"], unique=True)
    table.create_index(["day", "kind", "is_internal"])
    table.create_index(["starts_at"])
    columns = {"conversation": int, "domain": str, "backwards": str}
    domains = db.table("mirror_domains").create(
        columns, pk=("conversation", "domain"), not_null=columns.keys(), strict=True
    )
    domains.create_index(["domain", "conversation"])
    domains.create_index(["backwards", "conversation"])
    columns = {"conversation": int, "address": str}
    people = db.table("mirror_people").create(columns, pk=("conversation", "address"), not_null=columns, strict=True)
    people.create_index(["address", "conversation"])
    # Apart, so that a search that looks at ten thousand rows doesn't read as many pages.
    for name, value in (("mirror_records", "record"), ("mirror_transcripts", "utterances")):
        columns = {"conversation": int, value: str}
        db.table(name).create(columns, pk="conversation", not_null=columns, strict=True)
    columns = {"kind": str, "scope": str, "day": str, "read_at": str}
    db.table("mirror_days").create(columns, pk=("kind", "scope", "day"), not_null=columns, strict=True)
    db.table("mirror_erased").create({"conversation": str}, pk="conversation", not_null={"conversation"}, strict=True)
    # What is indexed is already folded (bot.tools.words): letters and digits, with a space between words.
    db.execute("create virtual table mirror_text using fts5 (name, summary, points, people, transcript)")
    # Parts of words are looked for in the list of words. Measured with 100,000 conversations, 207 MB of text: the index
    # is 2.2 times the text with it, and 5.3 times if all the text is indexed by trigrams.
    db.table("mirror_words").create({"id": int, "word": str}, pk="id", not_null={"word"}, strict=True)
    db.table("mirror_words").create_index(["word"], unique=True)
    db.execute(
        "create virtual table mirror_parts using fts5 (word, tokenize = 'trigram', content = 'mirror_words', "
        "content_rowid = 'id')"
    )


def customers(db: Database) -> None:
    columns: dict[str, type] = {"id": int, "domain": str, "last_at": str, "read_at": str}
    table = db.table("customers").create(columns, pk="id", not_null=columns.keys() - {"id"}, strict=True)
    table.create_index(["domain"], unique=True)
    columns = {"customer": int, "name": str, "last_at": str}
    db.table("customer_names").create(columns, pk=("customer", "name"), not_null=columns, strict=True)
    columns = {"customer": int, "address": str, "last_at": str}
    people = db.table("customer_people").create(columns, pk=("customer", "address"), not_null=columns, strict=True)
    people.create_index(["address"])


def erased_subjects(db: Database) -> None:
    columns = {"about": str, "salt": str, "hash": str, "at": str}
    db.table("erased_subjects").create(columns, pk="hash", not_null=columns, strict=True)


def between_bots(db: Database) -> None:
    columns: dict[str, type] = {"channel": str, "free_at": str}
    db.table("slack_turns").create(columns, pk="channel", not_null=columns, strict=True)
    columns = {"id": int, "topic": str, "value": str, "by": str, "at": str}
    db.table("notices").create(columns, pk="id", not_null=columns.keys() - {"id"}, strict=True)


STEPS = (
    questions,
    ledger,
    leases,
    facts,
    jobs,
    uploads,
    deaths,
    subscriptions,
    cards,
    audit,
    message_domains,
    audit_cuts,
    patterns_that_came_in,
    addresses_of_ended_uploads,
    uploads_by_address,
    message_uploads,
    languages,
    mirror,
    customers,
    erased_subjects,
    between_bots,
)
for step in STEPS:
    MIGRATIONS()(step)


def migrate(db: Database) -> set[str]:
    """Take the steps that haven't been taken. If unknown ones have, take none, and return their names."""
    unknown = {applied.name for applied in MIGRATIONS.applied(db)} - known_steps()
    if not unknown:
        MIGRATIONS.apply(db)
    return unknown


def known_steps() -> frozenset[str]:
    """Return the names of the steps that this version of the bot knows."""
    return frozenset(step.__name__ for step in STEPS)
