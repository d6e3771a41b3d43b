"""The public interface stands still but for what is added, and the page of versions lists that."""

from __future__ import annotations

import sys

import pytest
from pages import DOCS

import kpisdk


@pytest.fixture(scope="module")
def additions():
    """The module in ``docs/`` that lists what was added."""
    sys.path.insert(0, str(DOCS))
    import addition_reference

    yield addition_reference
    sys.path.remove(str(DOCS))


def test_nothing_of_the_first_version_is_gone(additions):
    """A plugin that was written for it finds every name, hook and field."""
    first = additions.first_version()

    assert set(first["names"]) <= set(kpisdk.__all__)
    assert set(first["hooks"]) <= additions.hooks()
    for record, names in first["fields"].items():
        assert set(names) <= {each.name for each in additions.fields_of(record)}, record


def test_fields_that_were_added_stand_behind_the_others(additions):
    """A record that was made by position is still the same; most are made by name alone."""
    for record, names in additions.first_version()["fields"].items():
        by_position = [each.name for each in additions.fields_of(record) if not each.kw_only]
        assert by_position[: len(names)] in (names, []), record


def test_a_field_that_was_added_has_a_default(additions):
    """A record that was made without it is still made."""
    for record, names in additions.new_fields().items():
        required = {each.name for each in additions.fields_of(record) if not _has_default(each)}
        assert required.isdisjoint(names), record


def _has_default(field) -> bool:
    import attrs

    return field.default is not attrs.NOTHING


def test_what_was_added_is_listed(additions):
    """Names, hooks and fields, each group in a row."""
    text = additions.page()

    assert "| names of the facade | `Aggregate`, `Breakdown`," in text
    assert (
        "| hooks | `kpisdk_engines`, `kpisdk_methods`, `kpisdk_plugins`, `kpisdk_remarks`, "
        "`kpisdk_translations` |" in text
    )
    assert "`calculation_type`" in text.partition("| fields of `Kpi` |")[2].partition("\n")[0]
