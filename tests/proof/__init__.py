"""Whether several bots on one PostgreSQL lose or double anything: `uv run python -m tests.proof`."""
