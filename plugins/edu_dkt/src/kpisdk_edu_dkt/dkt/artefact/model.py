"""A trained model in memory: everything that its folder on disk holds."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import AnyArray, Booleans, Floats, Integers
from kpisdk_edu_dkt.dkt.data.events import Events
from kpisdk_edu_dkt.dkt.data.splitting import fingerprints
from kpisdk_edu_dkt.dkt.features.architecture import Architecture
from kpisdk_edu_dkt.dkt.features.encoder import Encoder
from kpisdk_edu_dkt.dkt.features.encoding import encode
from kpisdk_edu_dkt.dkt.judging.logistic import CountsRegression
from kpisdk_edu_dkt.dkt.serving.network import Network

LEAST_HEAD_DROP = 0.02
"""Loss of AUC on permuting the heads, under which outputs may not be called mastery."""


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
    """

    encoder: Encoder
    size: Architecture
    weights: Mapping[str, AnyArray]
    baseline: Baseline | None = None
    learned: Integers = attrs.Factory(lambda: np.zeros(0, dtype=np.int64))
    provenance: Mapping[str, Any] = attrs.Factory(dict)
    metrics: Mapping[str, Any] = attrs.Factory(dict)

    @property
    def network(self) -> Network:
        """The network, built from the weights on first use."""
        return _network(self)

    def predict(self, events: Events) -> Floats:
        """(events,) probability of a right answer; NaN where the model has no prediction."""
        return self.network.predict(encode(events, self.encoder))

    def learned_from(self, students: tuple[str, ...]) -> Booleans:
        """(students,) which ids are among those that the model was fitted on."""
        return np.isin(fingerprints(students), self.learned)

    @property
    def head_drop(self) -> float | None:
        """How much AUC its test students lost when its heads were permuted, if that was tried."""
        drop = self.metrics.get("knowledge", {}).get("heads_permuted_drop")
        return None if drop is None else float(drop)

    @property
    def is_mastery(self) -> bool:
        """Whether its outputs may be called mastery."""
        return self.head_drop is not None and self.head_drop >= LEAST_HEAD_DROP


@functools.lru_cache(maxsize=8)
def _network(model: Model) -> Network:
    return Network.of(model.size, model.weights)
