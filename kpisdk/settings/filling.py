"""Filling attrs records from raw tables: types checked, all faults at once, with their paths.

Settings are the one boundary that does not go through the converter of ``contracts.json_records``.
A person wrote them, who is told every fault at its path, with the nearest key and without a secret,
those of the record's own validators among them. And a listing of KPIs reads them: it is not to wait
25 ms for cattrs to be imported.
"""

from __future__ import annotations

import math
import types
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import attrs

from kpisdk.errors import Problem, ProblemsError, SettingsError, quoted
from kpisdk.settings.durations import Seconds, parse_seconds
from kpisdk.settings.fillable import SCALARS, Field, fields_of, of_optional
from kpisdk.settings.paths import joined, unknown_key
from kpisdk.settings.secrets import MASK, masked, redact, secrets_of

T = TypeVar("T")


class _FaultyType:
    """What a faulty value is filled with; a class of its own, since None is a value."""


_FAULTY = _FaultyType()


def fill(
    cls: type[T],
    raw: Mapping[str, Any],
    path: str,
    *,
    base: Path | None = None,
    secrets: Iterable[str] = (),
    subject: str = "The settings",
) -> T:
    """An instance of the attrs class ``cls`` from a raw settings table.

    Fields may be ``str``, ``int``, ``float`` (an integer will do), ``bool``, ``Path``,
    :data:`Seconds`, ``Literal[...]`` of texts, ``tuple[X, ...]``, ``Mapping[str, X]``, an attrs
    class, ``X | None`` of these, and ``Any`` (taken as it is). Keys are the names of ``__init__``;
    a field without a default is required. Validators and ``__attrs_post_init__`` of the class run;
    what they raise as ``ValueError``, ``TypeError`` or ``ProblemsError`` is a fault like any other.

    Args:
        cls: the class to fill.
        raw: the table, as TOML gives it.
        path: where the table stands, such as ``plugins.ws2``; it starts the path of every fault.
        base: the folder that relative paths are relative to; without it they stay as they are.
        secrets: values that no fault may show. Those that ``raw`` itself shows to be secret (keys
            named like passwords, passwords of URLs) are added.
        subject: what starts the error's sentence, such as the settings file.

    Raises:
        SettingsError: unknown keys, wrong types, missing keys, refused values: all of them.
        DefinitionError: ``cls`` is no attrs class, or a field's type is none of those above.
    """
    filler = _Filler(base, frozenset(secrets) | secrets_of(raw))
    record = filler.record(cls, raw, path)
    if filler.problems:
        raise SettingsError(subject, filler.problems)
    return record  # type: ignore[no-any-return] # a record without problems is a cls


@attrs.define
class _Filler:
    """One walk over a raw table, collecting the faults on the way."""

    base: Path | None
    secrets: frozenset[str]
    problems: list[Problem] = attrs.field(factory=list)

    def record(self, cls: type, raw: Any, path: str) -> Any:
        if not isinstance(raw, Mapping):
            return self.wrong(path, "a table", raw)
        fields = fields_of(cls)
        before = len(self.problems)
        for key in raw:
            if key not in fields:
                self.fault(joined(path, key), unknown_key(key, fields))
        filled = {}
        for name, field in fields.items():
            if name in raw:
                filled[name] = self.field(cls, field, raw[name], path)
            elif field.attribute.default is attrs.NOTHING:
                self.fault(joined(path, name), "is missing")
        if len(self.problems) > before:
            return _FAULTY
        return self.made(cls, filled, path)

    def field(self, cls: type, field: Field, raw: Any, path: str) -> Any:
        where = joined(path, field.key)
        value = self.value(field.hint, raw, where)
        rule, attribute = field.attribute.validator, field.attribute
        if value is _FAULTY or rule is None or attribute.converter is not None:
            return value
        try:
            # Construction would stop at the first field that is refused; each is asked here.
            rule(object.__new__(cls), attribute, value)
        except ProblemsError as error:
            return self.refused(path, error)
        except (ValueError, TypeError) as error:
            return self.fault(where, _words(error))
        except AttributeError:
            # The rule looks at other fields, which are not there yet: construction will ask it.
            return value
        return value

    def made(self, cls: type, filled: dict[str, Any], path: str) -> Any:
        try:
            return cls(**filled)
        except ProblemsError as error:
            return self.refused(path, error)
        except (ValueError, TypeError) as error:
            # Validators of attrs hand their attribute on as the second argument.
            name = next((arg.alias for arg in error.args if isinstance(arg, attrs.Attribute)), None)
            return self.fault(path if name is None else joined(path, name), _words(error))

    def refused(self, path: str, error: ProblemsError) -> Any:
        for problem in error.problems:
            self.fault(f"{path}.{problem.where}" if path else problem.where, problem.what)
        return _FAULTY

    def value(self, hint: Any, raw: Any, path: str) -> Any:
        if hint is Any:
            return raw
        if get_origin(hint) is not None:
            return self.generic(hint, raw, path)
        if hint is Seconds:
            return self.seconds(raw, path)
        return self.record(hint, raw, path) if attrs.has(hint) else self.scalar(hint, raw, path)

    def generic(self, hint: Any, raw: Any, path: str) -> Any:
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            # TOML has no null: an optional value that is there is of the other type.
            return self.value(of_optional(hint), raw, path)
        if origin is Literal:
            return self.choice(arguments, raw, path)
        if origin is tuple:
            return self.sequence(arguments[0], raw, path)
        return self.mapping(arguments[1], raw, path)

    def scalar(self, hint: Any, raw: Any, path: str) -> Any:
        if hint is float and isinstance(raw, int | float) and not isinstance(raw, bool):
            return self.number(raw, path)
        if hint is Path and isinstance(raw, str) and raw and "\0" not in raw:
            return self.path(raw, path)
        # bool is a kind of int in Python, and is none in a settings file.
        if type(raw) is hint:
            return raw
        return self.wrong(path, SCALARS[hint], raw)

    def path(self, raw: str, path: str) -> Any:
        try:
            given = Path(raw).expanduser()
        except RuntimeError:
            return self.fault(path, f"names a home folder that does not exist: {self.shown(raw)}")
        return given if self.base is None else self.base / given

    def number(self, raw: float, path: str) -> Any:
        try:
            number = float(raw)
        except OverflowError:
            number = math.inf
        return number if math.isfinite(number) else self.wrong(path, "a finite number", raw)

    def seconds(self, raw: Any, path: str) -> Any:
        try:
            return parse_seconds(raw)
        except ValueError as error:
            return self.fault(path, f"{error}; it is {self.shown(raw)}")

    def choice(self, options: tuple[Any, ...], raw: Any, path: str) -> Any:
        # By type as well: True equals 1 and is another setting.
        if any(raw == option and type(raw) is type(option) for option in options):
            return raw
        return self.wrong(path, f"one of {', '.join(map(str, options))}", raw)

    def sequence(self, hint: Any, raw: Any, path: str) -> Any:
        if not isinstance(raw, list | tuple):
            return self.wrong(path, "a list", raw)
        items = tuple(self.value(hint, item, f"{path}[{i}]") for i, item in enumerate(raw))
        return _FAULTY if any(item is _FAULTY for item in items) else items

    def mapping(self, hint: Any, raw: Any, path: str) -> Any:
        if not isinstance(raw, Mapping):
            return self.wrong(path, "a table", raw)
        items = {key: self.value(hint, item, joined(path, key)) for key, item in raw.items()}
        return _FAULTY if any(item is _FAULTY for item in items.values()) else items

    def wrong(self, path: str, expected: str, raw: Any) -> Any:
        return self.fault(path, f"must be {expected}; it is {_kind(raw)}{self.shown(raw)}")

    def fault(self, path: str, what: str) -> Any:
        self.problems.append(Problem(path, redact(what, self.secrets)))
        return _FAULTY

    def shown(self, raw: Any) -> str:
        if isinstance(raw, Mapping | list | tuple):
            return ""
        shown = masked(raw, self.secrets)
        return MASK if shown == MASK else quoted(shown)


def _kind(raw: Any) -> str:
    if isinstance(raw, Mapping):
        return "a table"
    if isinstance(raw, list | tuple):
        return "a list"
    words = {bool: "the truth value ", str: "the text ", int: "the number ", float: "the number "}
    return words.get(type(raw), f"the {type(raw).__name__} ")


def _words(error: Exception) -> str:
    return str(error.args[0]) if error.args else type(error).__name__
