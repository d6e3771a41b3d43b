"""``mlflow:``: a real store of MLflow in a folder as a source of rows."""

import pytest
import sqlalchemy as sa

from kpisdk import Reason, SourceUnavailableError, Workspace


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A folder of runs: two versions of a model, of which the first is in production."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    from mlflow.tracking import MlflowClient

    folder = tmp_path / "mlruns"
    client = MlflowClient(folder.as_uri(), folder.as_uri())
    experiment = client.create_experiment("kpisdk")
    client.create_registered_model("propensity")
    for version, factor in ((1, 1.0), (2, 0.5)):
        run = client.create_run(experiment).info.run_id
        for name, value in {"roc_auc": 0.9, "brier_score": 0.1, "recall_at_25": 0.4}.items():
            client.log_metric(run, name, value * factor, timestamp=1_750_000_000_000 + version)
        client.create_model_version("propensity", f"runs:/{run}/model", run)
    client.set_registered_model_alias("propensity", "production", "1")
    return folder, client


def asked(location, *kpis, **arguments):
    """The results of KPIs on a location."""
    return Workspace(location, cache="off").compute(*kpis, **arguments)


def test_the_figures_of_the_version_in_production_are_stored_ones(store):
    """0.9 and 0.1 of version 1, though version 2 was logged later; recall by its K."""
    folder, _ = store

    auc, brier = asked(f"mlflow:{folder}", "WS1-MP-001", "WS1-MP-005")
    (recall,) = asked(f"mlflow:{folder}#propensity", "WS1-MP-004", parameters={"k": 25})

    assert (auc.value, auc.answered_by) == (0.9, "stored")
    assert (brier.value, recall.value) == (0.1, 0.4)


def test_every_logged_figure_is_a_row(store):
    """Three metrics of two versions."""
    folder, _ = store

    with Workspace(f"mlflow:{folder}", cache="off").open_source().session() as session:
        session.columns("model_figures")  # a table is made when it is first asked about
        rows = session.rows(
            sa.text(
                "SELECT model_version, value FROM model_figures WHERE metric = 'roc_auc' ORDER BY 1"
            )
        )

    assert rows == [("1", 0.9), ("2", 0.45)]


def test_what_is_logged_meanwhile_is_read(store):
    """Figures are kept by what they say: the same are not asked twice, a new one is seen."""
    folder, client = store
    workspace = Workspace(f"mlflow:{folder}", cache="memory")
    first, again = (workspace.compute("WS1-MP-001")[0] for _ in range(2))
    (version,) = [client.get_model_version("propensity", "1")]
    client.log_metric(version.run_id, "roc_auc", 0.7, timestamp=1_750_000_000_900)

    changed = workspace.compute("WS1-MP-001")[0]

    assert (first.value, again.value, again.cached) == (0.9, 0.9, True)
    assert (changed.value, changed.cached) == (0.7, False)


def test_no_version_in_production_is_no_row(store):
    """Nothing is guessed: the newest version is not the one in production."""
    folder, client = store
    client.delete_registered_model_alias("propensity", "production")

    (result,) = asked(f"mlflow:{folder}", "WS1-MP-001")

    assert (result.value, result.reason) == (None, Reason.NO_ROWS)


def test_which_of_two_models_is_meant_has_to_be_said(store):
    """Both are named, with how to name one."""
    folder, client = store
    client.create_registered_model("churn")

    (result,) = asked(f"mlflow:{folder}", "WS1-MP-001")

    assert result.reason is Reason.SOURCE_UNAVAILABLE
    assert "churn and propensity" in result.message
    assert asked(f"mlflow:{folder}#propensity", "WS1-MP-001")[0].value == 0.9


def test_a_folder_that_is_not_there_is_told(tmp_path):
    """With what to write for a server."""
    with pytest.raises(SourceUnavailableError, match=r"no folder .*mlflow:https"):
        asked(f"mlflow:{tmp_path / 'none'}", "WS1-MP-001")
