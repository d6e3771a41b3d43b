"""What of a run says something else of a closed period than what was recorded before, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kpisdk_history.store import Restatement, Run, Writing
from kpisdk_history.store.definitions import is_other_definition, is_other_package

TOLERANCE = 1e-9
"""A difference beyond it is one: absolute up to 1, relative above."""

LATE_ROWS = "late_rows"
CHANGED_ROWS = "changed_rows"
DEFINITION = "definition"
PACKAGE = "package"
ENGINE = "engine"


def differs(old: float | None, new: float | None) -> bool:
    """Whether two values are two: beyond the tolerance, or one of them is missing.

    Args:
        old: the value before; ``None`` is a missing one.
        new: the value now; ``None`` is a missing one.
    """
    if old is None or new is None:
        return old is not new
    return abs(new - old) > TOLERANCE * max(1.0, abs(old), abs(new))


def reasons(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """All that can have moved a figure, as rows of ``kpisdk_results`` tell it.

    Rows are late where their number grew. They changed where nothing else tells two results apart.

    Args:
        old: the row of the figure that was recorded before.
        new: the row of this run.
    """
    found = []
    if is_other_definition(old, new):
        found.append(DEFINITION)
    if is_other_package(old, new):
        found.append(PACKAGE)
    if old["engine"] != new["engine"] or old["driver"] != new["driver"]:
        found.append(ENGINE)
    # Of a period without any row it is not told how many there were.
    before = old["n"] or (0 if old["value"] is None else None)
    after = new["n"]
    if before is not None and after is not None and after > before:
        found.append(LATE_ROWS)
    elif not found:
        found.append(CHANGED_ROWS)
    return tuple(found)


def restatements(
    run: Run,
    rows: Sequence[Mapping[str, Any]],
    numbers: Iterable[int],
    earlier: Mapping[str, Mapping[str, Any]],
) -> Iterator[Restatement]:
    """The figures of a run that were settled before, and came out differently.

    Args:
        run: the run.
        rows: its results, as rows.
        numbers: their numbers in the store.
        earlier: the last known row of each figure before the run.
    """
    for row, number in zip(rows, numbers, strict=True):
        before = earlier.get(row["figure"])
        if before is None or not (row["known"] and row["settled"] and before["settled"]):
            continue
        if differs(before["value"], row["value"]):
            yield Restatement(
                run_id=run.id,
                result_id=number,
                earlier_id=before["id"],
                recorded_at=run.recorded_at,
                kpi_id=row["kpi_id"],
                figure=row["figure"],
                old=before["value"],
                new=row["value"],
                reasons=reasons(before, row),
            )


def gone(writing: Writing, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows for the figures that were recorded before, and that a run should have found again.

    They are those of a cut and window that the run computed for other slices: a group whose rows
    are no more is missing from a result, and would be missed by nobody. A bucket without rows is
    among the results, without a value.

    Args:
        writing: the transaction of the run.
        rows: the results of the run, as rows.
    """
    found = []
    for cut, mine in _by_cut(rows).items():
        computed = [each for each in mine if each["known"] and each["window_end"] is not None]
        starts = [each["window_start"] for each in computed]
        if not computed or None in starts:
            continue
        present = {each["figure"] for each in mine}
        windows = {(each["window_start"], each["window_end"]) for each in computed}
        span = (min(starts), max(each["window_end"] for each in computed))
        missing = [
            figure
            for figure, window in writing.figures_within(computed[0]["kpi_id"], cut, span)
            if figure not in present and window in windows
        ]
        found += [
            _gone(before, writing.json(before["id"]), computed[0])
            for before in writing.latest(missing).values()
            if before["value"] is not None
        ]
    return found


def _by_cut(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["cut"], []).append(row)
    return found


def _gone(before: Mapping[str, Any], text: str, beside: Mapping[str, Any]) -> dict[str, Any]:
    """A figure without a value, where it stood before; who looked for it is whoever computed."""
    nothing = {
        "value": None,
        "status": "unknown",
        "reason": "no_rows",
        "decided": None,
        "low": None,
        "high": None,
        "n": 0,
        "gone": True,
    }
    looked = ("as_of", "definition_version", "plugin", "core", "engine", "driver", "source")
    row: dict[str, Any] = {**before, **nothing, **{name: beside[name] for name in looked}}
    for name in ("id", "run_id"):
        del row[name]
    raw, sibling = json.loads(text), json.loads(beside["json"])
    shared = ("as_of", "computed_at", "definition_version", "manifest", "answered_by")
    empty = ("interval", "interval_reason", "numerator", "denominator", "p_value", "comparison")
    raw |= {name: sibling[name] for name in shared} | dict.fromkeys(empty)
    raw |= {name: nothing[name] for name in ("value", "status", "reason", "decided", "n")}
    raw |= {"message": "It was recorded before, and no row of it is left.", "warnings": []}
    row["json"] = json.dumps(raw, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return row


def restatement_text(each: Restatement) -> str:
    """A restatement in a line: the KPI, both values, and why."""
    old, new = ("none" if value is None else f"{value:.6g}" for value in (each.old, each.new))
    why = ", ".join(reason.replace("_", " ") for reason in each.reasons)
    return f"{each.kpi_id} {old} -> {new} ({why})"
