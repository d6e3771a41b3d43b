"""Speed beside the notebook's ways, in one run and on one thread: ratios of processor seconds.

python benchmarks/dkt_speed.py [--rounds 3]
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable

import attrs
import numpy as np
import torch
from dkt_reference import (
    NotebookNet,
    PeerNet,
    notebook_class,
    notebook_pass,
    notebook_split,
    peer_pass,
)
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from kpisdk_edu_dkt.dkt.artefact.model import Model
from kpisdk_edu_dkt.dkt.data.events import as_events
from kpisdk_edu_dkt.dkt.features.architecture import architecture_for
from kpisdk_edu_dkt.dkt.features.encoder import fit_encoder
from kpisdk_edu_dkt.dkt.features.encoding import encode
from kpisdk_edu_dkt.dkt.learning.checkpoint import weights_of
from kpisdk_edu_dkt.dkt.learning.distributed import ProcessGroup
from kpisdk_edu_dkt.dkt.learning.fitting import _Run
from kpisdk_edu_dkt.dkt.learning.inference import load_tracer
from kpisdk_edu_dkt.dkt.learning.model import Batch, Tracer
from kpisdk_edu_dkt.dkt.learning.options import PRESETS
from kpisdk_edu_dkt.dkt.learning.training_inputs import TrainingInputs
from kpisdk_edu_dkt.dkt.serving.answers import Answer, Item
from kpisdk_edu_dkt.dkt.serving.tracker import Tracker
from kpisdk_edu_dkt.dkt.synthetic.classroom import Classroom, simulate

parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=3)
rounds = parser.parse_args().rounds
torch.set_num_threads(1)


def cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def median_us(work: Callable[[], object], count: int) -> float:
    times = []
    for _ in range(count):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1e6


print("== generator")
reference = cpu(lambda: notebook_class(2500, 5, 100, 7))
ours = min(cpu(lambda: simulate(Classroom(2500, 5, 100, 7))) for _ in range(rounds))
print(f"row by row {reference:.2f} cpu-s, vectorised {ours:.3f}: {reference / ours:.0f}x")

print("== encoding")
told, source = notebook_class(2500, 5, 100, 7)
names = ("next_difficulty", "adjustment", "time_spent", "motivation", "anxiety_level")
numbers = np.stack([told.numbers[name] for name in names], axis=1)
skills, phases = OneHotEncoder(sparse_output=False), OneHotEncoder(sparse_output=False)
skills.fit(told.skill.codes[:, None])
phases.fit(told.phase.codes[:, None])
scaler = StandardScaler().fit(numbers)
SAMPLE = 3000


def row_by_row() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for row in range(SAMPLE):
            np.concatenate([
                skills.transform([[told.skill.codes[row]]])[0],
                phases.transform([[told.phase.codes[row]]])[0],
                scaler.transform(numbers[row : row + 1])[0],
            ]).astype(np.float32)  # fmt: skip


events = as_events(told)
encoder = fit_encoder(events)
slow = cpu(row_by_row) * len(told) / SAMPLE
fast = min(cpu(lambda: encode(events, encoder)) for _ in range(rounds))
print(f"{len(told)} rows: three scikit-learn calls a row {slow:.0f} cpu-s (from {SAMPLE} rows), "
      f"vectorised with counts {fast:.3f}: {slow / fast:.0f}x")  # fmt: skip

print("== training, hidden 128, one pass over the training students, interleaved")
train, valid, _ = notebook_split(told, source)
rows = np.hstack([
    skills.transform(train.skill.codes[:, None]),
    phases.transform(train.phase.codes[:, None]),
    scaler.transform(np.stack([train.numbers[name] for name in names], axis=1)),
]).astype(np.float32)  # fmt: skip
students, sequences = [], []
for begin, end in zip(train.offsets, train.offsets[1:], strict=False):
    following = np.append(train.skill.codes[begin + 1 : end], 0)
    target = np.append(train.correct[begin + 1 : end], 0).astype(np.float32)
    mask = np.ones(end - begin, dtype=np.float32)
    mask[-1] = 0
    students.append((rows[begin:end], following, target, mask))
    sequences.append((train.skill.codes[begin:end], train.correct[begin:end]))
net = NotebookNet(15, 128, 5)
net_optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=1e-4)
peer = PeerNet(5, 200)
peer_optimiser = torch.optim.Adam(peer.parameters(), lr=1e-3)
learned = as_events(train)


def our_run(cell: str, embed: int, hidden: int) -> _Run:
    own = fit_encoder(learned)
    encoded = encode(learned, own)
    options = attrs.evolve(PRESETS["default"], cell=cell, embed=embed, hidden=hidden, device="cpu")
    size = architecture_for(own, cell=cell, embed=embed, hidden=hidden)
    inputs = TrainingInputs(encoded, encode(as_events(valid), own), own, size, options, "")
    return _Run(inputs, ProcessGroup(), torch.device("cpu"), None)


runs = {"GRU 128": our_run("gru", 20, 128), "LSTM 128": our_run("lstm", 20, 128),
        "GRU 32 (default)": our_run("gru", 32, 32)}  # fmt: skip
speeds: dict[str, list[float]] = {}
for number in range(rounds):
    answers = 0
    begun = time.process_time()
    answers = notebook_pass(students, net, net_optimiser)
    speeds.setdefault("notebook's loop, GRU 128, batch 16", []).append(
        answers / (time.process_time() - begun)
    )
    for name, run in runs.items():
        begun = time.process_time()
        _, answers, _ = run._learn(number + 1)  # noqa: SLF001 -- one pass and nothing else
        speeds.setdefault(f"ours, {name}, batch 64", []).append(
            answers / (time.process_time() - begun)
        )
    begun = time.process_time()
    answers = peer_pass(sequences, peer, peer_optimiser, 200, 256)
    speeds.setdefault("peers' defaults, LSTM 200, padded to 200, batch 256", []).append(
        answers / (time.process_time() - begun)
    )
first = max(speeds["notebook's loop, GRU 128, batch 16"])
for name, found in speeds.items():
    print(f"{name:55} {max(found):9,.0f} answers per cpu-s  {max(found) / first:5.2f}x")

print("== serving, GRU 128, one new event after 100 past ones")
size = architecture_for(encoder, embed=20, hidden=128)
model = Model(encoder, size, weights_of(Tracer(size)))
first_student = told.of_students(np.arange(2500) == int(np.argmax(np.diff(told.offsets))))
encoded = encode(as_events(first_student), encoder)
tracer = load_tracer(size, dict(model.weights))
whole = Batch(**{
    name: torch.from_numpy(getattr(encoded, name))[None]
    for name in ("token", "phase", "numbers", "skill", "query_phase", "query", "counts", "correct")
}, token_weight=None, skill_weight=None, mask=torch.ones(1, len(encoded)))  # fmt: skip


def again() -> None:
    with torch.no_grad():
        tracer(whole)


tracker = Tracker(model)
known = {name: float(v[0]) for name, v in first_student.numbers.items() if name != "p_true"}
clock = iter(range(10**9))
item = Item(
    "1", {name: known[name] for name in ("difficulty", "motivation", "anxiety_level")}, "hub"
)


def streamed() -> None:
    tracker.predict("one", item)
    tracker.observe(Answer("one", next(clock), "1", 1, known, "hub"))


gates = model.network.gates(np.array([[1]]), None, np.array([0]), encoded.numbers[:1])
state = model.network.blank(1)
rerun = median_us(again, 200)
event = median_us(streamed, 2000)
step = median_us(lambda: model.network.advance(gates, state), 2000)
print(f"torch, {len(encoded)} steps again: {rerun:.0f} us")
print(f"tracker, contract checked, predict and observe: {event:.1f} us, {rerun / event:.0f}x")
print(f"NumPy step alone: {step:.1f} us, {rerun / step:.0f}x")
