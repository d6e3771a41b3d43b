"""Names of plugins that are not installed: the error says which plugin to install."""

import pickle

import pytest

from kpisdk.errors import UnknownNameError
from kpisdk.registry.offers import (
    OFFERS,
    MissingPluginError,
    nothing_installed,
    unknown_command,
    unknown_kpi,
    unknown_workstream,
)


def test_an_empty_installation_is_told_every_plugin_and_how_to_get_it():
    """One line a plugin, ready to be copied."""
    told = nothing_installed().splitlines()

    assert told[0] == "No plugin that brings KPIs is installed. Install what you need:"
    assert [line.split()[:3] for line in told[1:]] == [
        ["pip", "install", offer.distribution] for offer in OFFERS
    ]


@pytest.mark.parametrize(
    ("name", "distribution"),
    [
        ("WS1-DQ-001", "kpisdk-ws1-quality"),
        ("ws2-tr-004", "kpisdk-ws2-triggers"),
        ("WS3-BI-009", "kpisdk-ws3-business"),
        ("BR-001", "kpisdk-brand"),
        ("CM-001", "kpisdk-causal"),
        ("EDU-KX-001", "kpisdk-edu-dkt"),
    ],
)
def test_an_id_of_a_family_that_is_missing_names_its_plugin(name, distribution):
    """Ids begin as their family does, case apart."""
    error = unknown_kpi(name, ["SHOP-001"])

    assert isinstance(error, UnknownNameError)
    assert f"Run: pip install {distribution}," in error.message
    assert repr(name) in error.message
    assert error.exit_code == 2


def test_an_id_of_a_family_that_is_installed_is_a_misspelling():
    """Whoever has the plugin needs the right id, and not the plugin."""
    error = unknown_kpi("WS2-TR-044", ["WS2-TR-004"])

    assert not isinstance(error, MissingPluginError)
    assert error.message == "There is no KPI 'WS2-TR-044'. Did you mean WS2-TR-004?"


def test_an_id_that_is_nobodys_lists_what_is_known():
    """The core claims no family but those of the project."""
    assert unknown_kpi("SHOP-001", ["ZZ-9"]).message == "There is no KPI 'SHOP-001'. Known: ZZ-9."


@pytest.mark.parametrize(
    ("name", "distribution"), [("ws2", "kpisdk-ws2-triggers"), ("BRAND", "kpisdk-brand")]
)
def test_a_workstream_that_is_missing_names_its_plugin(name, distribution):
    """The start of a name is enough, as it is where the plugin is installed."""
    assert f"pip install {distribution}," in unknown_workstream(name, {"shop"}).message


@pytest.mark.parametrize("name", ["", "sales"])
def test_a_workstream_that_is_nobodys_lists_what_is_known(name):
    """An empty name is the start of everything, and means nothing."""
    assert unknown_workstream(name, {"shop"}).message.endswith("Known: shop.")


@pytest.mark.parametrize(
    ("name", "distribution"),
    [
        ("demo", "kpisdk-demo"),
        ("causal", "kpisdk-causal"),
        ("koryxa", "kpisdk-edu-dkt"),
        ("dkt", "kpisdk-edu-dkt"),
    ],
)
def test_a_command_that_is_missing_names_its_plugin(name, distribution):
    """Documentation names commands that only plugins bring."""
    assert f"pip install {distribution}," in unknown_command(name, ["list"]).message
    assert unknown_command("lits", ["list"]).message.endswith("Did you mean list?")


def test_the_error_survives_pickling():
    """Errors cross processes."""
    error = pickle.loads(pickle.dumps(unknown_kpi("WS2-TR-004", ["ZZ-9"])))

    assert (error.name, error.distribution) == ("WS2-TR-004", "kpisdk-ws2-triggers")
