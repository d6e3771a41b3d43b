"""Quality on the public data sets, with the authors' files for training, validation and test.

python benchmarks/dkt_public.py assist2015 assist2009_pid [--data FOLDER] [--threads 2]
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import attrs

from kpisdk_edu_dkt.dkt.data.reading import read
from kpisdk_edu_dkt.dkt.data.splitting import Split
from kpisdk_edu_dkt.dkt.learning.options import PRESETS
from kpisdk_edu_dkt.dkt.learning.training import train

FILES = {
    "assist2015": ("assist2015_train1", "assist2015_valid1", "assist2015_test"),
    "assist2009_pid": (
        "assist2009_pid_train1",
        "assist2009_pid_valid1",
        "assist2009_pid_test1",
    ),
    "assist2009_updated": (
        "assist2009_updated_train1",
        "assist2009_updated_valid1",
        "assist2009_updated_test",
    ),
}

shared = Path(os.environ.get("KPISDK_SHARED", Path(__file__).parents[2] / "shared"))
parser = argparse.ArgumentParser()
parser.add_argument("sets", nargs="+", choices=FILES)
parser.add_argument("--data", type=Path, default=shared / "data" / "knowledge_tracing")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seed", type=int, default=0)
chosen = parser.parse_args()

for name in chosen.sets:
    begun, begun_cpu = time.perf_counter(), time.process_time()
    parts = [read(chosen.data / name / f"{file}.csv") for file in FILES[name]]
    options = attrs.evolve(PRESETS["large"], seed=chosen.seed, threads=chosen.threads, device="cpu")
    trained = train(Split(*parts, "by file"), options)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - begun_cpu
    report = trained.report
    area = report.model["auc"]
    print(f"{name}: AUC {area.value:.4f} [{area.low:.4f}, {area.high:.4f}], n={area.n}, "
          f"{seconds:.0f} s ({cpu:.0f} cpu-s) in all, epoch "
          f"{trained.model.provenance['best_epoch']} of {len(trained.history)}, "
          f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
    others = {key: round(s.value, 4) for key, s in report.model.items() if key != "auc"}
    print(f"  {others}")
    beside = {key: round(found["auc"].value, 4) for key, found in report.baselines.items()}
    print(f"  baselines: {beside}")
    print(f"  gain over counts {report.gain.value:+.4f} [{report.gain.low:+.4f}, "
          f"{report.gain.high:+.4f}]; {report.repeats} repeats of {report.rows} rows, scored once; "
          f"first attempts {report.first_attempts.value:.4f}")  # fmt: skip
    print(f"  {report.knowledge}", flush=True)
