"""Writes the list of everything that is imported from ``kpisdk``, from the facade itself."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from sphinx.pycode import ModuleAnalyzer
from wording import sentence, table

import kpisdk


def summary(name: str) -> str:
    """What a name of the facade is, in the first sentence of its documentation."""
    value: Any = getattr(kpisdk, name)
    home = home_of(name)
    documented = inspect.isclass(value) or inspect.isfunction(value) or inspect.ismodule(value)
    if documented and value.__module__.startswith("kpisdk"):
        return sentence(value.__doc__)
    said = ModuleAnalyzer.for_module(defining(home, name)).find_attr_docs().get(("", name), [])
    return sentence("\n".join(said)) if said else ""


def home_of(name: str) -> str:
    """The module that the facade takes a name from."""
    return kpisdk._HOME_OF[name]  # noqa: SLF001


def defining(home: str, name: str) -> str:
    """The module in which a constant is written down, where its home only passes it on."""
    module = importlib.import_module(home)
    source = inspect.getsource(module)
    if f"\n{name}" in source:
        return home
    for imported in vars(module).values():
        place = getattr(imported, "__module__", "")
        if place.startswith(home) and f"\n{name}" in inspect.getsource(
            importlib.import_module(place)
        ):
            return str(place)
    return home


def page() -> str:
    """A table of the names, those of one module together."""
    rows = [(f"`{name}`", summary(name), f"`{home_of(name)}`") for name in kpisdk.__all__]
    return table(("name", "what it is", "defined in"), rows) + "\n"
