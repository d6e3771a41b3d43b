"""How a watched terminal shows how far a computation is, without leaving a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, TypeAlias

from kpisdk.cli.terminal import has_colour, is_watched

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done, and how many there are."""


@contextmanager
def progress_on(stream: IO[Any], environ: Mapping[str, str]) -> Iterator[Progress | None]:
    """A progress line on ``stream``; ``None`` where nobody watches it."""
    if not is_watched(stream, environ):
        yield None
        return
    # Only here, because rich costs as much to import as the whole of `kpisdk list`.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress as Bar, TextColumn

    bar = Bar(
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
        console=Console(
            file=stream,
            force_terminal=True,  # it is one: looked at above
            force_interactive=True,
            no_color=not has_colour(stream, environ),
        ),
        transient=True,
        # No thread of its own, and no stream replaced: plugins' functions run meanwhile.
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    task = bar.add_task("", total=None)

    def show(what: str, done: int, total: int) -> None:
        bar.update(task, description=what[:60], completed=done, total=total or None, refresh=True)

    with bar:
        yield show
