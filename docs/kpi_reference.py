"""Writes one page a workstream from the registry of the installed plugins."""

from __future__ import annotations

from pathlib import Path

from kpisdk import Kpi, Workspace
from kpisdk.registry.kpi_dictionary import sampling_words


def write(folder: Path) -> None:
    """Write the pages of all installed KPIs, and an index of them."""
    registry = Workspace().registry
    if registry.problems:
        raise SystemExit("\n".join(map(str, registry.problems)))
    folder.mkdir(parents=True, exist_ok=True)
    for workstream in registry.workstreams:
        kpis = [kpi for kpi in registry.kpis.values() if kpi.workstream == workstream]
        owner = registry.owner(kpis[0].id)
        head = f"# {workstream}\n\nBrought by `{owner.distribution}`.\n"
        _update(folder / f"{workstream}.md", head + "".join(_section(kpi) for kpi in kpis))
    entries = "\n".join(registry.workstreams)
    _update(
        folder / "index.md",
        f"# KPIs\n\nAll {len(registry.kpis)} KPIs of this repository. A guardrail is the KPI that "
        f"must not get worse while this one improves.\n\n{_index(tuple(registry.kpis.values()))}\n"
        f"```{{toctree}}\n:hidden:\n:maxdepth: 1\n\n{entries}\n```\n",
    )


_TITLES = ("KPI", "name", "workstream", "unit", "target", "owner", "guardrail")


def _index(kpis: tuple[Kpi, ...]) -> str:
    """A table of all KPIs; a script of the page puts a search box above it."""
    rows = [
        (
            _link(kpi.id),
            kpi.name,
            kpi.workstream,
            kpi.unit.value,
            _target(kpi),
            kpi.governance.owner,
            ", ".join(_link(each.kpi_id) for each in kpi.guardrails) or kpi.governance.guardrail,
        )
        for kpi in kpis
    ]
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    head = [f"| {' | '.join(_TITLES)} |", f"|{'---|' * len(_TITLES)}"]
    table = "\n".join([*head, *lines])
    return f":::{{table}}\n:class: searchable\n\n{table}\n:::\n"


def _target(kpi: Kpi) -> str:
    if kpi.thresholds is None:
        return ""
    return f"{'≥' if kpi.direction.value == 'higher' else '≤'} {kpi.target:g}"


def _link(kpi_id: str) -> str:
    return f"{{ref}}`{kpi_id} <kpi-{kpi_id.lower()}>`"


def _update(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _section(kpi: Kpi) -> str:
    rows = {
        "Formula": f"`{kpi.formula}`",
        "Unit": kpi.unit.value,
        "Direction": f"{kpi.direction.value} is better"
        if kpi.direction.value != "context"
        else "read in context",
        "Frequency": kpi.frequency.value,
        "Calculation": "not said" if kpi.calculation_type is None else kpi.calculation_type.value,
        "Window": "none" if kpi.window is None else kpi.window.label,
        "Sampling": sampling_words(kpi),
        "Tables": ", ".join(f"`{dataset.name}`" for dataset in kpi.datasets) or "none",
        "Thresholds": "none"
        if kpi.thresholds is None
        else f"target {kpi.target:g}, warning {kpi.warning:g}, critical {kpi.critical:g}",
    }
    if kpi.governance.owner:
        rows["Owner"] = kpi.governance.owner
    guardrails = ", ".join(_link(each.kpi_id) for each in kpi.guardrails)
    if guardrails or kpi.governance.guardrail:
        rows["Guardrail"] = guardrails or kpi.governance.guardrail
    if kpi.primary_library is not None:
        rows["Primary library"] = kpi.primary_library
    if kpi.parameters:
        rows["Parameters"] = "; ".join(
            f"`{each.name}` ({each.type.value}, default {each.default}) {each.description}"
            for each in kpi.parameters
        )
    table = "\n".join(
        f"| {name} | {text.replace('|', chr(92) + '|')} |" for name, text in rows.items()
    )
    needed = "" if kpi.requires is None else f" --by {kpi.requires.column}"
    example = f"kpisdk compute {kpi.id}{needed} --source warehouse"
    return (
        f"\n(kpi-{kpi.id.lower()})=\n\n## {kpi.id}: {kpi.name}\n\n{kpi.definition}\n\n"
        f"| | |\n|---|---|\n{table}\n\n"
        f"```\n{example}\n```\n"
    )
