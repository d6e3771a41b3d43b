"""Whether somebody looks at a stream, in colour, and how wide it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from kpisdk.contracts.typography import NARROW


def tolerant(*streams: Any) -> None:
    """Let streams write a character that their encoding lacks as an escape, and not fail."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def with_its_spaces(text: str, stream: Any) -> str:
    """``text`` with plain spaces where the stream's encoding lacks the narrow no-break one."""
    try:
        NARROW.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return text.replace(NARROW, " ")
    return text


def is_watched(stream: IO[Any], environ: Mapping[str, str]) -> bool:
    """Whether ``stream`` is a terminal with somebody before it: not a pipe, and not CI."""
    return stream.isatty() and not environ.get("CI") and environ.get("TERM") != "dumb"


def has_colour(stream: IO[Any], environ: Mapping[str, str]) -> bool:
    """Whether colour may be written: a watched terminal, unless ``NO_COLOR`` is set."""
    return is_watched(stream, environ) and not environ.get("NO_COLOR")
