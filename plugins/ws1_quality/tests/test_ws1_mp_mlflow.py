"""The third source: a real tracking store of MLflow, in a folder of the test's own."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pandas as pd
import pytest
from test_ws1_mp_known import JUDGED, row

from kpisdk import SettingsError, Window, Workspace
from kpisdk.settings import Settings

METRICS = {"roc_auc": 0.91, "recall_at_25": 0.4, "calibration_slope": 1.3, "mine": 0.33}
UNKNOWN = [row("x", 0.5, None)]
"""A prediction with nothing stored and no outcome: only the tracking server is left."""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A tracking store with two versions of a model, the first of which is in production."""
    patch = pytest.MonkeyPatch()
    patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    uri = (tmp_path_factory.mktemp("mlflow") / "runs").as_uri()
    from mlflow.tracking import MlflowClient

    client = MlflowClient(uri, uri)
    experiment = client.create_experiment("kpisdk")
    client.create_registered_model("propensity")
    for factor in (1.0, 0.5):
        run = client.create_run(experiment).info.run_id
        for name, value in METRICS.items():
            client.log_metric(run, name, value * factor)
        client.create_model_version("propensity", f"runs:/{run}/model", run)
    client.set_registered_model_alias("propensity", "production", "1")
    client.create_registered_model("idle")
    yield uri
    patch.undo()


def ask(kpi, uri, *, rows=UNKNOWN, model="propensity", options=None, **arguments):
    """The one result of a KPI with a tracking server configured."""
    table = {"tracking_uri": uri, "model": model, **(options or {})}
    settings = Settings(plugins={"ws1_quality": table})
    frames = {} if rows is None else {"ml_predictions": pd.DataFrame(rows)}
    workspace = Workspace(frames, settings=settings, cache="off")
    (result,) = workspace.compute(kpi, **arguments)
    return result


def test_the_production_version_answers_last(store):
    """Nothing stored, nothing computed: the metric of the version with the alias."""
    result = ask("WS1-MP-001", store)

    assert (result.value, result.answered_by) == (0.91, "mlflow")
    assert result.details["model_version"] == "1"
    assert result.details["metric"] == "roc_auc"


def test_the_outcomes_come_before_the_tracking_server(store):
    """Both could answer; the server is asked only when it is named."""
    rows = [row(*each) for each in JUDGED]

    assert ask("WS1-MP-001", store, rows=rows).answered_by == "computed"
    forced = ask("WS1-MP-001", store, rows=rows, parameters={"source": "mlflow"})
    assert forced.value == 0.91


def test_k_is_part_of_the_metric_name(store):
    """recall_at_25 for K = 25; there is none for K = 100, and that is said with the name."""
    assert ask("WS1-MP-004", store, parameters={"k": 25}).value == 0.4

    result = ask("WS1-MP-004", store)

    assert (result.value, "recall_at_100" in result.message) == (None, True)


def test_metrics_can_have_other_names(store):
    """The settings call WS1-MP-005's metric mine."""
    options = {"metrics": {"WS1-MP-005": "mine"}}

    assert ask("WS1-MP-005", store, options=options).value == 0.33


def test_a_steep_slope_is_told_from_there_too(store):
    """1.3 is above 1.15."""
    codes = {note.code for note in ask("WS1-MP-006", store).warnings}

    assert "underconfident" in codes


def test_a_source_without_the_table_can_still_ask_the_server(store):
    """The figure needs no table when it is asked for by name."""
    result = ask("WS1-MP-001", store, rows=None, parameters={"source": "mlflow"})

    assert result.value == 0.91


@pytest.mark.parametrize(
    "arguments",
    [
        {"where": {"model_type": "rank"}},
        {"by": ["model_type"]},
    ],
)
def test_a_slice_is_refused_because_the_server_holds_one_figure(store, arguments):
    """The metric is that of the whole model: it never stands for a slice of it."""
    result = ask("WS1-MP-001", store, parameters={"source": "mlflow"}, **arguments)

    assert (result.value, result.reason) == (None, "unsupported_slice")


def test_a_window_of_the_past_is_not_answered_with_the_figure_of_today(store):
    """The version was registered after 2020 ended."""
    result = ask("WS1-MP-001", store, window="2020", parameters={"source": "mlflow"})

    assert (result.value, result.reason) == (None, "no_rows")
    assert "registered" in result.message


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """A version that was registered when its run had logged 0.7, and logged 0.8 a day later."""
    patch = pytest.MonkeyPatch()
    patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    uri = (tmp_path_factory.mktemp("history") / "runs").as_uri()
    from mlflow.tracking import MlflowClient

    client = MlflowClient(uri, uri)
    run = client.create_run(client.create_experiment("kpisdk")).info.run_id
    client.create_registered_model("propensity")
    client.create_model_version("propensity", f"runs:/{run}/model", run)
    client.set_registered_model_alias("propensity", "production", "1")
    created = client.get_model_version("propensity", "1").creation_timestamp
    for day, value in ((2, 0.8), (1, 0.7)):  # written in any order
        client.log_metric(run, "roc_auc", value, timestamp=created + day * 86_400_000)
    yield uri, dt.datetime.fromtimestamp(created / 1000, dt.UTC)
    patch.undo()


@pytest.mark.parametrize(("hours", "value"), [(1, None), (24, None), (25, 0.7), (49, 0.8)])
def test_a_past_instant_has_the_figure_of_then(history, hours, value):
    """What was logged at or after as_of was not known; the newest before it was."""
    uri, created = history
    as_of = created + dt.timedelta(hours=hours)

    result = ask("WS1-MP-001", uri, as_of=as_of, parameters={"source": "mlflow"})

    assert result.value == value
    assert (result.reason == "no_rows") is (value is None)
    if value is not None:
        is_told = "production_now" in {note.code for note in result.warnings}
        assert is_told is (hours < 48)


def test_a_window_ends_what_was_known(history):
    """Asked in between for all that ended with the first day: the figure of then, and a word."""
    uri, created = history
    window = Window(created, created + dt.timedelta(hours=25))

    result = ask(
        "WS1-MP-001",
        uri,
        window=window,
        as_of=created + dt.timedelta(days=30),
        parameters={"source": "mlflow"},
    )

    assert (result.value, result.window.end) == (0.7, window.end)
    assert "production_now" in {note.code for note in result.warnings}


def test_a_version_of_later_does_not_answer_for_an_earlier_instant(store):
    """The version was registered after as_of: what was in production then is not known."""
    as_of = dt.datetime(2020, 1, 1)

    result = ask("WS1-MP-001", store, as_of=as_of, parameters={"source": "mlflow"})

    assert (result.value, result.reason) == (None, "no_rows")


@pytest.mark.parametrize(("model", "word"), [("idle", "production"), ("unheard", "unheard")])
def test_a_model_without_a_production_version_gives_no_value(store, model, word):
    """No alias, no stage, or no such model at all: absent, with the name."""
    result = ask("WS1-MP-001", store, model=model, parameters={"source": "mlflow"})

    assert result.value is None
    assert word in result.message


def test_the_password_of_a_server_is_not_told(store, monkeypatch):
    """A server that cannot be reached is named without who asks."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    uri = "http://reader:s3cret@127.0.0.1:9"

    result = ask("WS1-MP-001", uri, parameters={"source": "mlflow"})

    assert (result.value, result.reason) == (None, "calculator_failed")
    assert "127.0.0.1" in result.message
    assert "s3cret" not in result.message


@pytest.mark.parametrize(
    "table",
    [
        {"metrics": {"WS9": "x"}},
        {"model": " "},
        {"tracking": "x"},
        {"tracking_uri": 5},
    ],
)
def test_settings_that_mean_nothing_are_refused(table):
    """Unknown KPIs, blank names, unknown keys, wrong types: an error that holds the path."""
    from kpisdk_ws1_quality.settings import QualitySettings

    settings = Settings(plugins={"ws1_quality": table})

    with pytest.raises(SettingsError, match=r"plugins\.ws1_quality"):
        settings.plugin("ws1_quality", QualitySettings)


def test_without_a_tracking_server_nothing_imports_mlflow():
    """All nine KPIs are computed in a fresh process, and mlflow is not among its modules."""
    code = (
        "import sys, pandas as pd\n"
        "from kpisdk import Workspace\n"
        "frame = pd.DataFrame({'prediction_id': ['a'], 'prediction_value': [0.5]})\n"
        "ids = [f'WS1-MP-00{i}' for i in range(1, 10)]\n"
        "report = Workspace({'ml_predictions': frame}, cache='off').compute(*ids)\n"
        "assert all(result.value is None for result in report)\n"
        "assert not any(name.split('.')[0] == 'mlflow' for name in sys.modules)\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
