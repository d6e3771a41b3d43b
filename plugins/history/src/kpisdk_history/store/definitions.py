"""Whether two results were computed by one definition of their KPI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def is_other_package(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether another version of kpisdk, or of the plugin, computed the one than the other.

    Args:
        old: ``plugin`` and ``core`` of the one.
        new: those of the other.
    """
    return bool(old["plugin"] != new["plugin"] or old["core"] != new["core"])


def is_other_definition(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether the KPI is defined otherwise.

    A definition's fingerprint covers the version of the package that brings it: where the package
    is another one, the definition is another one if its author says so.

    Args:
        old: ``definition_version``, ``plugin`` and ``core`` of the one.
        new: those of the other.
    """
    versions = old["definition_version"], new["definition_version"]
    if is_other_package(old, new):
        versions = _authors(versions[0]), _authors(versions[1])
    return bool(versions[0] != versions[1])


def _authors(version: str) -> str:
    return version.partition("+")[0]
