"""``[plugins.causal]`` of the settings file: raw data and rules that hold for every request."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class CausalSettings:
    """What a request need not repeat.

    A ``dataset`` makes the KPIs estimate from its rows (``source = "stored"`` in the request still
    asks for the stored ones). A parameter of the request goes before the setting of its name.

    Attributes:
        dataset: table of raw rows, in the source that the request reads.
        time: its time column, which window and as_of apply to.
        treatment: its treatment column.
        outcome: its outcome column.
        confounders: columns to adjust for.
        graph: path of a GML or DOT file with the assumed causes.
        treatment_value: level whose effect is asked for.
        control_value: level it is compared with.
        segment_column: column whose levels get effects (CM-002).
        id_column: column that names the patient (CM-004).
        cluster: column that names whose rows belong together.
        mediators: columns that the effect may run through (CM-005).
        missing: ``raise`` or ``drop`` rows with missing values.
        min_n: fewest rows for a value.
        overlap_tolerance: largest share of propensity scores outside [0.05, 0.95].
        seed: of bootstrap and simulations.
        cross_check: let DoWhy, where installed, confirm the adjustment set and re-estimate.
    """

    dataset: str | None = None
    time: str | None = None
    treatment: str | None = None
    outcome: str | None = None
    confounders: tuple[str, ...] = ()
    graph: str | None = None
    treatment_value: str | None = None
    control_value: str | None = None
    segment_column: str | None = None
    id_column: str | None = None
    cluster: str | None = None
    mediators: tuple[str, ...] = ()
    missing: str = "raise"
    min_n: int = 30
    overlap_tolerance: float = 0.10
    seed: int = 0
    cross_check: bool = True
