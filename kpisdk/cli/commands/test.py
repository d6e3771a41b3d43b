"""``kpisdk test``: the examples of KPIs on every engine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from kpisdk.cli.installation import Installation
from kpisdk.cli.options import output_option, table_format, workstream_option
from kpisdk.cli.table_output import show
from kpisdk.errors import FAILURE, UsageError, listed
from kpisdk.examples.example_engines import ENGINES, absence

if TYPE_CHECKING:
    from kpisdk.examples.example_runs import Outcome

POSTGRESQL_VARIABLE = "KPISDK_TEST_POSTGRESQL"


@attrs.define(eq=False)
class NoExamplesError(UsageError):
    """KPIs were to be tested by their examples, and have none."""

    kpi_ids: Sequence[str]

    @property
    def message(self) -> str:
        whose = listed(self.kpi_ids) if self.kpi_ids else "No installed KPI"
        lacks = "have no examples" if len(self.kpi_ids) > 1 else "has no examples"
        lacks = lacks if self.kpi_ids else "has examples"
        return f"{whose} {lacks}. Add some under `examples` of a definition, or to the record."


@attrs.define(eq=False)
class AbsentEngineError(UsageError):
    """A requested engine is not there."""

    engine: str
    why: str

    template = "The engine {engine!r} is not there: {why}"


@click.command("test")
@click.argument("kpi_ids", nargs=-1, metavar="[KPI]...")
@workstream_option
@click.option(
    "--engine",
    "engines",
    multiple=True,
    type=click.Choice(ENGINES),
    help="Only this engine; may repeat. By default all that are there.",
)
@click.option(
    "--postgresql",
    metavar="URL",
    help=f"A PostgreSQL server (also: {POSTGRESQL_VARIABLE}); a schema of its own is made there.",
)
@table_format()
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    kpi_ids: tuple[str, ...],
    workstream: str | None,
    engines: tuple[str, ...],
    postgresql: str | None,
    form: str,
    output: Path | None,
) -> None:
    """Run the examples of KPIs on every engine.

    The rows of an example go in, and what comes out is compared with what it expects. Exits with 0
    when all pass, 1 when one differs, 2 for a wrong request.
    """
    from kpisdk.examples.example_runs import run_examples

    here = ctx.ensure_object(Installation)
    url = postgresql or here.environ.get(POSTGRESQL_VARIABLE)
    settings, registry = here.settings, here.registry
    here.warn()
    everything = not kpi_ids and workstream is None
    chosen = registry.resolve(kpi_ids, workstream, everything)
    tested = [each for each in chosen if registry.kpis[each].examples]
    untested = [each for each in kpi_ids if each.upper() in {*chosen} - {*tested}]
    if untested or not tested:
        raise NoExamplesError(untested)
    for engine in dict.fromkeys(engines):
        why = absence(engine, url)
        if why is not None:
            raise AbsentEngineError(engine, why)
    wanted = tuple(dict.fromkeys(engines)) or ENGINES
    outcomes = list(run_examples(registry, tested, wanted, settings, url))
    rows = [_row(here, each) for each in _by_example(outcomes)]
    show(here, rows, ("kpi", "example", *wanted, "differences"), form, output, _document(rows))
    _tell(here, outcomes)
    if any(each.state.value == "failed" for each in outcomes):
        ctx.exit(FAILURE)


def _by_example(outcomes: Sequence[Outcome]) -> list[list[Outcome]]:
    grouped: dict[tuple[str, str], list[Outcome]] = {}
    for each in outcomes:
        grouped.setdefault((each.kpi_id, each.example), []).append(each)
    return list(grouped.values())


def _row(here: Installation, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    differing: dict[tuple[str, ...], list[str]] = {}
    for each in outcomes:
        if each.state.value == "failed":
            differing.setdefault(each.remarks, []).append(each.engine)
    return {
        "kpi": outcomes[0].kpi_id,
        "example": outcomes[0].example,
        **{each.engine: each.state.value for each in outcomes},
        "differences": [
            f"{', '.join(engines)}: {here.redact('; '.join(remarks))}"
            for remarks, engines in differing.items()
        ],
    }


def _document(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    failed = sum(bool(row["differences"]) for row in rows)
    return {"examples": len(rows), "failed": failed, "results": list(rows)}


def _tell(here: Installation, outcomes: Sequence[Outcome]) -> None:
    """What was not run and why, and the sum of it all."""
    absent: dict[tuple[str, str], int] = {}
    for each in outcomes:
        if each.state.value == "absent":
            key = (each.engine, " ".join(each.remarks))
            absent[key] = absent.get(key, 0) + 1
    for (engine, why), count in absent.items():
        here.note(f"Not run on {engine} ({_examples(count)}): {why}")
    counts = {
        state: sum(each.state.value == state for each in outcomes)
        for state in ("passed", "failed", "absent")
    }
    said = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    here.note(f"{_examples(len(_by_example(outcomes)))}: {said} (example on engine).")


def _examples(count: int) -> str:
    return f"{count} example{'s' * (count != 1)}"
