"""A hash of what a record says and how it computes, equal in every process.

A cache that outlives the process must know the definition that made its values, or it answers with
yesterday's formula. So code enters; addresses, hash seeds and the order of sets do not.
"""

from __future__ import annotations

import copyreg
import functools
import hashlib
import sys
import types
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import attrs

from kpisdk.contracts.file_identity import file_identity
from kpisdk.hookspecs import PROJECT
from kpisdk.registry.installed_code import is_installed_code

_PLAIN = (str, bytes, int, float, complex, date, datetime, timedelta, type(None), type(Ellipsis))
_CONSTANTS = (*_PLAIN, tuple, frozenset, list, dict, set)


def fingerprint(*values: object) -> str:
    """SHA-256 (hex) of records, functions and plain values, equal in every process.

    Functions go by module, qualified name and compiled code, with the values they close over, their
    defaults, the functions of their own package and the constants (lists and mappings too) that
    they refer to; a plugin's own records by their methods' code as well. The code is that of the
    running Python: another version of Python may give another fingerprint.
    """
    return _Walk().digest(values).hex()


def fingerprint_and_packages(*values: object) -> tuple[str, frozenset[str]]:
    """The fingerprint of some values, and the packages of all functions in them."""
    walk = _Walk()
    return walk.digest(values).hex(), frozenset(walk.packages)


def source_files(packages: Iterable[str]) -> dict[str, str]:
    """The identity of the files of packages that are run from where they are written.

    Packages of the installation (they go by their versions), of the core and of Python are left
    out.
    """
    found = {name: _files_of(name) for name in sorted(packages)}
    return {name: identity for name, identity in found.items() if identity}


@functools.cache
def _files_of(package: str) -> str:
    # Once a process: the code that it has imported is that of its beginning.
    module = sys.modules.get(package)
    place = getattr(module, "__file__", None)
    if module is None or place is None or package == PROJECT or is_installed_code(place):
        return ""
    if not hasattr(module, "__path__"):
        return file_identity(place)
    folder = Path(place).parent
    files = sorted(
        each for each in folder.rglob("*") if each.is_file() and "__pycache__" not in each.parts
    )
    return _sha(*(part for each in files for part in (str(each), file_identity(each)))).hex()


class _Walk:
    """One traversal: shared records (the datasets) are hashed once, cycles are cut."""

    def __init__(self) -> None:
        # The objects are kept beside their digests, so that no id is reused during the walk.
        self._known: dict[int, tuple[object, bytes]] = {}
        self.packages: set[str] = set()

    def digest(self, value: object) -> bytes:
        if isinstance(value, _PLAIN) and not isinstance(value, Enum):
            return _sha(type(value).__name__, repr(value).encode())
        known = self._known.get(id(value))
        if known is not None:
            return known[1]
        self._known[id(value)] = (value, b"cycle")
        digest = _sha(*self._parts(value))
        self._known[id(value)] = (value, digest)
        return digest

    def _parts(self, value: Any) -> list[str | bytes]:  # noqa: PLR0911 - one return a kind of value
        if isinstance(value, Enum):
            return [_name(type(value)), value.name]
        if isinstance(value, Mapping):
            pairs = sorted(self.digest(key) + self.digest(each) for key, each in value.items())
            return ["mapping", *pairs]
        if isinstance(value, set | frozenset):
            return ["set", *sorted(map(self.digest, value))]
        if isinstance(value, list | tuple):
            return [_name(type(value)), *map(self.digest, value)]
        if isinstance(value, types.CodeType):
            return self._code(value)
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, types.MethodType):
            return ["method", self.digest(value.__func__), self.digest(value.__self__)]
        if isinstance(value, functools.partial):
            inner = (value.func, value.args, value.keywords)
            return ["partial", *map(self.digest, inner)]
        if isinstance(value, type | types.ModuleType | types.BuiltinFunctionType):
            return ["named", _name(value)]
        return [_name(type(value)), *self._state(value)]

    def _state(self, value: Any) -> Iterable[bytes]:
        kind = type(value)
        if attrs.has(kind):
            # What two equal records may differ in (a KPI's examples) changes no value.
            fields = [field for field in attrs.fields(kind) if field.eq]
            state = {field.name: getattr(value, field.name) for field in fields}
            own = [self.digest(name) + self.digest(state[name]) for name in sorted(state)]
            return [*self._methods(kind), *own]
        call = vars(kind).get("__call__")
        called = [self.digest(call)] if isinstance(call, types.FunctionType) else []
        return [*called, *self._kept(value)]

    def _methods(self, kind: type) -> Iterable[bytes]:
        """The code of a plugin's own records: a metric of its own computes in its methods.

        Those of the core go by its version.
        """
        if _package(kind) == PROJECT:
            return []
        self.packages.add(_package(kind))
        functions = {
            name: getattr(each, "fget", None) or each
            for name, each in vars(kind).items()
            if isinstance(each, types.FunctionType | property)
        }
        written = {
            name: each
            for name, each in functions.items()
            if isinstance(each, types.FunctionType)
            and not each.__code__.co_filename.startswith("<attrs generated")
        }
        return [self.digest(name) + self.digest(written[name]) for name in sorted(written)]

    def _kept(self, value: Any) -> Iterable[bytes]:
        try:
            # What pickle would keep of it: class, arguments, state, and never an address.
            registered = copyreg.dispatch_table.get(type(value))
            return [self.digest(registered(value) if registered else value.__reduce_ex__(4))]
        except TypeError:
            return []  # nothing of it can be written down, so it goes by its type alone

    def _code(self, code: types.CodeType) -> list[str | bytes]:
        return [
            "code",
            code.co_code,
            *(self.digest(part) for part in (code.co_consts, code.co_names)),
        ]

    def _function(self, function: types.FunctionType) -> list[str | bytes]:
        self.packages.add(_package(function))
        closed = [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
        own = (function.__code__, function.__defaults__, function.__kwdefaults__, closed)
        return ["function", _name(function), *map(self.digest, own), *self._referred(function)]

    def _referred(self, function: types.FunctionType) -> Iterable[bytes]:
        space = function.__globals__
        for name in sorted(_names(function.__code__) & space.keys()):
            value = space[name]
            at_home = _package(value) == _package(function)
            is_constant = isinstance(value, _CONSTANTS) or attrs.has(type(value))
            if is_constant or (at_home and isinstance(value, types.FunctionType)):
                yield self.digest(name) + self.digest(value)


def _package(value: Any) -> str:
    return str(getattr(value, "__module__", None)).partition(".")[0]


def _is_filled(cell: types.CellType) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


def _names(code: types.CodeType) -> set[str]:
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= _names(constant)
    return found


def _name(value: Any) -> str:
    module = getattr(value, "__module__", None) or ""
    return f"{module}.{getattr(value, '__qualname__', None) or value.__name__}"


def _sha(*parts: str | bytes) -> bytes:
    state = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        # The length keeps ("ab", "c") and ("a", "bc") apart.
        state.update(len(data).to_bytes(8, "big") + data)
    return state.digest()
