"""Results as the texts that a cache keeps; of a text that says anything else, nothing is taken."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NoReturn

from kpisdk.contracts.results import Result, plain
from kpisdk.contracts.windows import utc
from kpisdk.errors import KpisdkError

SHAPE = 2
"""Version of what a text holds: its key, when it was computed, and the results."""

_REFUSED = (ValueError, TypeError, KeyError, AttributeError, RecursionError, KpisdkError)


def kept_text(results: Iterable[Result], key: str, computed: datetime) -> str:
    """Results as text, with the key that they belong to and the instant that they were computed."""
    entry = {
        "shape": SHAPE,
        "key": key,
        "computed": plain(utc(computed)),
        "results": [result.to_dict() for result in results],
    }
    return json.dumps(entry, allow_nan=False)


def kept_results(text: Any, key: str, now: datetime, lifetime: timedelta) -> tuple[Result, ...]:
    """The results of a text; none where it is not what :func:`kept_text` writes for that key.

    Nothing of a foreign, cut or altered text is used: each result has to be written again as it
    was read. So has the instant to lie before ``now``, and no longer ago than ``lifetime``.
    """
    try:
        entry = json.loads(text, parse_constant=_refuse)
        if (entry["shape"], entry["key"]) != (SHAPE, key):
            return ()
        age = utc(now) - utc(datetime.fromisoformat(entry["computed"]))
        if not timedelta() <= age < lifetime:
            return ()
        raws = entry["results"]
        found = tuple(map(Result.from_dict, raws))
        return found if [each.to_dict() for each in found] == raws else ()
    except _REFUSED:
        return ()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
