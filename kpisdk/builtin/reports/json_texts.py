"""A report as JSON: one object, or one line per result. Full precision; never NaN or infinity."""

from __future__ import annotations

import json
import re
from typing import Any

from kpisdk.contracts.results import SCHEMA_VERSION, Report, plain

# Valid in JSON strings and nowhere else in JSON, so that a replacement is safe: lone surrogates
# cannot be written as UTF-8, and the others end a line for some readers of JSON lines.
_TROUBLE = re.compile("[\ud800-\udfff\u0085\u2028\u2029]")


def render(report: Report, colour: bool = False) -> str:
    """The object of ``kpisdk compute --format json``, indented."""
    del colour
    return f"{json_text(report.to_dict(), indent=2)}\n"


def render_lines(report: Report, colour: bool = False) -> str:
    """One object a line: a result, and beside it what the report says of all results.

    Each line stands alone once it is in a file or a queue, so each says its source, and with it
    whether the data are synthetic.
    """
    del colour
    document = report.to_dict()
    shared = {"schema_version": SCHEMA_VERSION, "source": document["source"]}
    lines = [
        {**result, **shared, "as_of": result["as_of"] or document["as_of"]}
        for result in document["results"]
    ]
    return "".join(f"{json_text(line)}\n" for line in lines)


def json_text(value: Any, indent: int | None = None) -> str:
    """``value`` as JSON, readable in any script; not-a-numbers and infinities are null."""
    text = json.dumps(plain(value), ensure_ascii=False, indent=indent, allow_nan=False)
    return _TROUBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
