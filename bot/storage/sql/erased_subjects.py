"""Which subjects were erased, so that a restored backup can be erased again.

Only a salted hash of each is kept: it says nothing by itself, but recognises the subject where it is found.
"""

import hashlib
import secrets
from datetime import datetime

from bot.model.erasure import Subject
from bot.storage.columns import moment_text
from bot.storage.transaction import Transaction


def remember(tx: Transaction, subject: Subject, at: datetime) -> None:
    """Record that a subject was erased, once however often that is done."""
    known = tx.fetch("select salt, hash from erased_subjects where about = ?", [subject.about])
    for value in subject.values:
        for row in known:
            if salted_hash(value, row["salt"]) == row["hash"]:
                tx.execute("delete from erased_subjects where hash = ?", [row["hash"]])
        salt = secrets.token_hex(16)
        row = {"about": str(subject.about), "salt": salt, "hash": salted_hash(value, salt), "at": moment_text(at)}
        tx.insert("erased_subjects", row)


def forget_before(tx: Transaction, moment: datetime) -> None:
    tx.execute("delete from erased_subjects where at < ?", [moment_text(moment)])


def salted_hash(value: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}:{value}".encode()).hexdigest()
