"""What tests of kept results share: a cache, and answers out of it beside fresh ones."""

from __future__ import annotations

import attrs
import pytest

from kpisdk import (
    Calculator,
    FrameInput,
    Parameter,
    Settings,
    Workspace,
    hookimpl,
)
from kpisdk.builtin.caches.memory_cache import MemoryCache


@pytest.fixture
def cache():
    """A cache in memory."""
    return MemoryCache()


@pytest.fixture
def both(opened, cache):
    """``both(source, kpi, …)``: the KPI's value out of the cache and computed anew, and ``cached``.

    Every call opens a workspace of its own, as every command does.
    """

    def ask(source, kpi, *, workspace=opened, request=None, **arguments):
        request = request or {}
        kept = workspace(source, kpi, cache=cache, **arguments).compute(kpi.id, **request)
        fresh = workspace(source, kpi, **arguments).compute(kpi.id, **request, use_cache=False)
        assert [each.value for each in kept] == [each.value for each in fresh]
        return kept[0].value, kept[0].cached

    return ask


@pytest.fixture
def calculated(table, make, visits, now, cache):
    """``calculated(function, …)``: what a calculator answers with the cache, and ``cached``."""
    frames = {"core_visits": table({})}
    workspaces = {}

    def ask(function, parameters=None, settings=None, *, fresh=False, **facts):
        rows = FrameInput("rows", visits, ("site",))
        own = tuple(Parameter(name, "json") for name in parameters or {})
        kpi = make(Calculator(function, (rows,), visits, **facts), parameters=own)

        class Plugin:
            name = "of_tests"

            @hookimpl
            def kpisdk_kpis(self):
                return [kpi]

            @hookimpl
            def kpisdk_settings(self):
                return Own

        given = Settings(plugins={"of_tests": settings or {}})
        workspace = Workspace(
            frames, plugins=[Plugin()], settings=given, cache=cache, clock=lambda: now
        )
        workspace.open_source()._fingerprint = "the same rows"
        workspaces[len(workspaces)] = workspace
        result = workspace.compute(kpi.id, parameters=parameters or {}, use_cache=not fresh)[0]
        return result.value, result.cached

    return ask


@attrs.frozen
class Own:
    """Settings with a secret."""

    token: str = attrs.field(default="", repr=False)
    level: float = 1.0
