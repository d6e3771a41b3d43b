"""What a request can get instead of an answer, each with its status of HTTP."""

from __future__ import annotations

import re

import attrs

from kpisdk import (
    KpisdkError,
    MissingDependencyError,
    ReadError,
    SourceUnavailableError,
    UnknownNameError,
    UsageError,
)


@attrs.define(eq=False)
class ComputationTimeoutError(KpisdkError):
    """A computation that takes longer than a request waits.

    Attributes:
        seconds: how long the request waited.
    """

    seconds: float

    template = (
        "The computation takes longer than {seconds:g} seconds. It goes on, and its result is "
        "kept: ask again, ask for fewer KPIs or slices, or start the server with --timeout."
    )


@attrs.define(eq=False)
class StillComputingError(KpisdkError):
    """What a page says at once where its numbers are not there yet; it is no fault.

    Attributes:
        elapsed: for how many seconds they have been computed.
        seconds: after how many the page says that it takes too long.
    """

    elapsed: float
    seconds: float

    template = (
        "The numbers are being computed, for {elapsed:.0f} seconds so far. This page asks again by "
        "itself, and says more after {seconds:g} seconds."
    )


@attrs.define(eq=False)
class BusyError(KpisdkError):
    """More questions than the server computes and keeps waiting.

    Attributes:
        waiting: how many questions are computed or waiting.
    """

    waiting: int

    template = (
        "The server computes or keeps waiting {waiting} other questions, which is all that it does "
        "at a time. Ask again in a few seconds."
    )


@attrs.define(eq=False)
class BadTokenError(KpisdkError):
    """A request without the server's token, or with another one."""

    template = (
        "This server wants a token: send it as `Authorization: Bearer TOKEN`; a browser asks for "
        "it as a password. It is never part of a URL."
    )


@attrs.define(eq=False)
class ForeignHostError(KpisdkError):
    """A request under another name than that of this machine: what DNS rebinding looks like.

    Attributes:
        host: the name that it was asked as.
    """

    host: str

    template = (
        "This server answers as localhost alone, and was asked as {host:quoted}. Start it with a "
        "token or --behind-proxy to have it answer under other names."
    )


@attrs.define(eq=False)
class TooLargeError(UsageError):
    """A request that is longer than the server reads.

    Attributes:
        part: which part of the request.
        most: how many bytes of it are read.
    """

    part: str
    most: int

    template = (
        "The {part} of the request is longer than {most} bytes, which is all that is read of it."
    )


@attrs.define(eq=False)
class ReadOnlyError(UsageError):
    """A method that would change something.

    Attributes:
        method: the method of HTTP.
    """

    method: str

    template = "The server only answers: {method:quoted} is not allowed, GET and HEAD are."


@attrs.define(eq=False)
class UnknownPathError(UsageError):
    """A path under which nothing is.

    Attributes:
        path: the path.
    """

    path: str

    template = "There is nothing at {path:quoted}. The page is at /, its JSON described at /api."


@attrs.define(eq=False)
class FaultError(KpisdkError):
    """Something that nobody foresaw, by its type alone.

    Attributes:
        kind: the name of the exception's type.
    """

    kind: str

    template = (
        "The server met something that it does not handle ({kind}). This is a fault of kpisdk or "
        "of a plugin, not of the request; what it was stands on the server's standard error."
    )


@attrs.define(eq=False)
class UnknownKpiPathError(UsageError):
    """A path that names a KPI that is not registered.

    Attributes:
        told: the sentence that says so, and proposes the nearest names.
    """

    told: str

    template = "{told}"


@attrs.define(eq=False)
class ExposedAddressError(UsageError):
    """An address that others reach, without anything that keeps them out.

    Attributes:
        host: the address.
    """

    host: str

    template = (
        "{host:quoted} can be reached from other machines. Give a token in a file (--token-file) "
        "or in the variable KPISDK_SERVE_TOKEN, or say that a proxy in front keeps others out "
        "(--behind-proxy)."
    )


@attrs.define(eq=False)
class WeakTokenError(UsageError):
    """A token that could be guessed, or that a header cannot hold."""

    template = (
        "The token needs 16 printable ASCII characters or more, without spaces: "
        "`python -c 'import secrets; print(secrets.token_urlsafe(32))'` makes one."
    )


@attrs.define(eq=False)
class TokenFileError(UsageError):
    """A token file that cannot be read.

    Attributes:
        path: the file.
        reason: why it cannot be read.
    """

    path: str
    reason: str

    template = "The token file {path:quoted} cannot be read: {reason}."


@attrs.define(eq=False)
class AddressTakenError(KpisdkError):
    """An address that the server cannot listen at.

    Attributes:
        host: the address.
        port: the port.
        reason: why it cannot be had, as the system says it.
    """

    host: str
    port: int
    reason: str

    template = (
        "The server cannot listen at {host}, port {port}: {reason}. Name another port with --port "
        "(0: any free one)."
    )


_STATUSES: tuple[tuple[type[KpisdkError], int], ...] = (
    (StillComputingError, 202),
    (ComputationTimeoutError, 504),
    (BusyError, 503),
    (BadTokenError, 401),
    (ForeignHostError, 421),
    (TooLargeError, 413),
    (ReadOnlyError, 405),
    (UnknownPathError, 404),
    (UnknownKpiPathError, 404),
    (SourceUnavailableError, 503),
    (MissingDependencyError, 501),
    (UsageError, 400),
    (UnknownNameError, 400),
    (ReadError, 502),
)


def status_of(error: KpisdkError) -> int:
    """The status of HTTP that an error is answered with."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


def code_of(error: KpisdkError) -> str:
    """The error's kind in snake case: ``unknown_name``."""
    name = type(error).__name__.removesuffix("Error")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
