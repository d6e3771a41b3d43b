"""Intervals by units, changes, families and looks, for the core and for plugins.

Everything here is a function of plain numbers and of :class:`~kpisdk.UnitMoments`, on the standard
library alone. A function that makes an interval gives an :class:`~kpisdk.Interval`, or the
:class:`~kpisdk.IntervalReason` why there is none::

    from kpisdk import UnitMoments
    from kpisdk.statistics import share_interval

    patients = UnitMoments.of([{"hits": 3, "rows": 5}, {"hits": 0, "rows": 2}, ...])
    interval = share_interval(patients, "hits", "rows")
"""

from kpisdk.statistics.bounds import ANY, SHARE, Bounds, Range, bounded, transformed_interval
from kpisdk.statistics.changes import Side, difference, relative_change
from kpisdk.statistics.classification import f1_interval, wald_interval
from kpisdk.statistics.decisions import IntervalAt, status_p_value
from kpisdk.statistics.decomposition import Decomposition, Segment, decomposed
from kpisdk.statistics.distributions import (
    noncentral_chi_square,
    normal_critical,
    normal_quantile,
    normal_tail,
    student_t_critical,
    student_t_quantile,
    student_t_tail,
    studentized_range_quantile,
)
from kpisdk.statistics.families import benjamini_hochberg, holm
from kpisdk.statistics.gaps import gap_interval
from kpisdk.statistics.intervals import LEVEL, lift_delta, mean_t, median_ranks, wilson
from kpisdk.statistics.lifts import lift_interval
from kpisdk.statistics.margins import MARGIN, GuardedVerdict, guarded_verdict
from kpisdk.statistics.means import mean_interval, quotient_interval
from kpisdk.statistics.quantiles import quantile_levels
from kpisdk.statistics.rankings import (
    auc_interval,
    centred,
    influence_interval,
    logit_interval,
)
from kpisdk.statistics.repeated_looks import repeated_level
from kpisdk.statistics.shares import EffectiveShare, effective_share, share_interval
from kpisdk.statistics.spread import (
    Formula,
    Spread,
    correlation_of,
    formula_interval,
    spread_of,
    unit_degrees,
    welch_degrees,
)
from kpisdk.statistics.stability import null_stability, stability_interval

__all__ = [
    "ANY",
    "LEVEL",
    "MARGIN",
    "SHARE",
    "Bounds",
    "Decomposition",
    "EffectiveShare",
    "Formula",
    "GuardedVerdict",
    "IntervalAt",
    "Range",
    "Segment",
    "Side",
    "Spread",
    "auc_interval",
    "benjamini_hochberg",
    "bounded",
    "centred",
    "correlation_of",
    "decomposed",
    "difference",
    "effective_share",
    "f1_interval",
    "formula_interval",
    "gap_interval",
    "guarded_verdict",
    "holm",
    "influence_interval",
    "lift_delta",
    "lift_interval",
    "logit_interval",
    "mean_interval",
    "mean_t",
    "median_ranks",
    "noncentral_chi_square",
    "normal_critical",
    "normal_quantile",
    "normal_tail",
    "null_stability",
    "quantile_levels",
    "quotient_interval",
    "relative_change",
    "repeated_level",
    "share_interval",
    "spread_of",
    "stability_interval",
    "status_p_value",
    "student_t_critical",
    "student_t_quantile",
    "student_t_tail",
    "studentized_range_quantile",
    "transformed_interval",
    "unit_degrees",
    "wald_interval",
    "welch_degrees",
    "wilson",
]
