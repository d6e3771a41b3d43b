"""The published JSON Schema: what it is written from, and that the reader refuses what it does."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import attrs
import jsonschema
import pytest
from hypothesis import given, strategies as st

import kpisdk_definitions
from kpisdk import (
    Aggregate,
    Breakdown,
    DefinitionFileError,
    Example,
    Expected,
    Governance,
    Guardrail,
    Kpi,
    Option,
    Parameter,
    RequiredSlice,
    ViewColumn,
    ViewFigure,
    read_kpis,
)
from kpisdk.cli import main
from kpisdk_definitions import grammar
from kpisdk_definitions.measure_reader import AGGREGATES
from kpisdk_definitions.nested_shapes import Fields
from kpisdk_definitions.schema import _Writer, schema, schema_text

PUBLISHED = Path(kpisdk_definitions.__file__).with_name("kpis.schema.json")

WHOLE = {
    "datasets": {
        "shops": {"columns": {"shop_id": "text", "city": "text"}, "key": "shop_id"},
        "orders": {
            "columns": {
                "order_id": "text",
                "shop_id": "text",
                "placed_at": "timestamp",
                "amount": "float",
                "returned": "bool",
            },
            "time": "placed_at",
            "key": "order_id",
            "references": {"shop_id": "shops"},
        },
    },
    "kpis": [
        {
            "id": "SHOP-001",
            "name": "Return rate",
            "workstream": "shop",
            "definition": "Share of orders that were returned.",
            "formula": "returned / orders",
            "unit": "ratio",
            "direction": "lower",
            "frequency": "weekly",
            "calculation_type": "derived",
            "primary_library": "shop-models",
            "ratio": {
                "numerator": {"count": "orders", "where": "returned AND amount > :least"},
                "denominator": {"count": "orders"},
                "n": {"count_distinct": "order_id", "from": "orders"},
            },
            "thresholds": {"target": 0.05, "warning": 0.08, "critical": 0.12},
            "value_range": {"low": 0, "high": 1},
            "sampling": {"unit": "shop_id"},
            "window": "last 30 days",
            "clock": True,
            "extensive": True,
            "follow_up": 30,
            "base": "orders",
            "time_of": "orders",
            "dimensions": ["city", "shop_id"],
            "requires": {"column": "city", "otherwise": 1, "note": {"code": "x", "message": "y"}},
            "refuses": {"amount": "it is a number"},
            "parameters": {
                "least": {"type": "float", "default": 1, "minimum": 0, "choices": [1, 2.5]}
            },
            "guardrails": [
                "SHOP-002",
                {"kpi": "SHOP-003", "direction": "higher", "segments": ["city"], "margin": 0.2},
            ],
            "governance": {"owner": "Shop", "objective": "Keep customers"},
            "translations": {"fr": {"definition": "Part des retours."}},
            "view": {
                "view": "v_returns",
                "column": "rate",
                "factor": 100,
                "beside": [{"column": "orders_then", "measures": ["denominator"], "window": "mtd"}],
                "breakdowns": [{"columns": ["city"], "month": "month", "whole": True}],
            },
            "brand": "Acme",
            "slug": "return_rate",
            "version": 2,
            "examples": [
                {
                    "name": "one of two",
                    "rows": {
                        "orders": [
                            {"order_id": "a", "returned": True, "placed_at": "2026-01-02"},
                            {"order_id": "b", "returned": None, "placed_at": "2026-01-03"},
                        ]
                    },
                    "as_of": "2026-01-31",
                    "window": "all",
                    "where": {"city": ["x", None]},
                    "by": ["city"],
                    "grain": "month",
                    "parameters": {"least": 1},
                    "tolerance": 0.001,
                    "results": [
                        {
                            "slice": {"city": "x"},
                            "period": "2026-01",
                            "value": "1/2",
                            "status": "critical",
                            "interval": [0, 1],
                            "numerator": 1,
                            "denominator": 2,
                            "n": 2,
                        }
                    ],
                }
            ],
        },
        {
            "id": "SHOP-002",
            "name": "First of two",
            "workstream": "shop",
            "definition": "One of two.",
            "unit": "score",
            "first_of": {
                "parameter": "way",
                "tolerance": 0.1,
                "options": [
                    {
                        "name": "middle",
                        "median": {"value": "amount", "from": "orders", "where": "returned"},
                        "window": "mtd",
                        "sampling": {"day": "placed_at"},
                    },
                    {
                        "name": "sum",
                        "sampling": "stored",
                        "arithmetic": {
                            "value": "a / b",
                            "measures": {
                                "a": {"quantile": "amount", "level": 0.9, "from": "orders"},
                                "b": {"total": "amount", "from": "orders", "across": ["city"]},
                            },
                            "n": "b",
                        },
                    },
                ],
            },
            "parameters": {"way": {"type": "text"}},
        },
    ],
}
"""A document that uses every key at least once."""


def validator() -> jsonschema.Draft202012Validator:
    """A validator of the schema that is published."""
    return jsonschema.Draft202012Validator(json.loads(PUBLISHED.read_text(encoding="utf-8")))


def is_read(document, folder) -> bool:
    """Whether the reader takes a document; it is written as YAML, of which JSON is a part."""
    path = folder / "kpis.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    try:
        read_kpis(path)
    except DefinitionFileError:
        return False
    return True


def test_the_published_schema_is_the_one_of_the_shapes():
    """After a change: ``kpisdk validate --schema`` writes it anew, beside the grammar."""
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text()


def test_the_schema_is_valid_json_schema():
    """Editors refuse one that is not."""
    jsonschema.Draft202012Validator.check_schema(schema())


def test_a_document_with_every_key_is_taken_by_both(tmp_path):
    """Nothing that the schema offers is unknown to the reader."""
    validator().validate(WHOLE)

    assert is_read(WHOLE, tmp_path)
    assert (
        used_keys(WHOLE)
        >= {key for shape in named_shapes() for key in shape.fields if key != "$schema"}
        - {"mean", "lift", "difference", "simple"}
        - unused_words()
    )


def unused_words() -> set[str]:
    """Keys of shapes whose every key is alike: one of each is enough."""
    measures = {key for key in AGGREGATES if key not in used_keys(WHOLE)}
    texts = {*grammar.GOVERNANCE.fields, *grammar.TRANSLATED.fields}
    return (
        measures
        | texts
        | {"hit", "treated", "control", "left", "right", "reason", "over"}
        | {"description"}
    )


def used_keys(value) -> set[str]:
    """All keys of all tables."""
    if isinstance(value, dict):
        return set(value).union(*map(used_keys, value.values()))
    return set().union(*map(used_keys, value)) if isinstance(value, list) else set()


def named_shapes():
    """Every table with fixed keys in the grammar."""
    return [
        grammar.DOCUMENT,
        grammar.DATASET,
        grammar.KPI,
        grammar.PARAMETER,
        grammar.REQUIRES,
        grammar.VIEW,
        grammar.EXAMPLE,
        grammar.OPTION,
        grammar.FIRST_OF,
    ]


@pytest.mark.parametrize(
    ("record", "shape", "elsewhere"),
    [
        (Kpi, grammar.KPI, {"calculation", "target", "warning", "critical"}),
        (Option, grammar.OPTION, {"calculation"}),
        (Governance, grammar.GOVERNANCE, set()),
        (Parameter, grammar.PARAMETER, {"name"}),
        (RequiredSlice, grammar.REQUIRES, set()),
        (Guardrail, grammar.GUARDRAIL.of[1], {"kpi_id"}),
        (ViewColumn, grammar.VIEW, set()),
        (ViewFigure, grammar.VIEW.fields["beside"].shape.of, set()),
        (Breakdown, grammar.VIEW.fields["breakdowns"].shape.of, {"metric"}),
        (Example, grammar.EXAMPLE, {"expected"}),
        (Expected, grammar.EXAMPLE.fields["results"].shape.of, set()),
    ],
)
def test_every_field_of_a_record_has_its_key(record, shape, elsewhere):
    """A field that is added to a record must be thought of here; ``elsewhere`` says what is not."""
    fields = {field.name for field in attrs.fields(record) if field.init}

    assert fields - elsewhere <= set(shape.fields)
    assert elsewhere <= fields


def test_every_aggregate_can_be_written():
    """All but the discrete quantile, which only intervals ask for."""
    assert set(AGGREGATES.values()) == set(Aggregate) - {Aggregate.RANK}
    assert set(AGGREGATES) == set(grammar.MEASURE.variants)


def paths_of(value, path=()):
    """The paths to all values of a document."""
    yield path
    listed = dict(enumerate(value)) if isinstance(value, list) else value
    for key, each in listed.items() if isinstance(listed, dict) else ():
        yield from paths_of(each, (*path, key))


PATHS = [path for path in paths_of(WHOLE) if path]
ODD = [None, True, -1, 0, 2.5, "", "x", "Ünsinn", "1/3", [], {}, ["x"], {"x": 1}, [[]], {"x": {}}]


@given(
    st.sampled_from(PATHS),
    st.sampled_from(["replace", "remove", "add", "rename"]),
    st.sampled_from(ODD),
)
def test_what_the_schema_refuses_the_reader_refuses(tmp_path_factory, path, change, odd):
    """One change anywhere: an editor's red line is never about a file that would be read."""
    document = changed(WHOLE, path, change, odd)
    folder = tmp_path_factory.mktemp("changed")

    if not validator().is_valid(document):
        assert not is_read(document, folder)


def changed(document, path, change, odd):
    """A copy with one value replaced, removed or renamed, or with a key or item more beside it."""
    copied = copy.deepcopy(document)
    *before, last = path
    holder = copied
    for key in before:
        holder = holder[key]
    if change == "replace":
        holder[last] = odd
    elif change == "remove":
        del holder[last]
    elif isinstance(holder, list):
        holder.append(odd)
    else:
        holder["odd"] = holder.pop(last) if change == "rename" else odd
    return copied


def test_the_pattern_of_a_text_means_the_same_to_both():
    """JSON Schema searches, and the reader matches the whole: the anchors make them one."""
    pattern = schema()["$defs"]["kpi"]["properties"]["id"]["pattern"]

    assert re.search(pattern, "SHOP-001")
    assert not re.search(pattern, "a SHOP-001 b")


def test_shapes_of_one_name_are_one_shape():
    """Two tables under one name would be one of them, in silence."""
    shape = Fields(name="a thing", fields={})
    writer = _Writer()
    writer.write(shape)

    with pytest.raises(ValueError, match="two shapes go by the name 'a thing'"):
        writer.write(attrs.evolve(shape, about="another"))


def test_a_kind_of_shape_that_cannot_be_written_is_told():
    """Whoever adds one adds how it is written."""
    with pytest.raises(NotImplementedError, match="object"):
        _Writer().write(object())


def test_the_schema_is_printed(tmp_path, capfd):
    """To standard output, or to a file for an editor."""
    file = tmp_path / "kpis.schema.json"
    codes = [main(["validate", "--schema", *more]) for more in ([], ["--output", str(file)])]

    assert (codes, capfd.readouterr().out) == ([0, 0], schema_text())
    jsonschema.Draft202012Validator.check_schema(json.loads(file.read_text()))
