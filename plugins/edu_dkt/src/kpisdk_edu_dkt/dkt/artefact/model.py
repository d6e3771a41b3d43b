"""A trained model in memory: everything that its folder on disk holds."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import AnyArray, Booleans, Floats, Integers
from kpisdk_edu_dkt.dkt.baseline.counts_regression import CountsRegression
from kpisdk_edu_dkt.dkt.data.columns import DIFFICULTY, PHASE, SKILL
from kpisdk_edu_dkt.dkt.data.difficulty_timing import with_settled_difficulty
from kpisdk_edu_dkt.dkt.data.events import Events
from kpisdk_edu_dkt.dkt.data.interactions import Interactions, Timing
from kpisdk_edu_dkt.dkt.data.splitting import fingerprints
from kpisdk_edu_dkt.dkt.evaluation.knowledge import is_beyond_chance, shows_mastery
from kpisdk_edu_dkt.dkt.features.architecture import Architecture
from kpisdk_edu_dkt.dkt.features.encoder import Encoder, NumberColumn
from kpisdk_edu_dkt.dkt.features.encoding import encode
from kpisdk_edu_dkt.dkt.serving.network import Network


@attrs.frozen(eq=False)
class Baseline:
    """The logistic regression on counts that the model is compared with.

    Attributes:
        encoder: What it reads; fitted on the same training students.
        regression: Its coefficients.
        base_rate: Share of right answers among the training students.
    """

    encoder: Encoder
    regression: CountsRegression
    base_rate: float

    def predict(self, events: Events) -> Floats:
        """(events,) probability of a right answer."""
        return self.regression.predict(encode(events, self.encoder))


@attrs.frozen(eq=False)
class Model:
    """A trained model.

    Attributes:
        encoder: What it reads.
        size: Its sizes.
        weights: Its weights, named as torch names them.
        baseline: What it is compared with; None for a model that came without training data.
        learned: Fingerprints of the students it was fitted on (to learn from, or to stop by).
        provenance: How it came about: options, data, split, versions (plain JSON values).
        metrics: Its report on the test students (plain JSON values); empty if never judged.
        difficulty_timing: Which ``difficulty`` its training data held; None if they held none, or
            if nobody knows.
        difficulty_look: Which one they looked like; None if they showed nothing.
    """

    encoder: Encoder
    size: Architecture
    weights: Mapping[str, AnyArray]
    baseline: Baseline | None = None
    learned: Integers = attrs.Factory(lambda: np.zeros(0, dtype=np.int64))
    provenance: Mapping[str, Any] = attrs.Factory(dict)
    metrics: Mapping[str, Any] = attrs.Factory(dict)
    difficulty_timing: Timing | None = None
    difficulty_look: Timing | None = None

    @property
    def network(self) -> Network:
        """The network, built from the weights on first use."""
        return _network(self)

    def predict(self, events: Events) -> Floats:
        """(events,) probability of a right answer; NaN where the model has no prediction."""
        return self.network.predict(encode(events, self.encoder))

    def settled(self, interactions: Interactions) -> Interactions:
        """Rows whose ``difficulty`` is what this model takes it for: the one used for the item.

        Raises:
            DifficultyTimingError: The rows show another one than the training data held.
        """
        reads = {column.name for column in self.item_columns}
        if DIFFICULTY.name not in reads and self.difficulty_timing is None:
            return interactions  # it reads none, or (the notebook's) the one after, as it stands
        return with_settled_difficulty(interactions, self.difficulty_timing, self.difficulty_look)

    @property
    def item_columns(self) -> tuple[NumberColumn, ...]:
        """The numbers that it, or its baseline, reads of the very item that is predicted."""
        others = () if self.baseline is None else self.baseline.encoder.queries
        return (*self.encoder.queries, *others)

    @property
    def item_names(self) -> tuple[str, ...]:
        """Names of all that it, or its baseline, reads of the very item that is predicted."""
        phases = (PHASE.name,) if self.encoder.phases and self.encoder.options.query else ()
        numbers = (column.name for column in self.item_columns)
        return tuple(dict.fromkeys((SKILL.name, *phases, *numbers)))

    def learned_from(self, students: tuple[str, ...]) -> Booleans:
        """(students,) which ids are among those that the model was fitted on."""
        return np.isin(fingerprints(students), self.learned)

    @property
    def head_drop(self) -> float | None:
        """How much AUC its test students lost when its heads were permuted, if that was tried."""
        return self._check("heads_permuted_drop")

    @property
    def rises_after_right(self) -> float | None:
        """Share of its test students' right answers after which the practised skill rose."""
        return self._check("rises_after_right")

    @property
    def is_mastery(self) -> bool:
        """Whether its outputs may be called mastery."""
        return shows_mastery(self.head_drop, self.rises_after_right)

    @property
    def is_beyond_chance(self) -> bool:
        """Whether its test students showed that it predicts better than chance."""
        auc = self.metrics.get("model", {}).get("auc", {})
        return is_beyond_chance(auc.get("low"))

    def _check(self, name: str) -> float | None:
        value = self.metrics.get("knowledge", {}).get(name)
        return None if value is None else float(value)


@functools.lru_cache(maxsize=8)
def _network(model: Model) -> Network:
    return Network.of(model.size, model.weights)
