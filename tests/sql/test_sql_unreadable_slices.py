"""Slice columns that hold another type than they are declared as: they slice as what they are."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from kpisdk import Reason, Simple, count, total

TEXTS = ("1", "1.0", "1.00", "01")


@pytest.fixture(params=["duckdb", "sqlite", "postgresql"])
def texts(request, tmp_path):
    """The URL of a database whose ``amount`` and ``units`` are texts; four rows."""
    url = f"{request.param}:///{tmp_path / 'x.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    own = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with own.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE core_visits (visit_id text, amount text, units text)"
        )
        for each in TEXTS:
            connection.exec_driver_sql(f"INSERT INTO core_visits VALUES ('v', '{each}', '{each}')")
    return url


@pytest.mark.parametrize("column", ["amount", "units"])
def test_texts_of_one_number_are_groups_and_filters_of_their_own(
    texts, opened, make, visits, column
):
    """Four rows, four texts: read as numbers, one group held one of them and lost three."""
    workspace = opened(texts, make(Simple(count(visits)), window=None))

    groups = {
        each.slice[column]: each.value for each in workspace.compute("CORE-T-001", by=[column])
    }
    filtered = [workspace.compute("CORE-T-001", where={column: each})[0].value for each in TEXTS]

    assert groups == dict.fromkeys(TEXTS, 1)
    assert filtered == [1, 1, 1, 1]


def test_what_measures_such_a_column_is_refused(texts, opened, make, visits):
    """It is declared a number, and holds none."""
    kpi = make(Simple(total(visits, visits["amount"])), unit="points", window=None)

    (result,) = opened(texts, kpi).compute(kpi.id, by=["amount"])

    assert (result.value, result.reason) == (None, Reason.WRONG_TYPE)
