"""What the name of a table may mean: a name that holds dots, or schema and table."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

_QUOTED = re.compile(r'"((?:[^"]|"")+)"')
_MOST_PARTS = 3
"""Catalog, schema, table."""


def readings(name: str) -> tuple[tuple[str, ...], ...]:
    """All that a table's name may mean, as the parts of catalog, schema and table.

    ``a.b`` is a table of the schema ``a``, or one whose name holds a dot; double quotes around each
    part leave one meaning.

    Returns:
        The usual meaning first: every dot separates.
    """
    quoted = _parts(name)
    if quoted is not None:
        return (quoted,)
    words = name.split(".")
    if not all(words):
        return ((name,),)
    found = []
    for parts in range(min(len(words), _MOST_PARTS), 0, -1):
        for cuts in combinations(range(1, len(words)), parts - 1):
            ends = (0, *cuts, len(words))
            found.append(tuple(".".join(words[a:b]) for a, b in pairwise(ends)))
    return tuple(found)


def _parts(name: str) -> tuple[str, ...] | None:
    """The parts of a name in double quotes; ``None`` where they are not all quoted."""
    found = _QUOTED.findall(name)
    if '"' + '"."'.join(found) + '"' != name:
        return None
    return tuple(part.replace('""', '"') for part in found)


def in_quotes(parts: tuple[str, ...]) -> str:
    """A table's name with double quotes around each part, which means nothing else."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)
