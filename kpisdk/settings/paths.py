"""Paths of keys in a settings document, as faults and ``kpisdk doctor`` write them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from kpisdk.errors import nearest, quoted

_BARE = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)


def joined(path: str, key: str) -> str:
    """The path of ``key`` under ``path``, quoted where TOML would quote it (``tables."a.b"``)."""
    name = key if _BARE.fullmatch(key) else json.dumps(key[:80], ensure_ascii=False)
    return f"{path}.{name}" if path else name


def unknown_key(key: str, known: Iterable[str]) -> str:
    """What to say of a key that nothing reads: the nearest known one, or all of them."""
    names = sorted(known)
    close = nearest(key, names, 1)
    if close:
        return f"is not a setting; did you mean {quoted(close[0])}?"
    return f"is not a setting; known here: {', '.join(names) or 'none'}"
