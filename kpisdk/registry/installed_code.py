"""Which files belong to Python and to what is installed, and go by versions instead of content."""

from __future__ import annotations

import functools
import os
import sys
import sysconfig

_SUFFIXES = (".py", ".pyc", ".so", ".pyd", ".dll", ".dylib")


@functools.cache
def _homes() -> tuple[str, ...]:
    places = {*sysconfig.get_paths().values(), sys.prefix, sys.base_prefix, sys.exec_prefix}
    # A prefix such as /usr holds more than Python: its libraries, and not the data of users.
    wide = {os.path.realpath(place) for place in ("/", "/usr", "/usr/local")}
    resolved = {os.path.realpath(place) for place in places if place}
    return tuple(f"{place}{os.sep}" for place in sorted(resolved - wide))


def is_installed_code(path: str) -> bool:
    """Whether a file lies where Python or an installed distribution has its own."""
    return os.path.realpath(path).startswith(_homes())


def is_code(path: str) -> bool:
    """Whether a file is code by its name, or lies among installed code."""
    return path.endswith(_SUFFIXES) or is_installed_code(path)
