"""`/swagger-json`: the OpenAPI document, or what else may be there."""

from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from bot.sandbox.kickscale.injection import FaultInjector
from bot.sandbox.kickscale.nest import answer, unknown_route
from bot.sandbox.kickscale.openapi import document
from bot.sandbox.kickscale.variant import Swagger, Variant

_HUGE_BYTES = 64 * 2**20
_CHUNK = b"x" * 2**16
_TRICKLE_SECONDS = 0.05


async def serve_document(request: web.Request, variant: Variant, injector: FaultInjector) -> web.StreamResponse:
    """Raises Refusal (404) if the variant has no document."""
    match variant.swagger:
        case Swagger.HONEST:
            return answer(document(variant))
        case Swagger.MISSING:
            raise unknown_route(request.method, request.raw_path)
        case Swagger.HTML:
            return web.Response(text="<!DOCTYPE html><title>Swagger UI</title>", content_type="text/html")
        case Swagger.BROKEN:
            return web.Response(text='{"openapi": "3.0.0", "paths": {', content_type="application/json")
        case Swagger.ARRAY:
            return answer([1, None, "openapi"])
        case Swagger.HUGE:
            return await _stream(request, _huge(injector))
        case Swagger.SLOW:
            return await _stream(request, _trickle(variant, injector))


async def _stream(request: web.Request, chunks: AsyncIterator[bytes]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json; charset=utf-8"})
    await response.prepare(request)
    with suppress(ConnectionError):  # the client may have had enough
        async for chunk in chunks:
            await response.write(chunk)
    return response


async def _huge(injector: FaultInjector) -> AsyncIterator[bytes]:
    yield b'{"openapi": "3.0.0", "paths": {}, "x-more": "'
    for _ in range(_HUGE_BYTES // len(_CHUNK)):
        if injector.stopping.is_set():
            return
        yield _CHUNK
    yield b'"}'


async def _trickle(variant: Variant, injector: FaultInjector) -> AsyncIterator[bytes]:
    released = injector.released
    while not (released.is_set() or injector.stopping.is_set()):
        yield b" "
        await injector.pause(_TRICKLE_SECONDS)
    yield answer(document(variant)).body  # type: ignore[misc]
