"""A pytest plugin that runs contracts and nothing else, and writes down how each check ended.

``kpisdk plugin test`` gives it to pytest by name, and reads the file that it fills.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from kpisdk.cli.plugin_tests.contract_runs import RECORD, Outcome
from kpisdk.contracts.json_records import written


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out everything that is no test of a contract."""
    kept: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        is_contract = hasattr(getattr(item, "cls", None), "contract_of")
        (kept if is_contract else others).append(item)
    items[:] = kept
    if others:
        config.hook.pytest_deselected(items=others)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Write down the outcome of a test, or of the fixture that it failed in."""
    report: pytest.TestReport = yield
    if report.when == "call" or (report.when == "setup" and not report.passed):
        _write(
            Outcome(
                contract=item.cls.__name__
                if isinstance(item, pytest.Function) and item.cls
                else "",
                check=getattr(item, "originalname", item.name).removeprefix("test_"),
                subject=item.callspec.id if hasattr(item, "callspec") else "",
                outcome=report.outcome,
                message=_message(report, call),
            )
        )
    return report


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Write down a file that could not be collected: its contract was not looked at."""
    if report.failed:
        _write(
            Outcome(
                contract=report.nodeid,
                check="collection",
                subject="",
                outcome="failed",
                message=report.longreprtext.strip().splitlines()[-1],
            )
        )


def _message(report: pytest.TestReport, call: pytest.CallInfo[None]) -> str:
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        return str(reason).removeprefix("Skipped: ")
    if call.excinfo is None:
        return ""
    if isinstance(call.excinfo.value, pytest.fail.Exception):
        return str(call.excinfo.value)
    return call.excinfo.exconly()


def _write(outcome: Outcome) -> None:
    with Path(os.environ[RECORD]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(written(outcome)) + "\n")
