"""What `kickscale-bot upload` says at its end: one line for each recording and one for all, or JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.model.uploads import Upload, UploadState
from bot.render.kit.files import size
from bot.render.uploads.progress import failure_text
from bot.texts import texts_in
from bot.texts.languages import ENGLISH
from bot.uploads.from_disk.plan import Plan, Planned
from bot.uploads.from_disk.planner import plain


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a recording."""

    planned: Planned
    upload: Upload | None
    """None if it wasn't sent."""
    was_there: bool
    """Whether it was in Kickscale, or perhaps was, before this run."""

    @property
    def state(self) -> str:
        """Return a word for it, for scripts."""
        match self.upload:
            case None:
                return "planned"
            case Upload(state=UploadState.ASKING):
                return "unknown"
            case Upload(state=state) if state.is_in_kickscale:
                return "there" if self.was_there or state is UploadState.DUPLICATE else "uploaded"
            case Upload(state=UploadState.CANCELLED):
                return "cancelled"
            case _:
                return "failed"

    def describe(self) -> str:
        upload = self.upload
        if upload is None:
            details = ", ".join(f"{name}={value}" for name, value in self.planned.fields.items())
            return f"({self.planned.size:,} bytes): {details or 'no details'}"
        match self.state:
            case "uploaded" | "there" if upload.state is not UploadState.DUPLICATE:
                already = "already " if self.was_there else ""
                return f"{already}in Kickscale{f' as call {upload.call}' if upload.call else ''}"
            case "there":
                return "already in Kickscale (the same recording was uploaded before)"
            case "unknown":
                return (
                    "may or may not have arrived. Look for it in Kickscale, then run this command again in a terminal "
                    "to say which."
                )
            case "cancelled":
                return "cancelled"
            case _:
                return f"failed. {plain(failure_text(texts_in(ENGLISH), upload))}"


@dataclass(frozen=True, slots=True)
class Report:
    plan: Plan
    results: Sequence[Result] = ()
    is_dry_run: bool = False
    seconds: float = 0.0
    """How long the sending took."""

    @property
    def ok(self) -> bool:
        """Whether every recording is in Kickscale or, in a dry run, can be sent."""
        if self.plan.problems or not self.results:
            return False
        return self.is_dry_run or all(result.state in {"uploaded", "there"} for result in self.results)

    def lines(self) -> list[str]:
        """Return what is printed; what is wrong or skipped was printed before."""
        if self.plan.problems:
            return []
        lines = [f"{result.planned.path}{':' if result.upload else ''} {result.describe()}" for result in self.results]
        counts = self._counts()
        if self.results and not self.is_dry_run:
            return [*lines, self._describe_totals()]
        if count := counts.get("planned", 0):
            others = f", {len(self.results) - count} already in Kickscale" * (len(self.results) > count)
            return [*lines, f"{_recordings(count)} to upload{others}."]
        return [*lines, "Nothing to upload."]

    def as_json(self) -> dict[str, Any]:
        """Return the same as JSON values; docs/scripts.md describes them."""
        sent = self._bytes_sent()
        return {
            "ok": self.ok,
            "dry_run": self.is_dry_run,
            "problems": self.plan.problems,
            "skipped": [{"path": str(path), "why": why} for path, why in self.plan.skipped.items()],
            "undated": [str(path) for path in self.plan.undated],
            "recordings": [
                {
                    "path": str(result.planned.path),
                    "bytes": result.planned.size,
                    "details": dict(result.planned.fields),
                    "state": result.state,
                    "call": result.upload.call if result.upload else "",
                    "text": result.describe(),
                }
                for result in self.results
            ],
            "totals": {**self._counts(), "bytes_sent": sent, "seconds": round(self.seconds, 1)},
        }

    def _describe_totals(self) -> str:
        counts, sent = self._counts(), self._bytes_sent()
        parts = []
        if uploaded := counts.get("uploaded", 0):
            texts = texts_in(ENGLISH)
            rate = f", {size(texts, sent / self.seconds)}/s" if self.seconds else ""
            parts.append(f"{uploaded} uploaded ({size(texts, sent)} in {self.seconds:.0f} s{rate})")
        words = {"there": "already in Kickscale", "unknown": "unknown", "cancelled": "cancelled", "failed": "failed"}
        parts += [f"{counts[state]} {word}" for state, word in words.items() if counts.get(state)]
        return f"{_recordings(len(self.results))}: {', '.join(parts)}."

    def _counts(self) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        for result in self.results:
            counts[result.state] = counts.get(result.state, 0) + 1
        return counts

    def _bytes_sent(self) -> int:
        return sum(result.planned.size for result in self.results if result.state == "uploaded")


def _recordings(count: int) -> str:
    return f"{count} recording{'s' * (count != 1)}"
