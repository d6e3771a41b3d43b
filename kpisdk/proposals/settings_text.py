"""A settings file of proposals, with the reason of each beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from kpisdk.contracts.text_formats import ColumnFormat, TableFormat
from kpisdk.proposals.file_formats import FormatProposal
from kpisdk.proposals.matching import ColumnProposal, Sureness, TableProposal

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def settings_text(
    name: str,
    url: str,
    proposals: Mapping[TableProposal, FormatProposal],
    taken: frozenset[Sureness],
) -> str:
    """The text of a ``kpisdk.toml``.

    Args:
        name: the source's name.
        url: where it is, as a settings file says it.
        proposals: tables with the formats of their files.
        taken: how sure a proposal must be to be more than a comment.
    """
    lines = [
        "# Written by kpisdk init: what this source calls the tables and columns that KPIs read.",
        "# Correct what is wrong; kpisdk check says what each KPI makes of it.",
        f"default_source = {_text(name)}",
        "",
        f"[sources.{_key(name)}]",
        f"url = {_text(url)}",
    ]
    for proposal, how in proposals.items():
        lines += ["", *_mapping(name, proposal, taken)]
        if proposal.sureness in taken:
            lines += _formats(name, proposal.table, how)
    return "\n".join(lines) + "\n"


def _mapping(name: str, proposal: TableProposal, taken: frozenset[Sureness]) -> Iterator[str]:
    off = "" if proposal.sureness in taken else "# "
    yield f"# {proposal.dataset}: {proposal.sureness.value}"
    yield f"{off}[sources.{_key(name)}.tables.{proposal.dataset}]"
    yield f"{off}table = {_text(proposal.table)}"
    yield f"{off}[sources.{_key(name)}.tables.{proposal.dataset}.columns]"
    for each in proposal.columns:
        if each.physical == each.column:
            continue
        own = off or ("" if each.sureness in taken else "# ")
        yield f"{own}{each.column} = {_text(each.physical)}{_reason(each)}"
    if proposal.missing:
        yield f"# not found: {', '.join(proposal.missing)}"


def _reason(each: ColumnProposal) -> str:
    return "" if each.sureness is Sureness.SURE else f"  # {each.sureness.value}"


def _formats(name: str, table: str, found: FormatProposal) -> Iterator[str]:
    how = found.how
    where = f"sources.{_key(name)}.csv.tables.{_key(table)}"
    said = _said(how, TableFormat)
    if said or how.columns or found.left_open:
        yield ""
        yield f"[{where}]"
        yield from said
    for column, opened in found.left_open:
        yield f"# left open for column {_text(column)}: {opened}"
    for column, each in how.columns.items():
        yield f"[{where}.columns.{_key(column)}]"
        yield from _said(each, ColumnFormat)


def _said(how: ColumnFormat, cls: type) -> list[str]:
    keys = [field.name for field in attrs.fields(cls) if field.name != "columns"]
    values = {key: getattr(how, key) for key in keys}
    return [f"{key} = {_value(each)}" for key, each in values.items() if each not in (None, ())]


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_text, value))}]"
    return str(value) if isinstance(value, int) else _text(value)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
