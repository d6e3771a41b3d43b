"""Which table and column is proposed for which, and how sure that is said to be."""

from kpisdk import Column, Dataset, LogicalType
from kpisdk.proposals.matching import Sureness, proposals
from kpisdk.proposals.tables_seen import ColumnSeen, TableSeen

ORDERS = Dataset(
    "orders",
    (
        Column("order_id", LogicalType.TEXT, key=True),
        Column("placed_at", LogicalType.TIMESTAMP),
        Column("amount", LogicalType.FLOAT),
        Column("order_type", LogicalType.TEXT),
    ),
)


def seen(name, **columns):
    """A table of a file: each column with the texts that were seen in it."""
    return TableSeen(name, {each: ColumnSeen(each, texts=texts) for each, texts in columns.items()})


def proposed(*tables, **named):
    """The proposal for orders; ``None`` where there is none."""
    found = proposals(tables, {"orders": ORDERS}, named)
    return found[0] if found else None


IDS, TIMES, NUMBERS = ("o1", "o2"), ("2026-01-01T10:00", "2026-01-02T11:00"), ("1.5", "2")


def test_the_same_names_are_sure_and_what_is_not_there_is_missing():
    """Three columns of four; the fourth is listed and nothing stands in for it."""
    found = proposed(seen("orders", order_id=IDS, placed_at=TIMES, amount=NUMBERS))

    assert (found.table, found.sureness, found.missing) == (
        "orders",
        Sureness.SURE,
        ("order_type",),
    )
    assert {each.column: each.sureness for each in found.columns} == {
        "order_id": Sureness.SURE,
        "placed_at": Sureness.SURE,
        "amount": Sureness.SURE,
    }


def test_a_column_whose_values_do_not_fit_is_not_proposed():
    """It is called amount and holds words: no number is made of it."""
    found = proposed(seen("orders", order_id=IDS, amount=("much", "little")))

    assert [each.column for each in found.columns] == ["order_id"]
    assert "amount" in found.missing


def test_an_id_is_not_proposed_for_another_id():
    """``patient_id`` shares a word with ``order_id``, and is the id of something else."""
    found = proposed(seen("orders", patient_id=IDS, placed_at=TIMES))

    assert [each.column for each in found.columns] == ["placed_at"]


def test_the_tables_own_word_may_be_left_out_of_a_column():
    """Orders call their ``order_type`` plainly type: likely, and said to be no more."""
    found = proposed(seen("orders", order_id=IDS, type=("web", "shop")))

    (column,) = [each for each in found.columns if each.column == "order_type"]
    assert (column.physical, column.sureness) == ("type", Sureness.LIKELY)


def test_a_table_with_nothing_in_common_is_none():
    """No column, no likeness of names."""
    assert proposed(seen("weather", rain=NUMBERS)) is None


def test_the_better_of_two_tables_is_taken_and_each_but_once():
    """Both have the columns; the name decides."""
    columns = {"order_id": IDS, "placed_at": TIMES, "amount": NUMBERS}

    assert proposed(seen("archive", **columns), seen("orders", **columns)).table == "orders"


def test_a_table_that_the_user_names_is_sure_whatever_it_is_called():
    """``--table orders=archive``: nobody guesses against what was said."""
    columns = {"order_id": IDS, "placed_at": TIMES, "amount": NUMBERS}

    found = proposed(seen("archive", **columns), seen("orders", **columns), orders="archive")

    assert (found.table, found.sureness) == ("archive", Sureness.SURE)
