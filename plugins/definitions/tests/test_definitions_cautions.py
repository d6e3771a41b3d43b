"""KPIs of definition files say on how many rows they rest, and warn, as KPIs in Python do."""

from __future__ import annotations

import pandas as pd
import pytest

from kpisdk import Settings, Workspace

DEFINED = """
datasets:
  sales: {columns: {amount: float, shop: text, returned: bool}}
kpis:
  - {id: D-MED, unit: points, simple: {median: amount, from: sales}}
  - {id: D-SUM, unit: points, simple: {total: amount, from: sales}}
  - {id: D-DIF, unit: points,
     difference: {left: {maximum: amount, from: sales}, right: {minimum: amount, from: sales}}}
  - {id: D-SHARE, unit: ratio,
     ratio: {numerator: {total: amount, from: sales}, denominator: {count: sales}}}
  - {id: D-ARI, unit: ratio, arithmetic: {value: a / b, measures: {
       a: {total: amount, from: sales}, b: {count: sales}}}}
  - {id: D-PART, unit: ratio, arithmetic: {value: "a / (a + b)", measures: {
       a: {count: sales, where: returned}, b: {count: sales, where: not returned}}}}
  - {id: D-LOSS, unit: ratio, arithmetic: {value: "1 - a / b", measures: {
       a: {count: sales, where: returned}, b: {count: sales}}}}
  - {id: D-MIX, unit: points, arithmetic: {value: "m * 100 / 2", measures: {
       m: {mean: amount, from: sales}}}}
  - {id: D-CNT, unit: count, arithmetic: {value: a - b, measures: {
       a: {count: sales}, b: {count: sales, where: returned}}}}
  - {id: D-OWN, unit: ratio, value_range: {low: 0}, arithmetic: {value: a / b, measures: {
       a: {total: amount, from: sales}, b: {count: sales}}}}
"""


@pytest.fixture(scope="module")
def defined(tmp_path_factory):
    """The results of the KPIs above over six rows, one of them without an amount, by id."""
    text = DEFINED.replace("{id: D", "{name: n, workstream: t, definition: d, id: D")
    path = tmp_path_factory.mktemp("defined") / "kpis.yaml"
    path.write_text(text)
    rows = [(float(i), "a", i % 2 == 0) for i in range(1, 6)] + [(None, "a", False)]
    frame = pd.DataFrame(rows, columns=["amount", "shop", "returned"]).astype({"amount": float})
    settings = Settings(definitions=(path,))
    report = Workspace({"sales": frame}, settings=settings, cache="off").compute(workstream="t")
    return {result.kpi_id: result for result in report}


@pytest.mark.parametrize(
    ("kpi_id", "value", "n", "warned"),
    [
        ("D-MED", 3.0, 5, ["few_rows"]),
        ("D-SUM", 15.0, 5, ["few_rows"]),
        ("D-DIF", 4.0, 5, ["few_rows"]),
        ("D-SHARE", 2.5, 6, ["few_rows", "share_above_one"]),
        ("D-ARI", 2.5, 6, ["few_rows", "share_above_one"]),
        ("D-PART", 2 / 6, 6, ["few_rows"]),
        ("D-LOSS", 4 / 6, 6, ["few_rows"]),
        ("D-MIX", 150.0, 5, ["few_rows"]),
        ("D-CNT", 4.0, None, []),
        ("D-OWN", 2.5, 6, ["few_rows"]),
    ],
)
def test_definitions_warn_as_kpis_in_python_do(defined, kpi_id, value, n, warned):
    """A share of counts rests on the rows below the line, a total on those with an amount."""
    result = defined[kpi_id]

    assert result.value == pytest.approx(value)
    assert (result.n, [note.code for note in result.warnings]) == (n, warned)
