"""What is wrong with a plugin, as problems of the installation: its error, and what it changed."""

from __future__ import annotations

from collections.abc import Sequence

from kpisdk.errors import DefinitionFileError, Problem
from kpisdk.registry.providers import Provider


def failures(provider: Provider) -> Sequence[Problem]:
    """What is wrong with a plugin; the faults of a definition file stand at their own places."""
    who = f"plugin {provider.name!r} ({provider.label})"
    remarks = [Problem(who, remark) for remark in provider.remarks]
    return (*_error_of(provider, who), *remarks)


def _error_of(provider: Provider, who: str) -> Sequence[Problem]:
    if provider.error is None:
        return ()
    cause = provider.cause
    if not isinstance(cause, DefinitionFileError) or provider.error != f"kpisdk_kpis: {cause}":
        return [Problem(who, provider.error)]
    is_named = all(fault.where.startswith(f"{provider.name}:") for fault in cause.problems)
    return [
        fault if is_named else Problem(f"{who}, {fault.where}", fault.what)
        for fault in cause.problems
    ]
