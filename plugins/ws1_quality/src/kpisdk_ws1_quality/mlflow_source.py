"""A model's figures on an MLflow tracking server: the last source that is asked.

mlflow is imported when a server is configured and nothing else has answered, and never before.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import attrs

from kpisdk import (
    STORED,
    Calculator,
    Estimate,
    Inputs,
    KpisdkError,
    MissingDependencyError,
    Note,
    Option,
    Reason,
)
from kpisdk_ws1_quality.settings import QualitySettings


@attrs.define(eq=False)
class TrackingError(KpisdkError):
    """The tracking server could not be asked.

    Attributes:
        server: where it is, without secrets.
        detail: what it said.
    """

    server: str
    detail: str

    template = (
        "The MLflow server {server} could not answer: {detail} Check tracking_uri and model of "
        "[plugins.ws1_quality]."
    )


@attrs.frozen(order=True)
class Logged:
    """One value of a metric, as a run logged it.

    Attributes:
        at: when.
        step: of the run.
        value: of the metric.
    """

    at: datetime
    step: int
    value: float = attrs.field(order=False)


Remark = Callable[[float], tuple[Note, ...]]
"""Warnings that a value deserves wherever it comes from."""


def no_remark(value: float) -> tuple[Note, ...]:  # noqa: ARG001 - part of Remark
    """No warnings at all."""
    return ()


def tracked(kpi_id: str, remark: Remark = no_remark) -> Option:
    """The option ``mlflow`` of a KPI: its metric of the production version's run.

    Args:
        kpi_id: of the KPI, which names its metric.
        remark: what to say beside the value.
    """
    ask = partial(_ask, kpi_id=kpi_id, remark=remark)
    return Option("mlflow", Calculator(ask, state=_state), sampling=STORED)


def _state(_parameters: object, settings: QualitySettings | None) -> str | None:
    """Nothing tells whether a server's figures changed but to ask for them: none are kept."""
    is_asked = settings is not None and settings.tracking_uri is not None
    return None if is_asked else "no server"


def _ask(inputs: Inputs, *, kpi_id: str, remark: Remark) -> Estimate:
    settings = inputs.settings
    if settings is None or settings.tracking_uri is None or settings.model is None:
        message = (
            "No tracking server is configured: set tracking_uri and model of [plugins.ws1_quality]."
        )
        return Estimate.absent(Reason.MISSING_PARAMETER, message)
    name = settings.metric(kpi_id, inputs.parameters)
    version, logged = _production(settings, settings.tracking_uri, settings.model, name)
    if version is None:
        message = (
            f"No version of the registered model {settings.model!r} is in production: give one "
            f"the alias {settings.alias!r}."
        )
        return Estimate.absent(Reason.NO_ROWS, message)
    details = {"model": settings.model, "model_version": str(version.version), "metric": name}
    registered = _instant(version.creation_timestamp)
    end = inputs.window.end if inputs.window is not None else None
    until = inputs.as_of if end is None else min(end, inputs.as_of)
    if registered >= until:
        message = (
            f"Version {version.version} of {settings.model!r}, in production now, was registered "
            f"at {registered.isoformat()}, which is not before {until.isoformat()}."
        )
        return Estimate.absent(Reason.NO_ROWS, message, details=details)
    if not logged:
        message = (
            f"The run of version {version.version} of {settings.model!r} has no metric {name!r} "
            f"(name another one with plugins.ws1_quality.metrics.{kpi_id})."
        )
        return Estimate.absent(Reason.NO_ROWS, message, details=details)
    made = _as_of(until, logged, details, is_past=inputs.window is not None)
    return made if made.value is None else made.with_notes(*remark(made.value))


def _as_of(
    until: datetime, logged: list[Logged], details: dict[str, str], *, is_past: bool
) -> Estimate:
    """The newest figure that was logged before an instant; where that is not today's, a word."""
    known = [each for each in logged if each.at < until]
    if not known:
        message = (
            f"The metric {details['metric']!r} of version {details['model_version']} of "
            f"{details['model']!r} was first logged at {logged[0].at.isoformat()}, which is not "
            f"before {until.isoformat()}."
        )
        return Estimate.absent(Reason.NO_ROWS, message, details=details)
    made = Estimate.of(known[-1].value, details={**details, "logged_at": known[-1].at})
    if made.value is None or (known[-1] is logged[-1] and not is_past):
        return made
    words = (
        f"The figure is the newest one logged before {until.isoformat()} for version "
        f"{details['model_version']}, which is in production now: MLflow does not say which one "
        "was then."
    )
    return made.with_notes(Note("production_now", words))


def _production(
    settings: QualitySettings, uri: str, name: str, metric: str
) -> tuple[Any, list[Logged]]:
    """The registered model's production version, and what its run logged of a metric, in order.

    The version with the alias; else the newest one in the stage of that name, which older servers
    have instead of aliases. ``None`` where there is neither.

    Raises:
        MissingDependencyError: mlflow is not installed.
        TrackingError: the server cannot be reached, knows no such model, or refuses.
    """
    try:
        from mlflow.exceptions import MlflowException
        from mlflow.tracking import MlflowClient
    except ImportError:
        install = "pip install 'kpisdk-ws1-quality[mlflow]'"
        purpose = "The source 'mlflow' of model figures"
        raise MissingDependencyError("mlflow", purpose, install) from None
    try:
        client = MlflowClient(uri, settings.registry_uri or uri)
        model = client.get_registered_model(name)
        version = in_production(client, model, settings.alias)
        history = [] if version is None else client.get_metric_history(version.run_id, metric)
    except (MlflowException, OSError, ValueError) as error:
        raise TrackingError(server_of(uri), without_secrets(str(error), uri)) from error
    logged = [Logged(_instant(each.timestamp), each.step, each.value) for each in history]
    return version, sorted(logged)


def in_production(client: Any, model: Any, alias: str) -> Any:
    """The version of a registered model that is in production; ``None``: there is none.

    Args:
        client: MLflow's.
        model: the registered model.
        alias: what marks the version; without one that has it, the stage ``Production`` does.
    """
    named = model.aliases.get(alias)
    if named is not None:
        return client.get_model_version(model.name, named)
    staged = [each for each in model.latest_versions if each.current_stage == "Production"]
    return max(staged, key=lambda each: int(each.version), default=None)


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def server_of(uri: str) -> str:
    """The scheme and host of a tracking URI: where it is, without who asks.

    Args:
        uri: the tracking URI.
    """
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.hostname or ''}" if parts.scheme else "on this machine"


def without_secrets(text: str, uri: str) -> str:
    """What a server said, cut, and without the user and password of its URI.

    Args:
        text: what it said.
        uri: where it is.
    """
    parts = urlsplit(uri)
    for secret in (parts.netloc.rpartition("@")[0], parts.password):
        if secret:
            text = text.replace(secret, "***")
    return text[:500].rstrip(".") + "."
