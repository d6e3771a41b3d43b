"""``kpisdk test`` and ``kpisdk validate --schema``: what they print, and their exit codes."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from kpisdk import Example, Expected, hookimpl
from kpisdk.cli.commands import test as test_command

NOON = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)
ROWS = {
    "triggers": [
        {"trigger_timestamp": NOON, "acceptance_status": "accepted"},
        {"trigger_timestamp": NOON, "acceptance_status": "overridden"},
    ]
}


@pytest.fixture
def tested(here, make_kpi):
    """The installation, with a KPI whose examples expect these values."""

    def make(*values: float):
        examples = tuple(
            Example(
                rows=ROWS,
                expected=Expected(value=value),
                as_of=dt.datetime(2026, 1, 9),
                name=f"expects {value:g}",
            )
            for value in values
        )
        brought = (make_kpi("XX-001", examples=examples), make_kpi("XX-002"))
        here.plugins = (bringer(brought),)

    return make


def bringer(kpis):
    """A plugin that brings these KPIs."""

    class Bringer:
        name = "bringer"

        @hookimpl
        def kpisdk_kpis(self):
            return kpis

    return Bringer()


def test_all_pass(tested, run):
    """A table of example by engine, what was not run, and 0."""
    tested(0.5)

    ended = run("test", "xx-001", "--engine", "sqlite", "--engine", "duckdb")

    assert ended.code == 0
    assert ended.out.splitlines() == [
        "kpi     example      sqlite  duckdb  differences",
        "XX-001  expects 0.5  passed  passed",
    ]
    assert ended.err == "1 example: 2 passed (example on engine).\n"


def test_a_difference_fails(tested, run):
    """What was expected and what came out, the engines that agree on it together; and 1."""
    tested(0.5, 0.25)

    ended = run("test", "--engine", "sqlite", "--engine", "csv", "--format", "json")

    document = json.loads(ended.out)
    assert ended.code == 1
    assert (document["examples"], document["failed"]) == (2, 1)
    assert document["results"][1] == {
        "kpi": "XX-001",
        "example": "expects 0.25",
        "sqlite": "failed",
        "csv": "failed",
        "differences": ["sqlite, csv: value: expected 0.25, got 0.5"],
    }


def test_engines_that_are_not_there_are_told(tested, run):
    """They stand in the table, and the reason beside it."""
    tested(0.5)

    ended = run("test", "--workstream", "ws2", "--format", "csv")

    head, row = (line.split(",") for line in ended.out.splitlines())
    assert ended.code == 0
    assert dict(zip(head, row, strict=True))["postgresql"] == "absent"
    assert "Not run on postgresql (1 example): No server is named. Give" in ended.err


def test_a_server_may_be_named_by_a_variable(tested, run, here, postgresql_url):
    """As the tests of plugins name theirs."""
    tested(0.5)
    here.environ = {test_command.POSTGRESQL_VARIABLE: postgresql_url}

    ended = run("test", "--engine", "postgresql")

    assert (ended.code, ended.err) == (0, "1 example: 1 passed (example on engine).\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["XX-002"], "XX-002 has no examples. Add some under `examples` of a definition"),
        (["XX-001", "XX-002"], "XX-002 has no examples."),
        (["XX-003"], "There is no KPI 'XX-003'. Did you mean XX-002"),
        (["--engine", "oracle"], "'oracle' is not one of"),
        (["--engine", "postgresql"], "The engine 'postgresql' is not there: No server is named."),
    ],
)
def test_a_wrong_request_is_told(tested, run, arguments, words):
    """And 2: a pipeline that tests nothing must not look green."""
    tested(0.5)

    ended = run("test", *arguments)

    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err


def test_an_installation_without_examples_tests_nothing(run):
    """Which is no success."""
    ended = run("test")

    assert ended.code == 2
    assert "No installed KPI has examples." in ended.err
