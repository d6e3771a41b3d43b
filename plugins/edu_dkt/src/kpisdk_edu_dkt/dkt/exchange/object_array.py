"""Text out of a pickled NumPy array, without running anything that the file asks for.

The reference notebook saves its phase names as an array of objects, which NumPy can only read by
unpickling, and unpickling runs what a hostile file says. Here the three callables that such an
array needs are replaced by inert stand-ins, and every other one is refused before it is looked up.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from typing import Any

import attrs


class RefusedPickleError(ValueError):
    """A pickle that asks for more than an array of texts needs."""


@attrs.define(eq=False)
class _Inert:
    """Stands for the array; keeps the state it is given and does nothing with it."""

    state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _InertCallable:
    """Stands for one of the callables; a new one each time, so that nothing can be left on it."""

    __slots__ = ()

    def __call__(self, *_: Any) -> _Inert:
        return _Inert()

    def __setstate__(self, state: Any) -> None:
        raise RefusedPickleError("it changes what it calls")


_MODULES = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray")
_ALLOWED = {(module, "_reconstruct") for module in _MODULES} | {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
}
_OPERATIONS = frozenset(
    {
        *("PROTO", "FRAME", "STOP", "MARK", "GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD"),
        *("NONE", "NEWTRUE", "NEWFALSE", "INT", "LONG", "LONG1", "BININT", "BININT1", "BININT2"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES"),
        *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE"),
        *("EMPTY_LIST", "LIST", "APPEND", "APPENDS"),
        *("EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"),
        *("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE", "GET", "BINGET", "LONG_BINGET"),
    }
)
"""What the pickle of an array of texts consists of, in any protocol."""


class _InertUnpickler(pickle.Unpickler):
    """Knows three names, none of which does anything."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise RefusedPickleError(f"it asks for {module}.{name}")
        return _InertCallable()

    def persistent_load(self, pid: Any) -> Any:
        raise RefusedPickleError(f"it asks for an outside object {pid!r}")


def _require_plain(content: bytes) -> None:
    """Refuse what an array of texts does not need, before a byte of memory is given for it.

    A memo's place may be any number, and the unpickler makes room for all places below.
    """
    for operation, given, _ in pickletools.genops(content):
        argument: Any = given
        if operation.name not in _OPERATIONS:
            raise RefusedPickleError(f"it does what no array of texts does ({operation.name})")
        is_place = operation.name in {"PUT", "BINPUT", "LONG_BINPUT"}
        if is_place and not 0 <= int(argument) <= len(content):
            raise RefusedPickleError("it remembers more than it holds")
        if operation.name == "GLOBAL" and tuple(argument.split(" ", 1)) not in _ALLOWED:
            raise RefusedPickleError(f"it asks for {argument.replace(' ', '.', 1)}")


def texts_of_pickled_array(content: bytes) -> tuple[str, ...]:
    """The texts of a one-dimensional array of text objects.

    Args:
        content: The pickle, as it stands behind the header of a ``.npy`` file.

    Raises:
        RefusedPickleError: The content is anything else; nothing of it was run.
    """
    try:
        _require_plain(content)
        array = _InertUnpickler(io.BytesIO(content)).load()
    except RefusedPickleError:
        raise
    except Exception as error:
        # what unpickling foreign bytes raises is not listed anywhere; whatever it is, it is refused
        raise RefusedPickleError(f"it is not the pickle of an array ({error})") from error
    state = array.state if isinstance(array, _Inert) else None
    # numpy's state of an array: version, shape, dtype, Fortran order, elements
    if not isinstance(state, tuple) or len(state) != 5 or not isinstance(state[4], list):
        raise RefusedPickleError("it is not an array of objects")
    elements = state[4]
    if not all(isinstance(element, str) for element in elements):
        raise RefusedPickleError("its elements are not text")
    return tuple(elements)
