"""From an address and a workspace to a running server: who may reach it, and how it listens."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from kpisdk import Workspace
from kpisdk_web.remembered import Memory
from kpisdk_web.server.application import application
from kpisdk_web.server.computations import Computations
from kpisdk_web.server.guard import LONGEST_URL, LOOPBACK, Admission, App
from kpisdk_web.server.server_errors import (
    AddressTakenError,
    ExposedAddressError,
    TokenFileError,
    WeakTokenError,
)

if TYPE_CHECKING:
    import uvicorn

MOST_CONNECTIONS = 512
"""More clients at a time are turned away by the transport, before anything is read."""

_LEAST_TOKEN = 16


@attrs.frozen
class Exposure:
    """Where the server listens, and what keeps others out.

    Attributes:
        host: the address to listen at; loopback by default.
        token: what every request must hold; ``None``: nothing.
        behind_proxy: whether a proxy in front decides who is let in.

    Raises:
        ExposedAddressError: the address is not loopback, and nothing keeps others out.
        WeakTokenError: the token could be guessed.
    """

    host: str = "127.0.0.1"
    token: str | None = attrs.field(default=None, repr=False)
    behind_proxy: bool = False

    def __attrs_post_init__(self) -> None:
        if self.token is not None:
            printable = all("!" <= char <= "~" for char in self.token)
            if len(self.token) < _LEAST_TOKEN or not printable:
                raise WeakTokenError
        if not self.is_loopback and self.token is None and not self.behind_proxy:
            raise ExposedAddressError(self.host)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches the address."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False

    def admission(self) -> Admission:
        """Who is let in: without a token and a proxy, only who asks for this very machine."""
        is_open = self.token is not None or self.behind_proxy
        return Admission(self.token, None if is_open else LOOPBACK | {self.host})


def token_from(file: Path | None, variable: str | None) -> str | None:
    """The token in a file, or in a variable's value; surrounding space is none of it.

    Args:
        file: the file; it is read where both are given.
        variable: the variable's value; ``None`` or empty where it is not set.

    Raises:
        TokenFileError: the file cannot be read.
    """
    if file is None:
        return variable.strip() if variable else None
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no ASCII text"
        raise TokenFileError(str(file), reason) from error


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there.

    Args:
        host: the address.
        port: the port; 0 takes any free one.

    Raises:
        AddressTakenError: it cannot be.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host.strip("[]"), port))
        # Now, so that whoever reads the URL may ask at once: the application starts meanwhile.
        found.listen(MOST_CONNECTIONS)
    except OSError as error:
        found.close()
        raise AddressTakenError(host, port, error.strerror or str(error)) from error
    return found


def serve(
    workspace: Workspace,
    exposure: Exposure,
    port: int,
    computations: Computations,
    ids: tuple[str, ...] = (),
    memory: Memory | None = None,
    started: Callable[[str], None] = lambda _url: None,
) -> None:
    """Serve until the process is interrupted.

    Args:
        workspace: where the KPIs are.
        exposure: where to listen, and to whom.
        port: the port; 0 takes any free one.
        computations: what computes.
        ids: the KPIs of the scorecard and of the metrics; none: all.
        memory: where what is remembered is looked for; by default as the settings say.
        started: called with the URL once the server listens.
    """
    socket_ = listening(exposure.host, port)
    server = server_of(
        application(workspace, exposure.admission(), computations, ids, memory), exposure
    )
    host = f"[{exposure.host}]" if ":" in exposure.host else exposure.host
    started(f"http://{host}:{socket_.getsockname()[1]}/")
    server.run(sockets=[socket_])


def server_of(app: App, exposure: Exposure) -> uvicorn.Server:
    """The server of an application, with the limits of its transport.

    Args:
        app: the application.
        exposure: where it listens; behind a proxy, that one's headers are believed.
    """
    import uvicorn

    config = uvicorn.Config(
        app,
        log_level="warning",
        # A line per request would hold what was asked, filters with values of the data included.
        access_log=False,
        server_header=False,
        proxy_headers=exposure.behind_proxy,
        ws="none",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=2 * LONGEST_URL,
        http="h11",
    )
    return uvicorn.Server(config)
