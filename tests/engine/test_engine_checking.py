"""``Workspace.check``: which KPIs a source can answer and why not; every one of them was run."""

import datetime as dt

import pandas as pd
import pytest

from kpisdk import (
    Calculator,
    Column,
    Dataset,
    Estimate,
    FrameInput,
    Kpi,
    Parameter,
    Ratio,
    Reason,
    RequiredSlice,
    Simple,
    Trailing,
    Workspace,
    count,
    count_distinct,
    hookimpl,
    maximum,
)
from kpisdk.plugins import loading

ORDERS = Dataset(
    "orders",
    (
        Column("order_id", "text", key=True),
        Column("customer", "text"),
        Column("brand", "text"),
        Column("state", "text"),
        Column("placed_at", "timestamp"),
        Column("price", "float"),
        Column("paid", "bool"),
    ),
    time="placed_at",
)
REFUNDS = Dataset("refunds", (Column("refund_id", "text", key=True), Column("state", "text")))


def _one(inputs):
    wanted = inputs.parameters["customer"]
    if wanted is None:
        return Estimate.absent(Reason.MISSING_PARAMETER, "Name a customer.")
    rows = inputs.frames["rows"]
    prices = rows.loc[rows["customer"] == wanted, "price"].dropna()
    return Estimate.of(None if prices.empty else float(prices.iloc[0]))


def _guess(inputs):
    return Estimate.absent(Reason.MISSING_PARAMETER, "Give a colour.")


def a_kpi(number, calculation, **facts):
    return Kpi(
        id=f"CK-{number:03}",
        name=f"Checked {number}",
        workstream=facts.pop("workstream", "checked"),
        definition="A fake.",
        formula="fake",
        calculation=calculation,
        unit="count",
        slug=f"checked_{number}",
        **facts,
    )


STATE = ORDERS["state"]
KPIS = (
    a_kpi(
        1,
        Ratio(count(ORDERS, STATE.equals("shipped")), count(ORDERS, STATE.not_null())),
        window=Trailing(30),
    ),
    a_kpi(2, Simple(count(ORDERS, STATE.is_in("lost", "stolen"))), window=Trailing(30)),
    a_kpi(3, Simple(maximum(ORDERS, ORDERS["price"], ORDERS["paid"].is_true()))),
    a_kpi(
        4,
        Ratio(count(ORDERS, STATE.equals("shipped")), count(ORDERS, across=("brand",))),
        window=Trailing(30),
        requires=RequiredSlice("brand"),
    ),
    a_kpi(
        5,
        Calculator(_one, (FrameInput("rows", ORDERS, ("customer", "price")),)),
        parameters=(Parameter("customer", "text"),),
    ),
    a_kpi(
        6,
        Calculator(_guess, (FrameInput("rows", ORDERS, ("customer",)),)),
        parameters=(Parameter("colour", "text"),),
    ),
    a_kpi(7, Simple(count(REFUNDS)), workstream="refunds"),
    a_kpi(
        8,
        Simple(count_distinct(ORDERS, ORDERS["customer"], STATE.contains_text("back"))),
        window=Trailing(30),
    ),
)


class Ours:
    name = "ours"
    __version__ = "1"

    @hookimpl
    def kpisdk_kpis(self):
        return KPIS


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """No installed plugin takes part."""
    monkeypatch.setattr(loading, "installed_points", tuple)


@pytest.fixture
def orders():
    """Orders of three customers: the first by the alphabet has no price, none was lost."""
    at = dt.datetime(2025, 6, 20, 9)
    return pd.DataFrame(
        {
            "order_id": ["1", "2", "3", "4"],
            "customer": ["a", "b", "c", None],
            "brand": ["X", "X", "Y", None],
            "state": ["shipped", "open", "Sent Back", None],
            "placed_at": [at, at, at, at],
            "price": [None, 20.0, 5.0, None],
            "paid": [True, False, True, None],
        }
    )


def checked(source):
    workspace = Workspace(source, plugins=[Ours()], cache="off")
    report = workspace.check()
    return report, {each.kpi_id: each for each in report.kpis}


@pytest.mark.parametrize("engine", ["frames", "duckdb", "sqlite", "postgresql"])
def test_each_kpi_is_run_and_judged(source_on, orders, engine):
    """Values, no rows, a missing table, a parameter that no column suggests: all told apart."""
    report, found = checked(source_on(engine, {"orders": orders}, [ORDERS]))

    assert {kpi: each.finding.value for kpi, each in found.items()} == {
        "CK-001": "calculable",
        "CK-002": "calculable",
        "CK-003": "calculable",
        "CK-004": "calculable",
        "CK-005": "calculable",
        "CK-006": "needs parameter",
        "CK-007": "not calculable",
        "CK-008": "calculable",
    }
    assert report.summary == "6 of 8 calculable, gaps: 2"
    assert {name: part.summary for name, part in report.workstreams.items()} == {
        "checked": "6 of 7 calculable, gaps: 1",
        "refunds": "0 of 1 calculable, gaps: 1",
    }
    assert found["CK-001"].value == pytest.approx(1 / 3)
    assert (found["CK-007"].kind, found["CK-007"].reason) == ("table", Reason.MISSING_TABLE)
    assert "table 'refunds' does not exist" in found["CK-007"].message
    assert found["CK-006"].message == "Give a colour."


def test_what_a_kpi_requires_is_filled_in(source_on, orders):
    """A required slice is grouped by; a parameter that is a column is taken from a full row."""
    _, found = checked(source_on("duckdb", {"orders": orders}, [ORDERS]))

    assert found["CK-004"].by == ("brand",)
    # Customer a has no price, and c has an order that was paid.
    assert (found["CK-005"].parameters, found["CK-005"].value) == ({"customer": "c"}, 5.0)
    assert (found["CK-001"].by, found["CK-001"].parameters) == ((), {})


@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "postgresql"])
def test_values_that_never_occur_are_named(source_on, orders, engine):
    """Each value that a definition looks for and no row holds, letters' case as the rule has it."""
    _, found = checked(source_on(engine, {"orders": orders}, [ORDERS]))

    assert found["CK-001"].never == ()
    assert found["CK-002"].never == ("orders.state = 'lost'", "orders.state = 'stolen'")
    assert found["CK-008"].never == ()
    assert any("matches what this zero counts" in text for text in found["CK-002"].warnings)


def test_missing_columns_types_and_rows_are_told_apart(source_on, orders):
    """A dropped column, a text for a number, an empty table: each by its name."""
    without = orders.drop(columns=["state"])
    _, found = checked(source_on("duckdb", {"orders": without}))
    assert (found["CK-001"].kind, found["CK-003"].kind) == ("column", None)
    assert "column 'state' of table 'orders' does not exist" in found["CK-001"].message
    assert found["CK-001"].never == ()

    wrong = orders.assign(price="much")
    _, found = checked(source_on("duckdb", {"orders": wrong}))
    assert (found["CK-003"].finding.value, found["CK-003"].kind) == ("not calculable", "type")

    _, found = checked(source_on("duckdb", {"orders": orders.iloc[:0]}, [ORDERS]))
    assert found["CK-001"].finding.value == "no rows"
    assert "holds no rows" in found["CK-001"].message


def test_a_table_that_may_not_be_read_is_a_matter_of_permission(source_on, orders):
    """PostgreSQL refuses the role: the KPI says so, and which table it is about."""
    from sqlalchemy import create_engine, pool, text

    location = source_on("postgresql", {"orders": orders}, [ORDERS])
    owner = create_engine(location, poolclass=pool.NullPool)
    with owner.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS kpisdk_nobody"))
        connection.execute(text("CREATE ROLE kpisdk_nobody LOGIN PASSWORD 'x'"))
        connection.execute(text("GRANT USAGE ON SCHEMA public TO kpisdk_nobody"))
    try:
        _, found = checked(location.replace("://postgres:", "://kpisdk_nobody:x", 1))
    finally:
        with owner.begin() as connection:
            connection.execute(text("DROP OWNED BY kpisdk_nobody"))
            connection.execute(text("DROP ROLE kpisdk_nobody"))
        owner.dispose()

    for kpi_id in ("CK-001", "CK-003", "CK-004"):
        assert (found[kpi_id].finding.value, found[kpi_id].kind) == (
            "not calculable",
            "permission",
        ), found[kpi_id]
        assert "permission denied for table orders" in found[kpi_id].message


def test_a_source_that_cannot_be_opened_is_said_for_every_kpi(tmp_path):
    """Nothing is claimed: all are gaps, for the same reason."""
    report, found = checked("postgresql+psycopg://nobody@127.0.0.1:9/none?connect_timeout=1")

    assert report.gaps == len(KPIS)
    assert {each.kind for each in found.values()} == {"source"}


def test_the_cache_is_not_asked(source_on, orders):
    """What a check says was computed for it: a value of yesterday proves nothing of the source."""
    source = source_on("frames", {"orders": orders}, [ORDERS])

    class Broken:
        def get(self, *_):
            raise AssertionError

        put = get

    workspace = Workspace(source, plugins=[Ours()], cache=Broken())

    assert workspace.check("CK-001").summary == "1 of 1 calculable, gaps: 0"
    assert workspace.check(workstream="refunds").summary == "0 of 1 calculable, gaps: 1"
