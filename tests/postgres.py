"""A PostgreSQL server of one's own: on loopback, on a free port, in a temporary folder, stopped at the end."""

import atexit
import contextlib
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psycopg
import pytest

from bot.model.audit import AuditKind

DATABASE = "TESTS_ON_DATABASE"
"""The environment variable that says which database the scenarios run on."""
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=100")
"""Nobody needs what a test wrote once the machine has crashed."""
END = 'read -r _; "$0" stop --pgdata "$1/data" --mode immediate >/dev/null 2>&1; rm -rf "$1"'
"""Reads until the process that has the other end of the pipe closes it, or ends in any way."""


def find_programs() -> Path | None:
    """Return the folder with initdb and postgres; None if PostgreSQL isn't installed."""
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@dataclass
class Cluster:
    programs: Path
    home: Path
    port: int
    user: str | None
    """Whom the server runs as; PostgreSQL refuses to be run by root."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories="
        self._run("pg_ctl", "start", "--wait", "--log", str(self.home / "log"), "--options", options)

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "stop", "--wait", "--mode", mode)

    def worked(self) -> float:
        """Return how many seconds the processor has worked for it, until the end of each of its processes."""
        server = (self.home / "data" / "postmaster.pid").read_text().split()[0]
        stats = Path("/proc").glob("[0-9]*/stat")
        everybody = [(stat.parent.name, stat.read_text().rpartition(")")[2].split()) for stat in stats]
        ticks = sum(
            sum(map(int, fields[11:15] if number == server else fields[11:13]))
            for number, fields in everybody
            if server in (number, fields[1])
        )
        return ticks / os.sysconf("SC_CLK_TCK")

    def url(self, database: str) -> str:
        return f"postgresql://bot@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """Return the address of a new, empty database."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name}")
        return self.url(name)

    def create(self, settings: tuple[str, ...]) -> None:
        self._run("initdb", "--username", "bot", "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync")
        with (self.home / "data" / "postgresql.conf").open("a") as file:
            file.writelines(f"{setting}\n" for setting in settings)

    def _run(self, program: str, *arguments: str) -> None:
        # Not captured: the server inherits the pipe, and whoever reads it would wait for the server's end.
        with (self.home / "output").open("w") as output:
            done = subprocess.run(  # noqa: S603 programs of the installed server
                [self.programs / program, "--pgdata", self.home / "data", *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                user=self.user,
                cwd=self.home,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                check=False,
            )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {(self.home / 'output').read_text()}")


@contextlib.contextmanager
def run_cluster(*, settings: tuple[str, ...] = FAST) -> Iterator[Cluster]:
    """Yield a running server. Raises FileNotFoundError if PostgreSQL isn't installed."""
    programs = find_programs()
    if programs is None:
        raise FileNotFoundError("PostgreSQL isn't installed; on Debian, apt-get install postgresql")
    home = Path(tempfile.mkdtemp(prefix="kickscale-bot-postgres-"))
    user = None
    if os.geteuid() == 0:
        user = "postgres"
        os.chown(home, pwd.getpwnam(user).pw_uid, -1)
    with _guard(programs, home, user):
        cluster = Cluster(programs, home, _free_port(), user)
        cluster.create(settings)
        cluster.start()
        yield cluster


@contextlib.contextmanager
def _guard(programs: Path, home: Path, user: str | None) -> Iterator[None]:
    """At the end stop the server in this folder, and remove that; also if the tests' process is killed before."""
    guard = subprocess.Popen(  # noqa: S603 a shell
        ["/bin/sh", "-c", END, programs / "pg_ctl", home],
        stdin=subprocess.PIPE,
        user=user,
        start_new_session=True,
        cwd="/",
    )
    try:
        yield
    finally:
        guard.communicate()


class SharedDatabase:
    """A database of a server that is started when it is first asked for, and stopped when the process ends."""

    def __init__(self) -> None:
        self._url = ""
        self._folder = Path()

    def of(self, folder: Path) -> str:
        """Return the database's address. It is emptied if somebody else used it before, whose folder is another one."""
        if not self._url:
            self._url = self.make_new()
        elif folder != self._folder:
            empty_database(self._url)
        self._folder = folder
        return self._url

    def make_new(self) -> str:
        """Return the address of a database of the same server that nobody else uses."""
        return self._cluster.create_database()

    @cached_property
    def _cluster(self) -> Cluster:
        stack = contextlib.ExitStack()
        try:
            cluster = stack.enter_context(run_cluster())
        except FileNotFoundError as exc:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(exc))
        atexit.register(stack.close)
        return cluster


SHARED = SharedDatabase()
EXPANDED = SharedDatabase()
"""Another one, for tests that `expand` it."""
EXPANSION = """
    do $$
    declare name text;
    begin
        for name in select tablename from pg_tables
            where schemaname = 'public' and tablename !~ '^procrastinate' and tablename <> 'schema_steps'
        loop
            execute format('alter table %I add column if not exists team words not null default %L', name, 'T1');
        end loop;
    end $$;
"""
"""What a step of the next release may do: every table gets a column."""
EXPANSION_NAME = "expand everything"


def expand(url: str) -> None:
    """Have the database as the next release leaves it, unless it is already."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(EXPANSION)
        connection.execute("insert into schema_steps values (%s) on conflict do nothing", [EXPANSION_NAME])


def empty_database(url: str) -> None:
    """Leave the bot's tables as they are in a new database. That is ten times as fast as to make one."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = [name for (name,) in connection.execute("select tablename from pg_tables where schemaname = 'public'")]
        emptied = sorted(set(tables) - {"schema_steps"})
        if emptied:
            connection.execute(f"truncate {', '.join(emptied)} restart identity cascade")
            heads = "insert into audit_heads select kind, 0, '', 0, '' from unnest(%s::text[]) as kind"
            connection.execute(heads, [[kind.value for kind in AuditKind]])


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port
