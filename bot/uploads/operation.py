"""How the API accepts a recording at the moment: its OpenAPI document may change while the bot runs."""

from collections.abc import Awaitable, Callable

from bot.kickscale.binding import operations
from bot.kickscale.client import KickscaleClient
from bot.kickscale.current_binding import CurrentBinding

CurrentOperation = Callable[[], Awaitable[operations.Upload]]


def current_operation(bindings: CurrentBinding, client: KickscaleClient) -> CurrentOperation:
    """Return a function that waits for the document, if it is being read, and returns the operation."""

    async def read() -> operations.Upload:
        await bindings.ready()
        return client.binding.upload

    return read
