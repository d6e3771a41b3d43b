"""What a reader of a causal value should know: the codes of warnings and refusals.

A code stands for one thing wherever it occurs; its sentence says what it is in the case at hand.
"""

from __future__ import annotations

import attrs

LOW_OVERLAP = "LOW_OVERLAP"
SMALL_N = "SMALL_N"
CLIPPED = "CLIPPED"
SEPARATION = "SEPARATION"
CONSTANT_OUTCOME = "CONSTANT_OUTCOME"
CONSTANT_COVARIATE_DROPPED = "CONSTANT_COVARIATE_DROPPED"
COLLINEAR_COVARIATE_DROPPED = "COLLINEAR_COVARIATE_DROPPED"
RATIO_UNSTABLE = "RATIO_UNSTABLE"
INCONSISTENT_MEDIATION = "INCONSISTENT_MEDIATION"
LIBRARY_FALLBACK = "LIBRARY_FALLBACK"
ONE_ARM = "ONE_ARM"
SHORT_PRE_PERIOD = "SHORT_PRE_PERIOD"
POOR_PRE_FIT = "POOR_PRE_FIT"
CROSS_CHECK_FAILED = "CROSS_CHECK_FAILED"
NOT_CONVERGED = "NOT_CONVERGED"
NO_SPREAD = "NO_SPREAD"
SEVERAL_ARMS = "SEVERAL_ARMS"
AUTOCORRELATED = "AUTOCORRELATED"
NO_CAUSAL_PATH = "NO_CAUSAL_PATH"
PATHS_NOT_LISTED = "PATHS_NOT_LISTED"
ONE_ARM_ONLY = "ONE_ARM_ONLY"
REPEATED_UNITS = "REPEATED_UNITS"
BETWEEN_PERIODS = "BETWEEN_PERIODS"
FEW_PLACEBOS = "FEW_PLACEBOS"


@attrs.frozen
class Caution:
    """Something the reader of a value should know.

    Attributes:
        code: what to act on, in capitals (``LOW_OVERLAP``).
        message: the sentence to read.
    """

    code: str
    message: str
