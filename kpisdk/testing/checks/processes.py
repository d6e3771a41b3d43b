"""What a new process sees of a plugin: what its import drags in, and the same definitions."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from kpisdk.errors import listed
from kpisdk.registry.fingerprint import fingerprint
from kpisdk.testing.benches import Bench
from kpisdk.testing.checks.applying import DoesNotApplyError, Faults

HEAVY = (
    "torch", "tensorflow", "jax", "sklearn", "scipy", "statsmodels", "pandas", "polars", "numpy",
    "pyarrow", "matplotlib", "plotly", "seaborn", "duckdb", "sqlalchemy", "psycopg", "redis",
    "dowhy", "econml", "networkx", "mlflow", "onnx", "onnxruntime", "transformers", "sqlglot",
    "jsonschema", "requests", "boto3", "pyspark",
)  # fmt: skip
"""Libraries that cost more than a listing of KPIs is worth."""

_LOOK = """
import importlib, json, sys
module, heavy = sys.argv[1], sys.argv[2].split(",")
plugin = importlib.import_module(module)
dragged = {"import": [each for each in heavy if each in sys.modules]}
kpis = []
for hook in ("kpisdk_kpis", "kpisdk_sources", "kpisdk_caches", "kpisdk_reports", "kpisdk_commands"):
    answer = getattr(plugin, hook, None)
    found = [] if answer is None else list(answer() or ())
    kpis = found if hook == "kpisdk_kpis" else kpis
    dragged[hook] = [each for each in heavy if each in sys.modules]
from kpisdk.registry.fingerprint import fingerprint
marks = {kpi.id: fingerprint(kpi, "", "") for kpi in kpis}
print(json.dumps({"dragged": dragged, "marks": marks}))
"""


def _looked(bench: Bench) -> Mapping[str, Any]:
    module = bench.subject.module
    if module is None:
        raise DoesNotApplyError("the plugin is no module, so a new process cannot import it")
    return _look(module)


@functools.cache
def _look(module: str) -> Mapping[str, Any]:
    """What a new process tells of a module: once for all checks."""
    # Another seed for hashes: an order that hangs on them would give another definition.
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    path = os.pathsep.join(each for each in sys.path if each)
    ended = subprocess.run(  # noqa: S603 - this interpreter, and a text of ours
        [sys.executable, "-c", _LOOK, module, ",".join(HEAVY)],
        env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if ended.returncode:
        last = (ended.stderr.strip().splitlines() or ["nothing was said"])[-1]
        return {"failed": f"`import {module}` in a new process ended with: {last}"}
    told: Mapping[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return told


def light_import(bench: Bench) -> Faults:
    """Importing the plugin and asking what it brings imports nothing heavy."""
    told = _looked(bench)
    if "failed" in told:
        yield told["failed"]
        return
    known: set[str] = set()
    for step, libraries in told["dragged"].items():
        dragged = [each for each in libraries if each not in known]
        if dragged:
            doing = "Importing the plugin" if step == "import" else f"Asking {step}"
            yield (
                f"{doing} imports {listed(dragged)}, which every `kpisdk list` would pay for. "
                "Import it inside the function that needs it."
            )
        known.update(dragged)


def same_elsewhere(bench: Bench) -> Faults:
    """A new process gives every KPI the same definition, so that caches outlive this one."""
    told = _looked(bench)
    if "failed" in told:
        yield told["failed"]
        return
    if not bench.subject.kpis:
        raise DoesNotApplyError("the plugin brings no KPIs")
    for kpi_id, kpi in bench.subject.kpis.items():
        if told["marks"].get(kpi_id) != fingerprint(kpi, "", ""):
            yield (
                f"{kpi_id} has another definition in a new process, so no cache would ever find "
                "its results. Look for sets, times and random numbers in its record."
            )
