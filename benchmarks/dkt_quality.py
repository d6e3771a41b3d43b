"""Quality on the notebook's own class and split: the notebook's model, ours, baselines, ceiling.

python benchmarks/dkt_quality.py [--seeds 3]
"""

from __future__ import annotations

import argparse
import time

import attrs
import numpy as np
from dkt_reference import notebook_class, notebook_split

from kpisdk_edu_dkt.dkt.data.splitting import Split
from kpisdk_edu_dkt.dkt.evaluation.metrics import auc, log_loss
from kpisdk_edu_dkt.dkt.learning.options import PRESETS
from kpisdk_edu_dkt.dkt.learning.training import train
from kpisdk_edu_dkt.dkt.serving.predicting import predict
from kpisdk_edu_dkt.dkt.synthetic.ceiling import filter_predictions
from kpisdk_edu_dkt.dkt.synthetic.classroom import Classroom

parser = argparse.ArgumentParser()
parser.add_argument("--seeds", type=int, default=1)
parser.add_argument("--presets", nargs="+", default=["default", "notebook"])
chosen = parser.parse_args()

told, source = notebook_class(2500, 5, 100, 7)
parts = notebook_split(told, source)
split = Split(*parts, "the notebook's own shuffle")
test = split.test
y = test.correct.astype(float)
later = np.ones(len(test), dtype=bool)
later[test.offsets[:-1]] = False
print(f"{len(told)} rows, {told.correct.mean():.4f} right; test: {len(test)} answers, "
      f"{later.sum()} without first ones")  # fmt: skip


def show(name: str, p: np.ndarray, note: str = "") -> None:
    there = ~np.isnan(p)
    print(f"{name:34} AUC {auc(p[there], y[there]):.4f} (all, n={there.sum()})  "
          f"{auc(p[later], y[later]):.4f} (without first answers)  "
          f"log loss {log_loss(p[later], y[later]):.4f}  {note}", flush=True)  # fmt: skip


show("oracle (hidden mastery)", test.numbers["p_true"])
room = Classroom(students=2500, skills=5, longest=100, seed=7)
show("exact filter (ceiling)", filter_predictions(test, room))
baseline_shown = False
for preset in chosen.presets:
    for seed in range(chosen.seeds):
        begun = time.process_time()
        trained = train(split, attrs.evolve(PRESETS[preset], seed=seed, device="cpu"), draws=0)
        seconds = time.process_time() - begun
        if not baseline_shown and trained.model.baseline is not None:
            events = predict(trained.model, test).events
            show("logistic regression on counts", trained.model.baseline.predict(events))
            baseline_shown = True
        knowledge = trained.report.knowledge
        note = (f"{seconds:.1f} cpu-s, best epoch {trained.model.provenance['best_epoch']}, "
                f"heads permuted -{knowledge.heads_permuted_drop:.3f}, "
                f"moves {knowledge.move_after_right:+.3f} {knowledge.move_after_wrong:+.3f}, "
                f"shares {knowledge.rises_after_right:.2f} "
                f"{knowledge.falls_after_wrong:.2f}")  # fmt: skip
        show(f"{preset}, seed {seed}", predict(trained.model, test).p, note)
