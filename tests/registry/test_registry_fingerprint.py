"""Fingerprints: they change with the definition, and with nothing else."""

import functools
import operator
import os
import re
import subprocess
import sys
import types
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

import attrs
import pytest

import kpisdk
from kpisdk.contracts.calculators import Calculator
from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.kpis import Governance
from kpisdk.registry.fingerprint import fingerprint

SOURCE = """
import attrs
from kpisdk.contracts.calculators import Calculator
from kpisdk.contracts.estimates import Estimate
from kpisdk.registry.fingerprint import fingerprint

FACTOR = 2.0
WORDS = {"b", "a", "c"}

WEIGHTS = {"w": 1}

class Model:
    def __call__(self, x):
        return x + 7

MODEL = Model()

@attrs.frozen
class OwnMetric:
    def estimate(self, values):
        return values["a"] * 11

def helper(x):
    return x in {"p", "q", "r", "s"} and x

def calculate(inputs, scale=1):
    return Estimate.of(FACTOR * scale * WEIGHTS["w"] * len(helper("p")))

@attrs.frozen
class Record:
    calculator: object
    words: object
    table: object

def mark():
    inner = lambda y: [z for z in y if z in ("k", "l")]
    return fingerprint(
        Record(Calculator(calculate), WORDS, {"x": 1, "y": frozenset({"u", "v", "w"})}), inner,
        MODEL, OwnMetric(),
    )
"""


def made(source, tmp_path, name="made"):
    """The mark of a module with this source, imported afresh."""
    module = types.ModuleType(name)
    exec(compile(source, str(tmp_path / f"{name}.py"), "exec"), module.__dict__)  # noqa: S102
    return module.mark()


def test_it_is_the_same_in_every_process(tmp_path):
    """Neither addresses nor the seed of string hashes may enter, or a cache would never hit."""
    (tmp_path / "made.py").write_text(SOURCE)
    root = Path(kpisdk.__file__).resolve().parents[1]
    marks = set()
    for seed in ("0", "1", "4242"):
        environ = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{tmp_path}:{root}"}
        done = subprocess.run(
            [sys.executable, "-c", "import made; print(made.mark())"],
            capture_output=True,
            text=True,
            check=True,
            env=environ,
        )
        marks.add(done.stdout.strip())

    assert len(marks) == 1
    assert re.fullmatch("[0-9a-f]{64}", marks.pop())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("FACTOR * scale", "FACTOR + scale"),
        ("scale=1", "scale=2"),
        ("FACTOR = 2.0", "FACTOR = 3.0"),
        ("return x in", "return x not in"),
        ('("k", "l")', '("k", "m")'),
        ('"x": 1', '"x": 2'),
        ('{"b", "a", "c"}', '{"b", "a"}'),
        ('{"w": 1}', '{"w": 10}'),
        ("return x + 7", "return x + 8"),
        ('values["a"] * 11', 'values["a"] * 12'),
        ('helper("p")', 'str("p")'),
    ],
)
def test_it_changes_with_code_constants_defaults_and_helpers(tmp_path, old, new):
    """Whatever changes the value must change the version that caches go by."""
    assert old in SOURCE

    assert made(SOURCE, tmp_path) != made(SOURCE.replace(old, new), tmp_path)


def test_it_does_not_change_with_lines_and_comments(tmp_path):
    """Where code stands in its file is no part of what it does."""
    moved = SOURCE.replace("def helper", "# a remark\n\n\ndef helper")

    assert made(SOURCE, tmp_path) == made(moved, tmp_path)


def closing(value):
    """A function that closes over a value."""
    return lambda: value


class Colour(Enum):
    RED = 1
    BLUE = 2


class Adder:
    def __init__(self, step):
        self.step = step

    def add(self, x):
        return x + self.step


@attrs.frozen
class Slotted:
    x: object


class Handle:
    """An object that cannot be written down."""

    def __reduce_ex__(self, protocol):
        raise TypeError("no")


DIFFERENT = [
    (1, 1.0),
    (1, True),
    ("1", 1),
    ("a", b"a"),
    (None, "None"),
    ((1, 2), [1, 2]),
    ((1, 2), (2, 1)),
    (("ab", "c"), ("a", "bc")),
    ({1, 2}, {1, 3}),
    ({"a": 1}, {"a": 2}),
    (Colour.RED, Colour.BLUE),
    (Governance(owner="a"), Governance(objective="a")),
    (closing(1), closing(2)),
    (functools.partial(closing, 1), functools.partial(closing, 2)),
    (Adder(1).add, Adder(2).add),
    (Adder(1), Adder(2)),
    (Slotted(1), Slotted(2)),
    (operator.attrgetter("a"), operator.attrgetter("b")),
    (re.compile("a"), re.compile("b")),
    (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)),
    (len, max),
    (int, float),
    (re, os),
    (Calculator(closing(Estimate)), Calculator(closing(Calculator))),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_values_have_different_fingerprints(one, other):
    """Kind, value, order and nesting all enter."""
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(one) == fingerprint(one)


EQUAL = [
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    (closing(1), closing(1)),
    (Adder(1), Adder(1)),
    (Handle(), Handle()),
    (functools.partial(closing, 1), functools.partial(closing, 1)),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal_definitions_have_equal_fingerprints(one, other):
    """The order of a mapping, and which object it is, do not enter."""
    assert fingerprint(one) == fingerprint(other)


def test_records_that_hold_themselves_end():
    """A cycle is cut, and a cell that is not filled is no value."""
    ring = []
    ring.append(ring)

    def recursive(depth):
        return recursive(depth - 1) if depth else later

    assert fingerprint(ring) == fingerprint(ring)
    assert fingerprint(recursive)
    later = 1
    assert later == recursive(0)


def test_the_version_of_a_definition_names_its_author_and_its_content(
    registry_of, make_plugin, make_kpi
):
    """``<version>+<8 hex>``: it changes with the record and with the plugin's version."""

    def version(plugin_version="1.0", **changes):
        plugin = make_plugin("p", make_kpi("A-1", **changes), version=plugin_version)
        registry = registry_of(plugin)
        assert registry.definition_version("a-1") == registry.definition_version("A-1")
        return registry.definition_version("A-1")

    assert re.fullmatch(r"1\+[0-9a-f]{8}", version())
    assert version() == version()
    assert version(version="2").startswith("2+")
    marks = {version(), version("1.1"), version(definition="Other."), version(clock=True)}
    assert len(marks) == 4
