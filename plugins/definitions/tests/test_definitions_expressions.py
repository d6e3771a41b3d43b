"""Expressions in SQL: what they become, what is refused and where, and that text never gets on."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, strategies as st

from kpisdk import AsOf, Column, Dataset, Expression, LogicalType, ParameterRef
from kpisdk.contracts.calculation_text import expression_words
from kpisdk.expressions import Comparison, Containment, Literal
from kpisdk_definitions.expression_reader import read_expression, read_predicate
from kpisdk_definitions.operand_reader import Names

ROWS = Dataset(
    "orders",
    (
        Column("order_id", "text", key=True),
        Column("amount", "float"),
        Column("units", "int"),
        Column("region", "text"),
        Column("returned", "bool"),
        Column("paid", "bool"),
        Column("day", "date"),
        Column("placed_at", "timestamp"),
        Column("sent_at", "timestamp"),
        Column("doc", "json"),
        Column("order", "int"),
    ),
    "placed_at",
)
NAMES = Names(
    "orders",
    {column.name: column.type for column in ROWS.columns},
    {"least": LogicalType.FLOAT, "k": LogicalType.INT, "strict": LogicalType.BOOL},
)
AMOUNT, UNITS, REGION = ROWS["amount"], ROWS["units"], ROWS["region"]
RETURNED, PAID, DAY = ROWS["returned"], ROWS["paid"], ROWS["day"]
PLACED, SENT, DOC = ROWS["placed_at"], ROWS["sent_at"], ROWS["doc"]
NEW_YEAR = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ("returned", RETURNED.is_true()),
        ("not returned", ~RETURNED.is_true()),
        ("returned = false", RETURNED.is_false()),
        ("returned IS NOT TRUE", ~(RETURNED.is_true() & RETURNED.not_null())),
        ("amount > 10", AMOUNT > 10),
        ("amount >= 10.5 and units < -3", (AMOUNT >= 10.5) & (UNITS < -3)),
        ("amount <> 1 or units <= 3 or paid", (AMOUNT.differs(1) | (UNITS <= 3)) | PAID.is_true()),
        ("amount != units", AMOUNT.differs(UNITS)),
        ("region = 'it''s'", REGION.equals("it's")),
        ("REGION IN ('a', 'b')", REGION.is_in("a", "b")),
        ("units NOT IN (1, 2)", ~UNITS.is_in(1, 2)),
        ("amount BETWEEN 1 AND 2", (AMOUNT >= 1) & (AMOUNT <= 2)),
        ("region IS NULL", REGION.is_null()),
        ("region IS NOT NULL", REGION.not_null()),
        ("region LIKE '%or%'", Containment(REGION, "or")),
        ("region NOT LIKE '%or%'", ~Containment(REGION, "or")),
        ("region LIKE 'north'", REGION.equals("north")),
        ("region ILIKE '%Or%'", REGION.contains_text("or")),
        ("region ILIKE 'North'", REGION.same_text("north")),
        ("contains(region, 'a_b%')", Containment(REGION, "a_b%")),
        ("ascii_lower(region) = 'north'", REGION.same_text("x").operand.equals("north")),
        ("placed_at >= '2026-01-01'", PLACED >= NEW_YEAR),
        ("placed_at < TIMESTAMP '2026-01-01 00:00'", PLACED < NEW_YEAR),
        ("'2026-01-01' <= placed_at", Comparison("<=", Literal(NEW_YEAR, "timestamp"), PLACED)),
        ("day = '2026-01-01'", DAY.equals(dt.date(2026, 1, 1))),
        ("day IN ('2026-01-01', DATE '2026-01-01')", DAY.is_in(*[dt.date(2026, 1, 1)] * 2)),
        ("placed_at < :as_of", Comparison("<", PLACED, AsOf())),
        ("amount > :least", Comparison(">", AMOUNT, ParameterRef("least", "float"))),
        (":strict or paid", ParameterRef("strict", "bool").is_true() | PAID.is_true()),
        ("days_between(placed_at, sent_at) > 2", SENT.days_since(PLACED) > 2),
        ("hours_between(placed_at, sent_at) > 2", SENT.hours_since(PLACED) > 2),
        ("coalesce(amount, units, 0) * 2 > 1", AMOUNT.or_else(UNITS).or_else(0) * 2 > 1),
        ("abs(amount - units) / 2 + 1 > 1", (AMOUNT - UNITS).absolute() / 2 + 1 > 1),
        ("-units > 1", Literal(0, "int") - UNITS > 1),
        ("json_number(doc, 'a', 'b') > 1", DOC.json_number("a", "b") > 1),
        ("json_number(doc, 'at_{k}') > 1", DOC.json_number("at_{k}", parameters=("k",)) > 1),
        ("json_kind(doc) = 'junk'", DOC.json_kind().equals("junk")),
        ('orders."order" > 1', ROWS["order"] > 1),
        ("coalesce(returned, false)", RETURNED.or_else(False).is_true()),
    ],
)
def test_a_condition_becomes_the_record_that_python_would_make(text, record):
    """SQL text and Python's operators are two ways to one tree."""
    assert read_predicate(text, NAMES) == record


@pytest.mark.parametrize(
    ("text", "offset", "words"),
    [
        ("amuont > 1", 0, "Did you mean amount"),
        ("amount > 1 AND regionn = 'a'", 15, "Did you mean region?"),
        ('region = "north"', 9, "single quotes"),
        ("other.amount > 1", 0, "another table"),
        ("amount", 0, "not a condition"),
        ("amount > 'a'", 0, "cannot compare float with text"),
        ("region = NULL", 0, "use IS NULL"),
        ("units IN (1, NULL)", 0, "not supported"),
        ("units IN (1, amount)", 13, "no constant"),
        ("units IN (1.5)", 0, "cannot be compared with int"),
        ("day IN ('2026-01-01T10:00Z')", 0, "the column date"),
        ("units IN (SELECT 1)", 0, "a subquery is not supported"),
        ("(SELECT 1) = 1", 8, "not supported"),
        ("EXISTS(SELECT 1)", 14, "not supported"),
        ("amount > 1; DROP TABLE orders", 10, "';' ends a statement"),
        ("amount > 1 -- always", 9, "no comments"),
        ("amount /* a */ > 1", 0, "no comments"),
        ("DROP TABLE orders", 0, "no SQL expression"),
        ("amount > 1 UNION SELECT 1", 11, "no SQL expression"),
        ("amount >", 7, "no SQL expression"),
        ("region = 'north", 0, "has no end"),
        ("lower(region) = 'a'", 0, "ascii_lower"),
        ("count(units) > 1", 0, "said by the measure"),
        ("days_betwen(day, day) > 1", 0, "did you mean days_between?"),
        ("sleep(10) > 1", 0, "the function sleep is not supported"),
        ("abs(amount, units) > 1", 17, "no SQL expression"),
        ("contains(region)", 15, "no SQL expression"),
        ("contains(region, order_id)", 17, "constant texts"),
        ("json_number(doc) > 1", 0, "takes 2 or more arguments"),
        ("json_number(region, 'a') > 1", 0, "needs a JSON column"),
        ("region LIKE 'a%'", 12, "none of 'word' and '%part%'"),
        ("region LIKE order_id", 0, "constant pattern"),
        ("amount LIKE '%1%'", 0, "LIKE needs a text column"),
        ("region IS TRUE", 0, "has no truth"),
        ("amount IS 3", 0, "IS is followed by"),
        ("CASE WHEN paid THEN 1 END = 1", 10, "not supported"),
        ("CAST(amount AS INT) > 1", 5, "types are not converted"),
        ("DATE '2026-13-01' = day", 5, "cannot be read"),
        ("placed_at > 'soon'", 12, "cannot be read"),
        ("placed_at - sent_at > 1", 0, "use days_between(earlier, later)"),
        ("amount > :most", 9, "no parameter 'most'"),
        ("amount > ?", 9, "a parameter is written :name"),
        ("amount BETWEEN SYMMETRIC 1 AND 2", 0, "SYMMETRIC is not supported"),
        ("region || 'a' = 'b'", 0, "not supported"),
        ("'a' 'b' = region", 0, "not supported"),
        ("amount > 1e999", 9, "inf"),
        ("amount > 1e", 9, "is not a number"),
        ("units > 99999999999999999999", 8, "cannot be compared"),
        ("a.b.amount > 1", 0, "two dots"),
        ("", 0, "must not be empty"),
        ("(" * 600 + "paid" + ")" * 600, 0, "nested too deeply"),
        ("paid AND " * 500 + "paid", 0, "4000 are the most"),
        ("paid AND " * 400 + "paid", 0, "nested too deeply"),
    ],
)
def test_what_records_cannot_say_is_refused_where_it_stands(text, offset, words):
    """Subqueries, statements, comments, unknown names: nothing is dropped, and nothing gets on."""
    found = read_predicate(text, NAMES)

    assert isinstance(found, list)
    assert found[0][0] == offset
    assert words in found[0][1]


def test_all_faults_of_an_expression_are_told():
    """Both sides of AND are looked at, whatever the first holds."""
    found = read_predicate("amuont > 1 AND (paid OR regionn = 'a')", NAMES)

    assert isinstance(found, list)
    assert [offset for offset, _ in found] == [0, 24]


def test_a_value_may_be_of_any_type():
    """What is counted or added is a value, and a flag is a value as well."""
    assert read_expression("amount * 2", NAMES) == AMOUNT * 2
    assert read_expression("returned", NAMES) == RETURNED


HOSTILE = st.text(
    st.sampled_from(["'", '"', ";", "-", "/", "*", "\\", "x", " ", "\0", "é", "\n"]), max_size=12
)


@given(HOSTILE)
def test_a_quoted_text_stays_a_text(word):
    """However it looks, what stands between quotes ends up as one literal, to be bound."""
    found = read_predicate("region = '" + word.replace("'", "''") + "'", NAMES)

    assert found == REGION.equals(word)


@given(HOSTILE)
def test_hostile_text_is_refused_or_a_record(text):
    """Nothing makes the reader fail: there is a tree of records, or a list of faults."""
    found = read_predicate(text, NAMES)

    assert isinstance(found, list | Expression)
    assert found


NUMBERS = st.recursive(
    st.sampled_from([AMOUNT, UNITS, SENT.days_since(PLACED)])
    | st.integers(0, 99).map(lambda number: Literal(number, "int"))
    | st.floats(0, 99).map(lambda number: Literal(number, "float")),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] - pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] / pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0].or_else(pair[1])),
        inner.map(lambda value: value.absolute()),
    ),
    max_leaves=5,
)
TEXTS = st.text("ab'% \"", max_size=4)
CONDITIONS = st.recursive(
    st.one_of(
        st.tuples(NUMBERS, NUMBERS).map(lambda pair: pair[0] > pair[1]),
        st.tuples(NUMBERS, NUMBERS).map(lambda pair: pair[0].equals(pair[1])),
        st.lists(TEXTS, min_size=1, max_size=3).map(lambda words: REGION.is_in(*words)),
        TEXTS.map(REGION.differs),
        st.sampled_from([RETURNED.is_true(), PAID.is_false(), REGION.is_null()]),
        st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1)).map(lambda day: day > DAY),
        st.integers(-9, 9).map(lambda number: number <= UNITS),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] & pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] | pair[1]),
        inner.map(lambda condition: ~condition),
    ),
    max_leaves=6,
)


@given(CONDITIONS)
def test_every_record_that_can_be_written_is_read_back(condition):
    """Rendered to SQL by a renderer of the test's own, a tree of records reads as itself."""
    assert read_predicate(rendered(condition), NAMES) == condition


def rendered(node) -> str:
    """A record as SQL text, every operand in parentheses."""
    kind = type(node).__name__
    inner = [f"({rendered(each)})" for each in node.operands]
    if kind == "ColumnRef":
        return node.name
    if kind == "Literal":
        return literal(node.value)
    if kind in ("Comparison", "Arithmetic", "Logic"):
        return f" {node.operator} ".join(inner)
    return {
        "Negation": f"NOT {inner[0]}",
        "NullTest": f"{inner[0]} IS NULL",
        "Membership": f"{inner[0]} IN ({', '.join(each[1:-1] for each in inner[1:])})",
    }.get(kind) or f"{node.name}({', '.join(inner)})"


def literal(value) -> str:
    """A constant as SQL has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return f"DATE '{value}'" if isinstance(value, dt.date) else repr(value)


def test_show_words_a_record_that_came_from_text():
    """The wording of records does not know where they came from."""
    found = read_predicate("amount > :least AND region LIKE '%or%'", NAMES)

    assert expression_words(found) == "(amount > :least) and region contains 'or'"
