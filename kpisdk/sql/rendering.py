"""The engines that are known, and how a construct finds its words for one of them.

SQLAlchemy's dialects are registered for the whole process, and so are the engines. An engine that
nobody registered, or a construct that an engine has no words for, is refused: nothing is ever
worded by a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.annotation import Annotated
from sqlalchemy.sql.compiler import StrSQLCompiler
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.functions import GenericFunction

from kpisdk.contracts.engine_traits import Engine, EngineTraits
from kpisdk.errors import UnsupportedByEngineError

STANDALONE = "kpisdk_standalone"
"""The keyword that asks for a statement that a view can hold, in its ``compile_kwargs``."""

_ENGINES: dict[str, Engine] = {}


def register(engine: Engine) -> None:
    """Make an engine known to the process; the one of that dialect before it is replaced."""
    _ENGINES[engine.dialect] = engine


def engines() -> Mapping[str, Engine]:
    """The engines that are known, by dialect."""
    import kpisdk.sql.dialects  # noqa: F401 - the built-in ones register themselves

    return _ENGINES


def traits_of(dialect: str) -> EngineTraits:
    """In what the engine of that dialect differs from others.

    Raises:
        UnsupportedByEngineError: there is no such engine.
    """
    found = engines().get(dialect)
    if found is None:
        raise UnsupportedByEngineError(dialect, "any statement of ours", tuple(sorted(_ENGINES)))
    return found.traits


class Construct(GenericFunction[Any]):
    """A function of the project's own: worded per engine, never sent under its own name.

    A subclass says its meaning and its type. SQLAlchemy knows it by a name of its own, and keeps
    compiled statements that hold it, as long as its arguments are all that it depends on.
    """

    _is_abstract = True
    inherit_cache = True

    def __init_subclass__(cls) -> None:
        own = vars(cls)
        if Annotated not in cls.__mro__:  # SQLAlchemy's own subclass keeps what it is made from
            cls.name = own.get("name", f"kpisdk_{cls.__name__.lower()}")
            cls.inherit_cache = own.get("inherit_cache", True)
        super().__init_subclass__()


class Element(ColumnElement[Any]):
    """A construct that is no function of its arguments alone."""

    inherit_cache = False
    arguments: tuple[Any, ...] = ()


@compiles(Construct)
@compiles(Element)
def _render(element: Any, compiler: Any, **keywords: Any) -> str:
    return rendered(element, compiler, **keywords)


def rendered(element: Any, compiler: Any, **keywords: Any) -> str:
    """A construct in the words of the compiler's engine.

    Raises:
        UnsupportedByEngineError: it has none.
    """
    dialect, kind = compiler.dialect.name, type(element)
    if isinstance(compiler, StrSQLCompiler):
        # SQLAlchemy's way to show a statement that has no engine: it is never sent to one.
        shown = ", ".join(compiler.process(each, **keywords) for each in arguments_of(element))
        return f"{kind.__name__}({shown})"
    engine = engines().get(dialect)
    if engine is None or kind not in engine.renderings:
        known = () if engine else tuple(sorted(_ENGINES))
        raise UnsupportedByEngineError(dialect, kind.__name__, known)
    rendering = engine.renderings[kind]
    if keywords.get(STANDALONE) and kind in engine.standalone:
        alone = engine.standalone[kind]
        if alone is None:
            raise UnsupportedByEngineError(dialect, f"{kind.__name__} in a view", ())
        rendering = alone
    if callable(rendering):
        return rendering(element, compiler, **keywords)
    arguments = [compiler.process(each, **keywords) for each in arguments_of(element)]
    return rendering.format(*arguments, all=", ".join(arguments))


def arguments_of(element: Any) -> tuple[Any, ...]:
    """What a construct was made from, in order."""
    return tuple(element.clauses) if isinstance(element, Construct) else element.arguments


def holds_in_view(kind: type[Any], dialect: str) -> bool:
    """Whether an engine has words for a construct that stand in a view."""
    engine = engines().get(dialect)
    return engine is not None and engine.standalone.get(kind, "") is not None
