"""PostgreSQL servers and databases of their own: made for a use, and gone after it."""

from __future__ import annotations

import os
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def temporary_database(server: str) -> Iterator[str]:
    """The URL of a new, empty database on the server of that URL; it is dropped at the end."""
    import sqlalchemy as sa

    name = f"kpisdk_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    try:
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        admin.dispose()


def installed(version: int) -> Path | None:
    """The folder of the programs of a PostgreSQL that Debian's package installed, or ``None``."""
    programs = Path(f"/usr/lib/postgresql/{version}/bin")
    return programs if (programs / "initdb").exists() else None


@contextmanager
def debian_server(programs: Path) -> Iterator[str]:
    """The URL of a new server, made with the programs of a package; it is stopped at the end.

    It listens on a socket in a folder of its own, and keeps nothing safe. PostgreSQL refuses to run
    as root: then it runs as the user ``postgres``, whom the package brings.
    """
    with tempfile.TemporaryDirectory(prefix="kpisdk-pg-", ignore_cleanup_errors=True) as folder:
        who: dict[str, Any] = {}
        if os.geteuid() == 0:
            import shutil

            shutil.chown(folder, "postgres", "postgres")
            who = {"user": "postgres", "group": "postgres", "extra_groups": []}

        def run(program: str, *words: str) -> None:
            command = [str(programs / program), "-D", f"{folder}/data", *words]
            # Its output goes nowhere: the server would keep a pipe open for as long as it runs.
            subprocess.run(  # noqa: S603 - words of our own
                command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **who
            )

        run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        run("pg_ctl", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
