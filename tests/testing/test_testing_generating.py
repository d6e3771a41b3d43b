"""Rows for contracts: made from declarations, the same each time, on the edges of windows."""

from __future__ import annotations

import datetime as dt

import pytest

from kpisdk import (
    Calculator,
    Column,
    Dataset,
    Estimate,
    FrameInput,
    Mean,
    Parameter,
    Ratio,
    Reference,
    count,
)
from kpisdk.testing import variants
from kpisdk.testing.generating import GROUP, GROUPS, Recipe, identifier
from kpisdk.testing.literals import literals_of

PEOPLE = Dataset("contract_people", (Column("person", "text", key=True), Column("born", "date")))
STAYS = Dataset(
    "contract_stays",
    (
        Column("stay_id", "int", key=True),
        Column("person", "text"),
        Column("ward_id", "text"),
        Column("began", "timestamp"),
        Column("ended", "timestamp"),
        Column("kind", "text"),
        Column("nights", "int"),
        Column("cost", "float"),
        Column("paid", "bool"),
        Column("doc", "json"),
    ),
    "began",
    (Reference("person", PEOPLE),),
)
DATASETS = {each.name: each for each in (PEOPLE, STAYS)}
AS_OF = dt.datetime(2025, 7, 1, tzinfo=dt.UTC)
END = AS_OF.replace(tzinfo=None)


def frames(rows=80, words=None, values=None, seed=7):
    """People and their stays."""
    return Recipe(DATASETS, words or {}, values or {}, rows, AS_OF, seed).frames()


def test_the_same_recipe_makes_the_same_rows():
    """And another seed makes others."""
    one, same, other = frames(), frames(), frames(seed=8)

    assert all(one[name].equals(same[name]) for name in DATASETS)
    assert not one["contract_stays"].equals(other["contract_stays"])


def test_rows_lie_before_as_of_and_on_the_edges_of_windows():
    """The first rows: a microsecond before as_of, and 7, 30 and 90 days before, both sides."""
    stays = frames(rows=300)["contract_stays"]
    tick, day = dt.timedelta(microseconds=1), dt.timedelta(days=1)

    assert list(stays["began"][:7]) == [
        END - tick,
        END - 7 * day,
        END - 30 * day,
        END - 90 * day,
        END - 7 * day - tick,
        END - 30 * day - tick,
        END - 90 * day - tick,
    ]
    assert all(at < END for column in ("began", "ended") for at in stays[column].dropna())
    assert stays["began"].isna().sum() > 0


def test_keys_tell_rows_apart_and_references_find_them():
    """Whole numbers and texts; a column called *_id is few enough to meet others of its name."""
    made = frames()
    stays, people = made["contract_stays"], made["contract_people"]

    assert list(stays["stay_id"]) == list(range(1, 81))
    assert set(stays["person"].dropna()) <= set(people["person"])
    assert people["person"].is_unique
    assert set(stays["ward_id"].dropna()) <= {f"ward_id-{number:04d}" for number in range(40)}
    assert set(made["contract_people"][GROUP]) == set(GROUPS)


def test_values_are_what_expressions_name_or_what_the_author_says():
    """Words stand beside others; an author's values stand alone, by column or by table."""
    told = {"kind": ["acute"], "nights": ["no number", 3], "doc": [("cost", "total")]}
    made = frames(words=told, values={"paid": [True], "contract_stays.cost": [1.5]})
    stays = made["contract_stays"]

    assert set(stays["kind"].dropna()) == {"acute", "ACUTE", "something else"}
    assert {2, 3, 4} <= set(stays["nights"].dropna())
    assert set(stays["paid"].dropna()) == {True}
    assert set(stays["cost"].dropna()) == {1.5}
    assert any('"total"' in text for text in stays["doc"].dropna())


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", 3),
        ("float", 3.0),
        ("text", "key-0002"),
        ("date", dt.date(2020, 1, 3)),
        ("timestamp", dt.datetime(2020, 1, 3)),
    ],
)
def test_a_key_of_every_type(kind, value):
    """The third key."""
    assert identifier(Column("key", kind, key=True), "key", 2) == value


def test_literals_are_found_wherever_expressions_compare_columns(make):
    """Both sides, lists, words without case, parts of words, paths of documents, calculators."""
    kind, doc = STAYS["kind"], STAYS["doc"]
    metric = Ratio(
        count(STAYS, kind.equals("acute") | kind.same_text("Day", "NIGHT")),
        count(STAYS, kind.contains_text("long") & (STAYS["nights"] >= 2)),
    )
    path = Mean(STAYS, doc.json_number("cost", "{part}", parameters=("part",)))
    asked = FrameInput("stays", STAYS, ("nights",), where=STAYS["paid"].is_true())
    calculator = Calculator(lambda _: Estimate.of(1.0), (asked,), relation=STAYS)
    part = Parameter("part", "text", "which part", "drugs")

    found = literals_of(
        (
            make(metric, "A-1"),
            make(path, "A-2", parameters=(part,)),
            make(calculator, "A-3", window=None),
        )
    )

    assert found == {
        "kind": ["acute", "day", "night", "one long more"],
        "nights": [2],
        "doc": [("cost", "drugs")],
        "paid": [True],
    }


def test_a_table_is_continued_at_as_of_and_after():
    """Every time of a new row lies at or after as_of, and its key is new."""
    before = frames()
    times = {"contract_stays": {"began", "ended"}}

    after = variants.continued(before, DATASETS, times, AS_OF)
    new = after["contract_stays"][80:]

    assert after["contract_people"] is before["contract_people"]
    assert len(new) == 80
    assert min(new["began"]) >= END
    assert min(new["ended"]) >= END
    assert END in set(new["began"]) | set(new["ended"])
    assert after["contract_stays"]["stay_id"].is_unique


def test_a_blank_table_keeps_keys_and_times():
    """Nothing else has a value; a table that nobody declares has none at all."""
    stray = frames()["contract_people"]
    blank = variants.blanked({**frames(), "stray": stray}, DATASETS, {"contract_stays": {"began"}})

    kept = {name for name in blank["contract_stays"] if blank["contract_stays"][name].notna().any()}
    assert kept == {"stay_id", "began", GROUP}
    assert blank["stray"].equals(stray)


def test_infinities_go_into_fractions_alone():
    """Upwards and downwards in turn."""
    wild = variants.infinite(frames(), DATASETS)["contract_stays"]

    assert set(wild["cost"]) == {float("inf"), -float("inf")}
    assert wild["nights"].equals(frames()["contract_stays"]["nights"])


def test_a_source_with_none_of_the_tables():
    """One table by another name; of nothing, nothing."""
    assert list(variants.renamed(frames())) == ["contract_nothing"]
    assert variants.renamed({}) == {}
