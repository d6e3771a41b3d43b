"""Comparing: like with like, and words where there is nothing alike."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from kpisdk import (
    FirstOf,
    Option,
    Reason,
    Simple,
    Trailing,
    Workspace,
    count,
    hookimpl,
    maximum,
    total,
)
from kpisdk.contracts.requests import RequestError


def test_two_sources_of_one_value_are_not_set_against_each_other(opened, table, make, visits):
    """June is stored (10) and May had to be computed (3 visits): their difference is no change."""
    june = {"at": dt.datetime(2025, 6, 20), "amount": 10.0}
    may = [{"at": dt.datetime(2025, 5, day), "amount": None} for day in (1, 2, 3)]
    ways = FirstOf(
        (
            Option("stored", Simple(maximum(visits, visits["amount"]))),
            Option("computed", Simple(count(visits))),
        ),
        "source",
    )
    workspace = opened({"core_visits": table(june, *may)}, make(ways))

    (result,) = workspace.compute(
        "CORE-T-001", window="2025-06", as_of="2025-07-01", compare="previous"
    )

    assert (result.value, result.answered_by) == (10, "stored")
    assert (result.comparison.value, result.comparison.change) == (3, None)
    assert "not_comparable" in [note.code for note in result.warnings]


@pytest.mark.parametrize(
    "several",
    [
        np.array(["a", "b"]),
        pd.Series(["a", "b"]),
        pd.Index(["a", "b"]),
        {"a": 1, "b": 2}.keys(),
        (each for each in "ab"),
        {"a", "b"},
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_holds_several_values_filters_by_them(opened, table, make, several):
    """What ``frame["site"].unique()`` gives is as good as a list."""
    rows = [{"site": site} for site in ("a", "b", "c", None)]

    (result,) = opened({"core_visits": table(*rows)}, make()).compute(
        "CORE-T-001", where={"site": several}
    )

    assert result.value == 2


@pytest.mark.parametrize("missing", [None, float("nan"), np.float64("nan"), pd.NA, pd.NaT])
def test_what_stands_for_a_missing_value_filters_by_none(opened, table, make, missing):
    """The one visit without a site."""
    workspace = opened(
        {"core_visits": table({"site": "a"}, {"site": None}, {"site": "nan"})}, make()
    )

    assert workspace.compute("CORE-T-001", where={"site": missing})[0].value == 1


def test_what_is_no_text_is_no_value_of_a_text_column(opened, table, make):
    """Bytes are not decoded by guess."""
    (result,) = opened({"core_visits": table({"site": "a"})}, make()).compute(
        "CORE-T-001", where={"site": b"a"}
    )

    assert (result.value, result.reason) == (None, Reason.UNSUPPORTED_SLICE)


def test_a_day_as_an_instant_is_its_midnight(opened, table, make):
    """The visit of the 20th lies after the midnight with which it begins."""
    days = (1, 20)
    rows = [{"at": dt.datetime(2025, 6 - (day == 1), day, 9)} for day in days]
    workspace = opened({"core_visits": table(*rows)}, make(window=Trailing(20)))

    assert workspace.compute("CORE-T-001", as_of=dt.date(2025, 6, 20))[0].value == 0
    assert workspace.compute("CORE-T-001", as_of=dt.date(2025, 6, 21))[0].value == 1


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"grain": "hour"}, "grain is 'hour'; it takes day, week"),
        ({"compare": "x"}, "compare is 'x'; it takes previous and year"),
        ({"as_of": 5}, "as_of is '5'"),
        ({"window": 5}, "window is '5'"),
        ({"by": [None]}, "None"),
        ({"where": {1: 2}}, "A column of where is '1'"),
        ({"where": [("site", "a")]}, "a mapping of columns"),
    ],
)
def test_arguments_that_are_none_are_told_in_words(opened, table, make, request_, said):
    """Of a notebook, too, a mistake is answered by a sentence."""
    workspace = opened({"core_visits": table({})}, make())

    with pytest.raises(RequestError, match=said):
        workspace.compute("CORE-T-001", **request_)


def test_frames_that_are_changed_in_place_are_read_again(table, make, visits):
    """Nothing tells that a frame has changed: without being asked, nothing is kept of it."""

    class Plugin:
        name = "frames_changed"

        @hookimpl
        def kpisdk_kpis(self):
            return [make(Simple(total(visits, visits["amount"])))]

    frame = table({"amount": 1.0})
    workspace = Workspace({"core_visits": frame}, plugins=[Plugin()])
    first = workspace.compute("CORE-T-001", as_of="2025-06-30")[0].value
    frame.loc[0, "amount"] = 2.0

    assert (first, workspace.compute("CORE-T-001", as_of="2025-06-30")[0].value) == (1, 2)
