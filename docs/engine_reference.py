"""Writes what each engine runs: its words for every construct, and what it was proven on."""

from __future__ import annotations

import inspect
from typing import Any

from wording import sentence, table

from kpisdk.plugins import LoadedPlugins


def page(loaded: LoadedPlugins) -> str:
    """What each engine was proven on, then a row for each construct."""
    brought = [each for plugin in loaded for each in plugin.ask("kpisdk_engines") or ()]
    proven = [
        (each.traits.title, f"`{each.dialect}`", "; ".join(each.proven_on)) for each in brought
    ]
    constructs = dict.fromkeys(kind for each in brought for kind in each.renderings)
    words = [
        (f"`{kind.__name__}`", sentence(kind.__doc__), *(_words(each, kind) for each in brought))
        for kind in constructs
    ]
    heads = ("construct", "what it is", *(each.traits.title for each in brought))
    return (
        table(("engine", "dialect", "its contract was kept on"), proven)
        + "\n\n"
        + table(heads, words)
        + "\n"
    )


def _words(engine: Any, kind: type[Any]) -> str:
    rendering = engine.renderings.get(kind)
    if rendering is None:
        return "–"
    if callable(rendering):
        return f"`{rendering.__name__}()`" if inspect.isfunction(rendering) else "a function"
    text = " ".join(rendering.split()).replace("|", "\\|")
    return f"`{text}`"
