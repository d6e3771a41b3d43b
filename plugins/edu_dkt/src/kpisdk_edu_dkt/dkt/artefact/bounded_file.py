"""Files that may be damaged or hostile: read whole, up to a size, and as JSON up to a depth."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any, NoReturn

from kpisdk_edu_dkt.dkt.errors import ArtefactError

MIB = 1 << 20
LARGEST_TENSORS, LARGEST_JSON = 1024 * MIB, 32 * MIB
"""Bytes beyond which a file is not read: no model of knowledge tracing comes near them."""


def read_bounded(path: Path, largest: int) -> bytes:
    """The bytes of a regular file of at most ``largest`` bytes.

    Args:
        path: The file.
        largest: Most bytes that it may have.

    Raises:
        ArtefactError: It is missing, no regular file, or larger.
    """
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise ArtefactError(str(path), "it is no regular file.")
        if facts.st_size > largest:
            fault = f"it has {facts.st_size} bytes; more than {largest} are not read."
            raise ArtefactError(str(path), fault)
        with path.open("rb") as handle:
            # not "largest": that much room is taken for whatever is asked for
            content = handle.read(facts.st_size + 1)
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        reason = getattr(error, "strerror", None) or str(error)
        raise ArtefactError(str(path), reason) from error
    if len(content) > facts.st_size:
        raise ArtefactError(str(path), "it grew while it was read.")
    return content


def json_object(content: bytes | str, place: str, what: str = "it") -> dict[str, Any]:
    """The JSON object of some text; numbers in it are finite.

    Args:
        content: The text.
        place: Where it stands, for messages.
        what: What it is, for messages.

    Raises:
        ArtefactError: It is no JSON, not an object, or holds NaN or Infinity.
    """
    try:
        values = json.loads(content, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise ArtefactError(place, f"{what} is not JSON; it may be truncated.") from error
    if not isinstance(values, dict):
        raise ArtefactError(place, f"{what} is not a JSON object.")
    return values


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(text)
    return value
