"""What the plugins of this folder share: two tables, and a KPI that is in order."""

from __future__ import annotations

from typing import Any

from kpisdk import (
    Calculator,
    Column,
    Dataset,
    Derived,
    Estimate,
    Formula,
    FrameInput,
    Kpi,
    Parameter,
    Ratio,
    Trailing,
    WindowUse,
    count,
)

PEOPLE = Dataset(
    "defect_people", (Column("person", "text", key=True), Column("recruited", "timestamp"))
)
VISITS = Dataset(
    "defect_visits",
    (
        Column("visit_id", "text", key=True),
        Column("at", "timestamp"),
        Column("person", "text"),
        Column("site", "text"),
        Column("amount", "float"),
        Column("units", "int"),
        Column("done", "bool"),
    ),
    time="at",
)
CALLS = Dataset(
    "defect_calls",
    (Column("person", "text"), Column("at", "timestamp"), Column("site", "text")),
    time="at",
)
DONE, KNOWN = VISITS["done"].is_true(), VISITS["done"].not_null()
SHARE = Ratio(count(VISITS, DONE), count(VISITS, KNOWN))


def a_kpi(calculation: Any = SHARE, kpi_id: str = "DEF-001", **changes: Any) -> Kpi:
    """The share of visits that were done, of which anything can be said otherwise."""
    record: dict[str, Any] = {
        "id": kpi_id,
        "name": f"Share done {kpi_id}",
        "workstream": "defects",
        "definition": "Share of visits that were done.",
        "formula": "done / known",
        "calculation": calculation,
        "unit": "ratio",
        "window": Trailing(30),
    }
    return Kpi(**{**record, **changes})


def of_counts(function: Any) -> Formula:
    """A formula of two counts: ``top`` and ``bottom``."""
    return Formula({"top": count(VISITS, DONE), "bottom": count(VISITS, KNOWN)}, function)


def of_rows(function: Any, **changes: Any) -> Calculator:
    """A calculator of the visits' units as a frame, ``inputs.frames["visits"]``."""
    return Calculator(
        function, (FrameInput("visits", VISITS, ("units",), **changes),), relation=VISITS
    )


def of_amounts(function: Any) -> Calculator:
    """A calculator of the visits' amounts, which are fractions."""
    return Calculator(function, (FrameInput("visits", VISITS, ("amount",)),), relation=VISITS)


def mean_of(values: Any) -> Estimate:
    """The mean, or the reason why there is none."""
    return Estimate.of(None if values.empty else float(values.mean()), n=len(values))


def derived(build: Any, *adds: Column, **changes: Any) -> Derived:
    """A relation over visits."""
    return Derived("defect_relation", VISITS, build, adds, **changes)


__all__ = [
    "CALLS", "DONE", "KNOWN", "PEOPLE", "SHARE", "VISITS", "Calculator", "Column", "Dataset",
    "Derived", "Estimate", "Formula", "FrameInput", "Parameter", "Ratio", "WindowUse", "a_kpi",
    "count", "derived", "mean_of", "of_amounts", "of_counts", "of_rows",
]  # fmt: skip
