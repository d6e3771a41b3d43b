"""Text out of a pickled NumPy array, without running anything that the file asks for.

The reference notebook saves its phase names as an array of objects, which NumPy can only read by
unpickling, and unpickling runs what a hostile file says. Here the three callables that such an
array needs are replaced by inert stand-ins, and every other one is refused before it is looked up.
"""

from __future__ import annotations

import io
import pickle
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


def _inert(*_: Any) -> _Inert:
    return _Inert()


_MODULES = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray")
_ALLOWED = {(module, "_reconstruct") for module in _MODULES} | {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
}


class _InertUnpickler(pickle.Unpickler):
    """Knows three names, none of which does anything."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise RefusedPickleError(f"it asks for {module}.{name}")
        return _inert

    def persistent_load(self, pid: Any) -> Any:
        raise RefusedPickleError(f"it asks for an outside object {pid!r}")


def texts_of_pickled_array(content: bytes) -> tuple[str, ...]:
    """The texts of a one-dimensional array of text objects.

    Args:
        content: The pickle, as it stands behind the header of a ``.npy`` file.

    Raises:
        RefusedPickleError: The content is anything else; nothing of it was run.
    """
    try:
        array = _InertUnpickler(io.BytesIO(content)).load()
    except RefusedPickleError:
        raise
    except Exception as error:
        raise RefusedPickleError(f"it is not the pickle of an array ({error})") from error
    state = array.state if isinstance(array, _Inert) else None
    # numpy's state of an array: version, shape, dtype, Fortran order, elements
    if not isinstance(state, tuple) or len(state) != 5 or not isinstance(state[4], list):
        raise RefusedPickleError("it is not an array of objects")
    elements = state[4]
    if not all(isinstance(element, str) for element in elements):
        raise RefusedPickleError("its elements are not text")
    return tuple(elements)
