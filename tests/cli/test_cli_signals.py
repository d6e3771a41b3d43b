"""SIGTERM and Ctrl-C within a statement: it is cancelled, and the command ends at once."""

import os
import signal
import subprocess
import sys
import threading
import time

import duckdb
import pytest
import sqlalchemy as sa

from kpisdk.cli.entry_point import INTERRUPTED
from kpisdk.cli.output import deliver
from kpisdk.cli.signals import TERMINATED, is_terminated, terminated_as_interrupted

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

SLOW = """
import os, pathlib
import sqlalchemy as sa
from kpisdk import Column, Dataset, Derived, Kpi, Simple, count, hookimpl

VISITS = Dataset("visits", (Column("visit_id", "text"),))

def build(scope):
    rows = scope.rows()
    pathlib.Path(os.environ["STARTED"]).touch()
    if os.environ["ENGINE"] == "postgresql":
        wait = sa.cast(sa.func.pg_sleep(600), sa.Text) == ""
    else:
        wait = sa.text(
            "(SELECT count(*) FROM range(300000) a, range(3000000) b"
            " WHERE a.range * b.range % 7 = 3) = 1"
        )
    return sa.select(rows).where(wait)

@hookimpl
def kpisdk_kpis():
    yield Kpi(id="SLOW-1", name="Slow", workstream="slow", definition="d", formula="f",
              unit="count", calculation=Simple(count(Derived("slow", VISITS, build))))
"""


@pytest.fixture
def site(tmp_path):
    """A folder with a plugin in it whose only KPI takes very long."""
    (tmp_path / "plug_slow.py").write_text(SLOW)
    info = tmp_path / "slow-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: slow\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[kpisdk]\nslow = plug_slow\n")
    return tmp_path


@pytest.fixture
def ended(site):
    """``ended(engine, url, signal)``: how a gate ends that is sent a signal in its statement."""

    def end(engine, url, number, is_busy=lambda: True):
        started = site / "started"
        environ = {**os.environ, "PYTHONPATH": str(site), "STARTED": str(started), "ENGINE": engine}
        arguments = ("gate", "SLOW-1", "--source", url, "--no-cache", "--output", "out.json")
        process = subprocess.Popen(
            [sys.executable, "-m", "kpisdk", *arguments],
            cwd=site,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        until = time.monotonic() + 120
        while not (started.exists() and is_busy()) and time.monotonic() < until:
            time.sleep(0.05)  # for another process, which cannot tell
        process.send_signal(number)
        try:
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()
        return process.returncode, err

    return end


SIGNALS = pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, TERMINATED), (signal.SIGINT, INTERRUPTED)]
)


@SIGNALS
def test_a_statement_on_duckdb_is_cancelled(ended, site, number, code):
    """DuckDB makes a fault of the statement of it; closing would wait for its end otherwise."""
    with duckdb.connect(str(site / "data.duckdb")) as connection:
        connection.execute("CREATE TABLE visits (visit_id VARCHAR)")
        connection.execute("INSERT INTO visits VALUES ('v1')")

    found, err = ended("duckdb", "duckdb:///data.duckdb", number)

    assert found == code, err
    assert "Traceback" not in err
    assert [each.name for each in site.iterdir() if "out" in each.name] == []


@SIGNALS
def test_a_statement_on_postgresql_is_cancelled(ended, site, postgresql_url, number, code):
    """The server does not go on with what nobody waits for."""
    engine = sa.create_engine(
        postgresql_url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool
    )
    with engine.connect() as admin:
        admin.exec_driver_sql("CREATE TABLE visits (visit_id TEXT)")
        admin.exec_driver_sql("INSERT INTO visits VALUES ('v1')")

        def is_busy():
            return admin.exec_driver_sql(BUSY).scalar_one() > 0

        found, err = ended("postgresql", postgresql_url, number, is_busy)

        assert found == code, err
        assert "Traceback" not in err
        assert not is_busy()
    engine.dispose()


BUSY = (
    "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND wait_event = 'PgSleep'"
)


def test_a_file_that_is_half_written_is_taken_away(tmp_path, monkeypatch):
    """Neither the file nor what it was to become is left behind."""

    def interrupted(_):
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(os, "fsync", interrupted)

    with terminated_as_interrupted(), pytest.raises(KeyboardInterrupt) as caught:
        deliver("text", tmp_path / "out.txt")

    assert is_terminated(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_handler_of_the_host_program_stays():
    """A server that runs commands has its own way to end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with terminated_as_interrupted():
            assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def test_another_thread_sets_no_handler():
    """It could not."""
    found = []

    def run():
        with terminated_as_interrupted():
            found.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

    assert found == [signal.SIG_DFL]
