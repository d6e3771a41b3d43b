"""Methods of the workspace that plugins bring, by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kpisdk.registry import Registry
from kpisdk.registry.offers import who_brings_method


def brought(workspace: object, registry: Registry | None, name: str) -> Callable[..., Any]:
    """The method of that name, bound to a workspace.

    Args:
        workspace: what the method is called with first.
        registry: what the plugins bring; ``None`` while there is none yet.
        name: the name that the workspace itself does not have.

    Raises:
        AttributeError: no plugin brings it; the one that would is named.
    """
    # Names of protocols (copying, pickling, notebooks) are asked for, too, and load no plugin.
    found = None if registry is None or name.startswith("_") else registry.methods.get(name)
    if found is None:
        raise AttributeError(f"A workspace has no {name!r}.{who_brings_method(name)}")
    return partial(found.call, workspace)
