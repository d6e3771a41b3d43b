"""The five causal KPIs. None has thresholds: an effect is read in its context."""

from __future__ import annotations

from kpisdk import (
    Direction,
    Frequency,
    Governance,
    Kpi,
    LogicalType,
    Parameter,
    Trailing,
    Unit,
    ValueRange,
    sample,
)
from kpisdk_causal.datasets import CAUSAL_PATHS, ML_PREDICTIONS
from kpisdk_causal.estimators.libraries import PRIMARY_LIBRARIES
from kpisdk_causal.kpi import calculations
from kpisdk_causal.kpi.french import FRENCH

WORKSTREAM = "causal"
MONTH = Trailing(30)

SAMPLING = sample()
"""Estimates are samples of rows, or of the clusters that a request names; what is stored says so
itself, in each result."""

_TEXT, _INT, _FLOAT, _BOOL = (
    LogicalType.TEXT,
    LogicalType.INT,
    LogicalType.FLOAT,
    LogicalType.BOOL,
)

SOURCE = (
    Parameter(
        "source",
        _TEXT,
        "Stored values or an estimate from raw data; by default raw data where they are named.",
        choices=("stored", "estimated"),
    ),
    Parameter("dataset", _TEXT, "Table with raw rows to estimate from."),
    Parameter("time", _TEXT, "Raw data: time column that window and as_of apply to."),
)
RULES = (
    Parameter("confidence_level", _FLOAT, "Level of the interval (0.95).", minimum=0.0),
    Parameter("missing", _TEXT, "What to do with missing values.", choices=("raise", "drop")),
    Parameter("min_n", _INT, "Fewest rows for a value (30).", minimum=2),
    Parameter("overlap_tolerance", _FLOAT, "Largest share of scores without overlap (0.1)."),
    Parameter("force", _BOOL, "Report a value that a gate refuses, and say so."),
    Parameter("seed", _INT, "Seed of bootstrap and simulations (0)."),
    Parameter("refute", _TEXT, "Refuters, with commas: placebo, random_common_cause, subset, …"),
    Parameter("cross_check", _BOOL, "Let DoWhy, where installed, check set and effect (true)."),
    Parameter("estimator", _TEXT, "Estimator by name."),
    Parameter("library", _TEXT, "Library that should do the work, where it can."),
)
ARMS = (
    Parameter("treatment", _TEXT, "Column of the treatment."),
    Parameter("outcome", _TEXT, "Column of the outcome."),
    Parameter("confounders", _TEXT, "Columns to adjust for, with commas."),
    Parameter("graph", _TEXT, "Assumed causes: a GML or DOT file, or 'a -> b; b -> c'."),
    Parameter("treatment_value", _TEXT, "Level whose effect is asked for."),
    Parameter("control_value", _TEXT, "Level it is compared with."),
    Parameter("cluster", _TEXT, "Column naming whose rows belong together (a patient's visits)."),
)
EFFECT = (
    Parameter(
        "target_units",
        _TEXT,
        "Whose effect: everybody's, the treated's or the controls'.",
        choices=("ate", "att", "atc"),
    ),
    Parameter(
        "treatment_kind",
        _TEXT,
        "How to read the treatment's levels.",
        choices=("auto", "binary", "arms", "continuous"),
    ),
)

KPIS = (
    Kpi(
        id="CM-001",
        translations={"fr": FRENCH["CM-001"]},
        name="Average Treatment Effect (ATE)",
        workstream=WORKSTREAM,
        definition="Mean effect of a treatment on an outcome over everybody.",
        calculation_type="direct",
        primary_library=PRIMARY_LIBRARIES["CM-001"],
        formula="E[Y(1) - Y(0)]",
        calculation=calculations.EFFECT,
        unit=Unit.EFFECT,
        sampling=SAMPLING,
        direction=Direction.CONTEXT,
        frequency=Frequency.WEEKLY,
        window=MONTH,
        parameters=(*SOURCE, *ARMS, *EFFECT, *RULES),
        governance=Governance(
            objective="Know what a treatment does, not what it goes with",
            granularity="prediction; or a row of the raw table",
            source="ml_predictions, or the raw table that is named",
            owner="Causal inference",
            gaming_risk="leaving out a confounder that would shrink the effect",
            controls="overlap gate, balance, refutations and the adjustment set in the result",
        ),
    ),
    Kpi(
        id="CM-002",
        translations={"fr": FRENCH["CM-002"]},
        name="Conditional ATE (CATE)",
        workstream=WORKSTREAM,
        definition="Mean effect of a treatment in one segment, and in each.",
        calculation_type="direct",
        primary_library=PRIMARY_LIBRARIES["CM-002"],
        formula="E[Y(1) - Y(0) | X=x]",
        calculation=calculations.SEGMENTS,
        unit=Unit.EFFECT,
        sampling=SAMPLING,
        direction=Direction.CONTEXT,
        frequency=Frequency.WEEKLY,
        window=MONTH,
        parameters=(
            Parameter("segment", _TEXT, "The segment whose effect is the value."),
            Parameter("segment_column", _TEXT, "Raw data: column whose levels get effects."),
            *SOURCE,
            *ARMS,
            *RULES,
        ),
        governance=Governance(
            objective="Know for whom a treatment works",
            granularity="prediction; or a row of the raw table",
            segment="segment_assignment, or the segment column of the raw table",
            source="ml_predictions, or the raw table that is named",
            owner="Causal inference",
            gaming_risk="cutting segments until one looks good",
            controls="p-values adjusted for the number of segments, test of equal effects",
        ),
    ),
    Kpi(
        id="CM-003",
        translations={"fr": FRENCH["CM-003"]},
        name="Causal Impact",
        workstream=WORKSTREAM,
        definition="Effect size of validated causal paths, by intervention.",
        calculation_type="direct",
        primary_library=PRIMARY_LIBRARIES["CM-003"],
        formula="causal_effect_size from causal analysis",
        calculation=calculations.IMPACT,
        unit=Unit.EFFECT,
        sampling=SAMPLING,
        direction=Direction.CONTEXT,
        frequency=Frequency.ON_DEMAND,
        base=CAUSAL_PATHS,
        parameters=(
            Parameter("intervention", _TEXT, "The intervention whose effect is the value."),
            *SOURCE,
            Parameter(
                "design",
                _TEXT,
                "Raw data: a series over time, a panel of units, or paths of a graph.",
                choices=("time_series", "panel", "paths"),
            ),
            Parameter("outcome", _TEXT, "Raw data: column of the response."),
            Parameter("treatment", _TEXT, "Paths: node where they begin."),
            Parameter("graph", _TEXT, "Paths: a GML or DOT file, or 'a -> b; b -> c'."),
            Parameter("intervention_date", _TEXT, "First period after the intervention."),
            Parameter("time_column", _TEXT, "Column of the period."),
            Parameter("controls", _TEXT, "Series that were not touched, with commas."),
            Parameter("seasons", _INT, "Rows per season.", minimum=2),
            Parameter("unit_column", _TEXT, "Panel: column of the unit."),
            Parameter("treated_units", _TEXT, "Panel: the treated units, with commas."),
            *RULES,
        ),
        governance=Governance(
            objective="Know what an intervention changed",
            granularity="validated path; or a period",
            source="causal_paths, or the raw table that is named",
            owner="Causal inference",
            gaming_risk="validating only the paths with large effects",
            controls="number of paths and confidence level beside each intervention",
        ),
    ),
    Kpi(
        id="CM-004",
        translations={"fr": FRENCH["CM-004"]},
        name="Counterfactual Outcome",
        workstream=WORKSTREAM,
        definition="Outcome that one patient would have had under the other treatment.",
        calculation_type="direct",
        primary_library=PRIMARY_LIBRARIES["CM-004"],
        formula="E[Y(a') | do(A=a), X]",
        calculation=calculations.COUNTERFACTUAL,
        unit=Unit.EFFECT,
        sampling=SAMPLING,
        direction=Direction.CONTEXT,
        frequency=Frequency.ON_DEMAND,
        base=ML_PREDICTIONS,
        parameters=(
            Parameter("patient_id", _TEXT, "The patient that the question is about."),
            Parameter("id_column", _TEXT, "Raw data: column that names the patient."),
            *SOURCE,
            *ARMS,
            *RULES,
        ),
        governance=Governance(
            objective="Explain one decision by what else could have happened",
            granularity="patient",
            source="ml_predictions, or the raw table that is named",
            owner="Causal inference",
            gaming_risk="reading one patient's estimate as if it were certain",
            controls="interval, assumption and overlap in the result",
        ),
    ),
    Kpi(
        id="CM-005",
        translations={"fr": FRENCH["CM-005"]},
        name="Mediation Effect",
        workstream=WORKSTREAM,
        definition="Share of a total effect that runs through mediators.",
        calculation_type="derived",
        primary_library=PRIMARY_LIBRARIES["CM-005"],
        formula="indirect_effect / total_effect",
        calculation=calculations.MEDIATION,
        unit=Unit.RATIO,
        sampling=SAMPLING,
        direction=Direction.CONTEXT,
        frequency=Frequency.ON_DEMAND,
        base=CAUSAL_PATHS,
        parameters=(
            *SOURCE,
            *ARMS,
            Parameter("mediators", _TEXT, "Raw data: columns it may run through, with commas."),
            Parameter("interaction", _BOOL, "Let the mediators' effect differ between the arms."),
            *RULES,
        ),
        value_range=ValueRange(),
        governance=Governance(
            objective="Know how a treatment works",
            numerator="indirect effect",
            denominator="total effect",
            granularity="validated path; or a row of the raw table",
            source="causal_paths, or the raw table that is named",
            owner="Causal inference",
            gaming_risk="calling a consequence of the outcome a mediator",
            controls="graph check, and no share where the total may be 0",
        ),
    ),
)
