"""Sphinx configuration; the reference of KPIs is written from the registry before each build."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import command_reference  # noqa: E402
import definition_reference  # noqa: E402
import kpi_reference  # noqa: E402

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
exclude_patterns = ["_build", "examples"]
html_theme = "furo"
html_title = "kpisdk"
myst_enable_extensions = ["colon_fence", "deflist"]
autodoc_member_order = "bysource"
autodoc_typehints = "none"
nitpicky = True
nitpick_ignore_regex = [
    # Records of the standard library and of attrs are not ours to document.
    (r"py:.*", r"(datetime|pathlib|collections|typing|enum|attrs|click|pluggy|sqlite3)\..*"),
    (r"py:.*", r"~?kpisdk\..*"),
    (r"py:.*", r"(ValueError|KeyError|TypeError|Exception|optional|callable|date|datetime)"),
]

kpi_reference.write(HERE / "reference" / "kpis")
command_reference.write(HERE / "reference" / "cli.md")
definition_reference.write(HERE / "reference" / "definitions.md")
