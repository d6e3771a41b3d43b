"""Reading definition files: the records that they make, and where faults are told."""

from __future__ import annotations

import textwrap

import pytest

from kpisdk import (
    Column,
    Dataset,
    DefinitionFileError,
    Kpi,
    Ratio,
    Reference,
    Trailing,
    count,
    read_kpis,
)

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


def faults_of(path) -> list[str]:
    """The faults of a file, as a user reads them."""
    with pytest.raises(DefinitionFileError) as caught:
        read_kpis(path)
    return [str(problem) for problem in caught.value.problems]


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
        formula="count(orders where returned) / count(orders)",
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
    """YAML, TOML and Python are three ways to one record."""
    assert read_kpis(written(text, name)) == (by_hand(),)


def test_datasets_of_one_file_are_known_in_all_that_are_read_with_it(written):
    """Teams keep the tables in one file and the KPIs in others."""
    tables, kpis = SHOP.split("kpis:\n")

    found = read_kpis(written(tables, "tables.yaml"), written("kpis:\n" + kpis, "rates.yml"))

    assert found == (by_hand(),)
