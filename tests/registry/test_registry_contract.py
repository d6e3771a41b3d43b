"""The data contract: the union of what KPIs declare, and contradictions between plugins."""

import pytest

from kpisdk.contracts.datasets import Column, Dataset, Reference
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.measures import count
from kpisdk.contracts.metrics import Ratio
from kpisdk.registry import DatasetClashError


def dataset(name, time=None, key=None, references=(), **columns):
    """A dataset by its columns and their types."""
    return Dataset(
        name,
        tuple(Column(column, kind, key=column == key) for column, kind in columns.items()),
        time,
        references,
    )


def test_the_contract_is_the_union_of_all_readings(registry_of, make_plugin, make_kpi):
    """Every plugin declares only what it reads; together they are what a source must have."""
    one = dataset("events", time="at", at="timestamp", brand="text")
    two = dataset("events", key="event_id", event_id="text", brand="text", cost="float")

    registry = registry_of(
        make_plugin("one", make_kpi("A-1", one)), make_plugin("two", make_kpi("B-1", two))
    )

    union = registry.contract["events"]
    assert {"at", "brand", "event_id", "cost"} == {column.name for column in union.columns}
    assert union.column("cost").type == "float"
    assert union.keys == ("event_id",)
    assert union.time == "at"
    assert registry.problems == ()


def test_referenced_datasets_belong_to_the_contract(registry_of, make_plugin, make_kpi):
    """Their columns are dimensions, so that a source must have them too."""
    people = dataset("people", key="person_id", person_id="text", tier="int")
    visits = dataset("visits", references=(Reference("person_id", people),), person_id="text")
    plain = dataset("visits", person_id="text", at="timestamp")

    registry = registry_of(
        make_plugin("p", make_kpi("A-1", visits), make_kpi("A-2", visits), make_kpi("A-3", plain))
    )

    assert list(registry.contract) == ["people", "visits"]
    assert [each.to.name for each in registry.contract["visits"].references] == ["people"]


def test_all_datasets_of_a_kpi_are_read(registry_of, make_plugin, make_kpi):
    """A ratio over two tables declares both."""
    top, bottom = dataset("covered", who="text"), dataset("reference", who="text")
    kpi = make_kpi("A-1", calculation=Ratio(count(top), count(bottom)))
    assert isinstance(kpi, Kpi)

    assert list(registry_of(make_plugin("p", kpi)).contract) == ["covered", "reference"]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (
            dataset("events", at="timestamp", cost="float"),
            dataset("events", at="timestamp", cost="text"),
            (
                "column 'cost' of dataset 'events' is declared float by kpisdk-one 1.0 and text by "
                "kpisdk-two 1.0"
            ),
        ),
        (
            dataset("events", key="a", a="text", b="text"),
            dataset("events", key="b", a="text", b="text"),
            (
                "the key of dataset 'events' is declared 'a' by kpisdk-one 1.0 and 'b' by "
                "kpisdk-two 1.0"
            ),
        ),
    ],
)
def test_two_readings_that_disagree_are_an_error_naming_both_plugins(
    registry_of, make_plugin, make_kpi, first, second, told
):
    """Type and key: the KPIs that the disagreement concerns are refused."""
    registry = registry_of(
        make_plugin("one", make_kpi("A-1", first)),
        make_plugin("two", make_kpi("B-1", second)),
    )

    (problem,) = [each for each in registry.problems if "events" in each.where]
    assert told in problem.what
    for kpi_id in ("A-1", "B-1"):
        conflict = registry.conflict(kpi_id)
        assert isinstance(conflict, DatasetClashError)
        assert told in conflict.message
        assert "agree" in conflict.message


def test_a_kpi_that_does_not_read_the_disputed_column_is_computed(
    registry_of, make_plugin, make_kpi
):
    """A dispute about one column is none of the business of those who do not read it."""
    registry = registry_of(
        make_plugin("one", make_kpi("A-1", dataset("t", x="int"))),
        make_plugin("two", make_kpi("B-1", dataset("t", x="text"))),
        make_plugin("three", make_kpi("C-1", dataset("t", y="text"))),
    )

    assert registry.resolve(["C-1"]) == ("C-1",)
    assert registry.conflict("C-1") is None
    assert registry.conflict("A-1") is not None


def test_a_dispute_about_a_table_that_is_only_referred_to_concerns_its_slices(
    registry_of, make_plugin, make_kpi
):
    """Whoever refers to a table reads none of it, until a slice goes through it."""
    people = dataset("people", key="person_id", person_id="text", tier="int")
    visits = dataset("visits", references=(Reference("person_id", people),), person_id="text")
    other = dataset("people", key="person_id", person_id="text", tier="text")

    registry = registry_of(
        make_plugin("one", make_kpi("A-1", visits)), make_plugin("two", make_kpi("B-1", other))
    )

    assert registry.conflict("A-1") is None
    assert registry.conflict("B-1") is not None
    assert "kpisdk-one 1.0" in str(registry.disputed("people", "tier", by_key=True))
    assert registry.disputed("people", "person_id", by_key=True) is None
    assert registry.disputed("visits", "tier", by_key=False) is None


def test_a_disputed_time_column_still_gives_a_contract(registry_of, make_plugin, make_kpi):
    """The contract can be listed whatever the plugins declare: the first reading stands."""
    registry = registry_of(
        make_plugin("one", make_kpi("A-1", dataset("t", at="text"))),
        make_plugin("two", make_kpi("B-1", dataset("t", time="at", at="timestamp"))),
    )

    assert registry.contract["t"].time is None
    assert registry.contract["t"].column("at").type == "text"


def test_one_plugin_may_contradict_itself(registry_of, make_plugin, make_kpi):
    """The same rule holds within a plugin, which is then named on both sides."""
    registry = registry_of(
        make_plugin(
            "one",
            make_kpi("A-1", dataset("t", x="int")),
            make_kpi("A-2", dataset("t", x="text")),
        )
    )

    assert "int by kpisdk-one 1.0 and text by kpisdk-one 1.0" in registry.problems[0].what


def test_two_kpis_may_put_different_time_columns_of_one_table_to_use(
    registry_of, make_plugin, make_kpi
):
    """Which column windows apply to is each KPI's own choice, not a fact of the table."""
    first = dataset("events", time="at", at="timestamp", on="date")
    second = dataset("events", time="on", at="timestamp", on="date")

    registry = registry_of(
        make_plugin("one", make_kpi("A-1", first)), make_plugin("two", make_kpi("B-1", second))
    )

    assert registry.problems == ()
    assert registry.resolve(["A-1", "B-1"]) == ("A-1", "B-1")
