"""The stream of batches: people by people, block after block, the same rows whatever the block."""
# ruff: noqa: TID253
# Joining Arrow columns is half of this file's job; it is imported only when rows are made.

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import attrs
import pyarrow as pa

from kpisdk_demo import (
    effects,
    evaluation,
    field,
    journeys,
    operations,
    people,
    predictions,
    scoring,
    treatments,
    triggers,
)
from kpisdk_demo.plan import CELL, Plan, plan
from kpisdk_demo.universe import Universe

BLOCK: Final = 2_000
"""Patients whose rows make one batch of a table."""


@attrs.frozen(eq=False)
class Batch:
    """Some rows of one table.

    Attributes:
        table: one of :data:`~kpisdk_demo.contract.TABLES`.
        columns: Arrow arrays of one length by column name, in the contract's order. Instants are
            microseconds in UTC without a zone; JSON is text.
        done: share of the patients (0 to 1) whose rows have been made with this batch.
    """

    table: str
    columns: Mapping[str, Any]
    done: float

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values())))


def generate(scale: float, seed: int, end: datetime, *, block: int = BLOCK) -> Iterator[Batch]:
    """All sixteen tables, in batches of bounded size.

    The rows depend on the three values alone. Memory does not grow with the scale: a first pass
    over the scores only counts what the stored model metrics need, a second one makes the rows.

    Args:
        scale: 1 is 10,000 patients.
        seed: a non-negative integer.
        end: the instant (UTC) that every row lies before.
        block: patients per batch, rounded up to whole cells of 500; the rows do not depend on it.

    Raises:
        DemoPlanError: an argument that cannot be used, before the first batch.
    """
    return _batches(plan(scale, seed, end), max(1, -(-block // CELL)))


def _batches(agreed: Plan, cells_per_batch: int) -> Iterator[Batch]:
    training = scoring.reference(agreed)
    population = (people.cell(agreed, place) for place in range(agreed.cells))
    counts = evaluation.tally(
        training, ((cell, scoring.scored(cell, training)) for cell in population)
    )
    figures = counts.figures()
    universe = Universe()
    for start in range(0, agreed.cells, cells_per_batch):
        places = range(start, min(start + cells_per_batch, agreed.cells))
        tables: dict[str, list[dict[str, Any]]] = {}
        for place in places:
            cell = people.cell(agreed, place)
            universe.add(cell)
            for table, rows in _of_cell(cell, scoring.scored(cell, training), figures):
                tables.setdefault(table, []).append(rows)
        for table, parts in tables.items():
            yield Batch(table, _joined(parts), places.stop / agreed.cells)
    for sessions in operations.user_sessions(agreed):
        yield Batch("user_sessions", sessions, 1.0)
    yield Batch("business_metrics", operations.business_metrics(agreed), 1.0)
    yield Batch("agent_activities", operations.agent_activities(agreed), 1.0)
    yield Batch("data_source_tracking", operations.data_source_tracking(agreed), 1.0)
    yield Batch("etl_pipeline_metrics", operations.etl_pipeline_metrics(agreed), 1.0)
    yield Batch("causal_paths", effects.causal_paths(agreed), 1.0)
    described = predictions.ml_preprocessing_metadata(agreed, training)
    yield Batch("ml_preprocessing_metadata", described, 1.0)
    yield Batch("feature_drift_metrics", predictions.feature_drift_metrics(agreed, counts), 1.0)
    yield Batch("reference_universe", universe.rows(agreed), 1.0)


def _of_cell(
    cell: people.Cell, scores: scoring.Scored, figures: Sequence[evaluation.Figures]
) -> Iterator[tuple[str, dict[str, Any]]]:
    fired = triggers.triggers(cell)
    treated, events = treatments.treatment_events(cell, fired)
    yield "hcp_profiles", journeys.hcp_profiles(cell)
    yield "patient_journeys", journeys.patient_journeys(cell, treated)
    yield "triggers", fired.rows
    yield "treatment_events", events
    yield "ml_predictions", predictions.ml_predictions(cell, scores, figures)
    yield "hcp_intent_surveys", field.hcp_intent_surveys(cell)
    yield "ml_annotations", field.ml_annotations(cell)


def _joined(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The columns of several cells, one after another."""
    return {name: pa.concat_arrays([part[name] for part in parts]) for name in parts[0]}
