"""Expressions: trees of records that refuse what cannot mean anything."""

from __future__ import annotations

import datetime as dt
import pickle

import pytest

from kpisdk import AsOf, Column, Dataset, DefinitionError, LogicalType, ParameterRef
from kpisdk.contracts import expression_tree as ex

ROWS = Dataset(
    "core_rows",
    (
        Column("word", LogicalType.TEXT),
        Column("whole", LogicalType.INT),
        Column("part", LogicalType.FLOAT),
        Column("flag", LogicalType.BOOL),
        Column("day", LogicalType.DATE),
        Column("at", LogicalType.TIMESTAMP),
        Column("doc", LogicalType.JSON),
    ),
)
word, whole, part, flag = ROWS["word"], ROWS["whole"], ROWS["part"], ROWS["flag"]
day, at, doc = ROWS["day"], ROWS["at"], ROWS["doc"]

NONSENSE = {
    "text compared with a number": lambda: word.equals(3),
    "a number compared with text": lambda: whole > "3",
    "a number compared with a bool": lambda: whole.equals(True),
    "a bool compared with a number": lambda: flag.equals(1),
    "a value compared with nothing": lambda: word.equals(None),
    "a whole number with a fraction among its values": lambda: whole.is_in(1.5),
    "a number beyond 64 bits": lambda: whole.equals(2**63),
    "a fraction that is a whole number beyond 64 bits": lambda: part > 2**70,
    "infinity": lambda: part > float("inf"),
    "not a number": lambda: part.equals(float("nan")),
    "half a surrogate pair": lambda: word.equals("\ud800"),
    "text compared with an instant": lambda: word < at,
    "a day compared with text": lambda: day >= "2025-01-01",
    "JSON compared": lambda: doc.equals(doc),
    "JSON among values": lambda: doc.is_in("{}"),
    "no values": word.is_in,
    "no texts": word.same_text,
    "no parts": word.contains_text,
    "letters of a number": lambda: whole.same_text("a"),
    "parts of a number": lambda: whole.contains_text("a"),
    "a part of what is no text": lambda: ex.Containment(whole, "a"),
    "the opposite of a number": lambda: ~whole,
    "a number joined to a predicate": lambda: flag & whole,
    "a number joined by or": lambda: part | flag,
    "text added": lambda: word + word,
    "instants subtracted": lambda: at - at,
    "a bool multiplied": lambda: whole * flag,
    "a bool literal added": lambda: whole + True,
    "the absolute of a text": word.absolute,
    "days from a text": lambda: at.days_since(word),
    "days to a number": lambda: part.days_since(at),
    "hours from a bool": lambda: at.hours_since(flag),
    "a text where a number is missing": lambda: whole.or_else("none"),
    "a column of another type where one is missing": lambda: word.or_else(whole),
    "a day where an instant is missing": lambda: at.or_else(day),
    "the kind of a text": word.json_kind,
    "a number in a text": lambda: word.json_number("a"),
    "a number in JSON, nowhere": doc.json_number,
    "truth of a bool column that is none": word.is_true,
}


@pytest.mark.parametrize("build", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_is_refused_when_it_is_written(build):
    """No expression that means nothing reaches an engine: making it raises, and says what."""
    with pytest.raises(DefinitionError) as refused:
        build()

    assert str(refused.value).startswith("Expression: ")


@pytest.mark.parametrize("operator", ["~", "==", "and or"])
def test_unknown_operators_and_functions_are_refused(operator):
    """The closed lists of operators and functions stay closed."""
    for build in (
        lambda: ex.Comparison(operator, whole, whole),
        lambda: ex.Logic(operator, (flag,)),
        lambda: ex.Arithmetic(operator, whole, whole),
        lambda: ex.Function(operator, (whole,), LogicalType.INT),
    ):
        with pytest.raises(ValueError, match="must be in"):
            build()


@pytest.mark.parametrize(
    "slip",
    [
        lambda: 0 < whole < 5,
        lambda: flag and whole > 5,
        lambda: flag or whole > 5,
        lambda: not flag,
        lambda: bool(word.is_null()),
    ],
)
def test_pythons_own_logic_is_refused(slip):
    """``a < b < c``, ``and``, ``or`` and ``not`` would silently drop half of what is meant."""
    with pytest.raises(DefinitionError, match=r"&, \| and ~"):
        slip()


def test_equal_expressions_are_equal_records():
    """Two expressions that say the same are equal and hash alike: a measure is computed once."""
    one = (whole > 3) & word.same_text("Ab") | ~at.is_null()
    other = (whole > 3) & word.same_text("aB") | ~at.is_null()

    assert one == other
    assert hash(one) == hash(other)
    assert one != ((whole > 4) & word.same_text("aB") | ~at.is_null())


def test_literals_of_different_types_are_different():
    """1, 1.0 and true are equal in Python and are not the same literal."""
    literals = {
        ex.Literal(1, LogicalType.INT),
        ex.Literal(1.0, LogicalType.FLOAT),
        ex.Literal(True, LogicalType.BOOL),
    }

    assert len(literals) == 3


def test_ascii_capitals_alone_are_folded():
    """``same_text`` and ``contains_text`` ignore the case of ASCII letters and of no others."""
    assert word.same_text("ÄB").values == (ex.Literal("Äb", LogicalType.TEXT),)
    assert word.contains_text("ÉX").part == "Éx"


def test_several_parts_are_an_or():
    """A text contains one of the parts."""
    both = word.contains_text("a", "b")

    assert isinstance(both, ex.Logic)
    assert both.operator == "or"


def test_columns_and_parameters_of_a_tree_are_found():
    """What a measure needs is read off its expressions."""
    tree = (whole > ParameterRef("least", "int")) & doc.json_number(
        "at_{k}", parameters=("k",)
    ).not_null()

    assert ex.column_names(tree, None, AsOf() > at) == {"whole", "doc", "at"}
    assert ex.parameter_names(tree, None, flag) == {"least", "k"}


def test_mixed_numbers_and_mixed_times_compare():
    """Whole numbers go with fractions, days go with instants."""
    assert (whole > part).type is LogicalType.BOOL
    assert (day <= at).type is LogicalType.BOOL
    assert (at < dt.datetime(2025, 1, 1, tzinfo=dt.UTC)).type is LogicalType.BOOL
    assert (part > 3).right == ex.Literal(3, LogicalType.INT)
    assert whole.or_else(0.5).type is LogicalType.INT


def test_expressions_pickle():
    """Records travel between processes; a cached hash does not survive them."""
    tree = (whole > 3) & word.same_text("ab")

    copied = pickle.loads(pickle.dumps(tree))

    assert copied == tree
    assert hash(copied) == hash(tree)


@pytest.mark.parametrize(
    ("value", "logical", "expected"),
    [
        ("a", "text", True),
        ("", "text", True),
        (1, "int", True),
        (-(2**63), "int", True),
        (-(2**63) - 1, "int", False),
        (1.0, "int", False),
        (1, "float", True),
        (1e308, "float", True),
        (float("-inf"), "float", False),
        (True, "int", False),
        (True, "bool", True),
        (dt.date(2025, 1, 1), "date", True),
        (dt.date(2025, 1, 1), "timestamp", False),
        (dt.datetime(2025, 1, 1, tzinfo=dt.UTC), "timestamp", True),
        ("2025-01-01", "date", False),
        ("{}", "json", False),
        (None, "text", False),
        (b"a", "text", False),
    ],
)
def test_which_values_fit_which_types(value, logical, expected):
    """A bool is no number, a whole number is a fraction too, and JSON is compared with nothing."""
    assert ex.fits(value, LogicalType(logical)) is expected
