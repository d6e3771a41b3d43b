"""A gate as annotations of a GitHub Actions run, and as the summary of its job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from kpisdk.cli.gate.judged_results import Judged, Judgement, Outcome
from kpisdk.cli.output import OutputError
from kpisdk.contracts.vocabulary import Status
from kpisdk.reporting import markdown_report, markdown_text, visible

ACTIONS_VARIABLE = "GITHUB_ACTIONS"
"""``true`` in the environment of every step of a workflow."""

SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"
"""Path of the file that a step appends its part of the job's summary to."""

MOST = 10
"""GitHub shows that many annotations of a level a step, and drops the others without a word."""

LARGEST = 1024 * 1024
"""Bytes of a step's summary; GitHub refuses a larger one as a whole."""


def is_here(environ: Mapping[str, str]) -> bool:
    """Whether this process is a step of a workflow."""
    return environ.get(ACTIONS_VARIABLE, "").lower() == "true"


def commands(judged: Judged) -> tuple[str, ...]:
    """Workflow commands, one per line.

    Errors are failed results, and after them those not judged; warnings are results in status
    warning that pass; notices those that ``--unknown ok`` lets pass. Beyond :data:`MOST` of a
    level, the last one names all that are left.
    """
    milder = [
        each
        for each in judged.having(Outcome.PASSED)
        if each.result is not None and each.result.status is Status.WARNING
    ]
    return (
        *_level("error", (*judged.having(Outcome.FAILED), *judged.having(Outcome.NOT_JUDGED))),
        *_level("warning", milder),
        *_level("notice", judged.having(Outcome.EXCUSED)),
    )


def command(level: str, title: str, message: str) -> str:
    """One workflow command, ``::error title=...::message``, escaped by GitHub's rules."""
    properties = _data(title).replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={properties}::{_data(message)}"


def summarise(judged: Judged, environ: Mapping[str, str]) -> None:
    """Append the verdict and the report to the summary of the job, where there is one.

    Raises:
        OutputError: the file cannot be written.
    """
    verdict = f"## KPI gate {judged.verdict.name.lower().replace('_', ' ')}\n"
    closed_by = [
        f"- {each.outcome.value}: {markdown_text(f'{each.subject}: {each.words}')}"
        for each in judged.having(Outcome.FAILED, Outcome.NOT_JUDGED)
    ]
    parts = [verdict, *closed_by, "", markdown_report(judged.report)]
    whole = "\n".join(parts)
    if len(whole.encode("utf-8", "replace")) > LARGEST:
        whole = f"{verdict}\nThe report is too large for a summary; see the log of the job.\n"
    _append(whole, environ)


def fail_summary(message: str, environ: Mapping[str, str]) -> None:
    """Append to the summary of the job that the gate came to nothing, and why.

    Raises:
        OutputError: the file cannot be written.
    """
    lines = "  \n".join(markdown_text(visible(line)) for line in message.splitlines())
    _append(f"## KPI gate not judged\n\n{lines}\n", environ)


def _append(text: str, environ: Mapping[str, str]) -> None:
    # Not replaced in one step as other files are: it belongs to all steps of the job.
    path = environ.get(SUMMARY_VARIABLE, "")
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8", newline="\n") as file:
            file.write(f"{text}\n")
    except OSError as error:
        raise OutputError(path, error.strerror or str(error)) from error


def _level(level: str, found: Sequence[Judgement]) -> Iterator[str]:
    shown = found if len(found) <= MOST else found[: MOST - 1]
    for each in shown:
        yield command(level, f"KPI {_what(each)}: {each.subject}", each.words)
    rest = found[len(shown) :]
    if rest:
        yield command(level, f"{len(rest)} more KPIs", _names(rest))


def _names(rest: Iterable[Judgement]) -> str:
    return "\n".join(f"{_what(each)}: {each.subject} ({each.why})" for each in rest)


def _what(judgement: Judgement) -> str:
    result = judgement.result
    if result is None or judgement.outcome in {Outcome.NOT_JUDGED, Outcome.EXCUSED}:
        return "not judged"
    return result.status.value


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
