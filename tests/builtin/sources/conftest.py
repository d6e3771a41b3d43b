"""What the tests of sources share: a folder with a CSV file, and a proxy that cuts connections."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import attrs
import pytest
import sqlalchemy as sa

from kpisdk.builtin.sources.file_source import FilesSource
from kpisdk.contracts.source_kinds import SourceOptions
from kpisdk.contracts.text_formats import FileFormat
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.errors import KpisdkError


@pytest.fixture
def column():
    """``column(path, name, declared, table, **format)``: its values, or what refuses them."""
    return _column


def _column(path, name, declared, table="t", **how):
    options = SourceOptions(
        "shop", types={table: {name: LogicalType(declared)}}, csv=FileFormat(**how)
    )
    try:
        with FilesSource(str(path), options).session() as session:
            if session.columns(table) is None:
                return None
            rows = session.rows(sa.text(f'SELECT "{name}" FROM "{table}"'))
    except KpisdkError as error:
        return error.message
    return [row[0] for row in rows]


@attrs.define
class Cut:
    """Where to cut: after so many messages of one side, in so many connections.

    ``seen`` counts the messages of each side in the newest connection, which is how a run that is
    not cut tells how many cut points there are.
    """

    side: str = "client"
    after: int | None = None
    connections: int = 1
    seen: dict[str, int] = attrs.field(factory=dict)

    def message(self, side: str) -> bool:
        """Count a message; whether the connection ends after it."""
        self.seen[side] = self.seen.get(side, 0) + 1
        return self.connections > 0 and side == self.side and self.seen[side] == self.after


class Proxy:
    """Hands connections on to a server, message by message, until :attr:`cut` says otherwise."""

    def __init__(self, server: str) -> None:
        self.url = sa.make_url(server)
        self.cut = Cut()
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    def cuts(self, side: str, after: int | None, connections: int = 1) -> Cut:
        """Cut after that message of that side from now on, in so many connections."""
        self.cut = Cut(side, after, connections)
        return self.cut

    def through(self, url: str) -> str:
        """The URL of a database of that server, by way of this proxy."""
        host, port = self._listener.getsockname()
        query = {"sslmode": "disable", "gssencmode": "disable"}
        by_proxy = sa.make_url(url).set(host=host, port=port, query=query)
        return by_proxy.render_as_string(hide_password=False)

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            # Or each message would wait for the other side's acknowledgement of the one before.
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server = self._connect()
            self.cut.seen.clear()
            pair = (client, server)
            threading.Thread(target=self._pump, args=("client", *pair), daemon=True).start()
            threading.Thread(target=self._pump, args=("server", *pair), daemon=True).start()

    def _connect(self) -> socket.socket:
        host = self.url.query.get("host", self.url.host or "127.0.0.1")
        port = int(self.url.port or 5432)
        if not str(host).startswith("/"):
            return socket.create_connection((str(host), port))
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(f"{host}/.s.PGSQL.{port}")
        return connection

    def _pump(self, side: str, client: socket.socket, server: socket.socket) -> None:
        origin, target = (client, server) if side == "client" else (server, client)
        cut = self.cut
        typed = side == "server"  # the first message of a client has no type
        with suppress(OSError, EOFError):
            while True:
                target.sendall(_message(origin, typed=typed))
                typed = True
                if cut.message(side):
                    cut.connections -= 1
                    break
        for each in (client, server):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def _message(origin: socket.socket, *, typed: bool) -> bytes:
    head = _exactly(origin, 5 if typed else 4)
    length = int.from_bytes(head[-4:], "big")
    return head + _exactly(origin, length - 4)


def _exactly(origin: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        more = origin.recv(count - len(found))
        if not more:
            raise EOFError
        found += more
    return found


VISITS = "visit_id,at,day,site,person,amount,units,done,doc"


@pytest.fixture
def csv(tmp_path):
    """``csv(line, ...)``: a folder with one CSV file of visits."""

    def write(*lines, name="core_visits.csv", head=VISITS, encoding="utf-8"):
        folder = tmp_path / "shop"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes("\n".join([head, *lines, ""]).encode(encoding))
        return folder

    return write


@pytest.fixture
def proxy(postgresql_server: str) -> Iterator[Proxy]:
    """A proxy before the tests' server."""
    made = Proxy(postgresql_server)
    yield made
    made.close()
