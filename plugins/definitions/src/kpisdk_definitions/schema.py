"""A definition file's shapes as JSON Schema (2020-12), for editors and other tools.

``kpis.schema.json`` beside this file is what :func:`schema_text` writes.
"""

from __future__ import annotations

import re
from functools import singledispatchmethod
from typing import Any

import attrs

from kpisdk_definitions.grammar import DOCUMENT
from kpisdk_definitions.nested_shapes import Either, Field, Fields, Items, Keyed, Variants
from kpisdk_definitions.shapes import Choice, Number, Scalar, Shape, Text, Truth

SCHEMA_ID = "urn:kpisdk:kpis:1"
"""What the schema goes by; the number changes when files of an older form are refused."""


def schema() -> dict[str, Any]:
    """The JSON Schema of definition files, as plain values."""
    writer = _Writer()
    document = writer.fields(DOCUMENT)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **document,
        "$defs": dict(sorted(writer.defs.items())),
    }


def schema_text() -> str:
    """The JSON Schema of definition files, as text."""
    import json

    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


@attrs.define(eq=False, slots=False)
class _Writer:
    """One walk over the shapes; tables with a name are written once, under ``$defs``."""

    defs: dict[str, Any] = attrs.field(factory=dict)

    @singledispatchmethod
    def write(self, shape: Shape) -> dict[str, Any]:
        """The schema of a shape."""
        raise NotImplementedError(type(shape).__name__)

    @write.register
    def _(self, shape: Text) -> dict[str, Any]:
        pattern = f"^(?:{shape.pattern})$" if shape.pattern else r"\S"
        return _with(shape, {"type": "string", "pattern": pattern})

    @write.register
    def _(self, shape: Number) -> dict[str, Any]:
        limits = {
            "minimum": shape.low,
            "maximum": shape.high,
            "exclusiveMinimum": shape.above,
        }
        known = {key: limit for key, limit in limits.items() if limit is not None}
        return _with(shape, {"type": "integer" if shape.whole else "number", **known})

    @write.register
    def _(self, shape: Truth) -> dict[str, Any]:
        return _with(shape, {"type": "boolean"})

    @write.register
    def _(self, shape: Choice) -> dict[str, Any]:
        return _with(shape, {"enum": list(shape.words)})

    @write.register
    def _(self, shape: Scalar) -> dict[str, Any]:
        kinds = ["string", "number", "boolean"]
        return _with(shape, {"type": [*kinds, "null"] if shape.missing else kinds})

    @write.register
    def _(self, shape: Items) -> dict[str, Any]:
        limits = {"minItems": shape.least or None, "maxItems": shape.most}
        known = {key: limit for key, limit in limits.items() if limit is not None}
        return _with(shape, {"type": "array", "items": self.write(shape.of), **known})

    @write.register
    def _(self, shape: Keyed) -> dict[str, Any]:
        written = {
            "type": "object",
            "propertyNames": self.write(shape.keys),
            "additionalProperties": self.write(shape.of),
        }
        return _with(shape, written | ({"minProperties": shape.least} if shape.least else {}))

    @write.register
    def _(self, shape: Either) -> dict[str, Any]:
        return _with(shape, {"anyOf": [self.write(each) for each in shape.of]})

    @write.register
    def _(self, shape: Variants) -> dict[str, Any]:
        variants = [self.write(each) for each in shape.variants.values()]
        return self.named(shape.name, _with(shape, {"oneOf": variants}))

    @write.register
    def _(self, shape: Fields) -> dict[str, Any]:
        return self.named(shape.name, self.fields(shape))

    def fields(self, shape: Fields) -> dict[str, Any]:
        """The schema of a table with fixed keys."""
        required = [key for key, field in shape.fields.items() if field.required]
        written: dict[str, Any] = {
            "title": shape.name,
            "type": "object",
            "properties": {key: self.field(field) for key, field in shape.fields.items()},
            "additionalProperties": False,
        }
        if required:
            written["required"] = required
        if shape.one_of:
            written["oneOf"] = [{"required": [key]} for key in shape.one_of]
        return _with(shape, written)

    def field(self, field: Field) -> dict[str, Any]:
        written = self.write(field.shape)
        return {**written, "description": field.about} if field.about else written

    def named(self, name: str, written: dict[str, Any]) -> dict[str, Any]:
        """A reference to what is written under ``$defs``."""
        key = re.sub(r"[^a-z0-9]+", "_", re.sub(r"^(a|an) ", "", name.lower()))
        if self.defs.setdefault(key, written) != written:
            raise ValueError(f"two shapes go by the name {name!r}")
        return {"$ref": f"#/$defs/{key}"}


def _with(shape: Shape, written: dict[str, Any]) -> dict[str, Any]:
    return {**written, "description": shape.about} if shape.about else written
