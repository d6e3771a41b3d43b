"""What a model reads of an event: vocabularies, columns and scales, fitted on training students."""

from __future__ import annotations

from typing import Literal

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Floats
from kpisdk_edu_dkt.dkt.data.columns import INPUT_NUMBERS, QUERY_NUMBERS
from kpisdk_edu_dkt.dkt.data.events import Events
from kpisdk_edu_dkt.dkt.data.interactions import Ids
from kpisdk_edu_dkt.dkt.data.parsing import id_order
from kpisdk_edu_dkt.dkt.errors import ColumnsMismatchError
from kpisdk_edu_dkt.dkt.features.counts import COUNT_FEATURES

Unknown = Literal["index", "error"]
_LOGGED = frozenset({"time_spent"})  # log-normal by nature: a minute is no outlier


@attrs.frozen
class NumberColumn:
    """How one numeric column is brought to scale.

    Attributes:
        name: The column.
        log: Whether log(1 + value) is taken first.
        mean: Taken off, after the logarithm.
        scale: Divided by; 1 for a constant column.
        masked: Whether a mask bit says that the value is missing. Without it a missing value is
            an error: the model never saw one.
    """

    name: str
    log: bool
    mean: float
    scale: float
    masked: bool

    def scaled(self, values: Floats) -> Floats:
        """Values on the model's scale; missing ones become 0, their mask bit says so."""
        values = np.log1p(values) if self.log else values
        return np.nan_to_num((values - self.mean) / self.scale, nan=0.0)


@attrs.frozen
class EncoderOptions:
    """What the model is to be given.

    Attributes:
        answer: Whether the answer of past events is read (the notebook leaves it out).
        start: Whether there is a start step, so that first answers are predicted too.
        query: Whether the known columns of the very item are read, besides its skill.
        counts: Whether past right and wrong answers on the skill are read.
        log_time: Whether ``time_spent`` is read on a logarithmic scale.
        unknown: ``index`` answers unknown skills and phases by a head of their own, trained on
            skills that are masked at random; ``error`` refuses them.
        phases: Whether ``phase_type`` is read.
        numbers: Names of the numeric columns to read; None for all that the data have.
    """

    answer: bool = True
    start: bool = True
    query: bool = True
    counts: bool = True
    log_time: bool = True
    unknown: Unknown = "index"
    phases: bool = True
    numbers: tuple[str, ...] | None = None


@attrs.frozen
class Encoder:
    """Names and scales of everything a model reads. Part of the artefact.

    Attributes:
        skills: Known skills; the position is the head and the token.
        phases: Known phases; empty if the model reads none.
        inputs: Numeric columns of past events.
        queries: Numeric columns of the item that is to be predicted.
        options: What was requested of the encoder.
    """

    skills: tuple[str, ...]
    phases: tuple[str, ...]
    inputs: tuple[NumberColumn, ...]
    queries: tuple[NumberColumn, ...]
    options: EncoderOptions

    @property
    def unknown(self) -> int:
        """1 if there is an index for unknown ids, else 0."""
        return int(self.options.unknown == "index")

    @property
    def heads(self) -> int:
        """Number of heads: a skill each, and one for unknown skills under that policy."""
        return len(self.skills) + self.unknown

    @property
    def tokens(self) -> int:
        """Number of input tokens: head x answer, and the start token."""
        return self.heads * (2 if self.options.answer else 1) + int(self.options.start)

    @property
    def query_phases(self) -> int:
        """Number of phases that an item may have; 0 if the model reads none."""
        return len(self.phases) + self.unknown if self.phases else 0

    @property
    def input_phases(self) -> int:
        """Number of phases that a step may have: the start step has one of its own."""
        return self.query_phases + int(self.options.start) if self.phases else 0

    @property
    def input_width(self) -> int:
        """Numbers read of a past event, mask bits included."""
        return width(self.inputs)

    @property
    def query_width(self) -> int:
        """Numbers read of the item, mask bits included."""
        return width(self.queries)

    @property
    def count_width(self) -> int:
        """Numbers read of the counts."""
        return len(COUNT_FEATURES) if self.options.counts else 0


def width(columns: tuple[NumberColumn, ...]) -> int:
    """Numbers that some columns give: one each, and one more for each mask bit."""
    return len(columns) + sum(column.masked for column in columns)


def fit_encoder(events: Events, options: EncoderOptions | None = None) -> Encoder:
    """Vocabularies and scales of training events; no other event is ever looked at.

    Args:
        events: Training events.
        options: What the model reads; the default if None.

    Raises:
        ColumnsMismatchError: The options name a numeric column that the data lack.
    """
    options = options or EncoderOptions()
    interactions = events.interactions
    present = interactions.numbers
    wanted = options.numbers
    if wanted is not None:
        absent = tuple(name for name in wanted if name not in present)
        if absent:
            raise ColumnsMismatchError(interactions.source, absent, "these columns were asked for")
    read = [name for name in INPUT_NUMBERS if name in present and (not wanted or name in wanted)]
    if wanted is not None and not wanted:
        read = []
    scales = {name: _scale(name, events.numbers(name), options) for name in read}
    queries = [name for name in read if name in QUERY_NUMBERS and options.query]
    phases: tuple[str, ...] = ()
    if options.phases and interactions.phase is not None:
        phases = _used(interactions.phase)
    return Encoder(
        skills=_used(interactions.skill),
        phases=phases,
        inputs=tuple(scales[name] for name in read),
        queries=tuple(scales[name] for name in queries),
        options=options,
    )


def _used(ids: Ids) -> tuple[str, ...]:
    return tuple(sorted((ids.names[code] for code in np.unique(ids.codes)), key=id_order))


def _scale(name: str, values: Floats, options: EncoderOptions) -> NumberColumn:
    log = options.log_time and name in _LOGGED
    values = np.log1p(values) if log else values
    known = values[~np.isnan(values)]
    mean = float(known.mean()) if len(known) else 0.0
    spread = float(known.std()) if len(known) else 0.0
    return NumberColumn(name, log, mean, spread if spread > 1e-9 else 1.0, len(known) < len(values))
