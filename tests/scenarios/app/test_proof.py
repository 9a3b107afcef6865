"""Several bots on one PostgreSQL, behind a balancer: a short run of `tests.proof`."""

import os

import pytest

from tests.postgres import find_programs
from tests.proof.run import Plan, prove


@pytest.mark.soak
async def test_replicas_lose_and_double_nothing() -> None:
    """While bots are killed, PostgreSQL is restarted twice, and a release with more columns is deployed."""
    if find_programs() is None and not os.environ.get("CI"):
        pytest.skip("PostgreSQL isn't installed")
    verdict = await prove(Plan(minutes=1, rate=10, digests=30, recordings=4, kills_per_minute=2))
    assert verdict.is_well, f"\n{verdict}"
