"""The progress bar of `kickscale-bot upload`."""

import sys
from collections.abc import Callable
from typing import Any

from bot.model.uploads import Progress, Upload
from bot.render.uploads.progress import upload_message
from bot.texts import texts_in
from bot.texts.languages import ENGLISH
from bot.tools.terminal import echo
from bot.uploads.from_disk.planner import plain


class Bar:
    """One bar for the bytes of all recordings, with a line whenever a recording reaches another step.

    It is a `bot.uploads.transfer.record.ProgressDisplay`.
    """

    def __init__(self, bar: Any, total: int) -> None:
        self._bar = bar
        self._total = total
        self._sent: dict[int, int] = {}
        self._said: dict[int, str] = {}
        """The last line printed about each upload."""

    def tick(self, upload: Upload, progress: Callable[[], Progress]) -> None:
        texts, now = texts_in(ENGLISH), progress()
        if now.step == "sending":
            self.move(upload, now.sent)
        said = plain(upload_message(texts, upload, now)["text"])
        if now.again_at:
            said = f"{said} {texts('upload.again')}"
        if self._said.get(upload.id) != said:
            self._said[upload.id] = said
            if sys.stderr.isatty():
                echo(err=True)  # the bar stays on its line
            echo(said, err=True)

    def move(self, upload: Upload, sent: int) -> None:
        """Show that this many bytes of an upload have been sent."""
        self._sent[upload.id] = sent
        self._bar.update(min(sum(self._sent.values()), self._total) - self._bar.pos)
