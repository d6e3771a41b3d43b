"""How contracts judge: faults fail, what does not apply is told, exemptions are looked at."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from kpisdk import CENSUS, Column, Dataset, Kpi, Simple, count, hookimpl, testing
from kpisdk.testing import CacheContract, PluginContract, ReportContract, SourceContract
from kpisdk.testing.benches import Bench
from kpisdk.testing.checks import declarations, processes
from kpisdk.testing.checks.applying import DoesNotApplyError, NotProvedError
from kpisdk.testing.outcomes import NoSubjectError, exemption_faults, judge, same
from kpisdk.testing.subjects import Subject


def test_all_faults_are_told_at_once_and_five_in_full():
    """A line each, with the name of the check and the KPI above them."""
    with pytest.raises(pytest.fail.Exception) as failed:
        judge("thresholds", "X-1", lambda: [f"Fault {number}." for number in range(7)])

    lines = str(failed.value).splitlines()
    assert lines[:2] == ["thresholds: X-1", "  - Fault 0."]
    assert lines[-1] == "  - … and 2 more."


def test_what_does_not_apply_is_skipped_with_the_reason():
    """And what has no fault passes."""

    def check():
        raise DoesNotApplyError("X-1 has no thresholds")
        yield

    judge("thresholds", "X-1", list)
    with pytest.raises(pytest.skip.Exception, match="does not apply: X-1 has no thresholds"):
        judge("thresholds", "X-1", check)


def test_what_is_left_open_is_skipped_as_not_proved():
    """It is no fault, and it is no success either."""

    def check():
        raise NotProvedError("X-1 does not say")
        yield

    with pytest.raises(pytest.skip.Exception, match="not proved: X-1 does not say"):
        judge("sampling", "X-1", check)


def test_long_values_are_cut_in_messages():
    """A megabyte helps nobody."""
    with pytest.raises(pytest.fail.Exception) as failed:
        same("the text", "short", "x" * 1000)

    assert len(str(failed.value)) < 400


def test_exemptions_must_name_what_exists_and_say_why():
    """A renamed KPI must not leave an exemption behind that nobody sees."""
    skip = {
        "threshold": {"X-1": "why"},
        "future_rows": {"X-2": "why", "X-1": " "},
    }

    faults = list(exemption_faults(skip, ["thresholds", "future_rows"], ["X-1"]))

    assert "there is thresholds" in faults[0]
    assert "names 'X-2'; the plugin brings X-1" in faults[1]
    assert "gives no reason" in faults[2]
    assert len(faults) == 3


@pytest.mark.parametrize(
    ("broken", "attribute"),
    [
        (PluginContract.subject, "plugin"),
        (lambda: CacheContract().cache(None), "cache"),
        (lambda: ReportContract().test_is_named(), "format"),
        (lambda: SourceContract().location(None, {}, ()), "location"),
        (lambda: SourceContract().test_has_an_identity(dict), "kind"),
    ],
)
def test_a_contract_that_names_no_subject_says_what_to_write(broken, attribute):
    """The message names the class and the attribute."""
    with pytest.raises(NoSubjectError, match=attribute):
        broken()


def test_an_unknown_name_of_the_kit_is_an_attribute_error():
    """As with any module."""
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = testing.nothing_such


class Observing:
    """A plugin that is no module."""

    name = "observing"

    @hookimpl
    def kpisdk_computed(self, result):
        """Nothing."""


def bench_of(plugin, folder):
    """A bench for a plugin without KPIs."""

    class Contract(PluginContract):
        pass

    Contract.plugin = plugin
    return Bench(Contract(), Subject(plugin, {}), {}, folder, lambda: "")


class Counting:
    """A plugin of two KPIs: one says what its rows are a sample of."""

    name = "counting"

    @hookimpl
    def kpisdk_kpis(self):
        """The KPIs."""
        rows = Dataset("counted", (Column("at", "timestamp"),), time="at")
        words = {"workstream": "counting", "definition": "Rows.", "formula": "rows"}
        words |= {"calculation": Simple(count(rows)), "unit": "count"}
        return [
            Kpi(id="COUNT-001", name="Silent", **words),
            Kpi(id="COUNT-002", name="Outspoken", **words, sampling=CENSUS),
        ]


def test_a_record_that_does_not_say_what_its_rows_are_a_sample_of_is_asked(tmp_path):
    """By default rows count as independent, which only the author can know."""
    bench = bench_of(Counting(), tmp_path)

    with pytest.raises(NotProvedError, match=r"COUNT-001 .* Choose: sampling=sample"):
        list(declarations.sampling(bench, "COUNT-001"))
    assert list(declarations.sampling(bench, "COUNT-002")) == []


def test_a_new_process_can_look_at_modules_alone(tmp_path):
    """An object of this process cannot be imported by another."""
    with pytest.raises(DoesNotApplyError, match="is no module"):
        list(processes.light_import(bench_of(Observing(), tmp_path)))


def test_a_module_that_a_new_process_cannot_import_is_a_fault(tmp_path, monkeypatch):
    """Its error is told."""
    file = tmp_path / "only_here.py"
    file.write_text("raise RuntimeError('not again')\n")
    module = ModuleType("only_here")
    module.__file__ = str(file)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "only_here", module)

    bench = bench_of(module, tmp_path)

    assert "RuntimeError: not again" in next(processes.light_import(bench))
    assert "RuntimeError: not again" in next(processes.same_elsewhere(bench))
