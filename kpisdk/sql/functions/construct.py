"""The root of the project's own SQL functions."""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql.functions import GenericFunction


class Construct(GenericFunction[Any]):
    """A function of the project's own: rendered per engine, never sent under its own name."""

    _is_abstract = True
    inherit_cache = True


def two(element: Any, compiler: Any, **kw: Any) -> tuple[str, str]:
    """The two arguments of a construct, compiled."""
    first, second = element.clauses
    return compiler.process(first, **kw), compiler.process(second, **kw)
