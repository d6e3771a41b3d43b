"""The hooks of this plugin, and nothing else."""

from collections.abc import Iterable

from kpisdk import Report, ReportFormat, hookimpl


@hookimpl
def kpisdk_reports() -> Iterable[ReportFormat]:
    """The format ``atom``."""
    yield ReportFormat("atom", _render, machine=True, suffix=".atom")


def _render(report: Report, colour: bool) -> str:  # noqa: ARG001 - a feed has no colours
    from kpisdk_atom.feed import render

    return render(report)
