"""The kind of source ``mlflow:SERVER``: the figures of a tracking server or a folder, as tables."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import attrs

from kpisdk import (
    MissingDependencyError,
    Session,
    SourceIdentity,
    SourceKind,
    SourceOptions,
    SourceUnavailableError,
    Workspace,
    listed,
)
from kpisdk_ws1_quality.mlflow_source import in_production, server_of, without_secrets
from kpisdk_ws1_quality.prediction_datasets import PREDICTIONS

PREFIX = "mlflow:"
STORED = {
    "roc_auc": "model_auc",
    "pr_auc": "model_pr_auc",
    "precision": "model_precision",
    "recall": "model_recall",
    "brier_score": "brier_score",
    "calibration_slope": "calibration_score",
}
"""Metrics of a run, and the columns of ``ml_predictions`` that hold the same figures."""

RANKED = "recall_at_"
FIGURES = ("model", "model_version", "run_id", "metric", "step", "logged_at", "value")
"""The columns of the table ``model_figures``: one row a logged value of a registered version."""


@attrs.frozen
class TrackingSource:
    """A tracking server, or the local store of one, with the figures of one registered model.

    ``model_figures`` holds every figure that the runs of all versions logged. ``ml_predictions``
    holds the newest figures of the version in production, as one row that stores them.

    Attributes:
        uri: the server, or a folder of runs.
        model: the registered model; ``None``, the only one that there is.
        alias: marks the version in production.
        options: how the source is to be opened.
    """

    uri: str = attrs.field(repr=False)
    model: str | None
    alias: str
    options: SourceOptions

    @classmethod
    def at(cls, location: str, options: SourceOptions) -> Self:
        """The source that ``mlflow:SERVER#MODEL`` names; nothing is asked yet.

        Args:
            location: ``mlflow:`` and a URI or a folder; the model may stand behind ``#``.
            options: those of the source's settings, ``model`` and ``alias`` among them.

        Raises:
            SourceUnavailableError: there is no such folder, or an option is none.
        """
        unknown = sorted(options.options.keys() - {"model", "alias"})
        if unknown:
            detail = f"{listed(unknown)} is no option of mlflow:; there are model and alias"
            raise SourceUnavailableError(options.name, detail)
        uri, _, model = location.removeprefix(PREFIX).partition("#")
        if ":" not in uri:
            folder = (options.base or Path()) / Path(uri or "mlruns").expanduser()
            if not folder.is_dir():
                detail = f"there is no folder {str(folder)!r}; name a server as mlflow:https://HOST"
                raise SourceUnavailableError(options.name, detail)
            uri = folder.absolute().as_uri()
        given = options.options
        named = model or given.get("model")
        alias = str(given.get("alias", "production"))
        return cls(uri, None if named is None else str(named), alias, options)

    @property
    def identity(self) -> SourceIdentity:
        """The place alone: what is logged there is told by the rows of a session."""
        facts = ("mlflow", self.uri, self.model or "", self.alias)
        fingerprint = hashlib.sha256("\0".join(facts).encode()).hexdigest()
        return SourceIdentity(self.options.name, "mlflow", fingerprint)

    @property
    def retries(self) -> int:
        return self.options.retries

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session over what is logged now.

        Raises:
            MissingDependencyError: mlflow is not installed.
            SourceUnavailableError: the server cannot answer, or knows no such model.
        """
        frames = self._frames()
        kinds = Workspace(cache="off").registry.sources
        plain = attrs.evolve(self.options, options={})
        with kinds["frames"].open(frames, plain).session() as session:
            yield session

    def _frames(self) -> dict[str, Any]:
        import pandas as pd

        try:
            from mlflow.exceptions import MlflowException
            from mlflow.tracking import MlflowClient
        except ImportError:
            install = "pip install 'kpisdk-ws1-quality[mlflow]'"
            raise MissingDependencyError("mlflow", "The source mlflow:", install) from None
        try:
            client = MlflowClient(self.uri, self.uri)
            model = self._registered(client)
            version = in_production(client, model, self.alias)
            figures = list(_figures(client, model.name))
        except (MlflowException, OSError, ValueError) as error:
            said = without_secrets(str(error), self.uri).rstrip(".")
            detail = f"the MLflow server {server_of(self.uri)} could not answer: {said}"
            raise SourceUnavailableError(self.options.name, detail) from error
        newest = None if version is None else _newest(figures, str(version.version))
        columns = [column.name for column in PREDICTIONS.columns]
        stored = pd.DataFrame([] if newest is None else [newest], columns=columns)
        stored["prediction_timestamp"] = pd.to_datetime(stored["prediction_timestamp"])
        return {
            PREDICTIONS.name: stored,
            "model_figures": pd.DataFrame(figures, columns=list(FIGURES)),
        }

    def _registered(self, client: Any) -> Any:
        if self.model is not None:
            return client.get_registered_model(self.model)
        names = sorted(each.name for each in client.search_registered_models())
        if len(names) != 1:
            there = f"there are {listed(names)}" if names else "none is registered"
            detail = f"which registered model is meant is not said; {there}: write mlflow:…#MODEL"
            raise SourceUnavailableError(self.options.name, detail)
        return client.get_registered_model(names[0])


def _figures(client: Any, model: str) -> Iterator[tuple[Any, ...]]:
    """What the runs of all versions logged, in the order of versions, metrics and time."""
    quoted = model.replace("'", "\\'")
    versions = client.search_model_versions(f"name = '{quoted}'")
    for version in sorted(versions, key=lambda each: int(each.version)):
        run = client.get_run(version.run_id)
        for metric in sorted(run.data.metrics):
            logged = client.get_metric_history(version.run_id, metric)
            for each in sorted(logged, key=lambda one: (one.timestamp, one.step)):
                at = datetime.fromtimestamp(each.timestamp / 1000, UTC).replace(tzinfo=None)
                facts = (model, str(version.version), version.run_id, metric)
                yield (*facts, each.step, at, each.value)


def _newest(figures: list[tuple[Any, ...]], version: str) -> dict[str, Any] | None:
    """The newest figures of a version as a row of stored ones; ``None`` where none is known."""
    row: dict[str, Any] = {}
    ranks: dict[str, float] = {}
    for _, of, _, metric, _, at, value in figures:
        if of != version:
            continue
        if metric in STORED:
            row[STORED[metric]] = value
        elif metric.startswith(RANKED):
            ranks[metric] = value
        else:
            continue
        row["prediction_timestamp"] = max(at, row.get("prediction_timestamp", at))
    if not row:
        return None
    if ranks:
        row["rank_metrics"] = json.dumps(ranks)
    return {**row, "prediction_id": f"version {version}", "model_version": version}


def _is_tracked(location: Any) -> bool:
    return isinstance(location, str) and location.startswith(PREFIX)


def _open(location: Any, options: SourceOptions) -> TrackingSource:
    return TrackingSource.at(str(location), options)


TRACKED = SourceKind(
    "mlflow", _is_tracked, _open, "mlflow:SERVER#MODEL, figures of a tracking server or of mlruns"
)
"""Figures that MLflow keeps."""
