"""Files in Slack, apart from their bytes when downloaded: what Slack knows about them, and the bot's own uploads."""

import time

import aiohttp

from bot.errors import RecordingRefused, SlackError, SlackUnavailable
from bot.model.uploads import SlackFile
from bot.slack.calls import Calls
from bot.slack.failures import NO_FILE
from bot.slack.payloads import read_file
from bot.tools.proxies import proxy_of


class Files:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def get(self, id: str) -> SlackFile:  # noqa: A002
        """Return what Slack knows about a file. Raises RecordingRefused (gone, unseen) if there is none; SlackError."""
        try:
            response = await self._calls.call("files.info", lambda: self._calls.client.files_info(file=id))
        except SlackError as exc:
            if exc.code in NO_FILE:
                raise RecordingRefused(NO_FILE[exc.code]) from exc
            raise
        return read_file(response.get("file"))

    async def upload(self, name: str, content: bytes) -> str:
        """Upload a file and return its id. Nobody sees it until `share`. Raises SlackError."""
        response = await self._calls.call(
            "files.getUploadURLExternal",
            lambda: self._calls.client.files_getUploadURLExternal(filename=name, length=len(content)),
        )
        session = self._calls.client.session
        if session is None:
            raise RuntimeError("the Web API client needs a session of its own")
        started = time.perf_counter()
        try:
            url = response["upload_url"]
            async with session.post(url, data=content, proxy=proxy_of(url), allow_redirects=False) as uploaded:
                self._calls.observe("files.upload", str(uploaded.status), time.perf_counter() - started)
                if uploaded.status != 200:
                    raise SlackUnavailable(f"upload_{uploaded.status}")
        except (aiohttp.ClientError, TimeoutError) as exc:
            raise SlackUnavailable("no_answer") from exc
        return str(response["file_id"])

    async def share(self, file: str, title: str, channel: str, comment: str) -> None:
        """Make an uploaded file appear in a channel. Never repeated here. Raises SlackError."""
        await self._calls.call(
            "files.completeUploadExternal",
            lambda: self._calls.client.files_completeUploadExternal(
                files=[{"id": file, "title": title}], channel_id=channel, initial_comment=comment
            ),
            repeatable=False,
        )

    async def delete(self, file: str) -> None:
        """Delete one of the bot's own files, if it still exists. Raises SlackError."""
        try:
            await self._calls.call("files.delete", lambda: self._calls.client.files_delete(file=file))
        except SlackError as exc:
            if exc.code not in NO_FILE:
                raise

    async def is_shared(self, file: str) -> bool:
        """Return whether `share` took effect. Only for recovery after a crash. Raises SlackError."""
        try:
            response = await self._calls.call("files.info", lambda: self._calls.client.files_info(file=file))
        except SlackError as exc:
            if exc.code == "file_not_found":
                return False
            raise
        record = response.get("file") or {}
        return any(record.get(place) for place in ("shares", "channels", "groups", "ims"))
