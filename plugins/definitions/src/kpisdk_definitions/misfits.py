"""How a value or a key that fits no shape is put into words, with what would fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from kpisdk import listed, nearest, quoted
from kpisdk_definitions.places import Faults, Node


def one_of(node: Node, keys: tuple[str, ...], name: str, faults: Faults) -> None:
    """Note where not exactly one of ``keys`` is there.

    Args:
        node: a table.
        keys: the keys.
        name: what the table is called.
        faults: where what is wrong is noted.
    """
    present = [key for key in keys if key in node]
    if keys and not present:
        faults.add(node.place, f"{name} needs one of {listed(keys, 20)}")
    for key in present[1:]:
        faults.add(node.at(key), f"{key!r} cannot stand beside {present[0]!r}: {name} has only one")


def unknown(key: str, name: str, known: Iterable[str], within: Sequence[str] = ()) -> str:
    """What to say of a key that nothing reads; ``within`` names the keys that hold such a one.

    Args:
        key: the key.
        name: what the table is called.
        known: the keys that it may have.
        within: the keys that hold such a one.
    """
    names = list(known)
    close = nearest(key, names, 1)
    if not re.fullmatch(r"[\w$-]+", key):
        # YAML ends a bare text at the comma, and takes the rest for a key.
        return f"{quoted(key)} is no key of {name}; a text with a comma in {{…}} needs quotes"
    hint = f"did you mean {close[0]!r}?" if close else f"known are {listed(sorted(names), 40)}"
    if within:
        hint = f"it stands within {listed(map(repr, within))}"
    return f"{quoted(key)} is no key of {name}; {hint}"


def kind(node: Node) -> str:
    """What a value is, in words."""
    value: Any = node.value
    if value is None:
        return "missing (null)"
    if isinstance(value, dict | tuple):
        return "a table" if isinstance(value, dict) else "a list"
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    word = "text" if isinstance(value, str) else "number"
    return f"the {word} {quoted(value)}" if word == "text" else f"the number {str(value)[:40]}"
