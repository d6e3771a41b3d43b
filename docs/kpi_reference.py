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
        f"# KPIs\n\nAll {len(registry.kpis)} KPIs of this repository, by workstream.\n\n"
        f"```{{toctree}}\n:maxdepth: 1\n\n{entries}\n```\n",
    )


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
        f"\n## {kpi.id}: {kpi.name}\n\n{kpi.definition}\n\n| | |\n|---|---|\n{table}\n\n"
        f"```\n{example}\n```\n"
    )
