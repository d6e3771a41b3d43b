"""The command: who is told of what, and the exit code."""

import pandas as pd
import pytest
from click.testing import CliRunner

import kpisdk
from kpisdk import Column, Dataset, Governance, Kpi, Simple, count, hookimpl
from kpisdk_owners import command

ROWS = Dataset("owners_rows", (Column("n", "int"),))


def counted(number, owner, critical):
    """The number of rows, of which more are better; there are two."""
    return Kpi(
        id=f"OWNERS-{number:03}",
        name=f"Rows {number}",
        workstream="owners_tests",
        definition="The number of rows.",
        formula="count(rows)",
        calculation=Simple(count(ROWS)),
        unit="count",
        target=3,
        warning=2.5,
        critical=critical,
        governance=Governance(owner=owner),
    )


class Plugin:
    """KPIs of two owners."""

    def __init__(self, *kpis):
        self._kpis = kpis

    @hookimpl
    def kpisdk_kpis(self):
        """The KPIs."""
        return self._kpis


@pytest.fixture
def run(monkeypatch):
    """``run(kpi, ...)``: the command on two rows, in an installation with these KPIs."""

    def start(*kpis):
        class Small(kpisdk.Workspace):
            def __init__(self, source):
                del source
                frames = {"owners_rows": pd.DataFrame({"n": [1, 2]})}
                super().__init__(frames, plugins=[Plugin(*kpis)], cache="off")

        monkeypatch.setattr(command, "command_workspace", Small)
        return CliRunner().invoke(command.owners, ["--workstream", "owners_tests"])

    return start


def test_owners_are_told_of_what_is_not_good(run):
    """Critical ones first; a KPI without an owner is nobody's."""
    result = run(
        counted(1, "Sales", critical=1),
        counted(2, "Sales", critical=2.2),
        counted(3, "", critical=2),
    )

    assert result.output.splitlines() == [
        "Sales",
        "  critical  OWNERS-002  Rows 2",
        "  warning   OWNERS-001  Rows 1",
        "nobody",
        "  warning   OWNERS-003  Rows 3",
    ]
    assert result.exit_code == 1


def test_warnings_alone_do_not_fail(run):
    """1 is for critical ones."""
    assert run(counted(1, "Sales", critical=1)).exit_code == 0
