"""Logits as probabilities: what the network, its baseline and its exports end with."""

from __future__ import annotations

import numpy as np

from kpisdk_edu_dkt.dkt.arrays import AnyArray, Floats


def sigmoid(logit: AnyArray) -> Floats:
    """``1 / (1 + exp(-logit))`` in double precision, without overflow.

    Args:
        logit: Log odds, of any shape.

    Returns:
        Probabilities from 0 to 1, of the same shape.
    """
    logit = np.asarray(logit, dtype=np.float64)
    small = np.exp(-np.abs(logit))
    return np.asarray(np.where(logit >= 0, 1.0, small) / (1.0 + small))
