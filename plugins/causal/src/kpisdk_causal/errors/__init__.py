"""What can be wrong with a causal question or with the data it is asked of.

Every class names the column, arm or count at fault in its fields, and its ``message`` says what to
do next. A library's own exception never reaches the caller.
"""

from kpisdk_causal.errors.data import (
    CausalDataError,
    ClusterError,
    EmptyTableError,
    InfiniteValuesError,
    MissingValuesError,
    NotNumericError,
    RepeatedIdError,
    SeriesError,
    SingularDesignError,
    TooManyLevelsError,
    UnknownColumnsError,
    UnknownIdError,
    UnknownValueError,
)
from kpisdk_causal.errors.estimators import (
    DuplicateEstimatorError,
    EstimatorFailedError,
    EstimatorMisfitError,
    NoEstimatorError,
)
from kpisdk_causal.errors.graphs import (
    BadControlError,
    GraphCycleError,
    GraphError,
    GraphSyntaxError,
    MediatorError,
    NotIdentifiedError,
    UnidentifiedSplitError,
)
from kpisdk_causal.errors.questions import QuestionError, refuse
from kpisdk_causal.errors.treatments import OneArmError, SmallArmError, TreatmentLevelsError

__all__ = [
    "BadControlError",
    "CausalDataError",
    "ClusterError",
    "DuplicateEstimatorError",
    "EmptyTableError",
    "EstimatorFailedError",
    "EstimatorMisfitError",
    "GraphCycleError",
    "GraphError",
    "GraphSyntaxError",
    "InfiniteValuesError",
    "MediatorError",
    "MissingValuesError",
    "NoEstimatorError",
    "NotIdentifiedError",
    "NotNumericError",
    "OneArmError",
    "QuestionError",
    "RepeatedIdError",
    "SeriesError",
    "SingularDesignError",
    "SmallArmError",
    "TooManyLevelsError",
    "TreatmentLevelsError",
    "UnidentifiedSplitError",
    "UnknownColumnsError",
    "UnknownIdError",
    "UnknownValueError",
    "refuse",
]
