"""JSON documents by one rule on every engine: what is junk, which key counts, what is a number."""

from __future__ import annotations

import json
import math

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings, strategies as st

from kpisdk import Column, Dataset, LogicalType
from kpisdk.engines import CanonicalJson, JsonKind, JsonNumber

DOCUMENTS = Dataset(
    "core_documents", (Column("which", LogicalType.TEXT, key=True), Column("doc", LogicalType.JSON))
)
TABLES = {
    "core_documents": (
        DOCUMENTS,
        lambda name, _: [
            f"CREATE TABLE {name} (which VARCHAR(9), doc TEXT)",
            f"INSERT INTO {name} VALUES ('1', '{{}}')",
        ],
    )
}


def stored(desk, document):
    """A document as an engine meets it in a row: what is constant, PostgreSQL reads beforehand."""
    clause, _ = desk.catalog.table("core_documents").clause()
    nothing = sa.func.substr(sa.literal_column("which"), 1, 0)
    return clause, sa.literal(document, sa.Text()).concat(nothing)


def read(desk, kind, *documents, path=()):
    """What an engine makes of each document."""
    arguments = [sa.literal(key, sa.Text()) for key in path]
    columns = [kind(stored(desk, document)[1], *arguments) for document in documents]
    select = sa.select(*columns).select_from(stored(desk, None)[0])
    return list(desk.session.rows(select)[0])


@pytest.mark.parametrize(
    ("document", "number"),
    [
        ('{"a": 1, "a": 9}', 9),  # the last of equal keys counts
        ('{"a": 9, "b": 2, "a": 1}', 1),
        ('{"a": 9, "\\u0061": 1}', 1),  # a key that is spelt with an escape is the same key
        ('{"\\u0061": 9}', 9),
        ('{"a": 9, "a": null}', None),
        ('{"a": 9, "a": "x"}', None),
        ('{"b": {"a": 9}, "a": 1}', 1),
        ('{"a": 1, "b": {"a": 9}}', 1),
        ('{"a": 1, "b": "\\"a\\": 9"}', 1),
        ('{"a": 1} x', None),  # nothing may stand behind a document
        ('{"a": 1}}', None),
        ('{"a": 1}{"a": 2}', None),
        ('{"a": 1,}', None),
        ('{"a": 1} // one', None),
        ("{'a': 1}", None),
        ("{a: 1}", None),
        (' \t\r\n{"a": 1} \t\r\n', 1),
        ('\x0b{"a": 1}', None),
        ('\u00a0{"a": 1}', None),
        ('{"a": NaN}', None),  # these make the whole document junk
        ('{"a": 1, "b": NaN}', None),
        ('{"a": Infinity}', None),
        ('{"a": -Infinity}', None),
        ('{"a": 1, "b": inf}', None),
        ('{"a": 1e999}', None),  # a number, but none that a double holds
        ('{"a": -1e999}', None),
        ('{"a": 1e5000}', None),
        ('{"a": 1e200000}', None),
        ('{"a": 1, "b": 1e999}', 1),
        ('{"a": 1, "b": 1e200000}', 1),
        ('{"a": 1e-999}', 0),
        ('{"a": 1e-200000}', 0),
        ('{"a": 1' + "0" * 400 + "}", None),
        ('{"a": 1e308}', 1e308),
        ('{"a": 2e-308}', 2e-308),
        ('{"a": 0.1}', 0.1),
        ('{"a": -0.0}', 0),
        ('{"a": 1E+2}', 100),
        ('{"a": 123456789012345678901234567890}', 123456789012345678901234567890.0),
        ('{"a": 01}', None),
        ('{"a": .5}', None),
        ('{"a": 1.}', None),
        ('{"a": +1}', None),
        ('{"a": 0x10}', None),
        ('{"a": 1_0}', None),
        ('{"a": "1"}', None),
        ('{"a": true}', None),
        ('{"a": [1]}', None),
        ('{"a": 1, "b": "NaN"}', 1),
        ('{"a": 1, "b": "x,]"}', 1),
        ('{"a": 1, "b": "\\ud83d\\ude00"}', 1),
        ('{"a": 1, "b": "\\u0000"}', None),  # no text holds it: junk
        ('{"a": 1, "b": "\\ud800"}', None),
        ('{"a": 1, "b": "\\\\u0000"}', 1),  # a backslash, and not an escape
        ('{"a": 1, "b": "\\x"}', None),
        ('{"a": 1, "b": "\t"}', None),
        ("", None),
        ("   ", None),
        ("[1, 2]", None),
        ("null", None),
        (None, None),
    ],
)
def test_one_rule_for_numbers(desk, document, number):
    """Worked out from RFC 8259 and the three choices that it leaves."""
    (found,) = read(desk, JsonNumber, document, path=("a",))

    assert found == number


@pytest.mark.parametrize(
    ("document", "path", "number"),
    [
        ('{"a": {"x": 1}, "a": {"x": 2}}', ("a", "x"), 2),
        ('{"a": {"x": 1}, "a": {"y": 2}}', ("a", "x"), None),
        ('{"a": {"x": 1, "x": 3}, "b": {"x": 2}}', ("a", "x"), 3),
        ('{"a": [4, 5]}', ("a", "1"), 5),
        ('{"a/b": {"c~d": 6}}', ("a/b", "c~d"), 6),
        ('{"a\\"b": 7}', ('a"b',), 7),
        ('{"": 8}', ("",), 8),
        ('{"é": 9}', ("é",), 9),
        ('{"\\u00e9": 9}', ("é",), 9),
    ],
)
def test_one_rule_for_paths(desk, document, path, number):
    """Of two objects of one name the last is the one that is looked into."""
    (found,) = read(desk, JsonNumber, document, path=path)

    assert found == number


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (None, None),
        ("", "junk"),
        ("nul", "junk"),
        ("null", "null"),
        ("{}", "empty"),
        ("[ ]", "empty"),
        ('{"a": 1} x', "junk"),
        ('{"a": NaN}', "junk"),
        ('{"a": 1e999}', "object"),
        ('{"a": 1, "a": 2}', "object"),
        ("[[[1]]]", "array"),
        ("-1.5e3", "scalar"),
        ('"x"', "scalar"),
        ("[1 2]", "junk"),
        ("[1,,2]", "junk"),
        ("[1}", "junk"),
        ('{"a" 1}', "junk"),
        ("{1: 1}", "junk"),
        ('{"a":1 "b":2}', "junk"),
        ('["\\u0000"]', "junk"),
        ('["\\uD83D"]', "junk"),
        ('["\\uDE00\\uD83D"]', "junk"),
        ("truefalse", "junk"),
        ("--1", "junk"),
        ("1-1", "junk"),
    ],
)
def test_one_rule_for_kinds(desk, document, kind):
    """The same word on every engine."""
    assert read(desk, JsonKind, document) == [kind]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1.0}', True),
        ('{"a": 1, "a": 2}', '{"a": 2}', True),
        ('{"a": {"x": 1}, "a": {"y": 2}}', '{"a": {"y": 2}}', True),
        ("100", "1e2", True),
        ("0.10", "0.1", True),
        ("-0.0", "0", True),
        ("[1, 2]", "[2, 1]", False),
        ("1", '"1"', False),
        ("true", "1", False),
        ("9007199254740993", "9007199254740992", False),
        ("[]", "{}", False),
        ('"a"', '"A"', False),
    ],
)
def test_one_rule_for_equal_documents(desk, one, other, equal):
    """The last of equal keys, whatever the order, and numbers by their value, exactly."""
    sides = [CanonicalJson(stored(desk, each)[1]) for each in (one, other)]
    select = sa.select(sides[0] == sides[1]).select_from(stored(desk, None)[0])

    assert bool(desk.session.rows(select)[0][0]) is equal


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ('{"a": 1, "a": 2}', '{"a": 2}', True),
        ('{"a": {"x": 1}, "a": {"y": 2}}', '{"a": {"y": 2}}', True),
        ('{"a": {"x": 1}, "b": {"x": 1}}', '{"b": {"x": 1.0}, "a": {"x": 1}}', True),
        ('{"a": [1, {"b": 1, "b": 2}]}', '{"a": [1, {"b": 2}]}', True),
        ('{"a": 1, "a": 2}', '{"a": 1}', False),
    ],
)
def test_a_view_compares_documents_by_the_same_rule(desk, one, other, equal):
    """Without functions of ours."""
    sides = [CanonicalJson(stored(desk, each)[1]) for each in (one, other)]
    select = sa.select(sides[0] == sides[1]).select_from(stored(desk, None)[0])

    text = desk.session.text(select, standalone=True)

    assert "kpisdk_" not in text
    assert bool(desk.session.connection.exec_driver_sql(text).scalar()) is equal


@pytest.mark.parametrize(
    ("document", "number"),
    [
        ('{"a": {"x": 1}, "a": {"x": 2}}', 2),
        ('{"a": {"x": 1}, "a": {"y": 2}}', None),
        ('{"a": {"x": 1e999}}', None),
        ('{"a": {"x": 1}} x', None),
        ('{"a": {"\\u0078": 4}}', 4),
    ],
)
def test_a_view_reads_numbers_by_the_same_rule(desk, document, number):
    """Where the engine can say it at all: SQLite leaves such columns out."""
    path = [sa.literal(key, sa.Text()) for key in ("a", "x")]
    clause, doc = stored(desk, document)
    statement = sa.select(JsonNumber(doc, *path)).select_from(clause)
    if desk.dialect == "sqlite":
        pytest.skip("SQLite's views leave such columns out")

    text = desk.session.text(statement, standalone=True)

    assert desk.session.connection.exec_driver_sql(text).scalar() == number


def expected(document: str) -> float | None:
    """The number at ``a`` by Python's parser, made strict: an independent reading of the rule."""

    def junk(word):
        raise ValueError(word)

    try:
        found = json.loads(document, parse_constant=junk)
    except (ValueError, RecursionError):
        return None
    number = found.get("a") if isinstance(found, dict) else None
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    try:
        number = float(number)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


numbers = st.from_regex(
    r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,5})?([eE][+-]?[0-9]{1,3})?", fullmatch=True
)
words = st.sampled_from(
    [
        '"a"',
        '"b"',
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "null",
        "true",
        "NaN",
        "1e999",
        "01",
        '"',
        "x",
    ]
)
members = st.lists(
    st.tuples(st.sampled_from(['"a"', '"b"', '"\\u0061"']), st.one_of(numbers, words)), max_size=4
).map(lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}")
documents = st.one_of(members, st.lists(st.one_of(words, numbers), max_size=9).map("".join))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(documents, min_size=1, max_size=20))
@example(found=['{"a": 1e-400}', "{}{}", '{"a":-}', '{"a":"}'])
def test_any_text_is_read_as_a_strict_parser_reads_it(desk, found):
    """Random documents, junk among them, against an independent parser."""
    assert read(desk, JsonNumber, *found, path=("a",)) == [expected(each) for each in found]
