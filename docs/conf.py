"""Sphinx configuration; reference pages are written from the code before each build."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import addition_reference  # noqa: E402
import brought_reference  # noqa: E402
import command_reference  # noqa: E402
import definition_reference  # noqa: E402
import difference_reference  # noqa: E402
import engine_reference  # noqa: E402
import facade_reference  # noqa: E402
import hook_reference  # noqa: E402
import kpi_reference  # noqa: E402
import reason_reference  # noqa: E402
import sampling_reference  # noqa: E402
import setting_reference  # noqa: E402
from wording import update  # noqa: E402

from kpisdk.plugins import load_plugins  # noqa: E402
from kpisdk.registry import Registry  # noqa: E402

project = "kpisdk"
author = "The kpisdk authors"
copyright = "The kpisdk authors"  # noqa: A001 - Sphinx's own name
release = "0.1.0"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build", "examples", "tests", "reference/generated"]
html_theme = "furo"
html_title = "kpisdk"
html_static_path = ["static"]
html_js_files = [("search_tables.js", {"defer": "defer"})]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
nitpicky = True
nitpick_ignore_regex = [
    # Records of the standard library and of attrs are not ours to document.
    (r"py:.*", r"(datetime|pathlib|collections|typing|enum|attrs|click|pluggy|sqlite3)\..*"),
    (r"py:.*", r"~?kpisdk\..*"),
    # Types of signatures: of other libraries, of rooms without a page, and parts of generic ones.
    (r"py:.*", r"(contextlib|os|pytest|_pytest|types)\..*"),
    (r"py:.*", r"(tuple|Mapping|Sequence)\[.*"),
    (r"py:class", r"(HelperViews|Explanation|CheckReport)"),
    (r"py:exc", r"OutOfCalendarError"),  # of a room without a page
    (r"py:data", r"ENGINES"),  # documented in a module that re-exports it
    (r"py:.*", r"(ValueError|KeyError|TypeError|Exception|optional|callable|date|datetime)"),
]

loaded = load_plugins()
GENERATED = HERE / "reference" / "generated"
for name, text in {
    "hooks": hook_reference.page(loaded),
    "settings": setting_reference.page(Registry(loaded)),
    "reasons": reason_reference.page(),
    "interval_reasons": reason_reference.interval_reasons(),
    "sampling": sampling_reference.page(Registry(loaded)),
    "facade": facade_reference.page(),
    "engines": engine_reference.page(loaded),
    "differences": difference_reference.page(),
    "additions": addition_reference.page(),
    "sources": brought_reference.sources(loaded),
    "caches": brought_reference.caches(loaded),
    "reports": brought_reference.reports(loaded),
}.items():
    update(GENERATED / f"{name}.md", text)

kpi_reference.write(HERE / "reference" / "kpis")
command_reference.write(HERE / "reference" / "cli.md")
definition_reference.write(HERE / "reference" / "definitions.md")
