"""Whatever is changed, a cached answer equals an uncached one."""

from __future__ import annotations

import datetime as dt
import shutil

import attrs

from kpisdk import (
    Calculator,
    Column,
    Dataset,
    Estimate,
    FirstOf,
    FrameInput,
    LogicalType,
    Option,
    Parameter,
    Simple,
    count,
    total,
)
from kpisdk.engine import result_identity


def test_a_setting(calculated):
    """One that no text shows, too."""

    def function(inputs):
        return Estimate.of(len(inputs.settings.token) + inputs.settings.level)

    found = [calculated(function, settings=each) for each in ({}, {"token": "a"}, {"level": 3.0})]

    assert found == [(1, False), (2, False), (3, False)]
    assert calculated(function, settings={"token": "a"}) == (2, True)


CONSTANT = 1.0


def _constant(_inputs):
    return Estimate.of(CONSTANT)


def _adding(number):
    return lambda _inputs: Estimate.of(number)


def test_code_of_a_plugin(calculated, monkeypatch):
    """A constant that it names, what it closes over, and its text."""
    assert [calculated(_adding(1.0)), calculated(_adding(2.0))] == [(1, False), (2, False)]
    assert calculated(_constant) == (1, False)
    assert calculated(_constant) == (1, True)

    monkeypatch.setitem(globals(), "CONSTANT", 5.0)

    assert calculated(_constant) == (5, False)


def test_code_that_is_imported_when_it_is_needed(calculated, tmp_path, monkeypatch):
    """A module of the plugin that nothing refers to before it runs: its file is part of it."""
    import importlib
    import sys

    from kpisdk.registry import fingerprint

    package = tmp_path / "core_late"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from kpisdk import Estimate\n\n\ndef function(inputs):\n"
        "    from core_late.figures import FIGURE\n\n    return Estimate.of(FIGURE)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    def in_a_new_process(figure):
        if figure is not None:
            (package / "figures.py").write_text(f"FIGURE = {figure}\n")
        for name in [each for each in sys.modules if each.startswith("core_late")]:
            del sys.modules[name]
        importlib.invalidate_caches()
        fingerprint._files_of.cache_clear()
        shutil.rmtree(package / "__pycache__", ignore_errors=True)
        return calculated(importlib.import_module("core_late").function)

    found = [in_a_new_process(figure) for figure in (1.0, 2.0, None)]

    assert found == [(1, False), (2, False), (2, True)]


def _typed(inputs):
    value = inputs.parameters["value"]
    return Estimate.of({int: 1.0, bool: 2.0, str: 3.0, float: 4.0}[type(value)])


def test_the_type_of_a_parameter(calculated):
    """1, true, "1" and 1.0 are four values."""
    for _ in range(2):
        found = [calculated(_typed, {"value": each})[0] for each in (1, True, "1", 1.0)]
        assert found == [1, 2, 3, 4]


REQUESTS = [
    {},
    {"window": "last 5 days"},
    {"window": "2025"},
    {"as_of": "2025-06-21"},
    {"as_of": "2025-06-22"},
    {"where": {"site": "1"}},
    {"where": {"site": ["1", "a"]}},
    {"where": {"site": ["a", "1"]}},
    {"where": {"site": None}},
    {"where": {"units": 1}},
    {"where": {"done": True}},
    {"by": ["site"]},
    {"by": ["units"]},
    {"by": ["site"], "grain": "day"},
    {"grain": "month"},
    {"grain": "week"},
    {"compare": "previous"},
    {"compare": "year"},
]


def test_every_part_of_a_request(opened, table, make, cache):
    """Asked one after the other, and all of them again."""
    days = [dt.datetime(2025, 6, 20), dt.datetime(2025, 6, 28), dt.datetime(2024, 6, 20)]
    sites = ["1", "a", None]
    rows = [
        {"visit_id": f"{site}{day}", "site": site, "at": day, "units": n, "done": n == 1}
        for n, (site, day) in enumerate((site, day) for site in sites for day in days)
    ]
    workspace = opened({"core_visits": table(*rows)}, make(), cache=cache)

    for request in (*REQUESTS, *REQUESTS):
        kept = workspace.compute("CORE-T-001", **request)
        fresh = workspace.compute("CORE-T-001", **request, use_cache=False)
        seen = [_bare(each) for each in kept], [_bare(each) for each in fresh]
        assert seen[0] == seen[1], request


def _bare(result):
    return attrs.evolve(result, cached=False, duration_ms=0.0, computed_at=None)


def test_the_version_of_the_core(calculated, monkeypatch):
    """What computes is another program."""
    calculated(_constant)
    monkeypatch.setattr(result_identity, "core_version", lambda: "99")

    assert not calculated(_constant)[1]


def test_midnight_begins_another_month(opened, source_on, table, make, visits, cache):
    """A KPI that looks at the clock is asked for this month, at the end of one."""
    rows = table({}, {"at": dt.datetime(2025, 7, 1)})
    source = source_on("sqlite", {"core_visits": rows}, [visits])
    kpi = make(clock=True, frequency="monthly")

    def ask(when):
        workspace = opened(source, kpi, cache=cache, clock=lambda: when)
        return workspace.compute(kpi.id, window="this month")[0]

    before = dt.datetime(2025, 6, 30, 23, 59, tzinfo=dt.UTC)

    assert ask(before).window.label == ask(before).window.label
    assert ask(before + dt.timedelta(minutes=2)).window.start.month == 7


def test_rows_grow_old_while_their_result_is_kept(opened, source_on, table, make, visits, cache):
    """Two hours after the newest row of a KPI that moves hourly, the kept result is stale."""
    newest = dt.datetime(2025, 6, 30, 10, 0, tzinfo=dt.UTC)
    source = source_on("sqlite", {"core_visits": table({"at": newest})}, [visits])
    kpi = make(frequency="realtime")

    def ask(seconds):
        when = newest + dt.timedelta(hours=2, seconds=seconds)
        result = opened(source, kpi, cache=cache, clock=lambda: when).compute(kpi.id)[0]
        return result.cached, result.stale

    assert [ask(-10), ask(10)] == [(False, False), (True, True)]


def test_what_answers_before_a_state_that_cannot_be_told_is_kept(
    opened, source_on, table, make, visits, cache
):
    """A server that nobody had to ask says nothing about the stored value."""
    rows = FrameInput("rows", visits, ("units",))

    def stored(inputs):
        known = inputs.frames["rows"]["units"].dropna()
        return Estimate.of(float(known.sum()) if len(known) else None)

    ways = (
        Option("stored", Calculator(stored, (rows,), visits)),
        Option("server", Calculator(_constant, state=lambda *_: None)),
    )
    kpi = make(FirstOf(ways), parameters=(Parameter("source", "text"),))
    source = source_on("sqlite", {"core_visits": table({"units": 4})}, [visits])
    workspace = opened(source, kpi, cache=cache)

    assert [workspace.compute(kpi.id)[0].cached for _ in range(2)] == [False, True]
    forced = {"parameters": {"source": "server"}}
    assert [workspace.compute(kpi.id, **forced)[0].cached for _ in range(2)] == [False, False]


def test_count_of_rows(opened, table, make, visits, cache):
    """Frames of a source that holds other rows than an equal one."""
    kpi = make(Simple(count(visits)))

    found = [
        opened({"core_visits": table(*[{}] * n)}, kpi, cache=cache).compute(kpi.id)[0].value
        for n in (1, 2, 1)
    ]

    assert found == [1, 2, 1]


def test_what_another_kpi_declares_a_slice_column_as(opened, tmp_path, make, visits, cache):
    """1.1 and 1.10 are two texts, and one number as soon as somebody says that they are numbers."""
    rows = "".join(f"v{place},2025-06-20,{each}\n" for place, each in enumerate(("1.1", "1.10")))
    (tmp_path / "core_visits.csv").write_text(f"visit_id,at,release\n{rows}")
    number = Dataset("core_visits", (Column("release", LogicalType.FLOAT),))
    own = make(Simple(count(visits)))
    other = make(Simple(total(number, number["release"])), "CORE-T-002", window=None)

    def groups(*kpis):
        report = opened(str(tmp_path), *kpis, cache=cache).compute(own.id, by=["release"])
        return {each.slice["release"]: each.value for each in report}

    assert groups(own) == {"1.1": 1, "1.10": 1}
    assert groups(own, other) == {1.1: 2}
