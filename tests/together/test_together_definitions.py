"""KPIs without Python, end to end: the documentation's shop, and triggers written as YAML."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import attrs
import jsonschema
import pytest
import yaml

import kpisdk_definitions
from kpisdk import Governance, Workspace, read_kpis
from kpisdk.cli import main
from kpisdk.cli.installation import Installation
from kpisdk.examples.example_engines import ENGINES
from kpisdk.examples.example_runs import run_examples
from kpisdk.plugins import load_plugins
from kpisdk.registry import Registry
from kpisdk.settings import Settings, load_settings

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SHOP = EXAMPLES / "shop"
TRIGGERS = Path(__file__).with_name("triggers.yaml")
KINDS = Path(__file__).with_name("kinds.yaml")


@pytest.fixture
def shop(tmp_path) -> Installation:
    """The documentation's shop, copied, as somebody has it who works there."""
    folder = tmp_path / "shop"
    shutil.copytree(SHOP, folder)
    return Installation(folder, {})


def test_every_example_passes_on_every_engine(shop, postgresql_url):
    """One definition, six engines: that is what an example says."""
    settings = load_settings(shop.folder, None, {})
    ids = [kpi_id for kpi_id in shop.registry.kpis if kpi_id.startswith("SHOP-")]

    outcomes = list(run_examples(shop.registry, ids, ENGINES, settings, postgresql_url))

    assert {each.engine for each in outcomes} == set(ENGINES)
    assert [each for each in outcomes if each.state != "passed"] == []
    assert len(outcomes) == 6 * sum(len(shop.registry.kpis[each].examples) for each in ids)


def test_every_kind_of_measure_and_expression_is_the_same_on_every_engine(tmp_path, postgresql_url):
    """Hostile texts among them: they are bound, and the table is still there."""
    shutil.copy(KINDS, tmp_path / "kpis.yaml")
    registry = Installation(tmp_path, {}).registry
    ids = registry.resolve(workstream="kinds")

    outcomes = list(run_examples(registry, ids, ENGINES, None, postgresql_url))

    assert len(ids) == 22
    assert [each for each in outcomes if each.state != "passed"] == []


def test_nothing_of_the_examples_is_left_in_the_database(shop, postgresql_url):
    """A schema of its own is made, and dropped: the server may be somebody's."""
    import sqlalchemy as sa

    list(run_examples(shop.registry, ["SHOP-002"], ["postgresql"], None, postgresql_url))

    engine = sa.create_engine(postgresql_url, poolclass=sa.pool.NullPool)
    inspector = sa.inspect(engine)
    assert inspector.get_table_names() == []
    assert [name for name in inspector.get_schema_names() if name.startswith("kpisdk")] == []
    engine.dispose()


def test_the_shop_computes_as_by_hand(shop, monkeypatch, capfd):
    """The command that the documentation gives, on the data beside it."""
    monkeypatch.chdir(shop.folder)

    code = main(
        ["compute", "--workstream", "shop", "--as-of", "2026-01-31", "--format", "json"], shop
    )

    results = json.loads(capfd.readouterr().out)["results"]
    values = {result["kpi_id"]: result["value"] for result in results}
    assert code == 0
    assert values == pytest.approx(
        {
            "SHOP-001": 2 / 7,  # o02 and o08, of seven whose fate is known
            "SHOP-002": 40 + 20 + 120 + 80 + 35 + 15,
            "SHOP-003": 420 / 8,
            "SHOP-004": 48,  # 12, 24, 30, 48, 48, 72, 72 hours
            "SHOP-005": 100 * (420 - 260) / 420,
            "SHOP-006": (3 / 4 - 1 / 4) / (1 / 4),
            "SHOP-007": 1 / 8,
            "SHOP-008": 120 - 15,
        }
    )


def test_the_shop_has_no_faults(shop, monkeypatch, capfd):
    """Its definitions are right, and its tables are there."""
    monkeypatch.chdir(shop.folder)

    code = main(["validate", "--live", "--format", "json"], shop)

    faults = json.loads(capfd.readouterr().out)
    assert code == 1  # the tables of the other installed plugins are not there
    assert [fault for fault in faults if fault["area"] != "source"] == []
    assert [fault for fault in faults if fault["where"] in ("orders", "customers")] == []


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("kpis*.yaml")), ids=str)
def test_examples_of_the_documentation_fit_the_schema(path):
    """An editor that knows the schema finds nothing to say."""
    schema = Path(kpisdk_definitions.__file__).with_name("kpis.schema.json")
    validator = jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
    texts = type("Texts", (yaml.SafeLoader,), {})  # JSON has no dates, and our YAML neither
    texts.yaml_implicit_resolvers = {
        first: [each for each in resolvers if each[0] != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    document = texts(path.read_text(encoding="utf-8")).get_single_data()

    assert list(validator.iter_errors(document)) == []


def test_triggers_in_yaml_are_the_records_of_the_plugin():
    """Seven of eight: recall joins two tables, and such a relation is built in Python."""
    settings = Settings()
    plugin = Workspace({}, settings=settings).registry.kpis

    twins = read_kpis(TRIGGERS)

    assert [twin.id for twin in twins] == [f"WS2-TR-00{number}" for number in (1, 3, 4, 5, 6, 7, 8)]
    for twin in twins:
        ours = attrs.evolve(
            plugin[twin.id], governance=Governance(), view=None, translations=twin.translations
        )
        if ours.follow_up is not None:  # a file has no settings that could hold other days
            ours = attrs.evolve(ours, follow_up=attrs.evolve(ours.follow_up, setting=None))
        assert attrs.evolve(twin, formula=ours.formula) == ours


def test_one_id_in_a_file_and_in_a_plugin_is_a_conflict(tmp_path):
    """Neither is computed in the other's place, and both are named."""
    shutil.copy(TRIGGERS, tmp_path / "kpis.yaml")
    settings = load_settings(tmp_path, None, {})
    registry = Workspace({}, settings=settings).registry

    conflict = registry.conflict("WS2-TR-004")

    assert "kpisdk-ws2-triggers 0.1.0 and kpis.yaml" in str(conflict)


def test_without_a_project_there_is_nothing_to_read(tmp_path):
    """No file, no plugin."""
    names = [each.name for each in Installation(tmp_path, {}).registry.plugins]

    assert not [name for name in names if "." in name]
    assert len(names) == len(list(Registry(load_plugins()).plugins))
