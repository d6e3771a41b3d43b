"""Results as the texts that a cache keeps; of a text that says anything else, nothing is taken."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NoReturn

import attrs

from kpisdk.contracts.results import Result, plain
from kpisdk.contracts.time_windows import utc
from kpisdk.errors import KpisdkError

SHAPE = 4
"""Version of what a text holds: its key, when it was computed, the results, and a seal."""

_REFUSED = (ValueError, TypeError, KeyError, AttributeError, RecursionError, KpisdkError)


@attrs.frozen
class EntryName:
    """The name of an entry, made of all that its results depend on.

    ``key`` is what a cache is asked for. ``seal`` never leaves the process: who knows the entry and
    its key, but not what the results were computed from, cannot write another one in its place.
    """

    key: str
    seal: str = attrs.field(repr=False)

    @classmethod
    def of(cls, facts: str) -> EntryName:
        """The name for some facts, written out."""
        key, seal = (hashlib.sha256(f"{use} {facts}".encode()).hexdigest() for use in _USES)
        return cls(key, seal)

    def sealed(self, computed: str, results: Any) -> str:
        """A keyed hash (HMAC, RFC 2104) of an entry's content."""
        content = json.dumps([self.key, computed, results], sort_keys=True)
        return hmac.new(self.seal.encode(), content.encode(), hashlib.sha256).hexdigest()


_USES = ("key", "seal")


def kept_text(results: Iterable[Result], name: EntryName, computed: datetime) -> str:
    """Results as text, with the key that they belong to and the instant that they were computed."""
    instant = plain(utc(computed))
    written = [result.to_dict() for result in results]
    entry = {
        "shape": SHAPE,
        "key": name.key,
        "computed": instant,
        "results": written,
        "seal": name.sealed(instant, written),
    }
    return json.dumps(entry, allow_nan=False)


def kept_results(
    text: Any, name: EntryName, now: datetime, lifetime: timedelta
) -> tuple[Result, ...]:
    """The results of a text; none where it is not what :func:`kept_text` writes for that name.

    Nothing of a foreign, cut or altered text is used: the seal has to be ours, and each result has
    to be written again as it was read. So has the instant not to lie after ``now``, and less long
    ago than ``lifetime``.
    """
    try:
        entry = json.loads(text, parse_constant=_refuse)
        if (entry["shape"], entry["key"]) != (SHAPE, name.key):
            return ()
        raws = entry["results"]
        if not hmac.compare_digest(name.sealed(entry["computed"], raws), entry["seal"]):
            return ()
        age = utc(now) - utc(datetime.fromisoformat(entry["computed"]))
        if not timedelta() <= age < lifetime:
            return ()
        found = tuple(map(Result.from_dict, raws))
        return found if [each.to_dict() for each in found] == raws else ()
    except _REFUSED:
        return ()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
