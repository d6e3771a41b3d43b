"""Units that settings name for KPIs: what is in force, and which settings are refused."""

import pytest

from kpisdk.contracts.calculators import Calculator, FirstOf, Option
from kpisdk.contracts.datasets import Column, Dataset
from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.measures import count
from kpisdk.contracts.plain_metrics import Simple
from kpisdk.contracts.sampling import CENSUS, STORED, sample, sample_by_day
from kpisdk.errors import SettingsError
from kpisdk.registry.set_units import require_units_that_fit, sampling_in_force
from kpisdk.settings import KpiSettings, Settings

CALLS = Dataset(
    "calls",
    (Column("call_id", "text", key=True), Column("team", "text"), Column("at", "timestamp")),
    "at",
)
COUNTED = Simple(count(CALLS))


def units(**named):
    """Settings that name these units; an id is written with underscores here."""
    kpis = {name.replace("_", "-"): KpiSettings(unit) for name, unit in named.items()}
    return Settings(kpis=kpis)


def in_force(kpi, settings):
    """What each option of a KPI is a sample of, in words."""
    options = kpi.calculation.options if isinstance(kpi.calculation, FirstOf) else None
    found = options or (Option("", kpi.calculation),)
    return [str(sampling_in_force(kpi, option, settings)) for option in found]


@pytest.mark.parametrize(
    ("declared", "unit", "words"),
    [
        (sample("team"), None, "sample by team"),
        (sample("team"), "call_id", "sample by call_id"),
        (sample("team"), "row", "sample by row"),
        (sample(), "team", "sample by team"),
        (sample_by_day("at"), "team", "sample by team"),
    ],
)
def test_the_settings_have_the_last_word_on_the_unit_of_a_sample(make_kpi, declared, unit, words):
    """Whoever knows their own data better than the KPI's author says so in one place."""
    kpi = make_kpi("CALL-001", CALLS, sampling=declared)

    assert in_force(kpi, units(CALL_001=unit)) == [words]


def test_only_the_options_that_are_samples_follow_the_settings(make_kpi):
    """A stored figure has no rows of ours that could fall into units."""
    ways = FirstOf((Option("stored", COUNTED, sampling=STORED), Option("computed", COUNTED)))
    kpi = make_kpi("CALL-001", CALLS, calculation=ways, sampling=sample("team"))

    assert in_force(kpi, units(CALL_001="call_id")) == ["stored", "sample by call_id"]


def test_units_that_cannot_be_are_refused_all_at_once(make_kpi, make_plugin, registry_of):
    """A unit that is not in force would leave an interval too narrow, and nobody would know."""
    function = Calculator(lambda _: Estimate.of(1), relation=CALLS)
    registry = registry_of(
        make_plugin(
            "calls",
            make_kpi("CALL-001", CALLS, sampling=sample("team")),
            make_kpi("CALL-002", CALLS, sampling=CENSUS),
            make_kpi("CALL-003", CALLS, sampling=STORED),
            make_kpi("CALL-004", CALLS, calculation=function, sampling=sample("team")),
        )
    )
    named = {"CALL_001": "doctor", "CALL_002": "team", "CALL_003": "row", "CALL_004": "row"}

    with pytest.raises(SettingsError) as caught:
        require_units_that_fit(units(**named, CAL_001="team"), registry)

    found = {each.where: each.what for each in caught.value.problems}
    assert found.pop("kpis.CAL-001").startswith("There is no KPI 'CAL-001'. Did you mean CALL-001")
    assert found == {
        "kpis.CALL-001.unit": "'doctor' is not a column of calls; known are call_id, team and at",
        "kpis.CALL-002.unit": "CALL-002 is a census, and has no units; take this key away",
        "kpis.CALL-003.unit": "CALL-003 is a stored figure, and has no units; take this key away",
        "kpis.CALL-004.unit": "a function computes CALL-004, and its interval has the unit that it "
        "takes itself; take this key away",
    }


def test_an_unknown_kpi_is_let_be_while_a_plugin_has_not_said_what_it_brings(
    make_kpi, make_plugin, registry_of
):
    """One broken plugin takes no other KPI down, and its own are in nobody's list."""
    broken = make_plugin("broken")
    broken.fail("import", ValueError("no"))
    registry = registry_of(make_plugin("calls", make_kpi("CALL-001", CALLS)), broken)

    require_units_that_fit(units(LOST_001="team", CALL_001="team"), registry)
