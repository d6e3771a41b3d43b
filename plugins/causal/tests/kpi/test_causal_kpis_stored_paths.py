"""CM-003 and CM-005 from stored paths, on every engine."""

from __future__ import annotations

import math
import statistics

import pytest
from causal_store import close_to, rows_of, tables

from kpisdk import IntervalReason, Reason
from kpisdk.testing import ENGINES


@pytest.mark.parametrize("engine", ENGINES)
def test_impact_is_the_largest_mean_of_the_validated_paths(asked, engine):
    """CM-003: means per intervention, whatever the date; the largest is the value."""
    data = tables(seed=4)
    groups = {}
    for row in rows_of(data["causal_paths"]):
        if row["validated"] is True and None not in (
            row["intervention_name"],
            row["causal_effect_size"],
        ):
            groups.setdefault(row["intervention_name"], []).append(row["causal_effect_size"])
    means = {name: statistics.fmean(values) for name, values in groups.items()}

    result = asked(engine, data, "CM-003")
    one = asked(engine, data, "CM-003", intervention="calls")

    order = sorted(means, key=lambda name: -means[name])
    listed = result.details["top_interventions"]
    assert [line["intervention"] for line in listed] == order
    assert [line["mean"] for line in listed] == [close_to(means[name]) for name in order]
    assert (result.value, result.n) == (close_to(means[order[0]]), len(groups[order[0]]))
    assert (one.value, one.n) == (close_to(means["calls"]), len(groups["calls"]))
    assert result.window is None


def test_impact_lists_ten_by_size_and_breaks_ties_by_name(asked):
    """Twelve interventions: the ten largest means with their signs, equal ones by name."""
    data = tables(seed=5, count=12)
    sizes = [0.5, -0.9, 0.1, 0.1, 0.0, 0.3, -0.2, 0.2, 0.4, 0.6, 0.7, 0.8]
    data["causal_paths"] = data["causal_paths"].assign(
        intervention_name=[f"i{number:02d}" for number in range(12)],
        validated=True,
        causal_effect_size=sizes,
    )

    result = asked("frames", data, "CM-003")

    names = [line["intervention"] for line in result.details["top_interventions"]]
    assert names == ["i11", "i10", "i09", "i00", "i08", "i05", "i07", "i02", "i03", "i04"]
    assert result.value == 0.8
    assert result.details["n_interventions"] == 12


@pytest.mark.parametrize("engine", ENGINES)
def test_mediation_is_that_of_the_newest_validated_path(asked, engine):
    """CM-005: indirect / total of the newest path of the treatment and the outcome."""
    data = tables(seed=7)
    mine = [
        r
        for r in rows_of(data["causal_paths"])
        if r["validated"] is True
        and (r["treatment"], r["outcome"]) == ("email", "sale")
        and None not in (r["indirect_effect"], r["total_effect"])
    ]
    newest = max(mine, key=lambda r: (r["created_at"], r["path_id"]))

    result = asked(engine, data, "CM-005", treatment="email", outcome="sale")

    assert result.value == close_to(newest["indirect_effect"] / newest["total_effect"])
    assert result.details["path_id"] == newest["path_id"]
    assert result.details["direct_effect"] == newest["direct_effect"]
    expected = {'["intent"]': ["intent"], "[]": [], None: []}[newest["mediators_identified"]]
    assert result.details["mediators"] == expected


def test_a_total_effect_of_nothing_has_no_share(asked):
    """Zero denominator, with the path that is meant."""
    data = tables(seed=7)
    data["causal_paths"] = (
        data["causal_paths"]
        .head(1)
        .assign(validated=True, treatment="t", indirect_effect=0.2, total_effect=0.0)
    )

    result = asked("frames", data, "CM-005")

    assert (result.value, result.reason) == (None, Reason.ZERO_DENOMINATOR)
    assert "'c0000'" in result.message


def _validated(sizes, interventions):
    """Validated paths with these effect sizes, one per intervention name."""
    data = tables(seed=7)
    paths = data["causal_paths"].head(len(sizes))
    data["causal_paths"] = paths.assign(
        intervention_name=interventions, validated=True, causal_effect_size=sizes
    )
    return data


def test_the_largest_of_several_interventions_has_no_interval(asked):
    """The largest of many is not one of many: the interval of its paths would lie too high."""
    data = _validated([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], ["ads"] * 3 + ["calls"] * 3)

    result = asked("frames", data, "CM-003")

    assert result.value == close_to(0.5)
    assert (result.interval, result.interval_reason) == (None, IntervalReason.UNDEFINED)


def test_a_named_intervention_is_a_sample_of_its_paths(asked):
    """0.1, 0.2, 0.3: mean 0.2, error 0.1/√3, t quantile 4.302653 for 2 degrees of freedom."""
    data = _validated([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], ["ads"] * 3 + ["calls"] * 3)

    result = asked("frames", data, "CM-003", intervention="ads")

    half = 4.302653 * 0.1 / math.sqrt(3)
    assert result.interval.low == pytest.approx(0.2 - half, abs=1e-6)
    assert result.interval.high == pytest.approx(0.2 + half, abs=1e-6)
    assert (result.interval.unit, result.interval.method) == ("path_id", "t")
    assert result.interval_reason is None


@pytest.mark.parametrize(
    ("sizes", "reason"),
    [([0.4], IntervalReason.TOO_FEW_UNITS), ([0.1, 0.1, 0.1], IntervalReason.UNDEFINED)],
    ids=["one path", "copies"],
)
def test_paths_without_a_spread_give_no_interval(asked, sizes, reason):
    data = _validated(sizes, ["ads"] * len(sizes))

    result = asked("frames", data, "CM-003", intervention="ads")

    assert (result.interval, result.interval_reason) == (None, reason)


def test_a_stored_share_of_an_effect_has_no_interval(asked):
    result = asked("frames", tables(seed=7), "CM-005", treatment="email", outcome="sale")

    assert (result.interval, result.interval_reason) == (None, IntervalReason.STORED)
