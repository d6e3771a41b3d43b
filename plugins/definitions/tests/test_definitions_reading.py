"""Reading definition files: the records that they make, and where faults are told."""

from __future__ import annotations

import datetime as dt
import textwrap

import pytest

from kpisdk import (
    CENSUS,
    STORED,
    Column,
    Dataset,
    Kpi,
    NewestDay,
    Ratio,
    Reference,
    Trailing,
    count,
    parse_window,
    read_kpis,
    sample,
    sample_by_day,
)
from kpisdk_definitions.places import Faults
from kpisdk_definitions.yaml_text import read_yaml

SHOP = """\
datasets:
  shops:
    columns: {shop_id: text, city: text}
    key: shop_id
  orders:
    columns: {order_id: text, shop_id: text, placed_at: timestamp, returned: bool}
    time: placed_at
    key: order_id
    references: {shop_id: shops}
kpis:
  - id: SHOP-001
    name: Return rate
    workstream: shop
    definition: Share of orders that were returned.
    direction: lower
    unit: ratio
    ratio: {numerator: {count: orders, where: returned}, denominator: {count: orders}}
    thresholds: {target: 0.05, warning: 0.08, critical: 0.12}
    window: last 30 days
"""
SHOP_TOML = """\
[datasets.shops]
columns = {shop_id = "text", city = "text"}
key = "shop_id"

[datasets.orders]
time = "placed_at"
key = "order_id"
references = {shop_id = "shops"}
[datasets.orders.columns]
order_id = "text"
shop_id = "text"
placed_at = "timestamp"
returned = "bool"

[[kpis]]
id = "SHOP-001"
name = "Return rate"
workstream = "shop"
definition = "Share of orders that were returned."
direction = "lower"
unit = "ratio"
thresholds = {target = 0.05, warning = 0.08, critical = 0.12}
window = "last 30 days"
[kpis.ratio]
numerator = {count = "orders", where = "returned"}
denominator.count = "orders"
"""


@pytest.fixture
def written(tmp_path):
    """Write a definition file; its path."""

    def write(text: str, name: str = "kpis.yaml"):
        path = tmp_path / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return write


def by_hand() -> Kpi:
    """The KPI of the two texts above, in Python."""
    shops = Dataset("shops", (Column("shop_id", "text", key=True), Column("city", "text")))
    orders = Dataset(
        "orders",
        (
            Column("order_id", "text", key=True),
            Column("shop_id", "text"),
            Column("placed_at", "timestamp"),
            Column("returned", "bool"),
        ),
        "placed_at",
        (Reference("shop_id", shops),),
    )
    return Kpi(
        id="SHOP-001",
        name="Return rate",
        workstream="shop",
        definition="Share of orders that were returned.",
        calculation=Ratio(count(orders, orders["returned"].is_true()), count(orders)),
        unit="ratio",
        direction="lower",
        target=0.05,
        warning=0.08,
        critical=0.12,
        window=Trailing(30),
    )


@pytest.mark.parametrize(("text", "name"), [(SHOP, "kpis.yaml"), (SHOP_TOML, "kpis.toml")])
def test_a_file_makes_the_record_that_python_would_make(written, text, name):
    """YAML, TOML and Python are three ways to one record, its formula in words included."""
    assert read_kpis(written(text, name)) == (by_hand(),)
    assert by_hand().formula == "(count of orders where returned = true) / count of orders"


def test_datasets_of_one_file_are_known_in_all_that_are_read_with_it(written):
    """Teams keep the tables in one file and the KPIs in others."""
    tables, kpis = SHOP.split("kpis:\n")

    found = read_kpis(written(tables, "tables.yaml"), written("kpis:\n" + kpis, "rates.yml"))

    assert found == (by_hand(),)


def test_windows_are_the_rules_that_python_would_name(written):
    """``newest day`` for snapshots, days in a row, and every other text that a request takes."""

    def window(words: str):
        found = SHOP.replace("last 30 days", words)
        return read_kpis(written(found))[0].window

    assert window("Newest  Day") == NewestDay()
    assert window("past 7 days") == Trailing(7)
    assert window("last 2 weeks") == parse_window("last 2 weeks")
    assert window("last 90000 days") == parse_window("last 90000 days")


@pytest.mark.parametrize(
    ("written_as", "sampling"),
    [
        ("census", CENSUS),
        ("stored", STORED),
        ("row", sample()),
        ("{unit: shop_id}", sample("shop_id")),
        ("{unit: city}", sample("city")),
        ("{day: placed_at}", sample_by_day("placed_at")),
    ],
)
def test_a_kpi_says_what_its_rows_are_a_sample_of(written, written_as, sampling):
    """A unit may be a column of a table that is referred to, as in Python."""
    (kpi,) = read_kpis(written(f"{SHOP}    sampling: {written_as}\n"))

    assert kpi.sampling == sampling
    assert kpi.sampling.is_declared


def test_an_option_has_a_sampling_of_its_own_where_it_says_so(written):
    """A figure that is stored has no interval, and the same figure computed has one."""
    ways = (
        "    first_of:\n"
        "      options:\n"
        "      - {name: stored, simple: {total: amount, from: orders}, sampling: stored}\n"
        "      - {name: computed, simple: {count: orders}}\n"
        "    sampling: {unit: shop_id}\n"
    )
    head, _, tail = SHOP.partition("    ratio:")
    text = head + ways + tail.partition("\n")[2]
    (kpi,) = read_kpis(written(text.replace("returned: bool", "returned: bool, amount: float")))

    stored, computed = kpi.calculation.options
    assert kpi.sampling_of(stored) == STORED
    assert kpi.sampling_of(computed) == sample("shop_id")


def test_days_and_instants_of_parameters_are_typed(written):
    """A default is of the parameter's type, and so is every choice."""
    more = """\
    parameters:
      since: {type: date, default: 2026-01-01, choices: [2026-01-01, 2026-02-01]}
      until: {type: timestamp, default: 2026-01-01}
"""
    (kpi,) = read_kpis(written(SHOP + more))

    assert kpi.parameters[0].default == dt.date(2026, 1, 1)
    assert kpi.parameters[0].choices == (dt.date(2026, 1, 1), dt.date(2026, 2, 1))
    assert kpi.parameters[1].default == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def test_both_parsers_of_yaml_tell_the_same(monkeypatch):
    """Platforms without the one in C have the one in Python: values, places and texts agree."""
    import yaml

    text = (
        "é: 'ñ x'\n# ü\nb: [日本, {c: \"ü\"}, no, 1.5]\nd: |\n  é\n  x\ne: plain text\nf: >\n  x\n"
    )
    first = flat(read_yaml(text, "kpis.yaml", Faults()))
    monkeypatch.delattr(yaml, "CBaseLoader")

    assert flat(read_yaml(text, "kpis.yaml", Faults())) == first


def flat(node):
    """A node and all below it, comparable."""
    if isinstance(node.value, dict):
        return node.place, {key: (node.at(key), flat(each)) for key, each in node.items()}
    if isinstance(node.value, tuple):
        return node.place, [flat(each) for each in node.value]
    return node.place, node.value, node.raw
