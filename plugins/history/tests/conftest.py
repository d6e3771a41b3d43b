"""A bakery of one KPI, whose rows a test changes, and a clock that it moves."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Self

import duckdb
import pytest
import sqlalchemy as sa

from kpisdk import Column, Dataset, Kpi, Ratio, Settings, Trailing, Workspace, count, hookimpl
from kpisdk_history import Store
from kpisdk_history.recording import Recording, record

ORDERS = Dataset(
    "orders",
    (Column("placed_at", "timestamp"), Column("branch", "text"), Column("on_time", "bool")),
    time="placed_at",
)
ON_TIME = ORDERS["on_time"]


def punctuality(*, strict: bool = False) -> Kpi:
    """The share of orders that were on time; strictly, of those of which it is not known, too."""
    whole = count(ORDERS) if strict else count(ORDERS, ON_TIME.not_null())
    return Kpi(
        id="BAKERY-001",
        name="On-time Rate",
        workstream="bakery",
        definition="Share of orders that were ready when the customer was told they would be.",
        formula="orders ready on time / orders of which it is known",
        calculation=Ratio(count(ORDERS, ON_TIME.is_true()), whole),
        unit="ratio",
        target=0.9,
        warning=0.8,
        critical=0.5,
        window=Trailing(7),
    )


def plugin_of(*kpis: Kpi) -> object:
    """A plugin that brings these KPIs."""

    class Plugin:
        @hookimpl
        def kpisdk_kpis(self) -> list[Kpi]:
            return list(kpis)

    return Plugin()


class Bakery:
    """Orders in a DuckDB file, a clock, and a store."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder, self.store = folder, store
        self.file = folder / "bakery.duckdb"
        self.now = datetime(2026, 3, 10, 6, tzinfo=UTC)
        self.kpis: tuple[Kpi, ...] = (punctuality(),)
        self.alerts: dict[str, dict[str, object]] = {}
        self.plugins: tuple[object, ...] = ()
        with duckdb.connect(str(self.file)) as connection:
            connection.execute(
                "CREATE TABLE orders (placed_at TIMESTAMP, branch TEXT, on_time BOOLEAN)"
            )

    def run_sql(self, statement: str) -> None:
        """Run a statement on the orders."""
        with duckdb.connect(str(self.file)) as connection:
            connection.execute(statement)

    def sell(self, day: str, late: int = 0, punctual: int = 0, branch: str = "north") -> None:
        """Add orders of a day, some of them late."""
        for on_time, many in ((False, late), (True, punctual)):
            self.run_sql(
                f"INSERT INTO orders SELECT TIMESTAMP '{day} 12:00:00', '{branch}', {on_time} "
                f"FROM range({many})"
            )

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)

    def workspace(self, settings: Path | None = None) -> Workspace:
        """What computes, on the bakery's orders and by its clock."""
        own = Settings(plugins={"history": {"alerts": self.alerts}} if self.alerts else {})
        return Workspace(
            str(self.file),
            settings=own if settings is None else settings,
            plugins=[plugin_of(*self.kpis), *self.plugins],
            clock=lambda: self.now,
            cache="off",
        )

    @property
    def url(self) -> str:
        """The store as the settings name it."""
        location = self.store.location
        if location.file is not None:
            return str(location.file)
        return location.url.render_as_string(hide_password=False)

    def record(self, **arguments: object) -> Recording:
        """Record the bakery's KPI."""
        return record(self.workspace(), "BAKERY-001", store=self.store, **arguments)


class Webhook:
    """What was posted to it; it answers as often with 500 as it is told to."""

    def __init__(self) -> None:
        self.posts: list[dict[str, str]] = []
        self.refusals = 0
        self.refused = 0

        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                webhook.take(self)

            def log_message(self, *_: object) -> None:
                """Say nothing on standard error."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def take(self, request: BaseHTTPRequestHandler) -> None:
        """Answer a post."""
        post = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        if self.refusals > 0:
            self.refusals, self.refused = self.refusals - 1, self.refused + 1
            request.send_error(500)
            return
        self.posts.append(post)
        request.send_response(200)
        request.end_headers()

    @property
    def address(self) -> str:
        """What ``notify`` names; the path is a secret."""
        return f"json://127.0.0.1:{self.server.server_port}/s3cret-hook"

    @property
    def texts(self) -> list[str]:
        """The bodies of what was accepted."""
        return [post["message"] for post in self.posts]

    def __enter__(self) -> Self:
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store: a file of SQLite, or a database of a real PostgreSQL."""
    if request.param == "sqlite":
        return Store.at(tmp_path / "history.sqlite")
    return Store.at(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def file_store(tmp_path: Path) -> Store:
    """An empty store in a file of SQLite."""
    return Store.at(tmp_path / "history.sqlite")


@pytest.fixture
def bakery(tmp_path: Path, store: Store) -> Bakery:
    """A bakery with two weeks of orders, recorded on SQLite and on PostgreSQL."""
    return opened(tmp_path, store)


@pytest.fixture
def small_bakery(tmp_path: Path, file_store: Store) -> Bakery:
    """The same, recorded on SQLite alone."""
    return opened(tmp_path, file_store)


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """A real HTTP server on loopback that takes what Apprise posts."""
    with Webhook() as made:
        yield made


@pytest.fixture
def bakeries() -> SimpleNamespace:
    """What a test makes bakeries and plugins of."""
    return SimpleNamespace(Bakery=Bakery, punctuality=punctuality, plugin_of=plugin_of)


class Statements:
    """Counts the statements and commits of this process, and kills it before one of them."""

    def __init__(self, fatal: int | None = None) -> None:
        self.seen, self.fatal = 0, fatal

    def note(self, *_: object) -> None:
        """Another statement is about to be run."""
        if self.seen == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        self.seen += 1

    def __enter__(self) -> Self:
        for name in ("before_cursor_execute", "commit"):
            sa.event.listen(sa.Engine, name, self.note)
        return self

    def __exit__(self, *_: object) -> None:
        for name in ("before_cursor_execute", "commit"):
            sa.event.remove(sa.Engine, name, self.note)


def before(fatal: int, action: Callable[..., object], *arguments: object) -> bool:
    """Whether a process that does something was killed before that statement; it may have ended."""
    child = os.fork()
    if child == 0:
        try:
            with Statements(fatal):
                action(*arguments)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.fixture
def killing() -> SimpleNamespace:
    """What kills a process between two statements."""
    return SimpleNamespace(Statements=Statements, before=before)


def opened(folder: Path, store: Store) -> Bakery:
    """A bakery that sold for nine days: a tenth of the orders was late."""
    made = Bakery(folder, store)
    for day in range(1, 10):
        made.sell(f"2026-03-{day:02d}", late=1, punctual=9)
    return made
