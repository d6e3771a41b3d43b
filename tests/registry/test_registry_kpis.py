"""KPIs in the registry: their order, their owners, how they are named, and what is refused."""

import pytest

from kpisdk.errors import DefinitionError, Problem, ProblemsError, UnknownNameError
from kpisdk.registry import AmbiguousNameError, SelectionError
from kpisdk.registry.offers import NoKpisError


@pytest.fixture
def registry(registry_of, make_plugin, make_kpi):
    """Two plugins with KPIs of three workstreams."""
    first = make_plugin(
        "first",
        make_kpi("WS2-TR-004"),
        make_kpi("WS1-DQ-001", workstream="ws1_quality"),
        make_kpi("WS2-TR-001"),
    )
    second = make_plugin("second", make_kpi("BR-001", workstream="brand"), version="2.5")
    return registry_of(second, first)


def test_kpis_are_ordered_by_workstream_and_id(registry):
    """The order does not depend on which plugin was found first."""
    assert list(registry.kpis) == ["BR-001", "WS1-DQ-001", "WS2-TR-001", "WS2-TR-004"]
    assert registry.workstreams == ("brand", "ws1_quality", "ws2_triggers")


def test_every_kpi_knows_who_brought_it(registry):
    """The owner is the plugin's record, with distribution and version."""
    assert registry.owner("BR-001").label == "kpisdk-second 2.5"
    assert registry.owner("ws2-tr-004").name == "first"
    assert registry.kpi("br-001").id == "BR-001"


def test_ids_are_resolved_in_the_order_given_case_apart_and_once(registry):
    """What is printed follows what was asked."""
    assert registry.resolve(["ws2-tr-004", "BR-001", "WS2-TR-004"]) == ("WS2-TR-004", "BR-001")


def test_a_workstream_or_its_prefix_names_its_kpis(registry):
    """``ws1`` is enough for ws1_quality; the full name and its case work too."""
    assert registry.resolve(workstream="ws1") == ("WS1-DQ-001",)
    assert registry.resolve(workstream="WS2_Triggers") == ("WS2-TR-001", "WS2-TR-004")
    assert registry.workstream("b") == "brand"


def test_all_names_every_kpi(registry):
    """``--all`` is everything, in the registry's order."""
    assert tuple(registry.kpis) == registry.resolve(all=True)


def test_an_ambiguous_prefix_is_an_error_that_lists_what_it_could_be(registry):
    """A guess would compute something else than what was meant."""
    with pytest.raises(AmbiguousNameError, match="could be ws1_quality and ws2_triggers") as caught:
        registry.resolve(workstream="ws")

    assert caught.value.exit_code == 2


def test_a_name_that_begins_another_is_not_ambiguous(registry_of, make_plugin, make_kpi):
    """An exact name wins over the longer ones that start with it."""
    plugin = make_plugin(
        "p", make_kpi("A-1", workstream="brand"), make_kpi("A-2", workstream="brand_x")
    )

    assert registry_of(plugin).resolve(workstream="brand") == ("A-1",)


@pytest.mark.parametrize("name", ["ws9", ""])
def test_an_unknown_workstream_is_an_error(registry, name):
    """The empty text is no prefix of everything."""
    with pytest.raises(UnknownNameError, match="workstream"):
        registry.resolve(workstream=name)


def test_an_unknown_id_proposes_the_nearest(registry):
    """A typing error is told apart from a plugin that is not installed."""
    with pytest.raises(UnknownNameError, match="Did you mean WS2-TR-004") as caught:
        registry.resolve(["WS2-TR-04"])

    assert caught.value.kind == "KPI"
    for ask in (registry.kpi, registry.owner, registry.definition_version):
        with pytest.raises(UnknownNameError):
            ask("NO-SUCH-1")


def test_several_unknown_ids_are_told_at_once(registry):
    """Nobody should have to run a command three times for three typing errors."""
    with pytest.raises(ProblemsError) as caught:
        registry.resolve(["WS2-TR-04", "BR-001", "XX"])

    assert [problem.where for problem in caught.value.problems] == ["'WS2-TR-04'", "'XX'"]


@pytest.mark.parametrize(
    ("ids", "workstream", "everything"),
    [
        ([], None, False),
        (["BR-001"], "brand", False),
        ([], "brand", True),
        (["BR-001"], None, True),
    ],
)
def test_kpis_are_named_in_exactly_one_way(registry, ids, workstream, everything):
    """Neither nothing nor two contradicting selections are guessed at."""
    with pytest.raises(SelectionError, match="Name KPI ids, or a workstream, or ask for all"):
        registry.resolve(ids, workstream, everything)


def test_all_of_nothing_is_an_error(registry_of):
    """An installation without KPIs has no answer to give."""
    with pytest.raises(NoKpisError, match="No plugin that brings KPIs is installed"):
        registry_of().resolve(all=True)


def test_two_plugins_with_one_id_are_a_problem_that_names_both(registry_of, make_plugin, make_kpi):
    """The registry works on; only computing the id is an error, with both versions in it."""
    registry = registry_of(
        make_plugin("one", make_kpi("A-1"), make_kpi("A-2"), version="1.0"),
        make_plugin("two", make_kpi("A-1", name="Another"), version="2.0"),
    )

    (problem,) = registry.problems

    assert "brought by kpisdk-one 1.0 and kpisdk-two 2.0" in problem.what
    assert list(registry.kpis) == ["A-1", "A-2"]
    assert registry.resolve(["A-2"]) == ("A-2",)
    assert registry.resolve(all=True) == ("A-1", "A-2")
    assert "kpisdk-one 1.0 and kpisdk-two 2.0" in registry.conflict("A-1").message
    assert registry.conflict("A-2") is None


def test_a_broken_record_fails_its_plugin_only(registry_of, make_plugin, make_kpi):
    """None of the plugin's KPIs is used: half of them would look like all of them."""
    bad = make_plugin("bad", make_kpi("A-1"), "not a KPI")
    good = make_plugin("good", make_kpi("B-1"))

    registry = registry_of(bad, good)

    assert list(registry.kpis) == ["B-1"]
    assert bad.state == "failed"
    assert "record 2: is str, not Kpi" in bad.error
    assert [Problem("plugin 'bad' (kpisdk-bad 1.0)", bad.error)] == list(registry.problems)


def test_an_error_raised_while_yielding_fails_its_plugin_only(registry_of, make_plugin, make_kpi):
    """A record that contradicts itself raises inside the plugin's generator."""

    def kpis():
        yield make_kpi("A-1")
        yield make_kpi("A-2", unit="count", target=1, warning=2, critical=None)

    bad, good = make_plugin("bad", kpisdk_kpis=kpis), make_plugin("good", make_kpi("B-1"))

    registry = registry_of(bad, good)

    assert list(registry.kpis) == ["B-1"]
    assert "give all three, or none" in bad.error


def test_a_hook_that_raises_anything_fails_its_plugin_only(registry_of, make_plugin, make_kpi):
    """Whatever a stranger's code raises is recorded, and the others work."""

    def kpis():
        raise ZeroDivisionError("oops")

    bad, good = make_plugin("bad", kpisdk_kpis=kpis), make_plugin("good", make_kpi("B-1"))

    assert list(registry_of(bad, good).kpis) == ["B-1"]
    assert bad.error == "kpisdk_kpis: oops"


def test_one_id_twice_in_a_plugin_fails_it(registry_of, make_plugin, make_kpi):
    """Within one plugin there is nobody else to blame."""
    bad = make_plugin("bad", make_kpi("A-1"), make_kpi("A-1"))

    registry_of(bad)

    assert "A-1: is brought twice" in bad.error


@pytest.mark.parametrize("answer", ["A-1", 7, b"x"])
def test_an_answer_that_is_no_list_fails_the_plugin(registry_of, make_plugin, answer):
    """A single text is not taken for a list of its letters."""
    bad = make_plugin("bad", kpisdk_kpis=answer)

    registry = registry_of(bad)

    assert "is not a list of records" in bad.error
    assert registry.kpis == {}


def test_a_failed_plugin_brings_nothing_and_stays_in_the_list(registry_of, make_plugin):
    """Its error is a problem of the installation."""
    bad = make_plugin("bad")
    bad.fail("on import", DefinitionError("KPI 'X'", [Problem("id", "is odd")]))

    registry = registry_of(bad)

    assert (bad,) == registry.plugins
    assert registry.problems[0].what == "on import: KPI 'X': id: is odd"
