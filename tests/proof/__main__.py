"""Prove that several bots on one PostgreSQL lose and double nothing: `uv run python -m tests.proof`.

Bots, balancer, PostgreSQL, the embedded Slack and Kickscale all run on this machine. First, the rate of commands rises
until it is too high. Then, while people type, write and share, bots are killed, PostgreSQL is restarted twice, and
another release is deployed. At the end there is a table. The exit status is 1 if anything was lost or doubled.
"""

import argparse
import asyncio
import random
import sys
from pathlib import Path

from tests.proof.run import Plan, prove


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.proof")
    parser.add_argument("--minutes", type=float, default=Plan.minutes, help="how long there are troubles")
    parser.add_argument("--replicas", type=int, default=Plan.replicas, help="how many bots")
    parser.add_argument("--rate", default="auto", help="commands a second, or auto to find the highest first")
    parser.add_argument("--seed", type=int, default=1, help="of the moments at which bots are killed")
    parser.add_argument("--logs", type=Path, help="the folder for the bots' logs")
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    rate = 0 if arguments.rate == "auto" else int(arguments.rate)
    plan = Plan(arguments.minutes, arguments.replicas, rate, logs=arguments.logs)
    verdict = asyncio.run(prove(plan))
    print(verdict)
    sys.exit(not verdict.is_well)


if __name__ == "__main__":
    main()
