"""What every request passes before it is answered (host, token, size), and headers of answers."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import attrs

from kpisdk import KpisdkError
from kpisdk_web.server.server_errors import (
    BadTokenError,
    ForeignHostError,
    ReadOnlyError,
    TooLargeError,
)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LONGEST_URL = 8192
LONGEST_BODY = 4096
"""Bytes: nothing here reads a body, so one that is larger than a mistake is refused."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)

LOOPBACK = frozenset(("localhost", "127.0.0.1", "[::1]", "::1"))
"""Names under which a server on loopback is asked."""

OPEN = "/healthz"
"""The one path that needs no token: it says nothing but that the server runs."""


@attrs.frozen
class Admission:
    """Who is let in.

    Attributes:
        token: what requests must hold; none: nothing.
        names: the hosts that requests may name; none: any.
    """

    token: str | None = attrs.field(default=None, repr=False)
    names: frozenset[str] | None = LOOPBACK

    def refusal(self, scope: Scope) -> KpisdkError | None:
        """Why a request is not answered, or ``None``."""
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        if self.names is not None and _name(host) not in self.names:
            return ForeignHostError(host[:80])
        if self.token is not None and scope["path"] != OPEN and not self._holds(headers):
            return BadTokenError()
        if scope["method"] not in ("GET", "HEAD"):
            return ReadOnlyError(scope["method"][:20])
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_URL:
            return TooLargeError("URL", LONGEST_URL)
        length = headers.get(b"content-length", b"0")
        if headers.get(b"transfer-encoding") or not _fits(length):
            return TooLargeError("body", LONGEST_BODY)
        return None

    def _holds(self, headers: dict[bytes, bytes]) -> bool:
        kind, _, rest = headers.get(b"authorization", b"").partition(b" ")
        given = rest.strip()
        if kind.lower() == b"basic":  # what browsers send: any name, and the token as password
            try:
                given = base64.b64decode(given, validate=True).partition(b":")[2]
            except binascii.Error:
                given = b""
        elif kind.lower() != b"bearer":
            given = b""
        # In constant time: how long it takes says nothing of how much was right.
        return hmac.compare_digest(given, (self.token or "").encode())


@attrs.frozen
class Guard:
    """An application behind an admission.

    Attributes:
        app: the application.
        admission: who is let in.
        refuse: from an error to what answers it.
    """

    app: App
    admission: Admission
    refuse: Callable[[KpisdkError], App]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or say why not."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                named = {name for name, _ in message["headers"]}
                more = [each for each in HEADERS if each[0] not in named]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        error = self.admission.refusal(scope)
        app = self.app if error is None else self.refuse(error)
        await app(scope, receive, sent)


def _name(host: str) -> str:
    """The host without its port."""
    if host.startswith("["):
        return f"{host.partition(']')[0]}]"
    return host.rpartition(":")[0] or host if ":" in host else host


def _fits(length: bytes) -> bool:
    return length.isdigit() and len(length) < 10 and int(length) <= LONGEST_BODY
