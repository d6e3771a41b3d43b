"""``kpisdk init``: a kpisdk.toml for a source, proposed from its tables, columns and values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from kpisdk.cli.installation import Installation
from kpisdk.errors import KpisdkError, UsageError, listed

if TYPE_CHECKING:
    from kpisdk.engine.availability import CheckReport
    from kpisdk.proposals.file_formats import FormatProposal
    from kpisdk.proposals.matching import Sureness, TableProposal

NAME = "kpisdk.toml"


@attrs.define(eq=False)
class SettingsThereError(UsageError):
    """A settings file that would be written over."""

    path: str

    template = "{path} is there already. Give --force to replace it, or --output for another file."


@attrs.define(eq=False)
class NothingToAskError(UsageError):
    """Proposals need an answer, and nobody is there to give it."""

    template = "Nobody is asked here, since this is no terminal. Give --yes to take what is likely."


@attrs.define(eq=False)
class NothingFoundError(KpisdkError):
    """No table of a source seems to be one that KPIs read."""

    source: str
    tables: tuple[str, ...]
    datasets: tuple[str, ...]

    @property
    def message(self) -> str:
        there = f"It has {listed(map(repr, self.tables), 8)}" if self.tables else "It has no tables"
        example = self.datasets[0] if self.datasets else "DATASET"
        one = self.tables[0] if len(self.tables) == 1 else "TABLE"
        return (
            f"No table of {self.source!r} seems to be one that installed KPIs read. {there}. "
            f"Say which it is with --table, such as --table {example}"
            f"{'' if len(self.tables) == 1 else f'={one}'}. KPIs read: {listed(self.datasets, 20)}."
        )


@click.command("init")
@click.argument("source", metavar="SOURCE")
@click.option("--yes", is_flag=True, help="Take what is sure or likely, and ask nothing.")
@click.option(
    "--table",
    "tables",
    multiple=True,
    metavar="DATASET[=TABLE]",
    help="The table of a dataset; of a source with one table, the dataset alone.",
)
@click.option(
    "--name", metavar="NAME", default="main", show_default=True, help="The source's name."
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    default=NAME,
    show_default=True,
    metavar="FILE",
    help="The settings file to write.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.pass_obj
def command(
    here: Installation,
    source: str,
    yes: bool,
    tables: tuple[str, ...],
    name: str,
    output: Path,
    force: bool,
) -> None:
    """Propose a settings file for SOURCE: a folder, a file or a URL.

    Looks at names, types and values of its tables, shows what they seem to be and how sure that is,
    writes the file, and says which KPIs then answer.
    """
    from kpisdk.proposals.matching import Sureness
    from kpisdk.proposals.settings_text import settings_text
    from kpisdk.proposals.source_drafts import draft

    path = here.folder / output
    if path.exists() and not force:
        raise SettingsThereError(str(output))
    here.warn()
    found = draft(source, here.registry, tables)
    for text in found.unread:
        here.note(f"Not looked at: {text}")
    if not found.proposals:
        raise NothingFoundError(source, found.tables, tuple(here.registry.contract))
    for proposal, how in found.proposals.items():
        _show(proposal, how)
    taken = frozenset((Sureness.SURE, Sureness.LIKELY))
    if not yes:
        taken = _asked(found.proposals, taken)
    url = _url(found.url, here.folder, path)
    path.write_text(settings_text(name, url, found.proposals, taken), encoding="utf-8")
    click.echo(f"\nWrote {output}.")
    if found.secret is not None:
        click.echo(f"Set {found.secret} to the password before you go on.")
        return
    _tell(_checked(path))


def _url(location: str, folder: Path, path: Path) -> str:
    """A location as the settings file says it: relative paths are relative to its folder."""
    import os

    if "://" in location or location.startswith("~") or Path(location).is_absolute():
        return location
    return os.path.relpath(folder / location, path.parent)


def _show(proposal: TableProposal, how: FormatProposal) -> None:
    click.echo(f"\n{proposal.dataset}  <-  {proposal.table}  ({proposal.sureness.value})")
    width = max(len(each.column) for each in proposal.columns) if proposal.columns else 0
    for each in proposal.columns:
        click.echo(f"  {each.column:<{width}}  <-  {each.physical}  ({each.sureness.value})")
    if proposal.missing:
        click.echo(f"  not found: {', '.join(proposal.missing)}")
    for column, opened in how.left_open:
        click.echo(f"  left open for {column}: {opened}")


def _asked(
    proposals: dict[TableProposal, FormatProposal], taken: frozenset[Sureness]
) -> frozenset[Sureness]:
    """How sure what is taken must be, as the user says it."""
    import sys

    from kpisdk.proposals.matching import Sureness

    if not sys.stdin.isatty():
        raise NothingToAskError
    click.confirm("\nTake what is sure and likely?", default=True, abort=True)
    sure = {each.sureness for each in proposals}
    sure |= {column.sureness for each in proposals for column in each.columns}
    if Sureness.UNSURE in sure and click.confirm("Take what is unsure, too?", default=False):
        return taken | {Sureness.UNSURE}
    return taken


def _checked(path: Path) -> CheckReport:
    from kpisdk.workspace import Workspace

    with Workspace(settings=path, cache="off") as workspace:
        return workspace.check()


def _tell(report: CheckReport) -> None:
    from kpisdk.engine.availability import Finding

    answering = [each for each in report.kpis if each.finding is Finding.CALCULABLE]
    click.echo(f"{len(answering)} of {len(report.kpis)} KPIs answer:")
    for each in answering:
        click.echo(f"  {each.kpi_id}  {each.name}")
    left = [each for each in report.kpis if each.kind in ("type", "query")]
    for each in left:
        click.echo(f"  {each.kpi_id}  not yet: {each.message}")
    if answering:
        click.echo(f"Next: kpisdk compute {answering[0].kpi_id}")
    else:
        click.echo("Next: kpisdk check, which says what is missing for each.")
