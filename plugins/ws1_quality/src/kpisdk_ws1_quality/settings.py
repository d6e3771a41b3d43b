"""``[plugins.ws1_quality]``: where a tracking server keeps a model's figures, and their names."""

from collections.abc import Mapping

import attrs

METRICS = {
    "WS1-MP-001": "roc_auc",
    "WS1-MP-002": "pr_auc",
    "WS1-MP-003": "f1_score",
    "WS1-MP-004": "recall_at_{k}",
    "WS1-MP-005": "brier_score",
    "WS1-MP-006": "calibration_slope",
    "WS1-MP-008": "fairness_gap_{attribute}",
    "WS1-MP-009": "psi",
}
"""What the figures are called on a tracking server, unless the settings say otherwise.

A parameter of the KPI in braces stands for its value: ``recall_at_100``.
"""


def _not_blank(record: object, field: "attrs.Attribute[str | None]", text: str | None) -> None:  # noqa: ARG001 - attrs passes the record
    if text is not None and not text.strip():
        raise ValueError(f"{field.name} must not be empty; leave it out instead")


def _known(record: object, field: object, names: Mapping[str, str]) -> None:  # noqa: ARG001 - attrs passes both
    unknown = sorted(set(names) - set(METRICS))
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: only {', '.join(METRICS)} have a metric")


@attrs.frozen
class QualitySettings:
    """The plugin's settings; without them no tracking server is asked and mlflow not imported.

    Attributes:
        tracking_uri: an MLflow tracking server (``https://…``, ``sqlite:///…``).
        registry_uri: its model registry, where that is another one.
        model: the registered model's name.
        alias: marks the version in production; a version in the stage ``Production`` will do where
            no version has the alias.
        metrics: other names of metrics, by KPI id.
    """

    tracking_uri: str | None = attrs.field(default=None, validator=_not_blank, repr=False)
    registry_uri: str | None = attrs.field(default=None, validator=_not_blank, repr=False)
    model: str | None = attrs.field(default=None, validator=_not_blank)
    alias: str = "production"
    metrics: Mapping[str, str] = attrs.field(factory=dict, validator=_known)

    def metric(self, kpi_id: str, parameters: Mapping[str, object]) -> str:
        """The name of a KPI's metric on the server, for these parameters.

        Args:
            kpi_id: of the KPI.
            parameters: of the request, by name.
        """
        name = self.metrics.get(kpi_id, METRICS[kpi_id])
        for parameter, value in parameters.items():
            name = name.replace(f"{{{parameter}}}", str(value))
        return name
