"""What is wrong with a plugin, as problems of the installation: its error, and what it changed."""

from __future__ import annotations

from collections.abc import Sequence

from kpisdk.errors import DefinitionFileError, Problem
from kpisdk.plugins.records import Plugin


def failures(plugin: Plugin) -> Sequence[Problem]:
    """What is wrong with a plugin; the faults of a definition file stand at their own places."""
    who = f"plugin {plugin.name!r} ({plugin.label})"
    remarks = [Problem(who, remark) for remark in plugin.remarks]
    return (*_error_of(plugin, who), *remarks)


def _error_of(plugin: Plugin, who: str) -> Sequence[Problem]:
    if plugin.error is None:
        return ()
    cause = plugin.cause
    if not isinstance(cause, DefinitionFileError) or plugin.error != f"kpisdk_kpis: {cause}":
        return [Problem(who, plugin.error)]
    is_named = all(fault.where.startswith(f"{plugin.name}:") for fault in cause.problems)
    return [
        fault if is_named else Problem(f"{who}, {fault.where}", fault.what)
        for fault in cause.problems
    ]
