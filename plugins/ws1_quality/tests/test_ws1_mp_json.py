"""What JSON columns hold, in columns of the engines' own JSON types as well as in text."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from test_ws1_mp_known import AS_OF, JANUARY

from kpisdk import Workspace

DOCUMENTS = {
    "object": '{"a": 1}',
    "array": "[0]",
    "scalar": "5",
    "word": '"{}"',
    "empty object": "{ \n}",
    "empty array": "[]",
    "null": "null",
    "nothing": None,
    "junk": "{a",
    "no text": "",
    "not a number": "NaN",
    "infinite": '{"a": [-Infinity]}',
    "comma": '{"a": 1, }',
    "words": '{"NaN": ",]", "inf\\"": "Infinity"}',
    "nested": '{"a": {"b": []}}',
    "hostile": json.dumps({"it's; --": '"$$%s:x\\'}),
}
"""Seven of these are explanations; five are junk."""


JUNK = ("junk", "no text", "not a number", "infinite", "comma")


def typed(url, native, documents):
    """A source whose explanations are a column of that type, one row a document."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS ml_predictions")
        connection.exec_driver_sql(
            f"CREATE TABLE ml_predictions (created_at TIMESTAMP, shap_values {native})"
        )
        insert = sa.text(f"INSERT INTO ml_predictions VALUES (:at, CAST(:doc AS {native}))")
        rows = [{"at": JANUARY, "doc": document} for document in documents]
        connection.execute(insert, rows)
    engine.dispose()
    return url


def coverage(url):
    """The one result of SHAP coverage."""
    (result,) = Workspace(url, cache="off").compute("WS1-MP-007", as_of=AS_OF)
    return result


@pytest.mark.parametrize("engine", ["duckdb", "sqlite", "postgresql"])
def test_text_may_hold_anything(engine, tmp_path, request):
    """Explanations, empty documents and junk are told apart alike on every engine."""
    url = request.getfixturevalue("postgresql_url") if engine == "postgresql" else None

    result = coverage(typed(url or f"{engine}:///{tmp_path / 'json'}", "TEXT", DOCUMENTS.values()))

    assert (result.numerator, result.denominator) == (7, len(DOCUMENTS))
    (note,) = [note for note in result.warnings if note.code == "json_junk"]
    assert note.message.startswith("5 row(s)")


@pytest.mark.parametrize("native", ["JSON", "JSONB"])
def test_the_json_types_of_postgresql_are_read_as_text_is(postgresql_url, native):
    """The documents without the junk, which such a column refuses."""
    documents = [document for name, document in DOCUMENTS.items() if name not in JUNK]

    result = coverage(typed(postgresql_url, native, documents))

    assert (result.numerator, result.denominator) == (7, len(documents))
    assert not [note for note in result.warnings if note.code == "json_junk"]


def test_the_json_type_of_duckdb_is_read_as_text_is(tmp_path):
    """The same on DuckDB."""
    documents = [DOCUMENTS[name] for name in ("object", "scalar", "empty array", "null", "nothing")]

    result = coverage(typed(f"duckdb:///{tmp_path / 'json'}", "JSON", documents))

    assert (result.numerator, result.denominator) == (2, 5)


@pytest.mark.parametrize("native", ["JSON", "JSONB"])
def test_features_and_groups_are_read_from_json_types_too(postgresql_url, native):
    """Documents that the driver hands over parsed give the numbers that text gives."""
    engine = sa.create_engine(postgresql_url)
    fair = json.dumps({"recall_by_group": {"insurance_type": {"a": 0.5, "b": 0.75}}})
    spread = json.dumps({"x": {"edges": [0], "proportions": [0.5, 0.5]}})
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE ml_predictions (model_version TEXT, prediction_timestamp TIMESTAMP, "
            f"features {native}, fairness_metrics {native}, rank_metrics {native})"
        )
        connection.exec_driver_sql(
            "CREATE TABLE ml_preprocessing_metadata (computed_at TIMESTAMP, "
            f"feature_distributions {native})"
        )
        for value in (-1, 1):
            connection.execute(
                sa.text("INSERT INTO ml_predictions VALUES ('v', :at, :x, :fair, :rank)"),
                {
                    "at": JANUARY,
                    "x": json.dumps({"x": value}),
                    "fair": fair,
                    "rank": '{"recall_at_7": 0.25}',
                },
            )
        connection.execute(
            sa.text("INSERT INTO ml_preprocessing_metadata VALUES (:at, :doc)"),
            {"at": JANUARY, "doc": spread},
        )
    engine.dispose()
    report = Workspace(postgresql_url, cache="off").compute(
        "WS1-MP-004", "WS1-MP-008", "WS1-MP-009", as_of=AS_OF, parameters={"k": 7}
    )

    assert [result.value for result in report] == [0.25, 0.25, pytest.approx(0.0)]
