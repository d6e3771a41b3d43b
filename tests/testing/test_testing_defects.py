"""The contract catches what it is for: plugins with one defect each, and the checks that say so.

A check that nothing fails proves nothing. Every plugin in the folder ``defects`` is like the one
without a defect, but for one thing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kpisdk.cli.plugin_tests.contract_runs import run_contracts
from kpisdk.testing import PluginContract

DEFECTS = Path(__file__).parent / "defects"

# What a look at the records tells; no KPI of these is computed.
SEEN = {
    "misspelt_hook": {"hooks"},
    "unmarked_hook": {"hooks"},
    "newer_api": {"hooks"},
    "not_a_record": {"hooks"},
    "malformed_id": {"hooks"},
    "disordered_thresholds": {"hooks"},
    "per_cent": {"thresholds"},
    "shared_name": {"ids_and_names"},
    "silent_parameter": {"ids_and_names"},
    "misspelt_translation": {"dictionary"},
    "unknown_guardrail": {"dictionary"},
    "two_readings": {"datasets"},
    "mistyped_reference": {"datasets"},
    "heavy_import": {"light_import"},
    "heavy_hook": {"light_import"},
    "unsteady_text": {"same_elsewhere"},
    "asked_anew": {"asked_twice"},
    "failing_observer": {"observers"},
    "meddling_observer": {"observers"},
    "speechless_command": {"commands"},
    "taken_command": {"commands"},
    "taken_format": {"door_names"},
    "needy_settings": {"settings_default"},
    "greedy_source": {"source_kinds"},
    "fragile_source": {"source_kinds"},
}

# What shows when the KPI is computed. Where one defect breaks several promises, all are named.
COMPUTED = {
    "none": set(),
    "never_a_value": {"gets_a_value"},
    "invented_zero": {"missing_values", "zero_denominator"},
    "division": {"zero_denominator"},
    "filled": {"missing_values", "not_a_number"},
    "clipped": {"infinite_values"},
    "swallowed_sum": {"infinite_values"},
    "crash_on_nothing": {"empty_tables", "missing_values", "not_a_number", "zero_denominator"},
    "false_parts": {"holds_together"},
    "wrong_interval": {"holds_together"},
    "future": {"future_rows"},
    "unsliced": {"zero_denominator", "months_are_windows"},
    "half_bound": {"slices_are_filters"},
    "counted_twice": {"slices_add_up", "slices_are_filters"},
    "first_row": {"deterministic"},
    "noise": {
        "deterministic",
        "engines_agree",
        "future_rows",
        "inputs_unchanged",
        "months_are_windows",
        "slices_are_filters",
    },
    "memory": {
        "deterministic",
        "engines_agree",
        "future_rows",
        "months_are_windows",
        "slices_are_filters",
    },
    "environment": {"inputs_unchanged", "reads_are_named"},
    "hidden_file": {"reads_are_named"},
    "hidden_variable": {"reads_are_named"},
    "kept_file": {"reads_are_named"},
    "size_as_state": {"reads_are_named"},
    "seeded_globally": {"inputs_unchanged"},
    "sql_text": {"hostile_parameters"},
    "whole_division": {"engines_agree"},
    "foreign_function": {"engines_agree", "infinite_values"},
}
STATIC = {
    "hooks", "exemptions", "door_names", "settings_default", "source_kinds", "commands",
    "observers", "light_import", "same_elsewhere", "asked_twice", "ids_and_names", "thresholds",
    "dictionary", "datasets", "sampling",
}  # fmt: skip
CHECKS = {name.removeprefix("test_") for name in dir(PluginContract) if name.startswith("test_")}


@pytest.fixture(scope="module")
def caught(tmp_path_factory):
    """Defect -> the checks that failed, each with what it said; all contracts in one run."""
    folder = tmp_path_factory.mktemp("contracts")
    lines = ["from kpisdk.testing import PluginContract"]
    lines += [f"import defect_{name}" for name in (*SEEN, *COMPUTED)]
    for name in (*SEEN, *COMPUTED):
        left_out = CHECKS - STATIC if name in SEEN else STATIC
        lines += ["", f"class Test_{name}(PluginContract):", f"    plugin = defect_{name}"]
        lines += ["    rows = 60", "    engines = ('sqlite',)"]
        lines += [f"    test_{check} = None" for check in left_out]
    (folder / "test_defects.py").write_text("\n".join(lines))
    found = {name: {} for name in (*SEEN, *COMPUTED)}
    for each in run_contracts([folder / "test_defects.py"], folder, [DEFECTS]):
        if each.outcome == "failed":
            found[each.contract.removeprefix("Test_")][each.check] = each.message
    return found


@pytest.mark.slow
@pytest.mark.parametrize("defect", [*SEEN, *COMPUTED])
def test_each_defect_is_caught_by_its_checks_and_by_no_other(caught, defect):
    """The table above says which check says no; every other check says yes."""
    assert {**SEEN, **COMPUTED}[defect] == set(caught[defect]), caught[defect]


@pytest.mark.slow
def test_every_check_but_four_catches_a_defect(caught):
    """No check is there for show: three guard against the core and the author, one asks him."""
    catching = {check for checks in caught.values() for check in checks}

    assert CHECKS - catching == {
        "exemptions",
        "hostile_filters",
        "missing_tables",
        "sampling",
    }


@pytest.mark.slow
def test_what_a_check_says_names_the_kpi_and_what_to_change(caught):
    """Three of the messages, as an author reads them."""
    assert "zero_denominator: DEF-001" in caught["invented_zero"]["zero_denominator"]
    assert "made 0.0 of it" in caught["invented_zero"]["zero_denominator"]
    assert "Did you mean kpisdk_kpis?" in caught["misspelt_hook"]["hooks"]
    assert "Import it inside the function" in caught["heavy_import"]["light_import"]
    assert "Bind it" in caught["sql_text"]["hostile_parameters"]


def test_the_folder_and_the_table_hold_the_same_plugins():
    """A defect that nobody runs is none."""
    written = {path.stem.removeprefix("defect_") for path in DEFECTS.glob("defect_*.py")}

    assert written - {"base"} == {*SEEN, *COMPUTED}
