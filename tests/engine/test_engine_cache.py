"""The cache: equal to what it stands for, gone when anything that matters changes."""

from __future__ import annotations

import datetime as dt
import json

import attrs
import pandas as pd
import pytest

from kpisdk import (
    CacheError,
    Calculator,
    Estimate,
    FrameInput,
    Median,
    Parameter,
    ParameterRef,
    Ratio,
    Reason,
    Settings,
    Simple,
    Trailing,
    Window,
    Workspace,
    count,
    hookimpl,
    total,
)
from kpisdk.builtin.caches.memory_cache import MemoryCache
from kpisdk.builtin.sources.frame_kinds import frame_table
from kpisdk.settings import SourceSettings, TableMapping
from kpisdk.testing import put

DAY = dt.datetime(2025, 6, 20)


@pytest.fixture
def cache():
    """A cache in memory."""
    return MemoryCache()


class Frames:
    """The frames of an opened source, which can be replaced under it."""

    def __init__(self, source):
        self._tables = source._tables

    def __setitem__(self, name, frame):
        self._tables[name] = frame_table(frame)


@pytest.fixture
def shop(opened, table, make, visits, cache):
    """``shop(rows, kpi, clock)``: a cached workspace on frames that can be changed under it."""

    def make_workspace(*rows, kpi=None, **arguments):
        frames = {"core_visits": table(*rows)}
        workspace = opened(frames, kpi or make(), cache=cache, **arguments)
        workspace.frames = Frames(workspace.open_source())
        return workspace

    return make_workspace


def bare(result):
    """A result without what says how it was come by."""
    return attrs.evolve(result, cached=False, duration_ms=0.0, computed_at=None)


def test_cached_and_fresh_results_are_equal(shop, make, visits):
    """Intervals, slices, periods, comparisons and warnings included."""
    kpi = make(
        Ratio(count(visits, visits["done"].is_true()), count(visits)),
        target=0.6,
        warning=0.5,
        critical=0.4,
    )
    days = [dt.date(2025, 6, 20), None]
    rows = [
        {"site": site, "done": done, "day": day, "at": at}
        for site in ("a", "日'\"", None)
        for done in (True, False)
        for day in days
        for at in (DAY, dt.datetime(2025, 5, 1))
    ]
    workspace = shop(*rows, kpi=kpi)
    for request in (
        {},
        {"by": ["site", "day"]},
        {"by": ["site"], "grain": "month", "compare": "previous"},
        {"compare": "year"},
        {"window": "2025-05", "where": {"site": [None, "a"]}},
    ):
        fresh = workspace.compute(kpi.id, **request)
        cached = workspace.compute(kpi.id, **request)

        assert [bare(result) for result in cached] == [bare(result) for result in fresh]
        assert all(result.cached for result in cached)
        assert not any(result.cached for result in fresh)
        assert not workspace.compute(kpi.id, use_cache=False, **request)[0].cached


def test_new_rows_are_seen_at_once(shop, table):
    """The data frontier is part of the key."""
    workspace = shop({"at": DAY})
    assert workspace.compute("CORE-T-001")[0].value == 1

    workspace.frames["core_visits"] = table({"at": DAY}, {"at": DAY + dt.timedelta(hours=1)})

    assert workspace.compute("CORE-T-001")[0].value == 2


def test_new_rows_of_a_table_without_time_are_seen_at_once(opened, make, people, cache):
    """Their number is."""
    kpi = make(Simple(count(people)), window=None)
    workspace = opened({"core_people": pd.DataFrame({"person": ["a"]})}, kpi, cache=cache)
    assert workspace.compute(kpi.id)[0].value == 1

    Frames(workspace.open_source())["core_people"] = pd.DataFrame({"person": ["a", "b"]})

    assert workspace.compute(kpi.id)[0].value == 2


def test_new_rows_of_a_table_whose_time_is_no_instant_are_seen_at_once(shop, table, make):
    """Their number is, where the newest one cannot be told."""
    workspace = shop({}, kpi=make(window=None))
    workspace.frames["core_visits"] = table({}).assign(at="yesterday")
    assert workspace.compute("CORE-T-001")[0].value == 1

    workspace.frames["core_visits"] = table({}, {}).assign(at="yesterday")

    assert workspace.compute("CORE-T-001")[0].value == 2


def test_new_rows_of_a_table_that_slices_are_seen_at_once(shop, table):
    """A referenced table decides which slice a row belongs to."""
    workspace = shop({"person": "p"})
    workspace.frames["core_people"] = pd.DataFrame({"person": ["q"], "town": ["y"]})
    assert workspace.compute("CORE-T-001", by=["town"])[0].slice == {"town": None}

    workspace.frames["core_people"] = pd.DataFrame({"person": ["q", "p"], "town": ["y", "x"]})

    assert workspace.compute("CORE-T-001", by=["town"])[0].slice == {"town": "x"}


def test_new_rows_of_inputs_that_a_function_names_are_seen_at_once(
    shop, table, make, visits, people
):
    """A calculator's inputs are not known before it is asked."""

    def rows(inputs):
        return Estimate.of(len(inputs.frames["people"]))

    asks = Calculator(rows, lambda *_: (FrameInput("people", people, ("person",)),))
    workspace = shop({}, kpi=make(asks, base=visits, window=None))
    workspace.frames["core_people"] = pd.DataFrame({"person": ["q"]})
    assert workspace.compute("CORE-T-001")[0].value == 1

    workspace.frames["core_people"] = pd.DataFrame({"person": ["q", "p"]})

    assert workspace.compute("CORE-T-001")[0].value == 2


@pytest.mark.parametrize(
    "request_",
    [
        {"window": "2025"},
        {"window": "last 31 days"},
        {"as_of": "2025-06-21"},
        {"where": {"site": "a"}},
        {"where": {"site": ["a", None]}},
        {"where": {"units": 1}},
        {"by": ["site"]},
        {"grain": "month"},
        {"compare": "previous"},
        {"compare": "year"},
        {"parameters": {"least": 1}},
    ],
)
def test_every_part_of_a_request_matters(shop, make, visits, request_):
    """None is answered with the result of another."""
    measure = count(visits, visits["units"] >= ParameterRef("least", "int"))
    kpi = make(Simple(measure), parameters=(Parameter("least", "int", default=0),))
    workspace = shop({"site": "a", "units": 1}, kpi=kpi)
    workspace.compute(kpi.id)

    assert not workspace.compute(kpi.id, **request_)[0].cached
    assert workspace.compute(kpi.id, **request_)[0].cached
    assert workspace.compute(kpi.id)[0].cached


def test_definition_source_and_kpi_matter(shop, make, visits):
    """Another formula, another source, another id: not one of them shares a result."""
    shop({}).compute("CORE-T-001")
    same = shop({})
    same.open_source()._fingerprint = "elsewhere"
    other = make(Simple(count(visits, visits["units"].is_null())))

    assert not same.compute("CORE-T-001")[0].cached
    assert not shop({}, kpi=other).compute("CORE-T-001")[0].cached
    assert not shop({}, kpi=make(kpi_id="CORE-T-009")).compute("CORE-T-009")[0].cached


def test_the_table_that_the_settings_name_matters(tmp_path, opened, table, make, cache):
    """Two tables of one database with the same newest row, read as one dataset: two values."""
    east, west = table({}, {"site": "a"}), table({})
    url = put("sqlite", {"east": east, "west": west}, (), tmp_path)

    def result(name):
        found = opened(url, make(), cache=cache, tables={"core_visits": name})
        return found.compute("CORE-T-001")[0]

    assert result("east").value == 2
    assert (result("west").value, result("west").cached) == (1, True)


def test_the_column_that_the_settings_name_matters(tmp_path, opened, table, make, visits, cache):
    """The same table, and another column read as the units."""
    rows = table({"units": 1}).assign(spare=5)
    url = put("sqlite", {"core_visits": rows}, (), tmp_path)
    kpi = make(Simple(total(visits, visits["units"])))

    def value(**columns):
        mapped = {"core_visits": TableMapping(columns=columns)}
        settings = Settings(sources={"here": SourceSettings(url, mapped)})
        return opened("here", kpi, cache=cache, settings=settings).compute(kpi.id)[0].value

    assert (value(), value(units="spare"), value()) == (1, 5, 1)


def test_two_windows_of_one_label_are_two(shop):
    """Whoever gives a window as a record may call it as he likes."""
    workspace = shop({}, {"at": dt.datetime(2025, 5, 1)})
    days = [dt.datetime(2025, month, 1) for month in (5, 6, 7)]

    found = [
        workspace.compute("CORE-T-001", window=Window(first, last, "mine"))[0].value
        for first, last in ((days[0], days[1]), (days[1], days[2]), (days[0], days[2]))
    ]

    assert found == [1, 1, 2]


def test_a_setting_that_no_repr_shows_matters(opened, table, make, visits, cache):
    """A secret is kept out of every text, and a result that was computed with it is its own."""

    @attrs.frozen
    class Own:
        token: str = attrs.field(default="", repr=False)

    class Plugin:
        name = "with_token"

        @hookimpl
        def kpisdk_kpis(self):
            ask = FrameInput("rows", visits, ("units",))
            return [make(Calculator(lambda given: _length(given.settings.token), (ask,)), "CORE-S")]

        @hookimpl
        def kpisdk_settings(self):
            return Own

    def value(token):
        settings = Settings(plugins={"with_token": {"token": token}})
        source = {"core_visits": table({})}
        workspace = Workspace(source, plugins=[Plugin()], settings=settings, cache=cache)
        return workspace.compute("CORE-S", as_of="2025-06-30")[0].value

    assert (value("four"), value("longer")) == (4, 6)


def _length(text):
    return Estimate.of(float(len(text)))


def test_results_expire_with_their_frequency(shop, make, now):
    """A daily KPI's after five minutes."""
    clock = {"now": now}
    workspace = shop({}, clock=lambda: clock["now"])
    workspace.compute("CORE-T-001")

    clock["now"] = now + dt.timedelta(seconds=299)
    assert workspace.compute("CORE-T-001")[0].cached
    clock["now"] = now + dt.timedelta(seconds=300)
    assert not workspace.compute("CORE-T-001")[0].cached


def test_failures_are_never_stored(shop, make, visits):
    """What cannot be computed now may be computed in a moment."""
    kpi = make(Simple(total(visits, visits["amount"])))
    workspace = shop({}, kpi=kpi)

    for _ in range(2):
        result = workspace.compute(kpi.id)[0]
        assert (result.value, result.cached) == (None, False)
    half = [{"site": "a", "amount": 1.0}, {"site": "b"}]
    mixed = shop(*half, kpi=kpi)
    for _ in range(2):
        assert not any(result.cached for result in mixed.compute(kpi.id, by=["site"]))


def test_frames_as_parameters_are_never_part_of_a_key(shop, make, visits):
    """Two long frames look alike where a text cuts them short: their results are not kept."""

    def summed(inputs):
        return Estimate.of(float(inputs.parameters["frame"]["x"].sum()))

    kpi = make(
        Calculator(summed, (FrameInput("rows", visits, ("site",)),), visits),
        parameters=(Parameter("frame", "json"),),
    )
    workspace = shop({}, kpi=kpi)
    one = pd.DataFrame({"x": [0] * 1_000})
    other = one.copy()
    other.loc[500, "x"] = 7

    assert workspace.compute(kpi.id, parameters={"frame": one})[0].value == 0
    result = workspace.compute(kpi.id, parameters={"frame": other})[0]
    assert (result.value, result.cached) == (7, False)


@attrs.define
class Broken:
    """A cache whose read, or write, fails."""

    fails: str
    inner: MemoryCache = attrs.field(factory=MemoryCache)
    texts: str | None = None

    def get(self, keys, now):
        if self.fails == "read":
            raise CacheError("shop.cache", "read", "the disk is full", "Clear it.")
        return dict.fromkeys(keys, self.texts) if self.texts is not None else {}

    def put(self, entries, now):
        if self.fails == "write":
            raise CacheError("shop.cache", "write", "the disk is full", "Clear it.")
        self.inner.put(entries, now)


@pytest.mark.parametrize("fails", ["read", "write"])
def test_a_broken_cache_costs_a_warning(opened, table, make, fails):
    """One, and never a result."""
    kpis = make(), make(kpi_id="CORE-T-002")
    workspace = opened({"core_visits": table({})}, *kpis, cache=Broken(fails))

    report = workspace.compute("CORE-T-001", "CORE-T-002")

    assert [result.value for result in report] == [1, 1]
    assert [note.code for note in report.warnings] == ["cache_failed"]
    assert f"cannot be used to {fails} results: the disk is full" in report.warnings[0].message


def test_a_cache_that_raises_what_it_should_not_costs_a_warning(opened, table, make):
    """Its author has forgotten ``CacheError``: the words go into the report."""

    class Odd(Broken):
        def get(self, keys, now):
            raise RuntimeError("socket gone")

    workspace = opened({"core_visits": table({})}, make(), cache=Odd("read"))

    report = workspace.compute("CORE-T-001")

    assert report[0].value == 1
    assert [note.message for note in report.warnings] == [
        "The cache failed: RuntimeError: socket gone"
    ]


def _result():
    """A result as it is stored."""
    from kpisdk import Result, Unit

    return Result(kpi_id="A-1", name="n", workstream="w", unit=Unit.COUNT).to_dict()


@pytest.mark.parametrize(
    "text",
    [
        "junk",
        "{}",
        "[1]",
        '[{"unit": "no unit"}]',
        "null",
        json.dumps([{"kpi_id": "A-1"}]),
        "inverted window",
    ],
)
def test_a_stored_text_that_is_no_result_is_a_miss(opened, table, make, text):
    """Another version wrote it, or something else did."""
    if text == "inverted window":
        window = {"start": "2025-01-02", "end": "2025-01-01", "label": "x"}
        text = json.dumps([{**_result(), "window": window}])
    workspace = opened({"core_visits": table({})}, make(), cache=Broken("nothing", texts=text))

    result = workspace.compute("CORE-T-001")[0]

    assert (result.value, result.cached) == (1, False)


def test_a_refused_kpi_is_not_looked_up(shop, make):
    """There is nothing to find."""
    kpi = make(refuses={"site": "no"})
    workspace = shop({}, kpi=kpi)

    for _ in range(2):
        assert workspace.compute(kpi.id, by=["site"])[0].reason is Reason.UNSUPPORTED_SLICE


def test_a_frontier_that_cannot_be_read_is_part_of_the_key(
    opened, source_on, table, make, visits, cache
):
    """A junk time column of one dataset: the KPI without a window still computes."""
    import sqlite3

    url = source_on("sqlite", {"core_visits": table({"amount": 2.0})}, [visits])
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute("UPDATE core_visits SET at = 'junk'")
    connection.commit()
    connection.close()
    kpi = make(Simple(total(visits, visits["amount"])), window=None)
    workspace = opened(url, kpi, cache=cache)

    result = workspace.compute(kpi.id)[0]

    assert result.value == 2 or result.reason is Reason.WRONG_TYPE


def test_medians_keep_their_intervals(shop, make, visits):
    """The second statement's part is stored too."""
    kpi = make(Median(visits, visits["amount"]), window=Trailing(3))
    workspace = shop(*({"amount": float(i)} for i in range(10)), kpi=kpi)

    fresh, cached = workspace.compute(kpi.id)[0], workspace.compute(kpi.id)[0]

    assert cached.cached
    assert cached.interval == fresh.interval
