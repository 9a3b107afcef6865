"""Sending recordings to the API.

The only place that creates something there, so nothing in here is sent a second time.
"""

import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bot.clock import Clock, SystemClock
from bot.errors import (
    KickscaleError,
    KickscaleRejected,
    KickscaleUnavailable,
    KickscaleUnreadable,
    UploadOutcomeUnknown,
)
from bot.kickscale import protocol
from bot.kickscale.binding.operations import Field, Upload
from bot.kickscale.failures import read_failure
from bot.kickscale.protocol import ApiAccess
from bot.kickscale.uploading import answers, fields
from bot.kickscale.uploading.answers import Address
from bot.kickscale.uploading.body import Body, Recording
from bot.kickscale.uploading.exchange import Answer, Exchanges, NoAnswer
from bot.kickscale.uploading.multipart import frame
from bot.observe.requests import Observe, ignore

__all__ = ["Address", "Recording", "Sender"]


class Sender:
    """Sends recordings.

    If the answer comes while the body is still being sent, sending ends. What the source of the chunks raises is raised
    as it is, and the service sees a body that breaks off.
    """

    def __init__(
        self,
        access: ApiAccess,
        *,
        silence: float = 120.0,
        observe: Observe | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`silence` is how long the service may neither read nor answer, in seconds. There is no other time limit.

        Raises ConfigError for a credential that no header can carry.
        """
        self._access = access
        self._headers = access.headers()
        self._secrets = [secret.encode() for secret in access.secrets()]
        self._silence = silence
        self._clock = clock or SystemClock()
        self._exchanges = Exchanges(access.base_url, observe or ignore)

    async def aclose(self) -> None:
        await self._exchanges.aclose()

    async def send(self, operation: Upload, values: Mapping[str, str], recording: Recording) -> str:
        """Send a recording as a form and return the call's id; empty if the answer has none.

        KickscaleRejected, CredentialsRefused, KickscaleRateLimited and KickscaleRedirected mean that nothing was
        accepted. KickscaleUnavailable means that a 5xx came, or the connection ended, before all bytes were sent:
        nothing can have been stored. Any other failure is UploadOutcomeUnknown.
        """
        form = [
            (name, part)
            for name, value in values.items()
            if value
            for part in fields.parts(_field(operation, name), value)
        ]
        framing = frame(form, operation.file_field, recording.name, recording.media_type, secrets.token_hex(16))
        body = Body(recording, self._silence, before=framing.before, after=framing.after)
        return await self._create("upload", operation, framing.content_type, body)

    async def send_address(self, operation: Upload, values: Mapping[str, str], url: str) -> str:
        """Give the API an address to fetch a recording from. Returns the call's id, and raises, like `send`."""
        body = self._json({**_to_json(operation, values), operation.file_field: url})
        return await self._create("upload_address", operation, "application/json", body)

    async def begin(self, operation: Upload, values: Mapping[str, str]) -> Address:
        """Ask for the address to `put` a recording to. If this fails, nothing of the recording was sent.

        Raises KickscaleUnavailable if there is no answer, KickscaleUnreadable for one without a usable address.
        """
        body = self._json(_to_json(operation, values))
        try:
            answer = await self._post("begin_upload", operation, "application/json", body)
        except NoAnswer as exc:
            raise KickscaleUnavailable from exc
        error = self._error(answer)
        if error is not None:
            raise error
        said, access = protocol.decode(answer.body), self._access
        return answers.address(said, operation.url_field, access.base_url, access.storage_hosts)

    async def put(self, address: Address, recording: Recording) -> None:
        """Send the bytes to the address from `begin`, without credentials. Can be repeated: it is the same object.

        Raises KickscaleRejected (with the storage's words; also for 401 and 403, since the address may have expired),
        KickscaleRateLimited, KickscaleRedirected, KickscaleUnavailable, KickscaleUnreadable for a name that resolves
        to a private address, and UploadOutcomeUnknown if a 303 came after all bytes were sent.
        """
        headers = {"content-type": recording.media_type or "application/octet-stream"}
        named = {name.lower() for name in address.headers}
        headers = {name: value for name, value in headers.items() if name not in named} | dict(address.headers)
        body = Body(recording, self._silence)
        try:
            answer = await self._exchanges.send(
                "put_recording", address.method, address.url, headers, body, is_foreign=True
            )
        except NoAnswer as exc:
            raise KickscaleUnavailable from exc
        if 400 <= answer.status < 500 and answer.status != 429:
            # The address is a credential: no part of it may be shown.
            shown = answer.body
            for _, value in parse_qsl(urlsplit(address.url).query):
                shown = shown.replace(value.encode(), b"***") if len(value) > 7 else shown
            raise KickscaleRejected(answer.status, answers.storage_words(shown))
        # A storage that has accepted something may redirect to a page about it (S3: `success_action_redirect`).
        if answer.status == 303 and body.is_whole:
            raise UploadOutcomeUnknown
        error = self._error(answer)
        if error is not None:
            raise error
        if not body.is_whole:
            raise KickscaleUnavailable(answer.status)

    async def _create(self, name: str, operation: Upload, content_type: str, body: Body) -> str:
        try:
            answer = await self._post(name, operation, content_type, body)
        except NoAnswer as exc:
            raise (UploadOutcomeUnknown if body.is_whole else KickscaleUnavailable) from exc
        error = self._error(answer)
        # With 303 a service redirects to what it has created.
        if (body.is_whole and isinstance(error, KickscaleUnavailable)) or (body.has_begun and answer.status == 303):
            raise UploadOutcomeUnknown
        if error is not None:
            raise error
        if not body.is_whole:
            raise UploadOutcomeUnknown
        with suppress(KickscaleUnreadable):
            return answers.call_id(protocol.decode(answer.body))
        return ""

    def _json(self, document: Mapping[str, Any]) -> Body:
        return Body(None, self._silence, before=json.dumps(document).encode())

    def _error(self, answer: Answer) -> KickscaleError | None:
        body = answer.body
        for secret in self._secrets:
            body = body.replace(secret, b"***")
        return read_failure(answer.status, answer.headers, body, self._clock.now())

    async def _post(self, name: str, operation: Upload, content_type: str, body: Body) -> Answer:
        url = protocol.url(self._access.base_url, operation.path)
        return await self._exchanges.send(name, "POST", url, {**self._headers, "content-type": content_type}, body)


def _field(operation: Upload, name: str) -> Field:
    return next((field for field in operation.fields if field.name == name), Field(name))


def _to_json(operation: Upload, values: Mapping[str, str]) -> dict[str, Any]:
    return {name: fields.wire(_field(operation, name), value) for name, value in values.items() if value}
