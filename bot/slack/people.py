"""People and user groups in Slack, remembered for a few minutes."""

import asyncio
import functools
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.email_addresses import fold
from bot.errors import SlackError, SlackUnavailable
from bot.model.people import Person
from bot.slack.auth import Auth, Identity
from bot.slack.calls import Calls
from bot.texts.languages import language_of
from bot.tools.cache import TtlCache
from bot.tools.single_flight import SingleFlight

PERSON_TTL = timedelta(minutes=5)
GROUP_TTL = timedelta(minutes=5)
KNOWN_TTL = timedelta(days=7)
KNOWN = 2_000
"""How many people's languages and time zones are remembered for longer, for what is said to them at once."""
AT_ONCE = 8
"""How many people are looked up at the same time."""
ONE_BY_ONE = 40
"""Up to this many people are looked up one by one. For more, the list of the whole workspace is read."""


class People:
    def __init__(self, calls: Calls, auth: Auth) -> None:
        self._calls = calls
        self._auth = auth
        self._people: TtlCache[Person] = TtlCache(calls.clock, PERSON_TTL)
        self._known: TtlCache[Person] = TtlCache(calls.clock, KNOWN_TTL, KNOWN)
        self._groups: TtlCache[frozenset[str]] = TtlCache(calls.clock, GROUP_TTL)
        self._flights = SingleFlight()

    async def get(self, user: str) -> Person:
        """Return what Slack knows about a user, at most five minutes old. Raises SlackError, also if there is none."""
        if (cached := self._people.get(user)) is not None:
            return cached
        return await self._flights.join(user, lambda: self._look_up(user))

    async def _look_up(self, user: str) -> Person:
        home, response = await asyncio.gather(
            self._auth.identity(),
            self._calls.call("users.info", lambda: self._calls.client.users_info(user=user, include_locale=True)),
        )
        record = response.get("user") or {}
        if not record.get("id"):
            raise SlackError("user_not_found")
        person = read_person(record, home)
        self._people.put(user, person)
        self._known.put(user, person)
        return person

    def known(self, user: str) -> Person | None:
        """Return what was last known about a user, to choose the language of a text for them. Slack isn't asked."""
        return self._known.get(user)

    async def find(self, user: str) -> Person | None:
        """Return what Slack knows about a user, or if it doesn't answer, what was last known about them."""
        try:
            return await self.get(user)
        except SlackError:
            return self.known(user)

    async def get_all(self, users: Sequence[str]) -> list[Person]:
        """Return these people, in their order. Somebody whom Slack doesn't know is from outside. Raises SlackError.

        For many people the workspace's list is read; it doesn't include people from outside.
        """
        unknown = [user for user in users if self._people.get(user) is None]
        if len(unknown) > ONE_BY_ONE:
            await self._read_workspace()
        slots = asyncio.Semaphore(AT_ONCE)

        async def look_up(user: str) -> Person:
            async with slots:
                try:
                    return await self.get(user)
                except SlackUnavailable:
                    raise
                except SlackError:
                    return Person(user, team="", is_outside=True)

        found = dict(zip(unknown, await asyncio.gather(*map(look_up, unknown)), strict=True))
        return [found[user] if user in found else self._people.get(user) or await look_up(user) for user in users]

    async def get_group(self, id: str) -> frozenset[str]:  # noqa: A002
        """Return the users of a user group, at most five minutes old. Raises SlackError."""
        if (cached := self._groups.get(id)) is not None:
            return cached
        read = functools.partial(self._calls.client.usergroups_users_list, usergroup=id)
        response = await self._calls.call("usergroups.users.list", read)
        users = frozenset(map(str, response.get("users") or []))
        self._groups.put(id, users)
        return users

    async def _read_workspace(self) -> None:
        home = await self._auth.identity()
        read = functools.partial(self._calls.client.users_list, limit=500, include_locale=True)
        async for page in self._calls.pages("users.list", read):
            for record in page.get("members") or []:
                self._people.put(str(record.get("id")), read_person(record, home))


def read_person(record: Mapping[str, Any], home: Identity) -> Person:
    """Return a person from Slack's user object; `home` is the bot's own workspace.

    https://docs.slack.dev/reference/objects/user-object
    """
    profile = record.get("profile") or {}
    teams = {str(record.get("team_id") or "")}
    # On Enterprise Grid a user can belong to several workspaces of the same organisation.
    teams.update(map(str, (record.get("enterprise_user") or {}).get("teams") or []))
    return Person(
        id=str(record.get("id", "")),
        team=str(record.get("team_id") or ""),
        name=str(profile.get("display_name") or record.get("real_name") or record.get("name") or ""),
        email=fold(str(profile.get("email") or "")),
        timezone=str(record.get("tz") or ""),
        is_guest=bool(record.get("is_restricted") or record.get("is_ultra_restricted")),
        is_bot=bool(record.get("is_bot")),
        is_deleted=bool(record.get("deleted")),
        is_outside=bool(record.get("is_stranger")) or not home.team or home.team not in teams,
        language=language_of(str(record.get("locale") or "")),
    )
