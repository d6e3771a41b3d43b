"""Writes what came to the public interface since its first version, from ``first_version.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
from wording import table

import kpisdk
from kpisdk import hookspecs

FIRST = Path(__file__).with_name("first_version.toml")


def first_version() -> dict[str, Any]:
    """Names, hooks and fields of the first version."""
    return tomllib.loads(FIRST.read_text(encoding="utf-8"))


def hooks() -> set[str]:
    """The core's hooks of today."""
    return {name for name in dir(hookspecs) if name.startswith("kpisdk_")}


def fields_of(name: str) -> list[attrs.Attribute[Any]]:
    """The fields with which a record of the facade is made, in their order."""
    return [
        field
        for field in attrs.fields(getattr(kpisdk, name))
        if field.init and not field.name.startswith("_")
    ]


def new_fields() -> Mapping[str, list[str]]:
    """The fields that records of the first version got since, by record."""
    found = {
        record: [each.name for each in fields_of(record) if each.name not in known]
        for record, known in first_version()["fields"].items()
    }
    return {record: names for record, names in found.items() if names}


def page() -> str:
    """Names, fields and hooks, a row each."""
    first = first_version()
    rows = [
        ("names of the facade", _code(set(kpisdk.__all__) - set(first["names"]))),
        ("hooks", _code(hooks() - set(first["hooks"]))),
        *((f"fields of `{name}`", _code(added)) for name, added in sorted(new_fields().items())),
    ]
    return table(("What", "Added since the first version"), rows)


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
