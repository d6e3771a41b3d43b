"""What fills templates: those of this room and of plugins, every text in them escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpisdk.builtin.pages.workstream_words import workstream_words
from kpisdk.builtin.reports.escaping import visible, visible_lines

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(str(files("kpisdk.builtin.pages")))


def page(template: str, folders: Sequence[Path] = (), **shown: Any) -> str:
    """A template filled with what it shows.

    Every text is escaped, and what would not print (terminal sequences, characters that turn the
    direction of writing) is written as an escape.

    Args:
        template: its name, such as ``scorecard.html``.
        folders: where templates are looked for before the built-in ones.
        **shown: what the template names.
    """
    return _environment(tuple(folders)).get_template(template).render(**shown)


def asset(name: str) -> str:
    """A style sheet or script of the pages as text, such as ``page.css``."""
    return (HERE / "static" / name).read_text(encoding="utf-8")


def slim_asset(name: str) -> str:
    """The same without indentation and whole lines of comment, to stand inside of a page."""
    lines = (line.strip() for line in asset(name).splitlines())
    text = "\n".join(line for line in lines if line and not line.startswith("//"))
    return re.sub(r"\s*([{};,])\s*", r"\1", text) if name.endswith(".css") else text


@cache
def _environment(folders: tuple[Path, ...]) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup, escape

    def shown(value: Any) -> Any:
        return (
            visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
        )

    environment = Environment(
        loader=FileSystemLoader([*folders, HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=shown,
    )
    environment.filters["words"] = workstream_words
    environment.filters["lines"] = lambda text: Markup(escape(visible_lines(text)))  # noqa: S704 - escaped
    return environment
