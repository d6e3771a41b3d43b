"""``${NAME}`` in settings: values from the environment, which no error and no report may show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

from kpisdk.errors import Problem, quoted
from kpisdk.settings.paths import joined

_REFERENCE = re.compile(r"\$\$\{|\$\{(?P<name>[^}]*)(?P<close>\}?)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@attrs.frozen
class Interpolated:
    """A document with its variables filled in, the values that they brought, and the faults."""

    document: dict[str, Any]
    secrets: frozenset[str] = attrs.field(repr=False)
    problems: tuple[Problem, ...]


def interpolate(document: Mapping[str, Any], environ: Mapping[str, str]) -> Interpolated:
    """Every ``${NAME}`` in a text value of ``document``, at any depth, replaced from ``environ``.

    ``$${`` stands for ``${`` itself. Keys are left alone, and so is what a variable brings. An
    undefined variable or a malformed reference is a fault, and the text stays as it is there.
    """
    walk = _Walk(environ)
    filled = {key: walk.value(item, joined("", key)) for key, item in document.items()}
    return Interpolated(filled, frozenset(walk.secrets), tuple(walk.problems))


@attrs.define
class _Walk:
    environ: Mapping[str, str]
    secrets: set[str] = attrs.field(factory=set)
    problems: list[Problem] = attrs.field(factory=list)

    def value(self, value: Any, path: str) -> Any:
        if isinstance(value, str):
            return _REFERENCE.sub(lambda match: self.reference(match, path), value)
        if isinstance(value, Mapping):
            return {key: self.value(item, joined(path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, f"{path}[{i}]") for i, item in enumerate(value)]
        return value

    def reference(self, match: re.Match[str], path: str) -> str:
        name = match["name"]
        if name is None:
            return "${"
        if not match["close"] or _NAME.fullmatch(name) is None:
            # What follows an unclosed brace may be a password: it is not shown.
            self.problems.append(
                Problem(path, "holds a malformed reference; write ${NAME}, or $${ for a literal ${")
            )
            return match[0]
        if name not in self.environ:
            what = f"needs the environment variable {quoted(name)}, which is not set"
            self.problems.append(Problem(path, what))
            return match[0]
        if self.environ[name]:
            self.secrets.add(self.environ[name])
        return self.environ[name]
